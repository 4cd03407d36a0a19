//! What engines may use in a day, and how long an engine takes as a rule.

use std::collections::VecDeque;
use std::time::Duration;

use super::client::Usage;

/// First tokens that the 95th percentile is taken of.
const WINDOW: usize = 100;
/// Fewer say nothing.
const ENOUGH: usize = 20;

/// Tokens of one day, of all engines together.
#[derive(Debug)]
pub struct Budget {
    limit: u64,
    day: i64,
    used: u64,
}

impl Budget {
    /// With tokens for each day; 0 is no limit.
    #[must_use]
    pub const fn new(limit: u64) -> Self {
        Self { limit, day: 0, used: 0 }
    }

    /// Sets tokens aside for a request on `day`; `false` when there is no room for them.
    pub fn reserve(&mut self, day: i64, tokens: u64) -> bool {
        if day != self.day {
            (self.day, self.used) = (day, 0);
        }
        let fits = self.limit == 0 || self.used.saturating_add(tokens) <= self.limit;
        if fits {
            self.used = self.used.saturating_add(tokens);
        }
        fits
    }

    /// A request that had `reserved` is over. One whose use nobody tells is counted as reserved. A request of a day
    /// before gives nothing back.
    pub fn settle(&mut self, day: i64, reserved: u64, used: Option<Usage>) {
        if let Some(usage) = used.filter(|_| day == self.day) {
            let total = u64::from(usage.prompt) + u64::from(usage.answer);
            self.used = self.used.saturating_sub(reserved).saturating_add(total);
        }
    }

    /// Tokens that are used or set aside.
    #[must_use]
    pub const fn used(&self) -> u64 {
        self.used
    }
}

/// How long an engine's first tokens took.
#[derive(Debug, Default)]
pub struct Habit(VecDeque<Duration>);

impl Habit {
    /// Another one.
    pub fn note(&mut self, took: Duration) {
        if self.0.len() == WINDOW {
            self.0.pop_front();
        }
        self.0.push_back(took);
    }

    /// The 95th percentile, once enough are known.
    #[must_use]
    pub fn p95(&self) -> Option<Duration> {
        if self.0.len() < ENOUGH {
            return None;
        }
        let mut sorted: Vec<Duration> = self.0.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len() * 95 / 100).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_so_many_tokens() {
        let mut budget = Budget::new(100);
        assert!(budget.reserve(1, 60));
        assert!(!budget.reserve(1, 60), "no room beside what is set aside");
        let usage = Usage {
            prompt: 10,
            answer: 5,
            cached: 0,
        };
        budget.settle(1, 60, Some(usage));
        assert_eq!(budget.used(), 15);
        assert!(budget.reserve(1, 60));
        budget.settle(1, 60, None);
        assert_eq!(budget.used(), 75, "what nobody tells counts as reserved");
        assert!(budget.reserve(2, 100), "a new day");
        budget.settle(1, 60, Some(usage));
        assert_eq!(budget.used(), 100);
    }

    #[test]
    fn a_habit_needs_enough() {
        let mut habit = Habit::default();
        for took in 1..20 {
            habit.note(Duration::from_millis(took));
        }
        assert_eq!(habit.p95(), None);
        for took in 20..=100 {
            habit.note(Duration::from_millis(took));
        }
        assert_eq!(habit.p95(), Some(Duration::from_millis(96)));
    }
}
