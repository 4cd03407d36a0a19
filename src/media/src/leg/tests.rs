//! Whole legs on virtual time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use sidetone_base::{SampleRate, TapFrame};

use super::*;
use crate::codec::{Law, encode_g711};

mod times;

const FRAME: Duration = Duration::from_millis(20);

/// A µ-law packet of a 200 Hz tone.
fn rtp(ssrc: u8, sequence: u16, timestamp: u32, payload_type: u8) -> TapFrame {
    let mut bytes = vec![0x80, payload_type];
    bytes.extend(sequence.to_be_bytes());
    bytes.extend(timestamp.to_be_bytes());
    bytes.extend([0, 0, 0, ssrc]);
    let wave: Vec<i16> = (0..160).map(|n| if n / 20 % 2 == 0 { 4000 } else { -4000 }).collect();
    bytes.extend(encode_g711(Law::Mu, &wave));
    TapFrame::Rtp(bytes)
}

fn tone() -> TapFrame {
    TapFrame::Pcm {
        rate: SampleRate::WIDE,
        samples: vec![3000; 320],
    }
}

/// A leg and its virtual clock.
struct Bench {
    leg: LegAudio,
    start: Instant,
    played: Duration,
    heard: u64,
    /// Begin and length, by the leg's clock.
    gaps: Vec<(u128, u128, GapCause)>,
    /// When each stretch of sound was said.
    said: Vec<Duration>,
}

impl Bench {
    fn new() -> Self {
        let leg = LegAudio::new(MediaConfig::default());
        Self {
            leg,
            start: Instant::now(),
            played: Duration::ZERO,
            heard: 0,
            gaps: Vec::new(),
            said: Vec::new(),
        }
    }

    /// Wakes the leg when it wants, up to `at`.
    fn until(&mut self, at: Duration) {
        while let Some(due) = self.leg.deadline().filter(|due| *due <= self.start + at) {
            self.leg.wake(due);
            self.drain();
            assert!(self.leg.deadline() > Some(due), "a wake-up must move the deadline");
        }
    }

    fn hear(&mut self, at: Duration, frame: TapFrame) {
        self.until(at);
        self.leg.handle(self.start + at, frame);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(event) = self.leg.poll() {
            match event {
                MediaEvent::Pcm(frame) => {
                    assert_eq!(frame.begin.since_start(), self.played, "the time line has no hole");
                    self.played = frame.end().since_start();
                    let heard = frame.samples.iter().filter(|sample| **sample != 0).count() as u64;
                    self.heard += heard;
                    if heard > 0 {
                        self.said.push(self.time(frame.begin));
                    }
                }
                MediaEvent::Gap { begin, end, cause } => {
                    let begin = self.time(begin);
                    let length = self.time(end).saturating_sub(begin);
                    self.gaps.push((begin.as_millis(), length.as_millis(), cause));
                }
            }
        }
    }

    /// When a sample was said, by the leg's clock.
    fn time(&self, at: MediaTime) -> Duration {
        self.leg.time_of(at).unwrap().saturating_duration_since(self.start)
    }

    /// Where the time line ends, by the leg's clock.
    fn end(&self) -> Duration {
        let ticks = SampleRate::WIDE.samples_in(self.played);
        self.time(MediaTime {
            ticks,
            clock: SampleRate::WIDE,
        })
    }

