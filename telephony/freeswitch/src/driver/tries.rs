//! How often one leg is tapped anew.

use std::time::Duration;

/// How often in a row because its sampling rate changed.
const REDIALS: u32 = 3;
/// How often in a row because another media bug started.
const RENEWALS: u32 = 8;
/// After every kind has failed, all are tried again so much later.
const PAUSES: [Duration; 5] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(300),
];
/// A tap that stood for so long has settled: the count begins anew.
const SETTLED: Duration = Duration::from_secs(60);

/// Counts one leg's taps, so that none is made for ever.
#[derive(Debug, Default)]
pub(super) struct Tries {
    redials: u32,
    renewals: u32,
    rounds: usize,
}

impl Tries {
    /// A tap has ended, or was refused, after so long.
    pub(super) fn lasted(&mut self, time: Duration) {
        if time >= SETTLED {
            *self = Self::default();
        }
    }

    pub(super) fn redial(&mut self) -> bool {
        self.redials += 1;
        self.redials <= REDIALS
    }

    pub(super) fn renew(&mut self) -> bool {
        self.renewals += 1;
        self.renewals <= RENEWALS
    }

    /// How long to wait before all kinds are tried again; `None` when that is enough.
    pub(super) fn pause(&mut self) -> Option<Duration> {
        let pause = PAUSES.get(self.rounds).copied();
        self.rounds += 1;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leg_that_no_tap_hears_is_given_up_after_five_more_rounds() {
        let mut tries = Tries::default();
        let pauses: Vec<u64> = std::iter::from_fn(|| {
            tries.lasted(Duration::from_secs(4));
            tries.pause()
        })
        .map(|pause| pause.as_secs())
        .collect();
        assert_eq!(pauses, [2, 5, 15, 60, 300]);
    }

    #[test]
    fn a_tap_that_stood_for_a_minute_has_all_its_tries_again() {
        let mut tries = Tries::default();
        while tries.renew() {}
        assert!(!tries.renew());
        tries.lasted(SETTLED);
        assert!(tries.renew());
        assert_eq!((0..9).filter(|_| tries.redial()).count(), REDIALS as usize);
    }
}
