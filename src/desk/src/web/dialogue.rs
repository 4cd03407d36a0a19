//! What was asked last in each telephone call, for the question that follows it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_metrics::Query;

/// Calls that are remembered; when there are more, the one that was silent longest is forgotten.
const MOST: usize = 256;
/// Nobody follows up a question that was asked so long ago.
const KEPT: Duration = Duration::from_secs(30 * 60);

/// The last query of each call.
#[derive(Debug, Default)]
pub(super) struct Dialogues(HashMap<String, (Instant, Query)>);

impl Dialogues {
    /// The query that a call's next question may follow.
    pub(super) fn last(&self, now: Instant, call: &str) -> Option<Query> {
        let (at, query) = self.0.get(call)?;
        (now.duration_since(*at) < KEPT).then(|| query.clone())
    }

    /// Takes in what was asked.
    pub(super) fn asked(&mut self, now: Instant, call: &str, query: Query) {
        self.0.retain(|_, (at, _)| now.duration_since(*at) < KEPT);
        if self.0.len() >= MOST && !self.0.contains_key(call) {
            let silent = self.0.iter().min_by_key(|(_, (at, _))| *at);
            if let Some(oldest) = silent.map(|(call, _)| call.clone()) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(call.to_owned(), (now, query));
    }
}

#[cfg(test)]
mod tests {
    use sidetone_metrics::Window;

    use super::*;

    fn query(minute: i64) -> Query {
        Query::new(
            Vec::new(),
            Window::new(minute * 60_000, minute * 60_000 + 60_000).unwrap(),
        )
    }

    #[test]
    fn each_call_has_its_own_last_question_for_half_an_hour() {
        let (mut dialogues, now) = (Dialogues::default(), Instant::now());
        dialogues.asked(now, "a", query(1));
        dialogues.asked(now, "b", query(2));
        dialogues.asked(now, "a", query(3));
        assert_eq!(dialogues.last(now, "a"), Some(query(3)));
        assert_eq!(dialogues.last(now, "b"), Some(query(2)));
        assert_eq!(dialogues.last(now, "c"), None);
        assert_eq!(dialogues.last(now + KEPT, "a"), None);
    }

    #[test]
    fn of_too_many_calls_the_one_that_was_silent_longest_is_forgotten() {
        let (mut dialogues, now) = (Dialogues::default(), Instant::now());
        for call in 0..=MOST {
            let at = now + Duration::from_millis(call as u64);
            dialogues.asked(at, &call.to_string(), query(1));
        }
        let then = now + Duration::from_secs(1);
        assert_eq!(dialogues.last(then, "0"), None);
        assert!(dialogues.last(then, "1").is_some() && dialogues.0.len() == MOST);
    }
}
