//! Correction of domain terms by sound: 射保卡 → 社保卡, 失业保鲜金 → 失业保险金.
//!
//! Characters are only ever replaced, one for one, where a term of the knowledge base sounds like
//! what was heard; nothing is put in where nothing was said. Terms of three characters or more match
//! without tones and with the confusions of telephone speech, and must share characters with what
//! was heard; terms of two only as exact homophones of something that is no common word.
//! Whatever is itself a term stays.

mod pending;
mod words;

use std::collections::{HashMap, HashSet};

use crate::sound::{Distance, Sound, distance, main_sound, sounds};

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
#[derive(Clone, Default)]
pub struct Corrector {
    terms: Vec<Term>,
    /// By the classes of the first two syllables; longest terms first.
    index: HashMap<(u16, u16), Vec<usize>>,
    /// The terms themselves, and the pairs of neighbours within them: words that must not be torn.
    known: HashSet<Box<[char]>>,
    pairs: HashSet<[char; 2]>,
    longest: usize,
}

#[derive(Clone)]
struct Term {
    chars: Box<[char]>,
    sounds: Box<[Vec<Sound>]>,
}

/// Cost that a term may have for each of its characters, in tenths.
const COST_PER_CHAR: usize = 3;
/// Longer entries of a vocabulary are sentences.
const LONGEST_TERM: usize = 16;

impl Corrector {
    /// A corrector for these terms. Those with anything but Chinese characters in them are passed over.
    pub fn new<'a>(vocabulary: impl Iterator<Item = &'a str>) -> Self {
        let mut corrector = Self::default();
        for word in vocabulary {
            corrector.add(word);
        }
        let terms = &corrector.terms;
        for list in corrector.index.values_mut() {
            list.sort_by_key(|&at| std::cmp::Reverse(terms[at].chars.len()));
        }
        corrector
    }

    fn add(&mut self, word: &str) {
        let chars: Box<[char]> = word.chars().collect();
        if !(2..=LONGEST_TERM).contains(&chars.len()) || self.known.contains(&chars) {
            return;
        }
        // A term is read as it is read most often; what was heard may have any reading.
        let Some(readings) = chars
            .iter()
            .map(|&c| main_sound(c).map(|s| vec![s]))
            .collect::<Option<Box<[_]>>>()
        else {
            return;
        };
        self.longest = self.longest.max(chars.len());
        self.pairs.extend(chars.windows(2).map(|w| [w[0], w[1]]));
        self.known.insert(chars.clone());
        let key = (readings[0][0].class, readings[1][0].class);
        self.index.entry(key).or_default().push(self.terms.len());
        self.terms.push(Term {
            chars,
            sounds: readings,
        });
    }

    /// The text with its terms put right.
    #[must_use]
    pub fn correct(&self, text: &str) -> Corrected {
        let mut chars: Vec<char> = text.chars().collect();
        if self.terms.is_empty() || chars.len() < 2 {
            return Corrected {
                text: text.to_owned(),
                changes: Vec::new(),
            };
        }
        let heard: Vec<Vec<Sound>> = chars.iter().map(|&c| sounds(c)).collect();
        let fixed = self.fixed(&chars);
        let mut changes = Vec::new();
        let mut at = 0;
        while at + 1 < chars.len() {
            let Some(term) = self.best(&chars, &heard, &fixed, at) else {
                at += 1;
                continue;
            };
            let end = at + term.chars.len();
            changes.push(Change {
                begin: at,
                end,
                heard: chars[at..end].iter().collect(),
                term: term.chars.iter().collect(),
            });
            chars[at..end].copy_from_slice(&term.chars);
            at = end;
        }
        Corrected {
            text: chars.into_iter().collect(),
            changes,
        }
    }

    /// Characters that belong to a term as they stand.
    fn fixed(&self, chars: &[char]) -> Vec<bool> {
        let mut fixed = vec![false; chars.len()];
        for begin in 0..chars.len() {
            let most = self.longest.min(chars.len() - begin);
            if let Some(len) = (2..=most)
                .rev()
                .find(|len| self.known.contains(&chars[begin..begin + len]))
            {
                fixed[begin..begin + len].fill(true);
            }
        }
        fixed
    }

    /// The longest, then nearest, term that what was heard from `at` may stand for.
    fn best(&self, chars: &[char], heard: &[Vec<Sound>], fixed: &[bool], at: usize) -> Option<&Term> {
        let mut best: Option<(usize, usize, &Term)> = None;
        for (a, b) in heard[at].iter().flat_map(|a| heard[at + 1].iter().map(move |b| (a, b))) {
            for &index in self.index.get(&(a.class, b.class)).into_iter().flatten() {
                let term = &self.terms[index];
                let len = term.chars.len();
                if at + len > chars.len() || best.is_some_and(|(longest, _, _)| len < longest) {
                    continue;
                }
                let span = at..at + len;
                let Some(cost) = cost(term, &chars[span.clone()], &heard[span.clone()], &fixed[span]) else {
                    continue;
                };
                let nearer = best.is_none_or(|(longest, least, _)| len > longest || cost < least);
                if nearer && !self.tears(chars, at, term) {
                    best = Some((len, cost, term));
                }
            }
        }
        best.map(|(_, _, term)| term)
    }

    /// Whether the change would take a character from a word that reaches over the term's edge.
    fn tears(&self, chars: &[char], at: usize, term: &Term) -> bool {
        let last = at + term.chars.len() - 1;
        let word = |a: char, b: char| self.pairs.contains(&[a, b]) || words::is_common([a, b]);
        let left = at > 0 && chars[at] != term.chars[0] && word(chars[at - 1], chars[at]);
        let right = chars
            .get(last + 1)
            .is_some_and(|&next| chars[last] != term.chars[term.chars.len() - 1] && word(chars[last], next));
        left || right
    }
}

/// What it costs to hear the term in these characters, or `None` when it is not in them.
fn cost(term: &Term, chars: &[char], heard: &[Vec<Sound>], fixed: &[bool]) -> Option<usize> {
    let len = chars.len();
    let (mut cost, mut same) = (0, 0);
    for (at, &c) in chars.iter().enumerate() {
        if c == term.chars[at] {
            same += 1;
            continue;
        }
        if fixed[at] || words::is_function(c, len) {
            return None;
        }
        // A rare reading makes homophones of ordinary words: 夏, at times jiǎ, in 去年夏天 beside 年假.
        let readings = match len {
            2 => heard[at].get(..1)?,
            _ => &heard[at],
        };
        let step = distance(readings, &term.sounds[at])?;
        if len == 2 && step != Distance::Homophone {
            return None;
        }
        cost += step.cost();
    }
    if same == len {
        return None;
    }
    if len == 2 {
        return (same == 1 && !words::is_common([chars[0], chars[1]])).then_some(cost);
    }
    // At least a third of the characters were heard right.
    (same * 3 >= len && cost <= COST_PER_CHAR * len).then_some(cost)
}

#[cfg(test)]
mod tests;
