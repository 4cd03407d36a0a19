//! What the agent has said already need not be shown.

use std::collections::HashSet;

use crate::matching::Candidate;
use crate::understand::text::fold;

/// Of a body's character pairs, how many an agent's turn must hold to have said it.
const ENOUGH: f32 = 0.75;
/// Agent's turns that are remembered.
const TURNS: usize = 40;

type Pairs = HashSet<(char, char)>;

/// The agent's turns of a call.
#[derive(Default)]
pub(crate) struct Said {
    turns: std::collections::VecDeque<Pairs>,
}

impl Said {
    pub(crate) fn hear(&mut self, text: &str) {
        if self.turns.len() == TURNS {
            self.turns.pop_front();
        }
        self.turns.push_back(pairs(text));
    }

    /// Whether one agent's turn held nearly everything that the candidate would show.
    pub(crate) fn covers(&self, candidate: &Candidate) -> bool {
        let body = pairs(&candidate.body);
        !body.is_empty()
            && self
                .turns
                .iter()
                .any(|turn| body.intersection(turn).count() as f32 >= ENOUGH * body.len() as f32)
    }
}

pub(super) fn pairs(text: &str) -> Pairs {
    let folded: Vec<char> = fold(text).into_iter().filter(|c| !matches!(c, '，' | '？')).collect();
    folded.windows(2).map(|pair| (pair[0], pair[1])).collect()
}
