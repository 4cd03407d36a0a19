//! Where a leg's time line lies on the wall clock.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sidetone_base::SampleRate;

/// Pieces that are kept; the oldest go. One is added where a sender's clock drifts, stalls or restarts, so
/// these reach back much further than the longest segment.
const PIECES: usize = 64;

/// From the tick `from` on, a tick lies at `time` and what has passed since `from`.
#[derive(Clone, Copy)]
struct Piece {
    from: u64,
    time: Instant,
}

/// The wall clock's time of each tick of a time line.
///
/// A time line has no hole and never goes back, but silence that was made up while sound was late is in it
/// for good. So the way from ticks to time has steps: what was said late lies where it was said, and the silence that
/// was made up before it has no length.
#[derive(Default)]
pub(super) struct Clock {
    pieces: VecDeque<Piece>,
}

impl Clock {
    pub(super) fn is_set(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// From the tick `from`, which is the newest there is, time goes on at `time`.
    pub(super) fn set(&mut self, from: u64, time: Instant) {
        if self.pieces.back().is_some_and(|last| last.from == from) {
            self.pieces.pop_back();
        }
        self.pieces.push_back(Piece { from, time });
        if self.pieces.len() > PIECES {
            self.pieces.pop_front();
        }
    }

    /// When the tick was; `None` before any sound has said so.
    pub(super) fn time_of(&self, tick: u64) -> Option<Instant> {
        let place = self.pieces.partition_point(|piece| piece.from <= tick);
        let piece = self.pieces.get(place.saturating_sub(1))?;
        let time = if tick >= piece.from {
            piece.time + length(tick - piece.from)
        } else {
            piece.time.checked_sub(length(piece.from - tick)).unwrap_or(piece.time)
        };
        // Nothing lies later than what comes after it.
        let later = self.pieces.range(place..).map(|piece| piece.time).min();
        Some(later.map_or(time, |later| time.min(later)))
    }
}

fn length(ticks: u64) -> Duration {
    SampleRate::WIDE.duration_of(ticks)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn silence_that_was_made_up_before_late_sound_has_no_length() {
        let start = Instant::now();
        let ms = |ms| start + Duration::from_millis(ms);
        let mut clock = Clock::default();
        assert_eq!(clock.time_of(0), None);
        clock.set(0, start);
        // Sound up to 1 s, silence up to 3 s; what then came was said from 1.5 s on.
        clock.set(48_000, ms(1500));
        let times = [8_000, 16_000, 32_000, 47_000, 48_000, 64_000].map(|tick| clock.time_of(tick));
        assert_eq!(times, [500, 1000, 1500, 1500, 1500, 2500].map(|at| Some(ms(at))));
    }

    proptest! {
        #[test]
        fn no_tick_lies_before_an_earlier_one(steps in proptest::collection::vec((0_u64..50_000, 0_u64..5_000), 1..200)) {
            let start = Instant::now();
            let (mut clock, mut tick) = (Clock::default(), 0);
            for (ticks, at) in steps {
                clock.set(tick, start + Duration::from_millis(at));
                tick += ticks;
            }
            let times: Vec<_> = (0..tick).step_by(1_000).map(|tick| clock.time_of(tick)).collect();
            prop_assert!(times.is_sorted());
            prop_assert!(clock.pieces.len() <= PIECES);
        }
    }
}
