//! Terms of the knowledge base, which callers say more often than people at large.

use std::collections::HashMap;

use super::NAT;
use super::lexicon::LONGEST_ENTRY;
use super::model::SyllableModel;

/// A boost that brings a term out of doubt and hardly ever puts one where none was said.
pub const TERM_BOOST: u8 = 12;

/// The most that a term costs by itself.
const RAREST: i32 = 10 * NAT;

impl SyllableModel {
    /// The model with these terms made likelier by `boost` twelfths of a nat for each character: [`TERM_BOOST`].
    ///
    /// A term is a path through the model's own words, so it sounds, begins and goes on as they do. Terms with
    /// other characters than the model has, of one character or of more than 14 are passed over.
    #[must_use]
    pub fn with_terms<'a>(mut self, terms: impl IntoIterator<Item = &'a str>, boost: u8) -> Self {
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
        for term in terms {
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
            cost = cost.min(RAREST - i32::from(self.words[usize::from(words[0])].cost));
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
