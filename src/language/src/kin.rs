//! Sentences in which a caller names somebody of their family, by labelled examples.

use serde::Deserialize;

use crate::Lines;

/// By whether the matter is theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kin {
    /// The caller calls for them.
    pub theirs: Lines,
    /// They are only mentioned.
    pub aside: Lines,
}
