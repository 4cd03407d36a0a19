//! What is said of the call itself.

use serde::Deserialize;

use crate::Words;

/// Words of callers and agents on any line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// Before a caller's turn where turns are written down.
    pub caller: String,
    /// Before an agent's.
    pub agent: String,
    /// The caller reports a wrong.
    pub complains: Words,
    /// The caller wants a thing done, and does not ask about it.
    pub handles: Words,
    /// The agent answers later or elsewhere.
    pub defers: Words,
    /// The agent fills time.
    pub stalls: Words,
    /// Behind a date: it is the date that is asked about, not one on which something happened.
    pub dated: Words,
    /// Somebody of the caller's family.
    pub kin: Words,
    /// A colleague, a neighbour.
    pub others: Words,
    /// Before such a word: it is the caller's.
    pub own: Words,
}
