//! One leg: tap frames in, gapless 16 kHz out.

mod clock;
mod held;
mod stream;
mod timeline;

#[cfg(test)]
mod tests;

use std::time::Instant;

use sidetone_base::{MediaTime, PcmFrame, SampleRate, TapFrame};

use crate::codec::Codec;
use crate::rtp::RtpPacket;
use crate::{MediaConfig, MediaCounters, Resampler};
use stream::{Stream, Turn};
use timeline::Timeline;

/// Why a stretch of a leg was not heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GapCause {
    /// Packets were lost on the way.
    PacketLoss,
    /// Nothing came, and nothing says why.
    NoAudio,
    /// No packet is missing: the sender sent nothing (silence suppression, comfort noise, hold, a muted phone).
    NotSent,
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
        /// Where sound goes on. By [`LegAudio::time_of`] it may be no later than `begin`: the sound was late, and all of
        /// it is there.
        end: MediaTime,
        /// Why.
        cause: GapCause,
    },
}

impl std::fmt::Debug for MediaEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pcm(frame) => frame.fmt(f),
            Self::Gap { begin, end, cause } => {
                write!(f, "Gap({cause:?}, {:?}–{:?})", begin.since_start(), end.since_start())
            }
        }
    }
}

/// One leg's audio.
///
/// Its time line has no hole and never goes back; when each sample was said is told by [`LegAudio::time_of`]. RTP has a
/// clock of its own: its timestamps say where audio lies, as far as the wall clock agrees. PCM frames have none: their
/// time is their arrival, but jitter is not silence, so they go on from each other unless one is later than
/// [`MediaConfig::tolerance`]. No frame comes before it was said, so the frames that come soonest set the clock. What
/// comes in a burst after a silence lies before its last frame, whatever was made up meanwhile.
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
    last_arrival: Option<Instant>,
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
            last_arrival: None,
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
        self.last_arrival = Some(now);
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
        self.timeline.wake(now);
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
        self.timeline.release();
        self.timeline.close_gap();
    }

    /// Gives what is kept until it is known when it was said.
    pub fn settle(&mut self) {
        self.timeline.release();
    }

    /// When a sample was said; `None` before any sound.
    #[must_use]
    pub fn time_of(&self, at: MediaTime) -> Option<Instant> {
        self.timeline.time_of(at.ticks)
    }

    /// When the last sound ended that was heard; `None` before the first.
    #[must_use]
    pub fn silent_since(&self) -> Option<Instant> {
        self.timeline.silent_since()
    }

    /// When anything came last, comfort noise and keys included.
    #[must_use]
    pub const fn last_arrival(&self) -> Option<Instant> {
        self.last_arrival
    }

    /// Whether the sender has said that it sends nothing until it has something to say (comfort noise, RFC 3389).
    #[must_use]
    pub const fn silence_is_meant(&self) -> bool {
        self.timeline.silence_is_meant()
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
        self.timeline.arrive(now);
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
