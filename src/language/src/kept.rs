//! Sentences of calls by what of the call's record holds them, by example.

use serde::Deserialize;

use crate::Lines;

/// A list of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// What was advised.
    Advice,
    /// What somebody is to do.
    Todos,
    /// What may go wrong.
    Risks,
}

/// By speaker.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Of agents.
    pub agent: Vec<Sentences>,
    /// Of callers.
    pub caller: Vec<Sentences>,
}

/// Sentences that the same lists hold.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sentences {
    /// Empty: no list holds them.
    #[serde(default)]
    pub lists: Vec<List>,
    /// Of so many such sentences one is here.
    #[serde(default = "all")]
    pub one_in: u8,
    /// The sentences.
    pub said: Lines,
}

const fn all() -> u8 {
    1
}
