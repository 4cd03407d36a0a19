//! What a text means beside what the known texts mean: cosines of a sentence encoder's vectors, and a linear head over them.

use sidetone_encoder::DIMENSIONS;

use super::corpus::{Classes, Corpus, Kind};
use super::ridge::{Ridge, Space, Sums};
use super::votes::{Top, best_and_mean, insert, vote};
use crate::meaning::Vector;

/// How fast a vote fades with distance.
const WIDTH: f32 = 0.05;
/// A query is held in so many steps of its largest value.
const STEPS: f32 = 2047.0;

/// A vector in steps of its largest value.
#[derive(Debug)]
struct Stepped {
    steps: [i8; DIMENSIONS],
    /// Makes its length 1.
    scale: f32,
}

/// One of the texts.
#[derive(Debug)]
struct Text {
    vector: Stepped,
    wanted: Vec<u32>,
    fold: Option<usize>,
    is_body: bool,
}

/// Vectors that turns are compared with, and what was learned from them.
#[derive(Debug)]
pub(crate) struct Like {
    texts: Vec<Text>,
    sums: Sums,
    classes: usize,
}

/// What the texts teach, all or all but a part.
#[derive(Debug)]
pub(crate) struct Taught {
    ridge: Ridge,
    space: Space,
    /// The texts in that space.
    placed: Vec<Stepped>,
}

/// What a vector says of each class.
#[derive(Clone, Debug, Default)]
pub(crate) struct Likeness {
    /// By class: cosine to its nearest title, question or turn.
    pub(crate) best: Vec<f32>,
    /// By class: mean of its nearest.
    pub(crate) mean: Vec<f32>,
    /// By class: cosine to what it answers.
    pub(crate) body: Vec<f32>,
    /// By class: its share in the votes of the nearest texts.
    pub(crate) share: Vec<f32>,
    /// By class, and behind them none: what the linear head says.
    pub(crate) head: Vec<f32>,
    /// Share of the votes, and cosine of the nearest, of turns that nothing answers.
    pub(crate) none_share: f32,
    pub(crate) none_best: f32,
}

impl Like {
    /// Nothing without vectors.
    pub(crate) fn of(classes: &Classes, corpus: &Corpus) -> Option<Self> {
        let mut sums = Sums::new(corpus.folds, classes.nodes.len() + 1);
        let mut texts = Vec::new();
        for doc in &corpus.docs {
            let vector = doc.bag.meaning.as_deref()?;
            let wanted: Vec<u32> = doc.wanted.iter().map(|class| *class as u32).collect();
            let weight = match doc.kind {
                Kind::Turn | Kind::Asked => 1.0,
                Kind::Title => 0.8,
                Kind::Body => 0.3,
            };
            sums.add(doc.fold, vector, &wanted, weight);
            texts.push(Text {
                vector: Stepped::of(vector),
                wanted,
                fold: doc.fold,
                is_body: doc.kind == Kind::Body,
            });
        }
        Some(Self {
            texts,
            sums,
            classes: classes.nodes.len(),
        })
    }

    /// What all but the part `without` teach.
    pub(crate) fn learn(&self, without: Option<usize>) -> Taught {
        let (ridge, space) = self.sums.solve(without);
        let place = |text: &Text| Stepped::of(&space.place(&text.vector.vector()));
        Taught {
            placed: self.texts.iter().map(place).collect(),
            ridge,
            space,
        }
    }

    /// Compares; texts of the part `without` take no part.
    pub(crate) fn likeness(&self, vector: &Vector, taught: &Taught, without: Option<usize>) -> Likeness {
        let mut like = Likeness {
            best: Vec::new(),
            mean: Vec::new(),
            body: vec![0.0; self.classes],
            share: vec![0.0; self.classes],
            head: taught.ridge.scores(vector),
            none_share: 0.0,
            none_best: 0.0,
        };
        let place = taught.space.place(vector);
        let most = largest(&place);
        let query: [i16; DIMENSIONS] = place.map(|value| (value / most * STEPS).round() as i16);
        let mut top = vec![Top::default(); self.classes];
        let mut voters: Vec<(f32, u32)> = Vec::with_capacity(self.texts.len());
        for (number, (text, placed)) in self.texts.iter().zip(&taught.placed).enumerate() {
            if without.is_some() && text.fold == without {
                continue;
            }
            let cosine = dot(&query, &placed.steps) as f32 * placed.scale * (most / STEPS);
            if text.is_body {
                for class in &text.wanted {
                    like.body[*class as usize] = like.body[*class as usize].max(cosine);
                }
                continue;
            }
            voters.push((cosine, number as u32));
            if text.wanted.is_empty() {
                like.none_best = like.none_best.max(cosine);
            }
            for class in &text.wanted {
                insert(&mut top[*class as usize], cosine);
            }
        }
        (like.best, like.mean) = best_and_mean(&top);
        let wanted = |text: u32| self.texts[text as usize].wanted.as_slice();
        like.none_share = vote(voters, WIDTH, wanted, &mut like.share);
        like
    }
}

impl Stepped {
    fn of(vector: &Vector) -> Self {
        let most = largest(vector);
        let steps = vector.map(|value| (value / most * 127.0).round() as i8);
        let square: f32 = steps.iter().map(|step| f32::from(*step) * f32::from(*step)).sum();
        Self {
            steps,
            scale: square.max(1.0).sqrt().recip(),
        }
    }

    fn vector(&self) -> Vector {
        self.steps.map(|step| f32::from(step) * self.scale)
    }
}

fn largest(vector: &Vector) -> f32 {
    vector
        .iter()
        .fold(f32::MIN_POSITIVE, |most, value| most.max(value.abs()))
}

/// Below 2^31: 512 products of seven and eleven bits.
fn dot(query: &[i16; DIMENSIONS], steps: &[i8; DIMENSIONS]) -> i32 {
    query
        .iter()
        .zip(steps)
        .map(|(a, b)| i32::from(*a) * i32::from(*b))
        .sum()
}
