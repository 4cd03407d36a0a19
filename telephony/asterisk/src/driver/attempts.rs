//! How often a leg is tried, and in which way. No clock, no socket.

use std::time::Duration;

use sidetone_base::TapKind;
use sidetone_telephony::Backoff;

/// The wait after every kind has failed once, and the longest one.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LAST_WAIT: Duration = Duration::from_secs(60);
/// Rounds through the kinds without a tap that lived for [`Backoff::GOOD`]: some six minutes.
const MOST_ROUNDS: u32 = 10;

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Tap this way.
    Try(TapKind),
    /// Every kind has failed: wait, then ask again.
    Wait(Duration),
    /// It was tried often enough.
    GiveUp,
}

/// The attempts on one leg.
#[derive(Debug)]
pub(super) struct Attempts {
    kinds: &'static [TapKind],
    tried: usize,
    rounds: u32,
    backoff: Backoff,
}

impl Attempts {
    /// Each round tries these kinds in this order.
    pub(super) const fn new(kinds: &'static [TapKind]) -> Self {
        Self {
            kinds,
            tried: 0,
            rounds: 0,
            backoff: Backoff::new(FIRST_WAIT, LAST_WAIT),
        }
    }

    /// Whether every kind has failed before: what fails now is no news.
    pub(super) const fn is_again(&self) -> bool {
        self.rounds > 0
    }

    /// After an attempt that lived so long; zero before the first one, and for one that came to nothing. A tap that
    /// fails is followed by another kind, where there is one.
    pub(super) fn next(&mut self, lived: Duration) -> Next {
        if lived >= Backoff::GOOD {
            self.rounds = 0;
        }
        if let Some(&kind) = self.kinds.get(self.tried) {
            self.tried += 1;
            return Next::Try(kind);
        }
        self.tried = 0;
        self.rounds += 1;
        if self.rounds >= MOST_ROUNDS {
            return Next::GiveUp;
        }
        Next::Wait(self.backoff.after(lived))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[TapKind] = &[TapKind::Snoop, TapKind::ChanSpy];

    #[test]
    fn a_leg_is_tried_again_more_and_more_seldom_and_not_for_ever() {
        let mut attempts = Attempts::new(BOTH);
        let mut waited = Duration::ZERO;
        let mut tries = 0;
        loop {
            match attempts.next(Duration::ZERO) {
                Next::Try(kind) => {
                    assert_eq!(kind, BOTH[tries % 2]);
                    tries += 1;
                }
                Next::Wait(wait) => {
                    assert_eq!(tries % 2, 0, "both kinds come before a wait");
                    waited += wait;
                }
                Next::GiveUp => break,
            }
        }
        assert_eq!(tries, 20);
        assert!((300..420).contains(&waited.as_secs()), "{waited:?}");
    }

    #[test]
    fn a_tap_that_lived_is_no_failure() {
        let mut attempts = Attempts::new(&[TapKind::Snoop]);
        for _ in 0..100 {
            assert_eq!(attempts.next(Duration::ZERO), Next::Try(TapKind::Snoop));
            assert_eq!(attempts.next(Backoff::GOOD), Next::Wait(FIRST_WAIT));
        }
    }
}
