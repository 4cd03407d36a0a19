//! What a sentence may cite.

use std::collections::VecDeque;

use sidetone_base::Role;

use super::clean::clean;
use crate::Turn;

/// Turns that are kept of a call. Behind that the oldest go: an element that rests on one of them is not worded anew.
const TURNS: usize = 400;
/// Results that are kept of a call; the oldest go.
const RESULTS: usize = 8;
/// Characters of one source.
const LONGEST: usize = 400;
/// Sources of one prompt.
const MOST: usize = 64;

/// What a source is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A masked turn.
    Turn {
        /// Its segment.
        segment: String,
        /// Who said it.
        role: Role,
    },
    /// A row of the base.
    Row,
    /// A result worked out from rows and from what the caller said.
    Calculation,
}

/// One numbered source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is.
    pub kind: SourceKind,
    /// Its text, masked, without hidden characters.
    pub text: String,
}

/// Sources, numbered from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// The source of that number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Source> {
        self.0.get(number.checked_sub(1)?)
    }

    /// Each with its number.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &Source)> {
        self.0.iter().enumerate().map(|(at, source)| (at + 1, source))
    }

    /// Adds one, shortened to its bound; what finds no room is left out.
    pub fn add(&mut self, kind: SourceKind, text: &str) {
        let text: String = clean(text).chars().take(LONGEST).collect();
        if self.0.len() < MOST && !text.trim().is_empty() {
            self.0.push(Source { kind, text });
        }
    }
}

/// What was said and worked out in one call. Bounded.
#[derive(Debug, Default)]
pub(crate) struct Heard {
    turns: VecDeque<(String, Role, String)>,
    results: VecDeque<String>,
}

impl Heard {
    /// A settled turn.
    pub(crate) fn hear(&mut self, turn: &Turn) {
        if self.turns.len() == TURNS {
            self.turns.pop_front();
        }
        let text = turn.text.chars().take(LONGEST).collect();
        self.turns
            .push_back((turn.segment.as_str().to_owned(), turn.role, text));
    }

    /// A result that was worked out.
    pub(crate) fn work_out(&mut self, result: &str) {
        if self.results.iter().any(|known| known == result) {
            return;
        }
        if self.results.len() == RESULTS {
            self.results.pop_front();
        }
        self.results.push_back(result.to_owned());
    }

    /// In the order in which they were said.
    pub(super) fn turns(&self) -> impl Iterator<Item = (&str, Role, &str)> {
        self.turns
            .iter()
            .map(|(segment, role, text)| (segment.as_str(), *role, text.as_str()))
    }

    /// In the order in which they were worked out.
    pub(super) fn results(&self) -> impl Iterator<Item = &str> {
        self.results.iter().map(String::as_str)
    }
}
