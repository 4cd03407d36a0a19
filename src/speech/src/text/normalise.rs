//! Spoken numbers as digits.

/// The text with spoken numbers as digits.
#[must_use]
pub fn normalise(text: &str) -> String {
    text.to_owned()
}