    /// Hangs up, and compares when each frame was said with when it was said in truth.
    fn compare(mut self, truth: &[Duration]) -> Duration {
        self.leg.finish(self.start + Duration::from_secs(100_000));
        self.drain();
        assert_eq!(self.said.len(), truth.len(), "every frame is heard once");
        let off = self.said.iter().zip(truth).map(|(said, truth)| said.abs_diff(*truth));
        off.max().unwrap_or_default()
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn an_hour_of_jitter_is_no_silence_and_no_drift() {
    let mut bench = Bench::new();
    for n in 0..180_000_u64 {
        bench.hear(ms(n * 20 + n * 7919 % 101), tone());
    }
    assert_eq!(bench.played, Duration::from_secs(3600));
    assert_eq!((bench.gaps.len(), bench.leg.counters().silence_ms), (0, 0));
}

#[test]
fn what_is_not_sent_is_silence_of_that_length_at_once() {
    let mut bench = Bench::new();
    (0..50).for_each(|n| bench.hear(FRAME * n, tone()));
    bench.until(ms(1600));
    assert!(
        bench.played >= ms(1500),
        "an utterance can end before the next frame: {:?}",
        bench.played
    );
    (0..50).for_each(|n| bench.hear(ms(6000) + FRAME * n, tone()));
    assert_eq!(bench.gaps, [(1000, 5000, GapCause::NoAudio)]);
    assert_eq!(bench.played, ms(7000));
}

#[test]
fn a_stall_and_its_burst_do_not_add_up() {
    let mut bench = Bench::new();
    let mut sent = 0;
    for round in 0..100_u64 {
        for n in 0..100 {
            // The first twenty frames of each two seconds come late, all at once.
            bench.hear(ms(round * 2000 + if n < 20 { 400 } else { n * 20 }), tone());
            sent += 20;
        }
    }
    assert!(
        bench.end().abs_diff(ms(sent)) <= ms(20),
        "{:?} for {sent} ms",
        bench.end()
    );
    let lengths: Vec<u128> = bench.gaps.iter().map(|(_, length, _)| *length).collect();
    assert!(
        lengths.iter().all(|length| *length < 20),
        "nothing is missing: {lengths:?}"
    );
}

#[test]
fn a_slow_clock_bends_no_time_and_no_sound() {
    let mut bench = Bench::new();
    for n in 0..30_000_u64 {
        bench.hear(Duration::from_micros(n * 20_010), tone());
    }
    assert!(bench.gaps.is_empty(), "{:?}", bench.gaps);
    let wall = Duration::from_micros(30_000 * 20_010);
    assert!(wall.abs_diff(bench.end()) < ms(60), "{:?}", bench.end());
}

#[test]
fn an_hour_of_hold_is_an_hour_of_silence_in_small_pieces() {
    let mut bench = Bench::new();
    bench.hear(ms(0), tone());
    bench.leg.handle(bench.start + Duration::from_secs(3600), tone());
    bench.leg.settle();
    let mut longest = 0;
    while let Some(event) = bench.leg.poll() {
        if let MediaEvent::Pcm(frame) = event {
            longest = longest.max(frame.samples.len());
        }
    }
    assert_eq!(longest, 16_000);
    assert_eq!(bench.leg.counters().played_ms, 3_600_020);
}

#[test]
fn a_lost_packet_is_made_up_and_reported() {
    let mut bench = Bench::new();
    for n in (0..100_u32).filter(|n| *n != 50) {
        bench.hear(FRAME * n, rtp(1, n as u16, n * 160, 0));
    }
    assert_eq!(bench.played, ms(2000));
    assert_eq!(bench.gaps, [(1000, 20, GapCause::PacketLoss)]);
    let counters = bench.leg.counters();
    assert_eq!((counters.lost, counters.concealed, counters.silence_ms), (1, 1, 0));
    assert!(bench.heard > 31_000);
}

#[test]
fn a_loss_longer_than_jitter_is_no_silence() {
    let mut bench = Bench::new();
    let packets = (0..100_u16).filter(|n| !(50..62).contains(n));
    for n in packets {
        bench.hear(FRAME * u32::from(n), rtp(1, n, u32::from(n) * 160, 0));
    }
    assert_eq!(bench.gaps, [(1000, 240, GapCause::PacketLoss)]);
    assert_eq!(bench.leg.counters().lost, 12);
}

#[test]
fn suppressed_silence_is_silence_and_keys_are_not_heard() {
    let mut bench = Bench::new();
    for n in 0..50_u32 {
        bench.hear(FRAME * n, rtp(1, n as u16, n * 160, 0));
    }
    bench.hear(ms(1100), rtp(1, 50, 8000, 101));
    bench.hear(ms(1120), rtp(1, 51, 8000, 13));
    for n in 0..50_u32 {
        bench.hear(ms(3000) + FRAME * n, rtp(1, 52 + n as u16, 24_000 + n * 160, 0));
    }
    assert_eq!(bench.gaps, [(1000, 2000, GapCause::NotSent)]);
    assert_eq!(bench.played, ms(4000));
    assert_eq!(
        (bench.leg.counters().lost, bench.leg.counters().unknown_payload),
        (0, 0)
    );
}

#[test]
fn a_leap_of_the_clock_that_cannot_be_is_no_silence() {
    let mut bench = Bench::new();
    bench.hear(ms(0), rtp(1, 0, 0, 0));
    bench.hear(ms(20), rtp(1, 1, 4_000_000, 0));
    bench.hear(ms(40), rtp(1, 2, 4_000_160, 0));
    assert_eq!((bench.played, bench.gaps.len()), (ms(60), 0));
}

#[test]
fn a_new_source_takes_over_and_a_stray_one_does_not() {
    let mut bench = Bench::new();
    bench.hear(ms(0), rtp(1, 0, 0, 0));
    bench.hear(ms(10), rtp(2, 900, 77, 0));
    bench.hear(ms(20), rtp(1, 1, 160, 0));
    assert_eq!((bench.played, bench.leg.counters().stray), (ms(40), 1));
    bench.hear(ms(30), rtp(3, 5, 1_000_000, 0));
    bench.hear(ms(50), rtp(3, 6, 1_000_160, 0));
    bench.hear(ms(70), rtp(3, 7, 1_000_320, 0));
    assert_eq!(bench.played, ms(80));
}

#[test]
fn what_nobody_knows_is_counted_and_costs_no_concealment() {
    let mut bench = Bench::new();
    bench.hear(ms(0), rtp(1, 0, 0, 0));
    bench.hear(ms(20), rtp(1, 1, 160, 99));
    bench.hear(ms(40), rtp(1, 2, 320, 0));
    bench.hear(ms(60), TapFrame::Rtp(vec![1, 2, 3]));
    let counters = bench.leg.counters();
    assert_eq!((counters.unknown_payload, counters.malformed, counters.lost), (1, 1, 0));
    assert_eq!(bench.played, ms(60));
}

#[test]
fn the_last_packets_are_heard_though_one_is_missing() {
    let mut bench = Bench::new();
    bench.hear(ms(0), rtp(1, 0, 0, 0));
    bench.hear(ms(40), rtp(1, 2, 320, 0));
    bench.leg.finish(bench.start + ms(41));
    bench.drain();
    assert_eq!(bench.played, ms(60));
}

proptest! {
    #[test]
    fn loss_and_reordering_do_not_bend_time(
        fates in proptest::collection::vec(prop_oneof![6 => Just(Some(0_u64)), 3 => (0_u64..55).prop_map(Some), 1 => Just(None)], 1..150),
    ) {
        let mut bench = Bench::new();
        let mut arrivals: Vec<(u64, u32)> = vec![(0, 0)];
        arrivals.extend(fates.iter().zip(1_u32..).filter_map(|(fate, n)| fate.map(|late| (u64::from(n) * 20 + late, n))));
        arrivals.sort_unstable();
        let last = arrivals.iter().map(|(_, n)| *n).max().unwrap_or(0);
        for (at, n) in &arrivals {
            bench.hear(ms(*at), rtp(1, *n as u16, n * 160, 0));
        }
        let end = arrivals.last().map_or(0, |(at, _)| *at);
        bench.leg.finish(bench.start + ms(end + 60));
        bench.drain();
        // A first packet that is late itself is known to be when the next one comes.
        let true_length = ms(u64::from(last + 1) * 20);
        prop_assert!(bench.end() + ms(60) >= true_length && bench.end() <= true_length + ms(60), "{:?}", bench.end());
        prop_assert_eq!(bench.leg.counters().late, 0);
    }

    #[test]
    fn any_frames_at_any_time_are_taken(frames in proptest::collection::vec((0_u64..5_000, 0_u8..4, proptest::collection::vec(any::<u8>(), 0..60)), 0..60)) {
        let mut bench = Bench::new();
        let mut at = ms(0);
        for (later, kind, bytes) in frames {
            at += ms(later);
            let frame = match kind {
                0 => TapFrame::Rtp(bytes),
                1 => rtp(bytes.first().copied().unwrap_or(0) % 2, later as u16, u32::from_be_bytes([9, 9, later as u8, 9]), 0),
                2 => rtp(0, later as u16 % 8, later as u32 * 160, 9),
                _ => TapFrame::Pcm { rate: SampleRate::NARROW, samples: bytes.iter().map(|b| i16::from(*b)).collect() },
            };
            bench.hear(at, frame);
        }
        prop_assert!(bench.played <= at + Duration::from_secs(70));
    }
}
