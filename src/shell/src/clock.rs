//! The one map between the monotonic clock, which the floors below compute with, and the wall's.

use std::time::{Duration, Instant};

use sidetone_schema::Timestamp;

/// Wall-clock time of monotonic instants.
///
/// The base is taken once: within a process, time on the wire never steps back, whatever is done to the
/// system's clock. It therefore drifts from a clock that is corrected later; a restart takes a new base.
#[derive(Clone, Copy, Debug)]
pub struct WallClock {
    monotonic: Instant,
    wall: jiff::Timestamp,
}

impl WallClock {
    /// Takes the base now.
    #[must_use]
    pub fn start() -> Self {
        Self::with_base(Instant::now(), jiff::Timestamp::now())
    }

    /// A clock with a base of one's own, for tests.
    #[must_use]
    pub const fn with_base(monotonic: Instant, wall: jiff::Timestamp) -> Self {
        Self { monotonic, wall }
    }

    /// The wall's time at `at`; an instant before the base is before it on the wall too.
    #[must_use]
    pub fn timestamp(&self, at: Instant) -> Timestamp {
        let at = match at.checked_duration_since(self.monotonic) {
            Some(after) => self.wall.checked_add(after),
            None => self.wall.checked_sub(self.monotonic.duration_since(at)),
        };
        Timestamp::new(at.unwrap_or(self.wall))
    }

    /// The wall's time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.timestamp(Instant::now())
    }

    /// How long ago `then` was; zero for a time in the future.
    #[must_use]
    pub fn age(&self, then: Timestamp) -> Duration {
        let age = self.now().instant().duration_since(then.instant());
        Duration::try_from(age).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_monotonic_clock_in_both_directions() {
        let base = Instant::now() + Duration::from_secs(10);
        let clock = WallClock::with_base(base, "2026-11-22T08:00:00Z".parse().unwrap());
        let text = |at: Instant| clock.timestamp(at).to_string();
        assert_eq!(text(base + Duration::from_millis(1_500)), "2026-11-22T08:00:01.500Z");
        assert_eq!(
            text(base.checked_sub(Duration::from_secs(1)).unwrap()),
            "2026-11-22T07:59:59.000Z"
        );
    }
}
