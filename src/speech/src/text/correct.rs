//! Correction of domain terms by sound.

/// One term that was put right. Offsets count Unicode scalar values; a change never alters them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// First character.
    pub begin: usize,
    /// One past the last.
    pub end: usize,
    /// What the recogniser wrote.
    pub heard: String,
    /// What stands there now.
    pub term: String,
}

/// A text and what was changed in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Corrected {
    /// As long as the input, in characters.
    pub text: String,
    /// In order.
    pub changes: Vec<Change>,
}

/// Puts terms right that were heard as other characters of the same sound.
#[derive(Default)]
pub struct Corrector {}

impl Corrector {
    /// A corrector for these terms.
    pub fn new<'a>(_vocabulary: impl Iterator<Item = &'a str>) -> Self {
        Self {}
    }

    /// The text with its terms put right.
    #[must_use]
    pub fn correct(&self, text: &str) -> Corrected {
        Corrected {
            text: text.to_owned(),
            changes: Vec::new(),
        }
    }
}
