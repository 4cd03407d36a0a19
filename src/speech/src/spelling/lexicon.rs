//! What may be said: words and terms, found by the classes of their syllables.
//!
//! Entries lie sorted by a key of up to 14 classes of 9 bits, so all that begin alike lie together: a walk from
//! one syllable to the next narrows a range. No tree is built.

use std::ops::Range;

use super::syllable::Syllable;

/// Syllables that an entry may have.
pub(super) const LONGEST_ENTRY: usize = 14;
/// Classes that a key has room for; 0 is no class, it ends a key.
pub(super) const MOST_CLASSES: usize = (1 << BITS) - 1;
const BITS: u32 = 9;

/// A word in one pronunciation, or a term of several words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// The word that comes first, for what comes before.
    pub(super) first: u16,
    /// The word that comes last, for what follows.
    pub(super) last: u16,
    /// Of the pronunciation and of what lies between first and last; a term's bonus is taken off.
    pub(super) cost: i32,
    /// Where its characters and syllables begin, and how many.
    at: u32,
    len: u8,
}

/// All entries, sorted.
#[derive(Clone, Default)]
pub(super) struct Lexicon {
    keys: Vec<u128>,
    entries: Vec<Entry>,
    chars: Vec<char>,
    sounds: Vec<Syllable>,
}

/// Entries that begin with the syllables so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Span {
    begin: u32,
    end: u32,
    depth: u32,
}

impl Lexicon {
    /// Adds an entry; [`Self::arrange`] must follow. Its classes are 1 to [`MOST_CLASSES`].
    pub(super) fn add(&mut self, words: (u16, u16), cost: i32, text: &[char], said: &[(Syllable, u16)]) {
        debug_assert!(text.len() == said.len() && (1..=LONGEST_ENTRY).contains(&text.len()));
        let classes = said.iter().map(|(_, class)| u128::from(*class));
        let key = classes.fold(0, |key, class| key << BITS | class);
        self.keys.push(key << (BITS as usize * (LONGEST_ENTRY - said.len())));
        self.entries.push(Entry {
            first: words.0,
            last: words.1,
            cost,
            at: self.chars.len() as u32,
            len: text.len() as u8,
        });
        self.chars.extend_from_slice(text);
        self.sounds.extend(said.iter().map(|(syllable, _)| *syllable));
    }

    /// Sorts what was added.
    pub(super) fn arrange(&mut self) {
        let mut order: Vec<usize> = (0..self.keys.len()).collect();
        order.sort_by_key(|&at| self.keys[at]);
        self.keys = order.iter().map(|&at| self.keys[at]).collect();
        self.entries = order.iter().map(|&at| self.entries[at]).collect();
    }

    pub(super) fn entry(&self, number: u32) -> &Entry {
        &self.entries[number as usize]
    }

    /// Every entry, in no order that means anything.
    pub(super) fn all(&self) -> impl Iterator<Item = Entry> {
        self.entries.iter().copied()
    }

    pub(super) fn text(&self, entry: &Entry) -> &[char] {
        &self.chars[entry.range()]
    }

    pub(super) fn sounds(&self, entry: &Entry) -> &[Syllable] {
        &self.sounds[entry.range()]
    }

    /// Everything, before the first syllable.
    pub(super) fn start(&self) -> Span {
        Span {
            begin: 0,
            end: self.keys.len() as u32,
            depth: 0,
        }
    }

    /// What is left after one more syllable of this class, or `None`.
    pub(super) fn step(&self, span: Span, class: u16) -> Option<Span> {
        if span.depth as usize >= LONGEST_ENTRY {
            return None;
        }
        let range = &self.keys[span.begin as usize..span.end as usize];
        let begin = range.partition_point(|&key| digit(key, span.depth) < class);
        let count = range[begin..].partition_point(|&key| digit(key, span.depth) == class);
        (count > 0).then(|| Span {
            begin: span.begin + begin as u32,
            end: span.begin + (begin + count) as u32,
            depth: span.depth + 1,
        })
    }

    /// Entries that end here, and whether longer ones go on.
    pub(super) fn ending(&self, span: Span) -> (Range<u32>, bool) {
        if span.depth as usize >= LONGEST_ENTRY {
            return (span.begin..span.end, false);
        }
        let range = &self.keys[span.begin as usize..span.end as usize];
        let count = range.partition_point(|&key| digit(key, span.depth) == 0) as u32;
        (span.begin..span.begin + count, span.begin + count < span.end)
    }
}

impl Entry {
    /// In characters, which are as many as syllables.
    pub(super) fn len(&self) -> u32 {
        u32::from(self.len)
    }

    fn range(&self) -> Range<usize> {
        let at = self.at as usize;
        at..at + usize::from(self.len)
    }
}

/// The class at a place of a key.
fn digit(key: u128, place: u32) -> u16 {
    let shift = BITS as usize * (LONGEST_ENTRY - 1 - place as usize);
    (key >> shift) as u16 & MOST_CLASSES as u16
}
