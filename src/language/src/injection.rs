//! Speech that commands the program that listens: examples to learn from.

use serde::Deserialize;

use crate::acts::Lines;

/// Examples.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    /// What is said to the program.
    pub commands: Lines,
    /// What sounds like it, and is said to a person.
    pub ordinary: Lines,
}
