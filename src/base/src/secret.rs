//! Passwords and tokens: values that configuration holds and nothing prints.

use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::read_text;

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

/// The value that `env:NAME` or `file:/path` refers to; any other text is the value itself.
///
/// # Errors
/// What is wrong, without the value.
pub fn resolve_reference(reference: &str) -> Result<String, String> {
    if let Some(name) = reference.strip_prefix("env:") {
        return std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"));
    }
    if let Some(path) = reference.strip_prefix("file:") {
        return read_text(Path::new(path))
            .map(|text| text.trim_end().to_owned())
            .map_err(|error| format!("{path} cannot be read: {error}"));
    }
    Ok(reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Secret, resolve_reference};

    #[test]
    fn a_reference_is_resolved_and_a_value_is_itself() {
        assert_eq!(resolve_reference("redis://h/"), Ok("redis://h/".to_owned()));
        assert!(resolve_reference("env:CARGO_MANIFEST_DIR").is_ok_and(|value| value.ends_with("base")));
        assert!(resolve_reference("env:SIDETONE_NOT_SET").is_err());
        assert!(resolve_reference("file:/not/there").is_err_and(|reason| reason.starts_with("/not/there")));
    }

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
