//! Values that must not print, and where they may come from.

use std::fmt;

use serde::Deserialize;

/// A password, a token or a URL that holds one: the value itself, `env:NAME` or `file:/path`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// A value that is no reference.
    #[must_use]
    pub fn literal(value: &str) -> Self {
        Self(value.to_owned())
    }

    /// The value, looked up where it is a reference.
    ///
    /// # Errors
    /// When the variable is not set or the file cannot be read; says which, never the value.
    pub fn resolve(&self) -> Result<String, String> {
        if let Some(name) = self.0.strip_prefix("env:") {
            return std::env::var(name).map_err(|_| format!("the environment variable {name} is not set"));
        }
        if let Some(path) = self.0.strip_prefix("file:") {
            return std::fs::read_to_string(path)
                .map(|text| text.trim_end().to_owned())
                .map_err(|error| format!("{path} cannot be read: {error}"));
        }
        Ok(self.0.clone())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹secret›")
    }
}
