//! Which of the known texts a text is like: cosines of characters and of syllables, by an inverted index.

use super::corpus::{Classes, Corpus, Kind};
use super::text::{Bag, Sparse};
use super::votes::{Top, best_and_mean, insert, vote};

/// A run that more than one in so many texts hold does not make them alike.
const COMMON: usize = 12;
/// How fast a vote fades with distance.
const WIDTH: f32 = 0.08;
/// What characters weigh in the nearness of a text; syllables weigh the rest.
const CHARS: f32 = 0.6;

/// One of the texts.
#[derive(Debug)]
struct Text {
    wanted: Vec<u32>,
    fold: Option<u8>,
}

/// Runs to texts, as compressed rows.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    offsets: Vec<u32>,
    rows: Vec<(u32, f32)>,
}

impl Postings {
    /// Runs that more than `common` texts hold tell nothing and cost most: they are left out.
    pub(crate) fn of<'a>(runs: usize, common: u32, texts: impl Iterator<Item = &'a Sparse> + Clone) -> Self {
        let mut counts = vec![0_u32; runs];
        for (run, _) in texts.clone().flat_map(|text| &text.entries) {
            counts[*run as usize] += 1;
        }
        let kept = |run: u32| counts[run as usize] <= common;
        let mut offsets = vec![0_u32; runs + 1];
        for text in texts.clone() {
            for (run, _) in text.entries.iter().filter(|(run, _)| kept(*run)) {
                offsets[*run as usize + 1] += 1;
            }
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut next = offsets.clone();
        let mut rows = vec![(0_u32, 0.0_f32); offsets.last().copied().unwrap_or(0) as usize];
        for (number, text) in texts.enumerate() {
            let scale = text.scale();
            for (run, weight) in text.entries.iter().filter(|(run, _)| kept(*run)) {
                let at = &mut next[*run as usize];
                rows[*at as usize] = (number as u32, weight * scale);
                *at += 1;
            }
        }
        Self { offsets, rows }
    }

    /// Adds `share` of the cosine to each text's sum.
    pub(crate) fn add(&self, text: &Sparse, share: f32, sums: &mut [f32]) {
        let scale = text.scale() * share;
        for &(run, weight) in &text.entries {
            let (from, to) = (self.offsets[run as usize], self.offsets[run as usize + 1]);
            for &(number, theirs) in &self.rows[from as usize..to as usize] {
                sums[number as usize] += weight * scale * theirs;
            }
        }
    }
}

/// The texts that turns are compared with.
#[derive(Debug)]
pub(crate) struct Near {
    texts: Vec<Text>,
    chars: Postings,
    sounds: Postings,
    /// Of each node: title, body and example questions together.
    profile: Postings,
    classes: usize,
}

/// How near a text is to each class.
#[derive(Clone, Debug, Default)]
pub(crate) struct Nearness {
    /// By class: of its nearest text.
    pub(crate) best: Vec<f32>,
    /// By class: mean of its nearest texts.
    pub(crate) mean: Vec<f32>,
    /// By class: nearest by syllables alone.
    pub(crate) sound: Vec<f32>,
    /// By class: title, body and example questions together.
    pub(crate) profile: Vec<f32>,
    /// By class: its share in the votes of the nearest texts.
    pub(crate) share: Vec<f32>,
    /// Of turns that nothing answers.
    pub(crate) none_share: f32,
    /// The nearest of them.
    pub(crate) none_best: f32,
}

impl Near {
    pub(crate) fn of(classes: &Classes, corpus: &Corpus) -> Self {
        let compared = |kind: Kind| kind != Kind::Body;
        let docs = || corpus.docs.iter().filter(move |doc| compared(doc.kind));
        let texts = docs()
            .map(|doc| Text {
                wanted: doc.wanted.iter().map(|class| *class as u32).collect(),
                fold: doc.fold.map(|fold| fold as u8),
            })
            .collect();
        let mut profiles = vec![Bag::default(); classes.nodes.len()];
        for doc in corpus.docs.iter().filter(|doc| doc.kind != Kind::Turn) {
            let share = match doc.kind {
                Kind::Title => 1.0,
                Kind::Body => 0.8,
                _ => 0.4,
            };
            if let Some(profile) = doc.wanted.first().and_then(|class| profiles.get_mut(*class)) {
                profile.add(&doc.bag, share);
            }
        }
        let runs = corpus.vocabulary.len();
        let common = (docs().count() / COMMON).max(COMMON) as u32;
        Self {
            texts,
            chars: Postings::of(runs, common, docs().map(|doc| &doc.bag.chars)),
            sounds: Postings::of(runs, common, docs().map(|doc| &doc.bag.sounds)),
            profile: Postings::of(runs, u32::MAX, profiles.iter().map(|profile| &profile.chars)),
            classes: classes.nodes.len(),
        }
    }

    /// Compares; texts of the part `without` take no part.
    pub(crate) fn nearness(&self, bag: &Bag, without: Option<usize>) -> Nearness {
        let mut sounds = vec![0.0_f32; self.texts.len()];
        self.sounds.add(&bag.sounds, 1.0, &mut sounds);
        let mut sums: Vec<f32> = sounds.iter().map(|sound| sound * (1.0 - CHARS)).collect();
        self.chars.add(&bag.chars, CHARS, &mut sums);
        let mut near = Nearness {
            best: Vec::new(),
            mean: Vec::new(),
            sound: vec![0.0; self.classes],
            profile: vec![0.0; self.classes],
            share: vec![0.0; self.classes],
            none_share: 0.0,
            none_best: 0.0,
        };
        self.profile.add(&bag.chars, 1.0, &mut near.profile);
        let mut top = vec![Top::default(); self.classes];
        let mut voters: Vec<(f32, u32)> = Vec::new();
        for (number, text) in self.texts.iter().enumerate() {
            if sums[number] <= 0.0 || (without.is_some() && text.fold.map(usize::from) == without) {
                continue;
            }
            voters.push((sums[number], number as u32));
            if text.wanted.is_empty() {
                near.none_best = near.none_best.max(sums[number]);
            }
            // What is as right counts as the first: any of them may be the turn's.
            for class in text.wanted.iter().map(|class| *class as usize) {
                near.sound[class] = near.sound[class].max(sounds[number]);
                insert(&mut top[class], sums[number]);
            }
        }
        (near.best, near.mean) = best_and_mean(&top);
        let wanted = |text: u32| self.texts[text as usize].wanted.as_slice();
        near.none_share = vote(voters, WIDTH, wanted, &mut near.share);
        near
    }
}

impl Bag {
    /// Adds `share` of another; both keep their lengths.
    fn add(&mut self, other: &Self, share: f32) {
        *self = match self.len {
            0 => other.clone(),
            _ => self.mixed(other, share),
        };
    }
}
