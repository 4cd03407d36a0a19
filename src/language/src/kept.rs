//! Agents' sentences by what of a call's record holds them, by example.

use serde::Deserialize;

use crate::Lines;

/// By list of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What was advised.
    pub advice: Lines,
    /// What the caller is to do.
    pub todos: Lines,
    /// Both.
    pub both: Lines,
    /// In no list.
    pub left: Lines,
}
