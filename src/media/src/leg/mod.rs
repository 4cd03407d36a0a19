//! One leg: tap frames in, gapless 16 kHz out.

mod stream;
mod timeline;

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use sidetone_base::{MediaTime, PcmFrame, SampleRate, TapFrame};

use crate::codec::Codec;
use crate::rtp::RtpPacket;
use crate::{MediaConfig, MediaCounters, Resampler};
use stream::{Stream, Turn};
use timeline::{Pace, Timeline};

/// Why a stretch of a leg was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// Packets were lost on the way.
    PacketLoss,
    /// Nothing was sent: hold, silence suppression, a muted phone, a stalled switch.
    NoAudio,
}

/// What a leg gives.
#[derive(Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// The next stretch of the time line, 16 kHz; each begins where the last one ended.
    Pcm(PcmFrame),
    /// That stretch was not heard: what `Pcm` gave for it was silence, or made up. Said when it is over.
    Gap {
        /// Its first sample.
        begin: MediaTime,
        /// Its length.
        duration: Duration,
        /// Why.
        cause: GapCause,
    },
}

impl std::fmt::Debug for MediaEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pcm(frame) => frame.fmt(f),
            Self::Gap { begin, duration, cause } => {
                write!(f, "Gap({cause:?} at {:?}, {duration:?})", begin.since_start())
            }
        }
    }
}

/// One leg's audio.
///
/// RTP has a clock of its own: its timestamps say where audio lies. PCM frames have none: their time
/// is their arrival, but jitter is not silence, so a frame moves the time line only when it is later
/// than [`MediaConfig::tolerance`]. What a stall made up as silence and a burst then delivers after
/// all puts the time line ahead of the wall; the next silence is shorter for it, so nothing drifts.
///
/// Poll until `None` after each call: the queue holds what was made since.
pub struct LegAudio {
    config: MediaConfig,
    timeline: Timeline,
    counters: MediaCounters,
    rtp: Option<Stream>,
    /// A source that is not the one that is heard, and may follow it.
    candidate: Option<crate::rtp::Ssrc>,
    pcm: Option<Resampler>,
}

impl LegAudio {
    /// A leg that has heard nothing yet.
    #[must_use]
    pub fn new(config: MediaConfig) -> Self {
        let timeline = Timeline::new(config.tolerance);
        Self {
            config,
            timeline,
            counters: MediaCounters::default(),
            rtp: None,
            candidate: None,
            pcm: None,
        }
    }

    /// Signalling says what a payload type carries, from the next packet on.
    pub fn learn(&mut self, payload_type: u8, codec: Codec) {
        self.config.payload_types.retain(|(number, _)| *number != payload_type);
        self.config.payload_types.push((payload_type, codec));
    }

    /// Takes a frame that arrived at `now`.
    pub fn handle(&mut self, now: Instant, frame: TapFrame) {
        self.counters.received += 1;
        match frame {
            TapFrame::Rtp(bytes) => match RtpPacket::parse(bytes) {
                Some(packet) => self.packet(now, packet),
                None => self.counters.malformed += 1,
            },
            TapFrame::Pcm { rate, samples } => self.samples(now, rate, &samples),
        }
    }

    /// Tells the time: [`LegAudio::deadline`] has come.
    pub fn wake(&mut self, now: Instant) {
        if let Some(stream) = &mut self.rtp {
            stream.wake(now, &mut self.timeline, &mut self.counters);
        }
        self.timeline.fill_if_late(now);
    }

    /// The next event; drain to `None`.
    pub fn poll(&mut self) -> Option<MediaEvent> {
        self.timeline.poll()
    }

    /// When it wants to be woken: a missing packet is given up, or a silence grows.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let hole = self.rtp.as_ref().and_then(Stream::deadline);
        let silence = self.timeline.deadline();
        hole.into_iter().chain(silence).min()
    }

    /// The tap has ended: gives what waited for a missing packet, and reports a gap that is open.
    pub fn finish(&mut self, now: Instant) {
        if let Some(stream) = &mut self.rtp {
            stream.drain(now, &mut self.timeline, &mut self.counters);
        }
        self.timeline.close_gap();
    }

    /// What went wrong so far.
    #[must_use]
    pub fn counters(&self) -> MediaCounters {
        let millis = |samples| SampleRate::WIDE.duration_of(samples).as_millis() as u64;
        MediaCounters {
            silence_ms: millis(self.timeline.silence()),
            played_ms: millis(self.timeline.position()),
            ..self.counters
        }
    }

    fn samples(&mut self, now: Instant, rate: SampleRate, samples: &[i16]) {
        if self.pcm.as_ref().is_none_or(|resampler| resampler.from() != rate) {
            self.pcm = Some(Resampler::new(rate));
        }
        self.timeline.pace(now, Pace::Arrival);
        self.timeline.arrive(now, samples);
        let Some(resampler) = &mut self.pcm else { return };
        let mut wide = Vec::new();
        resampler.push(samples, &mut wide);
        self.timeline.audio(wide);
    }

    fn packet(&mut self, now: Instant, packet: RtpPacket) {
        let codec = self.config.codec(packet.payload_type);
        self.counters.unknown_payload += u64::from(codec.is_none());
        match self
            .rtp
            .as_ref()
            .map(|stream| stream.turn(now, &packet, self.candidate, codec))
        {
            Some(Turn::Mine) => {}
            Some(Turn::Stray) => {
                self.candidate = codec.map(|_| packet.ssrc).or(self.candidate);
                self.counters.stray += 1;
                return;
            }
            Some(Turn::Successor) | None => {
                if codec.is_none() {
                    return;
                }
                if let Some(mut old) = self.rtp.take() {
                    old.drain(now, &mut self.timeline, &mut self.counters);
                }
                self.rtp = Some(Stream::new(packet.ssrc, &self.config));
            }
        }
        self.candidate = None;
        if let Some(stream) = &mut self.rtp {
            stream.push(now, packet, codec, &mut self.timeline, &mut self.counters);
        }
    }
}
