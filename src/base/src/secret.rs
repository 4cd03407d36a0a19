//! Passwords and tokens: values that configuration holds and nothing prints.

use std::fmt;

use serde::Deserialize;

/// A password, a token, or a reference to one that the application resolves. Never prints.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the wire and nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// There is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this was said. Takes as long for a wrong text as for a right one of that length.
    #[must_use]
    pub fn is(&self, said: &str) -> bool {
        let differ = self
            .0
            .bytes()
            .zip(said.bytes())
            .fold(0, |differ, (ours, theirs)| differ | (ours ^ theirs));
        self.0.len() == said.len() && differ == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() {
            "‹empty›"
        } else {
            "‹redacted›"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn does_not_print() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "‹redacted›");
    }

    #[test]
    fn is_the_whole_of_what_was_said() {
        let secret = Secret::new("hunter2");
        assert!(secret.is("hunter2"));
        for wrong in ["", "hunter", "hunter22", "hunter3", "Hunter2"] {
            assert!(!secret.is(wrong), "{wrong}");
        }
    }
}
