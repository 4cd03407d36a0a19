//! One RTP source: from packets to audio on the leg's time line.

use std::time::{Duration, Instant};

use sidetone_base::SampleRate;

use super::GapCause;
use super::timeline::Timeline;
use crate::codec::{Codec, Decoded, Decoder};
use crate::conceal::Concealer;
use crate::rtp::{Discard, JitterBuffer, Playout, RtpPacket, Sequence, Ssrc, Unwrapper};
use crate::{MediaConfig, MediaCounters, Resampler};

/// 16 kHz samples by which a timestamp may be off for the rounding of odd clocks: 5 ms.
const ROUNDING: i64 = 80;
/// 16 kHz samples that are made up at most: 120 ms; more is silence.
const LONGEST_CONCEALMENT: u64 = 1920;
/// 16 kHz samples of silence within a burst at most, 30 s: a longer leap of its timestamps is another clock.
const LONGEST_IN_BURST: i64 = 480_000;

/// Whose packet is it?
pub(super) enum Turn {
    Mine,
    /// Another source's, and this one goes on.
    Stray,
    /// Another source's, which takes this one's place.
    Successor,
}

struct Waiting {
    packet: RtpPacket,
    /// None when nobody knows; it still has its place in the sequence.
    codec: Option<Codec>,
}

/// Where the sender's clock and the time line met.
#[derive(Clone, Copy)]
struct Anchor {
    timestamp: u32,
    position: u64,
}

/// Where a packet goes.
struct Placed {
    /// Samples between the end of the time line and this packet.
    before: u64,
    /// The sender's clock says so.
    by_clock: bool,
    /// It follows others that are held.
    in_burst: bool,
}

pub(super) struct Stream {
    ssrc: Ssrc,
    hold: Duration,
    unwrapper: Unwrapper,
    jitter: JitterBuffer<Waiting>,
    voice: Option<Voice>,
    anchor: Option<Anchor>,
    /// Packets missing since the last one that was played.
    missing: u64,
    last_arrival: Option<Instant>,
}

/// The codec that is being heard.
struct Voice {
    decoder: Decoder,
    resampler: Resampler,
    concealer: Concealer,
    /// Reused: a packet's samples at the codec's rate.
    native: Vec<i16>,
    /// 16 kHz samples of the last packet.
    length: u64,
}

impl Stream {
    pub(super) fn new(ssrc: Ssrc, config: &MediaConfig) -> Self {
        Self {
            ssrc,
            hold: config.jitter.hold,
            unwrapper: Unwrapper::default(),
            jitter: JitterBuffer::new(config.jitter),
            voice: None,
            anchor: None,
            missing: 0,
            last_arrival: None,
        }
    }

    /// A second source takes over when the first has been silent, or when it says two things in a row.
    pub(super) fn turn(&self, now: Instant, packet: &RtpPacket, candidate: Option<Ssrc>, codec: Option<Codec>) -> Turn {
        if packet.ssrc == self.ssrc {
            return Turn::Mine;
        }
        let silent = self
            .last_arrival
            .is_none_or(|last| now.saturating_duration_since(last) >= self.hold);
        if codec.is_some() && (silent || candidate == Some(packet.ssrc)) {
            Turn::Successor
        } else {
            Turn::Stray
        }
    }

    pub(super) fn push(
        &mut self,
        now: Instant,
        packet: RtpPacket,
        codec: Option<Codec>,
        timeline: &mut Timeline,
        counters: &mut MediaCounters,
    ) {
        self.last_arrival = Some(now);
        let at = match self.unwrapper.unwrap(packet.sequence) {
            Sequence::At(at) => at,
            Sequence::Stray => {
                counters.stray += 1;
                return;
            }
            Sequence::Restart(at) => {
                self.drain(now, timeline, counters);
                self.jitter.reset();
                self.anchor = None;
                at
            }
        };
        match self.jitter.push(now, at, Waiting { packet, codec }) {
            Ok(()) | Err(Discard::UnknownPayloadType(_)) => {}
            Err(Discard::Late) => counters.late += 1,
            Err(Discard::Duplicate) => counters.duplicate += 1,
        }
        self.play(now, timeline, counters);
    }

    pub(super) fn wake(&mut self, now: Instant, timeline: &mut Timeline, counters: &mut MediaCounters) {
        self.jitter.wake(now);
        self.play(now, timeline, counters);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.jitter.deadline()
    }

    /// Plays what is there without waiting for what is not.
    pub(super) fn drain(&mut self, now: Instant, timeline: &mut Timeline, counters: &mut MediaCounters) {
        while let Some(playout) = self.jitter.drain() {
            self.step(now, playout, timeline, counters);
        }
    }

    fn play(&mut self, now: Instant, timeline: &mut Timeline, counters: &mut MediaCounters) {
        while let Some(playout) = self.jitter.poll() {
            self.step(now, playout, timeline, counters);
        }
    }

    fn step(&mut self, now: Instant, playout: Playout<Waiting>, timeline: &mut Timeline, counters: &mut MediaCounters) {
        match playout {
            Playout::Gap { count, .. } => {
                counters.lost += count;
                self.missing += count;
            }
            Playout::Packet(
                _,
                Waiting {
                    packet,
                    codec: Some(codec),
                },
            ) if codec.is_audio() => {
                self.sound(now, &packet, codec, timeline, counters);
            }
            Playout::Packet(
                _,
                Waiting {
                    codec: Some(Codec::ComfortNoise),
                    ..
                },
            ) => timeline.is_meant(),
            Playout::Packet(..) => {}
        }
    }

