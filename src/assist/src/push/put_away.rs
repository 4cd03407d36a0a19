//! What the agent has put away stays away in this call.

use std::collections::HashSet;

use sidetone_base::CallTime;
use sidetone_schema::HintExpire;

use super::said::pairs;
use super::{REMEMBERED, Screen};
use crate::config::AssistConfig;
use crate::matching::Candidate;
use crate::turn::Push;

/// Of an agent's words, how many character pairs a hint must hold to be what they say.
const HELD: f32 = 0.5;

/// Keys of hints that were put away; at most as many as a call remembers.
pub(super) struct PutAway(Vec<String>);

impl PutAway {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }
}

impl Screen {
    /// The agent has put a hint away. An id that this call does not know, or no longer, changes nothing.
    pub(crate) fn dismiss(&mut self, hint_id: &str) -> Vec<Push> {
        let Some(shown) = self.shown.iter_mut().rev().find(|shown| shown.id == hint_id) else {
            return Vec::new();
        };
        let was_there = shown.until.is_some();
        shown.leave();
        let key = shown.key.clone();
        self.keep_away(key);
        let gone = was_there.then(|| HintExpire {
            hint_id: hint_id.to_owned(),
            reason: "dismissed".to_owned(),
        });
        gone.into_iter().map(Push::Expire).collect()
    }

    /// A hint of this key is not shown any more.
    pub(crate) fn keep_away(&mut self, key: String) {
        if !self.put_away.0.contains(&key) && self.put_away.0.len() < REMEMBERED {
            self.put_away.0.push(key);
        }
    }

    /// Takes out what was put away.
    pub(super) fn drop_put_away(&mut self, candidates: &mut Vec<Candidate>) {
        let before = candidates.len();
        candidates.retain(|candidate| !self.put_away.0.contains(&candidate.dedup_key));
        self.dropped.dismissed += (before - candidates.len()) as u64;
    }

    /// Shows what no turn asked for, outside the caps of turns.
    pub(crate) fn show_unasked(&mut self, config: &AssistConfig, at: CallTime, candidate: Candidate) -> Vec<Push> {
        let mut pushes = self.expire(at);
        let known = |key: &String| *key == candidate.dedup_key;
        if !self.put_away.0.iter().any(known) && !self.shown.iter().any(|shown| known(&shown.key)) {
            self.show(config, at, candidate, false, &mut pushes);
        }
        pushes
    }

    /// Whether a hint of this call says what an agent says.
    pub(crate) fn holds(&self, text: &str) -> bool {
        let said = pairs(text);
        let holds = |body: &str| {
            let held: HashSet<_> = pairs(body);
            said.intersection(&held).count() as f32 >= HELD * said.len() as f32
        };
        !said.is_empty() && self.shown.iter().any(|shown| holds(&shown.body))
    }
}
