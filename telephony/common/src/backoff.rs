//! How long to wait before the next attempt.

use std::time::Duration;

/// Doubles from one wait to the next; begins again after an attempt that went well for a while.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    last: Duration,
    next: Duration,
}

impl Backoff {
    /// What lived this long was a good attempt: the next one is quick again.
    pub const GOOD: Duration = Duration::from_secs(30);

    /// From `first` up to `last`.
    #[must_use]
    pub const fn new(first: Duration, last: Duration) -> Self {
        Self {
            first,
            last,
            next: first,
        }
    }

    /// The wait after an attempt that lived so long.
    pub fn after(&mut self, lived: Duration) -> Duration {
        if lived >= Self::GOOD {
            self.next = self.first;
        }
        let wait = self.next;
        self.next = (wait * 2).min(self.last);
        wait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_up_to_the_last_and_begins_again_after_a_good_one() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(5));
        let waits: Vec<u64> = [0, 0, 29, 0, 30, 0]
            .map(|lived| backoff.after(Duration::from_secs(lived)).as_secs())
            .into();
        assert_eq!(waits, [1, 2, 4, 5, 1, 2]);
    }
}
