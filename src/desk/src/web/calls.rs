//! Which calls there are: found now and then, and kept by news in between. No screen walks over the keys of Redis.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The calls that run, and those that ended while their state is kept, with the agents who had them.
#[derive(Debug)]
pub(super) struct Calls {
    known: Mutex<BTreeMap<String, Known>>,
    kept: Duration,
    most: usize,
}

#[derive(Clone, Debug)]
struct Known {
    /// When something was heard of it.
    news: Instant,
    /// `None` while it runs.
    end: Option<End>,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub(super) struct End {
    /// When.
    pub at: Instant,
    /// The agents who had it last.
    pub agents: Vec<String>,
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

    /// There is this call; `end` where it is over.
    pub(super) fn heard(&self, call: &str, end: Option<End>, now: Instant) {
        let mut known = self.known();
        if !known.contains_key(call) && !self.make_room(&mut known, now) {
            return;
        }
        let entry = known.entry(call.to_owned()).or_insert(Known { news: now, end: None });
        entry.news = now;
        if let Some(end) = end {
            entry.end.get_or_insert(end);
        }
    }

    /// Whether its end is known.
    pub(super) fn is_over(&self, call: &str) -> bool {
        self.known().get(call).is_some_and(|known| known.end.is_some())
    }

    fn make_room(&self, known: &mut BTreeMap<String, Known>, now: Instant) -> bool {
        let kept = |end: &End| now.duration_since(end.at) < self.kept;
        known.retain(|_, call| call.end.as_ref().is_none_or(kept));
        if known.len() < self.most {
            return true;
        }
        let over = known
            .iter()
            .filter_map(|(name, call)| Some((call.end.as_ref()?.at, name.clone())));
        over.min().is_some_and(|(_, name)| known.remove(&name).is_some())
    }

    /// Redis keeps these, some of which are over; a search that began at `begun` found them. What was not heard of since then,
    /// and was not found, is no more.
    pub(super) fn found(&self, calls: Vec<(String, Option<End>)>, begun: Instant, now: Instant) {
        self.known()
            .retain(|name, call| call.news >= begun || calls.iter().any(|(found, _)| found == name));
        for (call, end) in calls {
            self.heard(&call, end, now);
        }
    }

    /// The calls that an agent had last when they ended, while their state is kept: the first to end first.
    pub(super) fn ended_of(&self, agent: &str, now: Instant) -> Vec<String> {
        let known = self.known();
        let ended = known.iter().filter_map(|(name, call)| Some((call.end.as_ref()?, name)));
        let had = ended.filter(|(end, _)| end.agents.iter().any(|on| on == agent));
        let mut had: Vec<(Instant, &String)> = had.map(|(end, name)| (end.at, name)).collect();
        had.retain(|(at, _)| now.duration_since(*at) < self.kept);
        had.sort_unstable();
        had.into_iter().map(|(_, name)| name.clone()).collect()
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

    fn over(at: Instant) -> Option<End> {
        let agents = vec!["8001".to_owned()];
        Some(End { at, agents })
    }

    #[test]
    fn a_call_is_named_for_as_long_as_its_state_is_kept() {
        let (calls, begin) = (Calls::new(Duration::from_secs(900), 3), Instant::now());
        calls.heard("a", None, begin);
        calls.heard("a", over(at(begin, 10)), at(begin, 10));
        calls.heard("a", over(at(begin, 800)), at(begin, 800));
        calls.heard("b", None, at(begin, 899));
        assert_eq!(calls.all(), ["a", "b"]);
        calls.heard("c", None, at(begin, 911));
        assert_eq!(calls.all(), ["b", "c"]);
    }

    #[test]
    fn what_a_search_does_not_find_is_no_more_unless_it_is_new() {
        let (calls, begin) = (Calls::new(Duration::from_secs(900), 9), Instant::now());
        calls.heard("lost", None, begin);
        calls.heard("new", None, at(begin, 2));
        calls.found(vec![("old".to_owned(), None)], at(begin, 1), at(begin, 3));
        assert_eq!(calls.all(), ["new", "old"]);
    }

    #[test]
    fn a_call_that_ended_is_its_agents_for_as_long_as_its_state_is_kept() {
        let (calls, begin) = (Calls::new(Duration::from_secs(900), 9), Instant::now());
        calls.heard("live", None, begin);
        calls.heard("z", over(begin), begin);
        calls.found(vec![("a".to_owned(), over(at(begin, 5)))], begin, at(begin, 9));
        assert_eq!(calls.ended_of("8001", at(begin, 10)), ["z", "a"]);
        assert_eq!(calls.ended_of("8001", at(begin, 902)), ["a"]);
        assert_eq!(calls.ended_of("8002", at(begin, 10)), Vec::<String>::new());
    }

    #[test]
    fn when_there_is_no_room_the_first_that_ended_goes_and_none_that_runs() {
        let (calls, now) = (Calls::new(Duration::from_secs(900), 2), Instant::now());
        calls.heard("a", None, now);
        calls.heard("b", over(now), now);
        calls.heard("c", None, now);
        assert_eq!(calls.all(), ["a", "c"]);
        calls.heard("d", None, now);
        assert_eq!(calls.all(), ["a", "c"]);
    }
}
