//! The language model: words, their sounds, and what follows what.

use std::collections::HashMap;

use super::file::{ModelError, RawWord, read};
use super::lexicon::{Lexicon, MOST_CLASSES};
use super::syllable::{Penalties, Syllable, split};
use crate::sound::confusable;

/// The word at a sentence's edge.
pub(super) const EDGE: u16 = 0;

/// A language model for [`super::Speller`]s. Immutable; one serves all calls.
#[derive(Clone)]
pub struct SyllableModel {
    plains: Vec<String>,
    numbers: HashMap<String, u16>,
    /// By plain syllable: those that are easily confused have one number, from 1.
    classes: Vec<u16>,
    pub(super) words: Vec<Word>,
    by_text: HashMap<Box<[char]>, u16>,
    chars: Vec<char>,
    rows: Vec<u32>,
    next: Vec<u16>,
    next_cost: Vec<u8>,
    pub(super) lexicon: Lexicon,
}

/// What a bigram needs of a word.
#[derive(Clone, Copy)]
pub(super) struct Word {
    pub(super) cost: u8,
    back: u8,
    len: u8,
    at: u32,
}

impl std::fmt::Debug for SyllableModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (words, pairs) = (self.words.len(), self.next.len());
        write!(f, "SyllableModel({words} words, {pairs} pairs)")
    }
}

impl SyllableModel {
    /// Reads the file that `models/train/lm.py` makes.
    ///
    /// # Errors
    /// When the bytes are no such file or damaged; the error names the place.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let raw = read(bytes)?;
        let mut groups: HashMap<String, u16> = HashMap::new();
        let mut classes = Vec::with_capacity(raw.plains.len());
        for (number, plain) in raw.plains.iter().enumerate() {
            let next = groups.len() + 1;
            if next > MOST_CLASSES {
                return Err(ModelError::Syllable { number });
            }
            classes.push(*groups.entry(confusable(plain)).or_insert(next as u16));
        }
        let mut model = Self {
            numbers: (0..).zip(&raw.plains).map(|(at, plain)| (plain.clone(), at)).collect(),
            plains: raw.plains,
            classes,
            words: Vec::with_capacity(raw.words.len()),
            by_text: HashMap::with_capacity(raw.words.len()),
            chars: Vec::new(),
            rows: raw.rows,
            next: raw.next,
            next_cost: raw.next_cost,
            lexicon: Lexicon::default(),
        };
        for word in &raw.words {
            model.add(word);
        }
        model.lexicon.arrange();
        Ok(model)
    }

    fn add(&mut self, word: &RawWord) {
        let number = self.words.len() as u16;
        self.words.push(Word {
            cost: word.cost,
            back: word.back,
            len: word.text.len() as u8,
            at: self.chars.len() as u32,
        });
        self.chars.extend_from_slice(&word.text);
        if number != EDGE {
            self.by_text.insert(word.text.as_slice().into(), number);
        }
        for (cost, syllables) in &word.sounds {
            let said = self.classed(syllables);
            self.lexicon.add((number, number), i32::from(*cost), &word.text, &said);
        }
    }

    pub(super) fn classed(&self, syllables: &[Syllable]) -> Vec<(Syllable, u16)> {
        syllables.iter().map(|&s| (s, self.class(s))).collect()
    }

    /// The syllable that a recogniser's token stands for: `ni3`, `lv4`, without tone `ni` or `ni_`.
    /// `None` for what is no syllable or sounds like no word of the model.
    #[must_use]
    pub fn syllable(&self, token: &str) -> Option<Syllable> {
        let (plain, tone) = split(token)?;
        let plain = *self.numbers.get(&plain)?;
        Some(Syllable { plain, tone })
    }

    pub(super) fn class(&self, syllable: Syllable) -> u16 {
        self.classes[usize::from(syllable.plain)]
    }

    pub(super) fn text(&self, word: u16) -> &[char] {
        let word = &self.words[usize::from(word)];
        &self.chars[word.at as usize..][..usize::from(word.len)]
    }

    /// The word that is written so.
    pub(super) fn word(&self, text: &[char]) -> Option<u16> {
        self.by_text.get(text).copied()
    }

    /// What `b` costs after `a`.
    pub(super) fn pair(&self, a: u16, b: u16) -> i32 {
        let a = usize::from(a);
        let row = self.rows[a] as usize..self.rows[a + 1] as usize;
        match self.next[row.clone()].binary_search(&b) {
            Ok(at) => i32::from(self.next_cost[row.start + at]),
            Err(_) => i32::from(self.words[a].back) + i32::from(self.words[usize::from(b)].cost),
        }
    }

    /// What it costs to have heard this where a word has that. Both are of one class.
    pub(super) fn misheard(&self, heard: Syllable, word: Syllable, penalties: &Penalties) -> i32 {
        let tones = penalties.tones(heard.tone, word.tone);
        if heard.plain == word.plain {
            return tones;
        }
        let spelled = |s: Syllable| &self.plains[usize::from(s.plain)];
        tones + penalties.sounds(spelled(heard), spelled(word))
    }
}
