//! Leaves an engine alone that fails.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Answers that are looked at.
const WINDOW: usize = 20;
/// Of them, failures that open the breaker.
const FAILURES: usize = 5;
/// How long the engine is left alone.
pub const OPEN_FOR: Duration = Duration::from_secs(10);

/// One engine's breaker.
#[derive(Debug, Default)]
pub struct Breaker {
    /// `true` for a failure.
    recent: VecDeque<bool>,
    open_until: Option<Instant>,
    probing: bool,
}

impl Breaker {
    /// Whether the engine may be asked now. After the pause one request is let through until it is known how it ended.
    pub fn admit(&mut self, now: Instant) -> bool {
        match self.open_until {
            None => true,
            Some(until) if now < until || self.probing => false,
            Some(_) => {
                self.probing = true;
                true
            }
        }
    }

    /// The engine answered.
    pub fn succeeded(&mut self) {
        if self.probing {
            *self = Self::default();
        }
        self.note(false);
    }

    /// The engine failed; whether that opened the breaker.
    pub fn failed(&mut self, now: Instant) -> bool {
        self.note(true);
        let failures = self.recent.iter().filter(|failed| **failed).count();
        let opens = self.probing || (self.open_until.is_none() && failures >= FAILURES);
        if opens {
            self.open_until = Some(now + OPEN_FOR);
            self.probing = false;
        }
        opens
    }

    /// The request was dropped by us: nothing is known.
    pub fn dropped(&mut self) {
        self.probing = false;
    }

    /// Whether it is open.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.open_until.is_some()
    }

    fn note(&mut self, failed: bool) {
        if self.recent.len() == WINDOW {
            self.recent.pop_front();
        }
        self.recent.push_back(failed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_five_of_twenty_and_sends_one_probe() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..4 {
            breaker.succeeded();
            assert!(!breaker.failed(now));
        }
        assert!(breaker.admit(now));
        assert!(breaker.failed(now));
        assert!(!breaker.admit(now + OPEN_FOR / 2));
        let later = now + OPEN_FOR;
        assert!(breaker.admit(later), "one probe");
        assert!(!breaker.admit(later), "and no second");
        assert!(breaker.failed(later), "which fails");
        assert!(!breaker.admit(later + OPEN_FOR / 2));
        let again = later + OPEN_FOR;
        assert!(breaker.admit(again));
        breaker.dropped();
        assert!(breaker.admit(again), "a dropped probe told nothing");
        breaker.succeeded();
        assert!(breaker.admit(again) && breaker.admit(again) && !breaker.is_open());
    }

    #[test]
    fn old_failures_are_forgotten() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..40 {
            for _ in 0..4 {
                breaker.succeeded();
            }
            assert!(!breaker.failed(now), "one in five is four of twenty");
        }
    }
}
