//! Sound that came after a silence, until it is known when it was said.

use std::time::{Duration, Instant};

use sidetone_base::SampleRate;

use super::GapCause;

/// How long the next frame is awaited: longer than the usual one lasts.
const PATIENCE: Duration = Duration::from_millis(30);
/// Samples that are held at most, 30 s: a longer burst is placed by its first part, and the clock follows the rest.
const MOST: u64 = 480_000;

/// A change of the time line that waits.
pub(super) enum Op {
    Audio(Vec<i16>),
    MadeUp(Vec<i16>, GapCause),
    Fill(u64, GapCause),
}

/// After a silence a frame was said when it came, or it is the first of many that lay in a socket while this process,
/// the switch or the network stood still. Those come quicker than sound goes by, and the last of them was said when it
/// came. So frames are held for as long as they come quicker.
pub(super) struct Held {
    ops: Vec<Op>,
    ticks: u64,
    /// When the last frame came, and how much was held before it.
    last: (Instant, u64),
}

impl Held {
    /// The first frame comes at `now`.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            ops: Vec::new(),
            ticks: 0,
            last: (now, 0),
        }
    }

    pub(super) const fn ticks(&self) -> u64 {
        self.ticks
    }

    pub(super) fn push(&mut self, op: Op) {
        self.ticks += match &op {
            Op::Audio(samples) | Op::MadeUp(samples, _) => samples.len() as u64,
            Op::Fill(samples, _) => *samples,
        };
        self.ops.push(op);
    }

    /// Whether a frame that comes at `now` comes in less than half of the time that the last one lasts.
    pub(super) fn goes_on(&mut self, now: Instant) -> bool {
        let (last, before) = self.last;
        let lasts = SampleRate::WIDE.duration_of(self.ticks - before);
        let goes_on = now.saturating_duration_since(last) < lasts / 2 && self.ticks < MOST;
        if goes_on {
            self.last = (now.max(last), self.ticks);
        }
        goes_on
    }

    /// When no further frame is awaited.
    pub(super) fn deadline(&self) -> Instant {
        self.last.0 + PATIENCE
    }

    /// When its first sample was said.
    pub(super) fn began(&self) -> Instant {
        let (last, before) = self.last;
        last.checked_sub(SampleRate::WIDE.duration_of(before)).unwrap_or(last)
    }

    pub(super) fn into_ops(self) -> Vec<Op> {
        self.ops
    }
}
