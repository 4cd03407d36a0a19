//! Which calls there are: found now and then, and kept by news in between. No screen walks over the keys of Redis.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The calls that run, and those that ended while their state is kept.
#[derive(Debug)]
pub(super) struct Calls {
    known: Mutex<BTreeMap<String, Known>>,
    kept: Duration,
    most: usize,
}

#[derive(Clone, Copy, Debug)]
struct Known {
    /// When something was heard of it.
    news: Instant,
    /// When it ended; `None` while it runs.
    ended: Option<Instant>,
}

impl Calls {
    /// None yet. `kept` is how long a call's state outlives its end; of more than `most` calls the first to end goes.
    pub(super) fn new(kept: Duration, most: usize) -> Self {
        let known = Mutex::default();
        Self { known, kept, most }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// There is this call; `over` says that it has ended.
    pub(super) fn heard(&self, call: &str, over: bool, now: Instant) {
        let mut known = self.known();
        if !known.contains_key(call) && !self.make_room(&mut known, now) {
            return;
        }
        let entry = known.entry(call.to_owned()).or_insert(Known { news: now, ended: None });
        entry.news = now;
        if over {
            entry.ended.get_or_insert(now);
        }
    }

    fn make_room(&self, known: &mut BTreeMap<String, Known>, now: Instant) -> bool {
        known.retain(|_, call| call.ended.is_none_or(|at| now.duration_since(at) < self.kept));
        if known.len() < self.most {
            return true;
        }
        let over = known
            .iter()
            .filter_map(|(name, call)| Some((call.ended?, name.clone())));
        over.min().is_some_and(|(_, name)| known.remove(&name).is_some())
    }

    /// Redis keeps these; a search that began at `begun` found them. What was not heard of since then, and was not
    /// found, is no more.
    pub(super) fn found(&self, calls: &[String], begun: Instant, now: Instant) {
        self.known()
            .retain(|name, call| call.news >= begun || calls.contains(name));
        for call in calls {
            self.heard(call, false, now);
        }
    }

    /// All of them.
    pub(super) fn all(&self) -> Vec<String> {
        self.known().keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(begin: Instant, seconds: u64) -> Instant {
        begin + Duration::from_secs(seconds)
    }

    #[test]
    fn a_call_is_named_for_as_long_as_its_state_is_kept() {
        let (calls, begin) = (Calls::new(Duration::from_secs(900), 3), Instant::now());
        calls.heard("a", false, begin);
        calls.heard("a", true, at(begin, 10));
        calls.heard("a", true, at(begin, 800));
        calls.heard("b", false, at(begin, 899));
        assert_eq!(calls.all(), ["a", "b"]);
        calls.heard("c", false, at(begin, 911));
        assert_eq!(calls.all(), ["b", "c"]);
    }

    #[test]
    fn what_a_search_does_not_find_is_no_more_unless_it_is_new() {
        let (calls, begin) = (Calls::new(Duration::from_secs(900), 9), Instant::now());
        calls.heard("lost", false, begin);
        calls.heard("new", false, at(begin, 2));
        calls.found(&["old".to_owned()], at(begin, 1), at(begin, 3));
        assert_eq!(calls.all(), ["new", "old"]);
    }

    #[test]
    fn when_there_is_no_room_the_first_that_ended_goes_and_none_that_runs() {
        let (calls, now) = (Calls::new(Duration::from_secs(900), 2), Instant::now());
        calls.heard("a", false, now);
        calls.heard("b", true, now);
        calls.heard("c", false, now);
        assert_eq!(calls.all(), ["a", "c"]);
        calls.heard("d", false, now);
        assert_eq!(calls.all(), ["a", "c"]);
    }
}
