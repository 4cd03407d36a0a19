//! Terms of the knowledge base, which callers say more often than people at large.

use std::collections::{BTreeSet, HashMap};

use super::NAT;
use super::lexicon::LONGEST_ENTRY;
use super::model::SyllableModel;
use crate::CallWords;

/// A boost that brings a term out of doubt and hardly ever puts one where none was said.
pub const TERM_BOOST: u8 = 12;

/// By how much more a call's own terms are likelier in it, and words that were said in it.
const OF_CALL: u8 = 18;
const SAID: u8 = 6;

/// The most that a term costs by itself.
const RAREST: i32 = 10 * NAT;

impl SyllableModel {
    /// The model with these terms made likelier by `boost` twelfths of a nat for each character: [`TERM_BOOST`].
    ///
    /// A term is a path through the model's own words, so it sounds, begins and goes on as they do. Terms with
    /// other characters than the model has, of one character or of more than 14 are passed over.
    #[must_use]
    pub fn with_terms<'a>(self, terms: impl IntoIterator<Item = &'a str>, boost: u8) -> Self {
        self.boosted(terms.into_iter().map(|term| (term, boost, RAREST)))
    }

    /// A model for what is left in doubt of a call: its terms and the words of its texts are likelier.
    #[must_use]
    pub fn of_call(&self, words: &CallWords) -> Self {
        let said: BTreeSet<String> = words.said.iter().flat_map(|text| self.words_in(text)).collect();
        // A rare word may have been heard wrongly before: it stays rare.
        let said = said.iter().map(|word| (word.as_str(), SAID, i32::MAX));
        let terms = words.terms.iter().map(|term| (term.as_str(), OF_CALL, RAREST));
        self.clone().boosted(terms.chain(said))
    }

    /// The words of two characters and more in a text; of a clause that has characters without a word, none.
    fn words_in(&self, text: &str) -> Vec<String> {
        let clauses = text.split(|c: char| !c.is_alphabetic() || c.is_ascii());
        let clauses = clauses.map(|clause| clause.chars().collect::<Vec<char>>());
        let words = clauses.filter_map(|clause| self.path(&clause)).flatten();
        let long = words.map(|word| self.text(word)).filter(|text| text.len() > 1);
        long.map(|text| text.iter().collect()).collect()
    }

    /// With texts, by how much each is likelier and the most that it costs by itself.
    fn boosted<'a>(mut self, terms: impl Iterator<Item = (&'a str, u8, i32)>) -> Self {
        let mut sounds = HashMap::new();
        for entry in self.lexicon.all() {
            if entry.len() as usize != self.text(entry.first).len() {
                continue;
            }
            let cheapest = sounds.entry(entry.first).or_insert(entry);
            if entry.cost < cheapest.cost {
                *cheapest = entry;
            }
        }
        let mut found = Vec::new();
        for (term, boost, most) in terms {
            let text: Vec<char> = term.chars().collect();
            let Some(words) = self.words_of(&text) else {
                continue;
            };
            let mut cost = -(i32::from(boost) * text.len() as i32);
            cost += words.windows(2).map(|w| self.pair(w[0], w[1])).sum::<i32>();
            let mut syllables = Vec::new();
            for word in &words {
                let Some(entry) = sounds.get(word) else { continue };
                cost += entry.cost;
                syllables.extend_from_slice(self.lexicon.sounds(entry));
            }
            // A name of rare characters: whoever put it into the knowledge base expects to hear it.
            cost = cost.min(most.saturating_sub(i32::from(self.words[usize::from(words[0])].cost)));
            if syllables.len() == text.len() {
                found.push(((words[0], words[words.len() - 1]), cost, text, self.classed(&syllables)));
            }
        }
        for (ends, cost, text, said) in found {
            self.lexicon.add(ends, cost, &text, &said);
        }
        self.lexicon.arrange();
        self
    }

    /// The likeliest words that make up a text.
    fn words_of(&self, text: &[char]) -> Option<Vec<u16>> {
        if !(2..=LONGEST_ENTRY).contains(&text.len()) {
            return None;
        }
        self.path(text)
    }

    fn path(&self, text: &[char]) -> Option<Vec<u16>> {
        let best = self.cheapest(text, None);
        let mut words = Vec::new();
        let mut at = text.len();
        while at > 0 {
            let (_, word) = best[at]?;
            words.push(word);
            at -= self.text(word).len();
        }
        words.reverse();
        Some(words)
    }
}
