//! How likely a text is that another recogniser wrote.

use super::NAT;
use super::lexicon::LONGEST_ENTRY;
use super::model::{EDGE, SyllableModel};
use super::speller::confidence;

/// A character that the model has no word for, in twelfths of a nat.
const UNKNOWN: i32 = 14 * NAT;

impl SyllableModel {
    /// How sure a speller would be of this text, had it heard exactly that: as [`super::Spelling::confidence`]. Marks and
    /// blanks are passed over; `None` where nothing else is there.
    #[must_use]
    pub fn weigh(&self, text: &str) -> Option<f32> {
        let text: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        if text.is_empty() {
            return None;
        }
        // By end: the least cost, and the word that it ends with.
        let mut best: Vec<(i32, u16)> = vec![(0, EDGE)];
        for end in 1..=text.len() {
            let (before, _) = best[end - 1];
            let mut least = (before + UNKNOWN, EDGE);
            for begin in end.saturating_sub(LONGEST_ENTRY)..end {
                if let Some(word) = self.word(&text[begin..end]) {
                    let (cost, last) = best[begin];
                    least = least.min((cost + self.pair(last, word), word));
                }
            }
            best.push(least);
        }
        let (cost, last) = best[text.len()];
        let nats = (cost + self.pair(last, EDGE)) as f32 / NAT as f32;
        Some(confidence(nats, text.len()))
    }
}
