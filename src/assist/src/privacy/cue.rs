//! Words after which digits are personal.

use sidetone_schema::RedactionKind;

use super::token::is_filler;
use super::words;

/// A cue in a text. A strong one reaches over a few words (how many is it, please); a weak one has other uses and must
/// stand close before the digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cue {
    /// What it announces.
    pub(super) kind: RedactionKind,
    /// One past its last character.
    pub(super) end: usize,
    /// How far behind it digits may begin.
    pub(super) reach: usize,
}

/// Every cue of the text, in order.
pub(super) fn cues(chars: &[char]) -> Vec<Cue> {
    (0..chars.len())
        .filter_map(|at| {
            let (cue, len) = words().cue(&chars[at..])?;
            Some(Cue {
                kind: cue.kind,
                end: at + len,
                reach: cue.reach,
            })
        })
        .collect()
}

impl Cue {
    /// Whether digits behind these characters are its own. Behind a weak cue other words are about something else.
    pub(super) fn reaches(&self, words: &[char]) -> bool {
        words.len() <= self.reach && (self.opens() || is_filler(words))
    }

    /// Whether it asks for, or announces, a number that may come in a later turn.
    pub(super) fn opens(&self) -> bool {
        self.reach > 4
    }
}
