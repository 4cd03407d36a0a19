//! When each frame was said: stalls, bursts, holes, restarts of a sender's clock.

use super::*;

/// What may be between when a frame was said and when the leg says that it was.
const OFF: Duration = Duration::from_millis(100);

/// How frames travel to the leg.
#[derive(Clone, Copy, Debug)]
enum Way {
    /// `n` frames, each late by some jitter.
    Steady(u64),
    /// Nothing is said for so many milliseconds, and the sender's clock goes on.
    Hole(u64),
    /// Nothing is said, and the sender's clock stands still meanwhile.
    Frozen(u64),
    /// Frames of so many milliseconds lie somewhere and come at once; the leg is woken meanwhile or stands still, too.
    Stall { length: u64, woken: bool },
    /// The sender begins anew: another source, numbers and timestamps.
    Restart,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pcm,
    Rtp,
}

/// A leg, and when each of its frames was said in truth.
struct Road {
    bench: Bench,
    kind: Kind,
    now: u64,
    /// Virtual time until which the leg has lived.
    arrived: u64,
    sent: u32,
    timestamp: u32,
    ssrc: u8,
    truth: Vec<Duration>,
}

impl Road {
    fn new(kind: Kind) -> Self {
        Self {
            bench: Bench::new(),
            kind,
            now: 0,
            arrived: 0,
            sent: 0,
            timestamp: 7_000,
            ssrc: 1,
            truth: Vec::new(),
        }
    }

    /// A frame that is said now and comes at `at`.
    fn send(&mut self, at: u64, woken: bool) {
        let frame = match self.kind {
            Kind::Pcm => tone(),
            Kind::Rtp => rtp(self.ssrc, self.sent as u16, self.timestamp, 0),
        };
        let at = at.max(self.arrived);
        self.arrived = at;
        if woken {
            self.bench.hear(ms(at), frame);
        } else {
            self.bench.leg.handle(self.bench.start + ms(at), frame);
            self.bench.drain();
        }
        self.truth.push(ms(self.now));
        self.sent += 1;
        self.timestamp = self.timestamp.wrapping_add(160);
        self.now += 20;
    }

    fn go(&mut self, way: Way) {
        match way {
            Way::Steady(frames) => {
                for n in 0..frames {
                    self.send(self.now + n * 7919 % 41, true);
                }
            }
            Way::Hole(length) => {
                self.now += length / 20 * 20;
                self.timestamp = self.timestamp.wrapping_add((length / 20 * 160) as u32);
            }
            Way::Frozen(length) => self.now += length / 20 * 20,
            Way::Stall { length, woken } => {
                let frames = length / 20;
                let end = self.now + frames * 20;
                if woken {
                    self.bench.until(ms(end));
                }
                for n in 0..frames {
                    // The last of them is not late: it is read as soon as it is there.
                    self.send(end - 20, woken && n > 0);
                }
            }
            Way::Restart => {
                self.ssrc = self.ssrc.wrapping_add(1);
                self.sent = self.sent.wrapping_mul(31).wrapping_add(9_000);
                self.timestamp = self.timestamp.wrapping_mul(77).wrapping_add(123_456_789);
            }
        }
    }

    fn off(kind: Kind, ways: &[Way]) -> Duration {
        let mut road = Self::new(kind);
        for way in ways {
            road.go(*way);
        }
        road.bench.compare(&road.truth)
    }
}

const BOTH: [Kind; 2] = [Kind::Pcm, Kind::Rtp];

#[test]
fn a_stall_of_the_daemon_shifts_nothing() {
    for (kind, length, woken) in BOTH
        .iter()
        .flat_map(|kind| [240, 400, 600, 4_000, 20_000].map(|length| (*kind, length)))
        .flat_map(|(kind, length)| [true, false].map(|woken| (kind, length, woken)))
    {
        let ways = [Way::Steady(100), Way::Stall { length, woken }, Way::Steady(500)];
        let off = Road::off(kind, &ways);
        assert!(off <= OFF, "{length} ms, woken {woken}: {off:?}");
    }
}

#[test]
fn a_stall_in_which_nobody_made_up_silence_leaves_none() {
    let mut road = Road::new(Kind::Pcm);
    road.go(Way::Steady(100));
    road.go(Way::Stall {
        length: 4_000,
        woken: false,
    });
    road.go(Way::Steady(100));
    assert_eq!((road.bench.played, road.bench.gaps.len()), (ms(8_000), 0));
}

#[test]
fn a_leg_that_is_woken_late_waits_for_what_lies_in_its_socket() {
    let mut bench = Bench::new();
    (0..50).for_each(|n| bench.hear(FRAME * n, tone()));
    bench.leg.wake(bench.start + ms(5_000));
    bench.drain();
    assert_eq!(bench.played, ms(1_000), "no silence is made up");
    (50..250).for_each(|_| bench.leg.handle(bench.start + ms(5_001), tone()));
    bench.until(ms(5_100));
    assert_eq!((bench.played, bench.gaps.len()), (ms(5_000), 0));
}

