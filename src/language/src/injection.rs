//! Speech that commands the program that listens: examples to learn from.

use serde::Deserialize;

/// Examples, a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    commands: String,
    ordinary: String,
}

impl Injection {
    /// What is said to the program.
    pub fn commands(&self) -> impl Iterator<Item = &str> {
        lines(&self.commands)
    }

    /// What sounds like it, and is said to a person.
    pub fn ordinary(&self) -> impl Iterator<Item = &str> {
        lines(&self.ordinary)
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}
