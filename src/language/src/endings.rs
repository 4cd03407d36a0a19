//! How callers end their calls, by labelled examples.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Lines;

/// How content a caller is with the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feeling {
    /// The matter is cleared, and the caller is glad of it.
    Satisfied,
    /// Neither shows.
    Neutral,
    /// Anger, disappointment, a threat to complain.
    Dissatisfied,
}

/// The last turns of callers, turns of one call apart by ` / `.
pub type Endings = BTreeMap<Feeling, Lines>;
