//! Traditional characters to simplified ones.

/// The text in simplified characters.
#[must_use]
pub fn simplify(text: &str) -> String {
    text.to_owned()
}
