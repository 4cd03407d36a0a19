//! 满意度: how content the caller is with the service.

use std::collections::VecDeque;

use sidetone_domain::Endings;
use sidetone_language::Feeling;
use sidetone_schema::{Element, ElementMethod, Satisfaction};

use super::record::{Record, element, keep};

/// The caller's turns that make an ending, at most and at least.
const ENDING: usize = 3;
const SHORTEST: usize = 2;
/// What a word of praise or anger counts beside what is learned, in the logarithm of the odds, and how many words count.
const WORD: f32 = 0.25;
const WORDS: i32 = 4;

/// The caller's last turns: segment and text.
#[derive(Debug, Default)]
pub(super) struct Ending {
    turns: VecDeque<(String, String)>,
    /// The last one asks: it ends nothing.
    asks: bool,
}

impl Ending {
    pub(super) fn hear(&mut self, segment: &str, text: &str, asks: bool) {
        if self.turns.len() == ENDING {
            self.turns.pop_front();
        }
        self.turns.push_back((segment.to_owned(), text.to_owned()));
        self.asks = asks;
    }

    /// Whether the call was brought to an end by what the caller says.
    fn is_one(&self) -> bool {
        self.turns.len() >= SHORTEST && !self.asks
    }
}

impl Record {
    /// Words of praise and anger over the call, and how it ends.
    pub(super) fn satisfaction(&self) -> Element<Satisfaction> {
        if !self.ending.is_one() {
            return self.by_words();
        }
        let words = self.pleased().clamp(-WORDS, WORDS) as f32 * WORD;
        let turns: Vec<&str> = self.ending.turns.iter().map(|(_, text)| text.as_str()).collect();
        let odds = |(feeling, share): (Feeling, f32)| match feeling {
            Feeling::Satisfied => (Satisfaction::Satisfied, share * words.exp()),
            Feeling::Neutral => (Satisfaction::Neutral, share),
            Feeling::Dissatisfied => (Satisfaction::Dissatisfied, share * (-words).exp()),
        };
        let odds: Vec<(Satisfaction, f32)> = Endings::learned().read(&turns).into_iter().map(odds).collect();
        let all: f32 = odds.iter().map(|(_, odds)| odds).sum();
        let best = odds.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
        let Some((value, odds)) = best else {
            return self.by_words();
        };
        let mut evidence = self.told();
        self.ending
            .turns
            .iter()
            .for_each(|(segment, _)| keep(&mut evidence, segment));
        element(value, &evidence, (odds / all).clamp(0.3, 0.9), ElementMethod::Rule)
    }

    /// Where words of praise and anger were heard.
    fn told(&self) -> Vec<String> {
        self.mood.iter().map(|(_, segment)| segment.clone()).collect()
    }

    /// Above zero is pleased; the last words weigh most.
    fn pleased(&self) -> i32 {
        let last = self.mood.last().map_or(0, |(mood, _)| *mood);
        self.mood.iter().map(|(mood, _)| *mood).sum::<i32>() + last
    }

    /// Of a call without an ending: anger outweighs thanks.
    fn by_words(&self) -> Element<Satisfaction> {
        let told = self.told();
        let open = self.topics.iter().any(|topic| !topic.answered);
        match self.pleased() {
            i32::MIN..=-2 => element(Satisfaction::Dissatisfied, &told, 0.8, ElementMethod::Rule),
            sum @ 1.. if open && sum < 3 => element(Satisfaction::Neutral, &told, 0.55, ElementMethod::Rule),
            1.. => element(Satisfaction::Satisfied, &told, 0.75, ElementMethod::Rule),
            _ if self.mood.is_empty() => element(Satisfaction::Neutral, &[], 0.4, ElementMethod::Default),
            _ => element(Satisfaction::Neutral, &told, 0.5, ElementMethod::Rule),
        }
    }
}