    fn sound(
        &mut self,
        now: Instant,
        packet: &RtpPacket,
        codec: Codec,
        timeline: &mut Timeline,
        counters: &mut MediaCounters,
    ) {
        if self.voice.as_ref().is_none_or(|voice| voice.decoder.codec() != codec) {
            self.voice = Voice::new(codec);
            self.anchor = None;
        }
        let missing = std::mem::take(&mut self.missing);
        let placed = self.place(now, packet.timestamp, codec, timeline);
        let Some(voice) = &mut self.voice else {
            counters.undecodable += 1;
            return;
        };
        let before = placed.before;
        if missing > 0 && !placed.in_burst {
            timeline.was_lost(voice.could_hold(missing));
        }
        if missing > 0 && before > 0 {
            voice.make_up(before, missing, packet, timeline, counters);
        } else if missing == 0 && placed.by_clock {
            timeline.was_not_sent();
            timeline.fill(before, GapCause::NotSent);
        } else {
            timeline.fill(before, GapCause::NoAudio);
        }
        timeline.observe(now);
        voice.play(packet, timeline, counters);
    }

    /// Finds where a packet lies: by the sender's clock where the wall clock agrees, else by its arrival. Anchors the
    /// sender's clock anew when it says what cannot be.
    fn place(&mut self, now: Instant, timestamp: u32, codec: Codec, timeline: &mut Timeline) -> Placed {
        let in_burst = timeline.is_burst(now);
        let place = timeline.place();
        let target = self.anchor.map(|anchor| {
            let ticks = i64::from(timestamp.wrapping_sub(anchor.timestamp) as i32);
            let shift = ticks * i64::from(SampleRate::WIDE.0) / i64::from(codec.clock().0.max(1));
            anchor.position.saturating_add_signed(shift)
        });
        let ahead = target.map(|target| target as i64 - place as i64);
        let by_clock = ahead.is_some_and(|ahead| match in_burst {
            true => (-ROUNDING..=LONGEST_IN_BURST).contains(&ahead),
            false => timeline.agrees(now, ahead),
        });
        if !by_clock && !in_burst && timeline.is_doubtful(now) {
            timeline.hold(now);
        }
        let ahead = ahead.filter(|_| by_clock).unwrap_or(0);
        if ahead < -ROUNDING {
            timeline.back(ahead.unsigned_abs());
        }
        // Within the rounding the anchor stays with the sender's clock, so that nothing adds up.
        let exact = ahead.abs() <= ROUNDING;
        let before = if exact { 0 } else { u64::try_from(ahead).unwrap_or(0) };
        let position = target.filter(|_| by_clock && exact).unwrap_or(place + before);
        // The clock's 32 bits wrap: the anchor is kept near.
        self.anchor = Some(Anchor { timestamp, position });
        Placed {
            before,
            by_clock,
            in_burst,
        }
    }
}

impl Voice {
    fn new(codec: Codec) -> Option<Self> {
        Some(Self {
            decoder: Decoder::new(codec).ok()?,
            resampler: Resampler::new(codec.rate()),
            concealer: Concealer::default(),
            native: Vec::new(),
            length: 0,
        })
    }

    fn play(&mut self, packet: &RtpPacket, timeline: &mut Timeline, counters: &mut MediaCounters) {
        self.native.clear();
        if self.decoder.decode(packet.payload(), &mut self.native).is_err() {
            counters.undecodable += 1;
            return;
        }
        let mut wide = Vec::new();
        self.resampler.push(&self.native, &mut wide);
        self.concealer.hear(&wide);
        self.length = wide.len() as u64;
        timeline.audio(wide);
    }

    /// More samples than that were not in `missing` packets: the sender was silent too.
    const fn could_hold(&self, missing: u64) -> u64 {
        missing.saturating_mul(self.length).saturating_mul(2)
    }

    /// Fills `gap` samples, in which `missing` packets were lost before `next`.
    fn make_up(
        &mut self,
        gap: u64,
        missing: u64,
        next: &RtpPacket,
        timeline: &mut Timeline,
        counters: &mut MediaCounters,
    ) {
        let lost = gap.min(missing.saturating_mul(self.length));
        let made_up = lost.min(LONGEST_CONCEALMENT);
        let cause = if gap > self.could_hold(missing) {
            GapCause::NoAudio
        } else {
            GapCause::PacketLoss
        };
        let mut samples = Vec::new();
        match self.decoder.conceal(next.payload(), made_up as usize, &mut samples) {
            Decoded::Nothing => {
                self.concealer.conceal(made_up as usize, &mut samples);
                self.concealer.forget();
                counters.concealed += missing;
            }
            Decoded::Concealed => counters.concealed += missing,
            Decoded::Recovered => {
                counters.recovered += 1;
                counters.concealed += missing - 1;
            }
        }
        let rest = gap.saturating_sub(samples.len() as u64);
        if !samples.is_empty() {
            timeline.made_up(samples, cause);
        }
        timeline.fill(rest, cause);
    }
}
