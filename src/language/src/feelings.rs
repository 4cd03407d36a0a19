//! How pleased words are.

use serde::Deserialize;

use crate::Words;

/// Words of praise, thanks and anger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feelings {
    /// Thanks; no negation turns them around.
    pub thanks: Words,
    /// What pleases, unless it is denied.
    pub pleased: Words,
    /// Turn a word of praise around.
    pub not: Words,
    /// May stand between such a word and the praise.
    pub very: Words,
    /// Anger at whoever answers.
    pub angry: Words,
    /// Says that the answer did not serve.
    pub unserved: Words,
    /// Speaks to or of those who answer.
    pub service: Words,
}
