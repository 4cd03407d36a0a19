//! Numerals.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Words;

/// Characters that stand for numbers.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Numbers {
    /// The value of each numeral.
    numerals: BTreeMap<char, u8>,
    /// What a scale multiplies by.
    scales: BTreeMap<char, u32>,
    /// Says that a place is empty.
    pub zero: char,
    /// The digit that each character is heard as, where numbers are dictated; numerals too.
    heard: BTreeMap<char, u8>,
    /// Are heard for a one within a number that is dictated, and only there.
    pub within: Words,
    /// How the X of an identity card is heard.
    pub letter_x: Words,
    /// Before a digit that is said several times, behind how often.
    pub counter: Words,
    /// Before a digit that is said twice.
    pub twice: Words,
}

impl Numbers {
    /// The value of a numeral.
    #[must_use]
    pub fn numeral(&self, c: char) -> Option<u8> {
        self.numerals.get(&c).copied()
    }

    /// What the scale multiplies by.
    #[must_use]
    pub fn scale(&self, c: char) -> Option<u32> {
        self.scales.get(&c).copied()
    }

    /// The digit, 0 to 9, that a character is heard as where digits are dictated.
    #[must_use]
    pub fn heard(&self, c: char) -> Option<u8> {
        self.heard.get(&c).copied()
    }
}
