//! What is said of the call itself.

use serde::Deserialize;

use crate::Words;

/// Words of callers and agents on any line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// The caller reports a wrong.
    pub complains: Words,
    /// The caller wants a thing done, and does not ask about it.
    pub handles: Words,
    /// The agent promises.
    pub promises: Words,
    /// The agent answers later or elsewhere.
    pub defers: Words,
    /// The agent fills time.
    pub stalls: Words,
    /// Somebody calls for one of their family.
    pub kin: Words,
}
