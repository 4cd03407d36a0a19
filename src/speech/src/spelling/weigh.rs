//! How likely a text is that another recogniser wrote.

use super::NAT;
use super::lexicon::LONGEST_ENTRY;
use super::model::{EDGE, SyllableModel};
use super::speller::confidence;

/// A character that the model has no word for, in twelfths of a nat.
const UNKNOWN: i32 = 14 * NAT;

impl SyllableModel {
    /// How sure a speller would be of this text, had it heard exactly that: as [`super::Spelling::confidence`]. Marks, blanks
    /// and Latin letters are passed over; `None` where nothing else is there.
    #[must_use]
    pub fn weigh(&self, text: &str) -> Option<f32> {
        let text: Vec<char> = text.chars().filter_map(said).collect();
        let (cost, last) = self.cheapest(&text, Some(UNKNOWN)).pop()??;
        let nats = (cost + self.pair(last, EDGE)) as f32 / NAT as f32;
        (!text.is_empty()).then(|| confidence(nats, text.len()))
    }

    /// For each end of a text's beginning, the least cost of words that make it up, and the last of them. A character without
    /// a word costs `unknown`; `None` where there is no way.
    pub(super) fn cheapest(&self, text: &[char], unknown: Option<i32>) -> Vec<Option<(i32, u16)>> {
        let mut best = vec![Some((0, EDGE))];
        for end in 1..=text.len() {
            let mut least = best[end - 1]
                .zip(unknown)
                .map(|((cost, _), unknown)| (cost + unknown, EDGE));
            for begin in end.saturating_sub(LONGEST_ENTRY)..end {
                let (Some((cost, last)), Some(word)) = (best[begin], self.word(&text[begin..end])) else {
                    continue;
                };
                let cost = cost + self.pair(last, word);
                if least.is_none_or(|(so_far, _)| cost < so_far) {
                    least = Some((cost, word));
                }
            }
            best.push(least);
        }
        best
    }
}

/// A character as a speller would write it, who knows neither digits nor letters.
fn said(c: char) -> Option<char> {
    match c.to_digit(10) {
        Some(digit) => "零一二三四五六七八九".chars().nth(digit as usize),
        None => Some(c).filter(|c| c.is_alphanumeric() && !c.is_ascii()),
    }
}
