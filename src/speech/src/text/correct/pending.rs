//! Terms that are not heard to their end yet.

use super::{COST_PER_CHAR, Corrector, Term};
use crate::sound::{Sound, distance, sounds};

impl Corrector {
    /// Where in a text that goes on begins what a term may still change, once it is whole; the text's length
    /// when that is nowhere.
    pub(in crate::text) fn undecided(&self, text: &[char]) -> usize {
        let from = text.len().saturating_sub(self.longest.saturating_sub(1));
        let heard: Vec<Vec<Sound>> = text[from..].iter().map(|&c| sounds(c)).collect();
        let begins = (0..heard.len().saturating_sub(1)).find(|&at| {
            let pairs = heard[at].iter().flat_map(|a| heard[at + 1].iter().map(move |b| (a, b)));
            pairs
                .filter_map(|(a, b)| self.index.get(&(a.class, b.class)))
                .flatten()
                .any(|&term| may_become(&self.terms[term], &text[from + at..], &heard[at..]))
        });
        begins.map_or(text.len(), |at| from + at)
    }
}

/// Whether the text is the head of a longer term, heard as other characters.
fn may_become(term: &Term, text: &[char], heard: &[Vec<Sound>]) -> bool {
    if term.chars.len() <= text.len() {
        return false;
    }
    let mut cost = 0;
    for (at, c) in text.iter().enumerate() {
        if *c != term.chars[at] {
            let Some(step) = distance(&heard[at], &term.sounds[at]) else {
                return false;
            };
            cost += step.cost();
        }
    }
    cost > 0 && cost <= COST_PER_CHAR * term.chars.len()
}
