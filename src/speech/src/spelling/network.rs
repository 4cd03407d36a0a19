//! What a CTC recogniser is in doubt about: a confusion network (Mangu, Brill and Stolcke 2000), made of its probabilities
//! frame by frame. Its likeliest syllables alone are wrong where the second likeliest would have made a word.

use std::time::Duration;

use super::NAT;
use super::syllable::Syllable;
use crate::reread::Token;

/// One syllable that may have been said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rival {
    /// Which.
    pub syllable: Syllable,
    /// How much less likely than the likeliest of its bin, in twelfths of a nat.
    pub cost: i32,
}

/// A place where one of several syllables was said, or none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bin {
    /// The likeliest first; at least one.
    pub rivals: Vec<Rival>,
    /// What it costs to take it that nothing was said; `None` if something was.
    pub nothing: Option<i32>,
}

impl Bin {
    /// No doubt about it.
    pub(super) fn sure(syllable: Syllable) -> Self {
        Self {
            rivals: vec![Rival { syllable, cost: 0 }],
            nothing: None,
        }
    }
}

/// Syllables kept at one place, each tone by itself, and how likely one has to be.
const RIVALS: usize = 12;
const LEAST: f32 = 0.004;
/// How likely it has to be, between two syllables that were heard, that something was said there.
const MISSED: f32 = 0.08;
/// How many nats of the language model weigh as much as one of the recogniser's. Set, like the next, on eight clips and the
/// scripted turns of two voices, in coarse steps.
const TRUST: f32 = 2.5;
/// What it costs besides to leave out a syllable that was heard: fewer words are always likelier than more.
const LEFT_OUT: i32 = 4 * NAT;

/// A recogniser's probabilities for one frame.
struct Frame {
    /// Tokens that are not out of the question, the tones of a syllable side by side.
    heard: Vec<(usize, Syllable, f32)>,
    blank: f32,
}

impl Frame {
    /// Of the likeliest: its token, or `None` for the blank.
    fn best(&self) -> Option<usize> {
        let (token, _, most) = self.heard.iter().max_by(|a, b| a.2.total_cmp(&b.2))?;
        (*most > self.blank).then_some(*token)
    }
}

/// Makes tokens of what a recogniser says frame by frame.
#[derive(Clone, Debug)]
pub struct Network {
    /// By number; the blank is 0.
    tokens: Vec<(String, Option<Syllable>)>,
    frame: Duration,
}

impl Network {
    /// For a recogniser with these tokens, the first of which is the blank, that gives one row of scores each `frame`.
    /// `syllable` tells what a token stands for: [`super::SyllableModel::syllable`].
    pub fn new(tokens: Vec<String>, frame: Duration, syllable: impl Fn(&str) -> Option<Syllable>) -> Self {
        let known = |token: String| {
            let syllable = syllable(&token);
            (token, syllable)
        };
        Self {
            tokens: tokens.into_iter().map(known).collect(),
            frame,
        }
    }

    /// How many scores a frame has.
    #[must_use]
    pub fn width(&self) -> usize {
        self.tokens.len()
    }

    /// The tokens of `scores`: natural logarithms of probabilities, whole rows of [`Self::width`]. Of the tones of one
    /// syllable the likeliest has the probability of all. A token that only might have been said is in the next one's
    /// bins, or in the last one's.
    #[must_use]
    pub fn tokens(&self, scores: &[f32]) -> Vec<Token> {
        let rows = scores.chunks_exact(self.width().max(1));
        let frames: Vec<Frame> = rows.map(|row| self.frame(row)).collect();
        let best: Vec<Option<usize>> = frames.iter().map(Frame::best).collect();
        let mut tokens: Vec<Token> = Vec::new();
        let mut doubtful = Vec::new();
        let mut begin = 0;
        for run in best.chunk_by(|a, b| a == b) {
            let frames = &frames[begin..begin + run.len()];
            match run[0] {
                None => doubtful.extend(missed(frames)),
                Some(number) => {
                    let mut bins = std::mem::take(&mut doubtful);
                    bins.push(bin(frames));
                    tokens.push(Token {
                        text: self.tokens[number].0.clone(),
                        at: self.frame * begin as u32,
                        bins,
                    });
                }
            }
            begin += run.len();
        }
        if let Some(last) = tokens.last_mut() {
            last.bins.append(&mut doubtful);
        }
        tokens
    }

    fn frame(&self, row: &[f32]) -> Frame {
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let mut frame = Frame {
            heard: Vec::new(),
            blank: (row[0] - highest).exp(),
        };
        let least = highest + (LEAST / 10.0).ln();
        for (token, (score, (_, syllable))) in row.iter().zip(&self.tokens).enumerate().skip(1) {
            if let Some(syllable) = syllable.filter(|_| *score > least) {
                frame.heard.push((token, syllable, (score - highest).exp()));
            }
        }
        frame
            .heard
            .sort_by(|a, b| a.1.plain.cmp(&b.1.plain).then(b.2.total_cmp(&a.2)));
        // The likeliest tone has the probability of all of them.
        let syllables = frame.heard.chunk_by(|a, b| a.1.plain == b.1.plain);
        let sum = frame.blank + syllables.map(|tones| tones[0].2).sum::<f32>();
        frame.blank /= sum;
        for heard in &mut frame.heard {
            heard.2 /= sum;
        }
        frame
    }
}

/// Places within a pause where something may have been said all the same: where that is likelier than just before and
/// just after.
fn missed(frames: &[Frame]) -> impl Iterator<Item = Bin> {
    let likely = |frame: &Frame| 1.0 - frame.blank;
    frames.windows(3).filter_map(move |three| {
        let [before, here, after] = three else { return None };
        let peak = likely(here) > MISSED && likely(here) >= likely(before) && likely(here) > likely(after);
        (peak && !here.heard.is_empty()).then(|| bin(std::slice::from_ref(here)))
    })
}

/// What was said within frames that agree on what is likeliest: each syllable as likely as in its best frame.
fn bin(frames: &[Frame]) -> Bin {
    let mut heard: Vec<(Syllable, f32)> = Vec::new();
    for &(_, syllable, probability) in frames.iter().flat_map(|frame| &frame.heard) {
        match heard.iter_mut().find(|(of, _)| *of == syllable) {
            Some((_, most)) => *most = most.max(probability),
            None => heard.push((syllable, probability)),
        }
    }
    heard.sort_by(|a, b| b.1.total_cmp(&a.1));
    heard.truncate(RIVALS);
    let nothing = frames.iter().map(|frame| frame.blank).fold(1.0, f32::min);
    let most = heard.first().map_or(nothing, |first| first.1.max(nothing));
    let cost = |probability: f32| ((most / probability.max(1e-6)).ln() * TRUST * NAT as f32).round() as i32;
    let rivals = heard.iter().enumerate();
    let rivals = rivals.filter(|(at, (_, probability))| *at == 0 || *probability >= LEAST);
    Bin {
        rivals: rivals
            .map(|(_, &(syllable, probability))| Rival {
                syllable,
                cost: cost(probability),
            })
            .collect(),
        nothing: Some(cost(nothing) + if most > nothing { LEFT_OUT } else { 0 }),
    }
}

#[cfg(test)]
mod tests;
