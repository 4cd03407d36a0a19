//! The one map between the monotonic clock, which the floors below compute with, and the wall's.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use sidetone_schema::Timestamp;

use crate::lock;

/// How far the wall may be from us before we follow it. Both clocks are slewed alike, so only a step is that far.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(50);

/// Wall-clock time of monotonic instants. A cheap handle; clones share one base.
///
/// The base is taken at the start and again by [`WallClock::follow`], so a clock that is set later (NTP, after a start
/// without network) is followed. That a call's times never step back is seen to where they are stamped, by its journal.
#[derive(Clone, Debug)]
pub struct WallClock {
    base: Arc<Mutex<Base>>,
}

#[derive(Clone, Copy, Debug)]
struct Base {
    monotonic: Instant,
    wall: jiff::Timestamp,
}

impl Base {
    /// An instant before the base is before it on the wall too.
    fn wall_at(&self, at: Instant) -> jiff::Timestamp {
        let wall = match at.checked_duration_since(self.monotonic) {
            Some(after) => self.wall.checked_add(after),
            None => self.wall.checked_sub(self.monotonic.duration_since(at)),
        };
        wall.unwrap_or(self.wall)
    }
}

impl WallClock {
    /// Takes the base now.
    #[must_use]
    pub fn start() -> Self {
        Self::with_base(Instant::now(), jiff::Timestamp::now())
    }

    /// A clock with a base of one's own, for tests.
    #[must_use]
    pub fn with_base(monotonic: Instant, wall: jiff::Timestamp) -> Self {
        Self {
            base: Arc::new(Mutex::new(Base { monotonic, wall })),
        }
    }

    /// The wall's time at `at`.
    #[must_use]
    pub fn timestamp(&self, at: Instant) -> Timestamp {
        Timestamp::new(lock(&self.base).wall_at(at))
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

    /// Looks at the system's clock; gives how far it was set since the last look, if it was.
    pub fn follow(&self) -> Option<SignedDuration> {
        self.follow_to(Instant::now(), jiff::Timestamp::now())
    }

    /// As [`Self::follow`], of a system whose wall clock says `wall` at `now`.
    pub fn follow_to(&self, now: Instant, wall: jiff::Timestamp) -> Option<SignedDuration> {
        let mut base = lock(&self.base);
        let step = wall.duration_since(base.wall_at(now));
        if step.abs() < TOLERANCE {
            return None;
        }
        *base = Base { monotonic: now, wall };
        Some(step)
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

    #[test]
    fn follows_a_clock_that_is_set_and_no_other() {
        let base = Instant::now();
        let clock = WallClock::with_base(base, "2026-11-22T08:00:00Z".parse().unwrap());
        let other = clock.clone();
        let (later, wall) = (base + Duration::from_secs(3), "2026-11-23T08:00:03Z".parse().unwrap());
        assert_eq!(clock.follow_to(later, wall), Some(SignedDuration::from_hours(24)));
        assert_eq!(
            other.timestamp(later + Duration::from_secs(1)).to_string(),
            "2026-11-23T08:00:04.000Z"
        );
        // An instant before the step is told by the clock as it is now: the wrong day helps nobody.
        assert_eq!(clock.timestamp(base).to_string(), "2026-11-23T08:00:00.000Z");
        let slewed = wall + SignedDuration::from_millis(49);
        assert_eq!(clock.follow_to(later, slewed), None);
        let back = "2026-11-22T08:00:04Z".parse().unwrap();
        assert_eq!(
            clock.follow_to(later + Duration::from_secs(1), back),
            Some(SignedDuration::from_hours(-24))
        );
    }
}