#[test]
fn what_is_replayed_at_the_attach_lies_before_it() {
    for kind in BOTH {
        let mut road = Road::new(kind);
        road.go(Way::Stall {
            length: 2_300,
            woken: false,
        });
        road.go(Way::Steady(100));
        let off = road.bench.compare(&road.truth);
        assert!(off <= OFF, "{off:?}");
    }
}

#[test]
fn a_long_hold_shifts_nothing_whatever_the_senders_clock_does() {
    for way in [
        Way::Hole(240_000),
        Way::Frozen(240_000),
        Way::Hole(700),
        Way::Frozen(700),
    ] {
        for kind in BOTH {
            let off = Road::off(kind, &[Way::Steady(100), way, Way::Steady(100)]);
            assert!(off <= OFF, "{way:?}: {off:?}");
        }
    }
}

#[test]
fn a_new_sender_shifts_nothing_with_or_without_a_silence_before_it() {
    for length in [80, 160, 300, 900, 6_000] {
        let ways = [Way::Steady(100), Way::Hole(length), Way::Restart, Way::Steady(100)];
        let off = Road::off(Kind::Rtp, &ways);
        assert!(off <= OFF, "{length} ms: {off:?}");
    }
}

#[test]
fn a_leg_that_begins_with_comfort_noise_or_keys_keeps_its_clock() {
    for kind in [13, 101] {
        let mut bench = Bench::new();
        bench.hear(ms(0), rtp(1, 0, 0, kind));
        bench.hear(ms(200), rtp(1, 1, 1_600, kind));
        (0..50_u32).for_each(|n| bench.hear(ms(3_800) + FRAME * n, rtp(1, 2 + n as u16, 30_400 + n * 160, 0)));
        assert_eq!(bench.said[0], ms(3_800));
        assert!(bench.gaps.is_empty(), "{:?}", bench.gaps);
    }
}

#[test]
fn comfort_noise_says_that_silence_is_meant_and_a_dead_line_says_nothing() {
    let mut bench = Bench::new();
    (0..50_u32).for_each(|n| bench.hear(FRAME * n, rtp(1, n as u16, n * 160, 0)));
    assert!(!bench.leg.silence_is_meant());
    bench.hear(ms(1_000), rtp(1, 50, 8_000, 13));
    bench.until(ms(4_000));
    assert!(bench.leg.silence_is_meant());
    // The sender's clock begins anew, so nothing but the comfort noise tells.
    (0..3_u32).for_each(|n| bench.hear(ms(4_000) + FRAME * n, rtp(1, 51 + n as u16, 9_000_000 + n * 160, 0)));
    assert!(!bench.leg.silence_is_meant());
    bench.until(ms(8_000));
    (0..3_u32).for_each(|n| bench.hear(ms(8_000) + FRAME * n, rtp(1, 54 + n as u16, 100 + n * 160, 0)));
    assert_eq!(
        bench.gaps,
        [(1_000, 3_000, GapCause::NotSent), (4_060, 3_940, GapCause::NoAudio)]
    );
}

#[test]
fn a_tap_that_sends_no_silence_has_its_words_where_they_were() {
    let pauses = [60, 120, 160, 180, 240, 500].map(|length| [Way::Steady(9), Way::Hole(length)]);
    let ways: Vec<Way> = [pauses, pauses]
        .into_iter()
        .flatten()
        .flatten()
        .chain([Way::Steady(5)])
        .collect();
    let off = Road::off(Kind::Pcm, &ways);
    assert!(off <= OFF + ms(20), "{off:?}");
}

#[test]
fn sound_that_is_dropped_on_the_way_shifts_later_sound_for_two_seconds_at_most() {
    let mut bench = Bench::new();
    for n in (0..600_u32).filter(|n| !(100..108).contains(n)) {
        bench.hear(FRAME * n, tone());
    }
    let last = *bench.said.last().unwrap();
    assert!(last.abs_diff(FRAME * 599) <= ms(40), "{last:?}");
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        4 => (60_u64..300).prop_map(Way::Steady),
        2 => (300_u64..9_000).prop_map(Way::Hole),
        1 => (300_u64..9_000).prop_map(Way::Frozen),
        3 => (20_u64..9_000, any::<bool>()).prop_map(|(length, woken)| Way::Stall { length, woken }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn every_frame_lies_where_it_was_said(ways in proptest::collection::vec(way(), 1..12), rtp in any::<bool>()) {
        let kind = if rtp { Kind::Rtp } else { Kind::Pcm };
        // A burst is told from a steady sender by what comes before it.
        let ways: Vec<Way> = ways.into_iter().flat_map(|way| [Way::Steady(60), way]).collect();
        let off = Road::off(kind, &ways);
        prop_assert!(off <= OFF, "{:?}", off);
    }
}
