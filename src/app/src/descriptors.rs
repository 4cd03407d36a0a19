//! Open files: a call takes three (two taps and its journal), and the usual soft limit is 1,024.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the daemon takes without a call: sockets, libraries, models.
const BESIDE_CALLS: u64 = 100;
/// What one call takes.
const A_CALL: u64 = 3;

/// Raises this process's limit to the most that it may have; gives the limit that then holds.
///
/// The soft limit exists for programs that use `select(2)`; this one does not.
pub fn raise() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = Rlimit {
        current: maximum,
        maximum,
    };
    if current != maximum
        && let Err(error) = setrlimit(Resource::Nofile, wanted)
    {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    limit()
}

/// The limit of open files; without one the largest number.
#[must_use]
pub fn limit() -> u64 {
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

/// The most that [`raise`] could make of it.
#[must_use]
pub fn most() -> u64 {
    getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX)
}

/// How many calls so many open files are good for.
#[must_use]
pub const fn calls(limit: u64) -> u64 {
    limit.saturating_sub(BESIDE_CALLS) / A_CALL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_most_that_there_is() {
        assert_eq!(raise(), most());
        assert_eq!(limit(), most());
    }

    #[test]
    fn the_usual_limit_is_good_for_three_hundred_calls() {
        assert_eq!(calls(1_024), 308);
        assert_eq!(calls(10), 0);
    }
}
