//! How what was said becomes an entry of a record.

use serde::Deserialize;

use crate::Words;

/// What an entry leaves out of the words that were said, and how it says who does what by when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entries {
    /// Carry nothing at the head of a clause.
    pub heads: Words,
    /// Carry nothing at its end.
    pub tails: Words,
    /// Carry nothing anywhere.
    pub within: Words,
    /// The speaker, at the head of what the speaker will do.
    #[serde(rename = "self")]
    pub own: Words,
    /// The caller, at the head of what an agent advises.
    pub you: Words,
    /// The caller.
    pub your: Words,
    /// The record itself, or whoever writes it.
    pub record: Words,
    /// Days and times of day by which something is done.
    pub days: Words,
    /// Units of a span, behind a number.
    pub spans: Words,
    /// Behind a day or a span: by then.
    pub by: Words,
}
