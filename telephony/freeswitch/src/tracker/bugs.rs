//! Media bugs on a channel, as far as its taps must know.

use std::time::{Duration, Instant};

/// Two bugs that are said to have started so close to each other may have been added in the other order.
const CLOSE: Duration = Duration::from_millis(5);

/// How many media bugs a channel has been given and has lost, since it was first heard of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bugs {
    /// Started, with the function `eavesdrop`: a supervisor's, and our own.
    pub eavesdrops: u32,
    /// Started, with any other function.
    pub others: u32,
    /// How many of [`Self::others`] had started when the newest eavesdrop did.
    pub before: u32,
    /// Ended, of either.
    pub stopped: u32,
}

impl Bugs {
    /// How many there are.
    #[must_use]
    pub fn alive(self) -> u32 {
        (self.eavesdrops + self.others).saturating_sub(self.stopped)
    }
}

/// Counts them.
#[derive(Debug, Default)]
pub(crate) struct BugCount {
    pub(crate) bugs: Bugs,
    last_other: Option<Instant>,
}

impl BugCount {
    /// `function` as in `Media-Bug-Function`, which is the same for `eavesdrop` and `native_eavesdrop`.
    pub(crate) fn start(&mut self, now: Instant, function: &str) {
        if function == "eavesdrop" {
            self.bugs.eavesdrops += 1;
            let close = self.last_other.is_some_and(|last| now < last + CLOSE);
            self.bugs.before = self.bugs.others - u32::from(close);
        } else {
            self.bugs.others += 1;
            self.last_other = Some(now);
        }
    }

    pub(crate) fn stop(&mut self) {
        self.bugs.stopped += 1;
    }

    /// Events were missed: none is relied on to be there.
    pub(crate) fn forget(&mut self) {
        self.bugs.stopped = self.bugs.eavesdrops + self.bugs.others;
    }
}
