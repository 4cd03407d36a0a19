//! Punctuation.

use serde::Deserialize;

/// The marks of written text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// End a sentence; the first is written behind a text that has no end.
    pub sentence: Vec<char>,
    /// A text that ends with one needs no end.
    pub closing: Vec<char>,
    /// End a clause within a sentence.
    pub clause: Vec<char>,
    /// Between the members of a list.
    pub list: char,
    /// Between entries that are clauses themselves.
    pub entries: char,
    /// Between a title and what it is about.
    pub title: char,
}

impl Marks {
    /// What is written behind a text that has no end.
    #[must_use]
    pub fn full_stop(&self) -> char {
        self.sentence.first().copied().unwrap_or_default()
    }

    /// Whether a clause or a sentence ends with the mark.
    #[must_use]
    pub fn ends_clause(&self, c: char) -> bool {
        self.clause.contains(&c) || self.sentence.contains(&c)
    }
}
