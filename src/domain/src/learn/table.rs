//! A small classifier over labelled texts.

use sidetone_language::Lines;
use sidetone_speech::text::TextPipeline;

use super::heads::{Head, Lesson};
use super::text::{Bag, Vocabulary};

/// What syllables weigh beside characters.
const SOUNDS: f32 = 0.5;

/// A text, its label, and what it counts.
pub(crate) type Line<L> = (L, String, f32);

/// Lists with their labels as lines, each as the masked final of a turn has it: numbers as digits.
pub(crate) fn written<'l, L: Copy + 'l>(lists: impl IntoIterator<Item = (&'l L, &'l Lines)>) -> Vec<Line<L>> {
    let pipeline = TextPipeline::default();
    let of_list = |(label, lines): (&L, &Lines)| -> Vec<Line<L>> {
        lines.iter().map(|line| (*label, pipeline.finish(line), 1.0)).collect()
    };
    lists.into_iter().flat_map(of_list).collect()
}

/// What labelled texts teach.
#[derive(Debug)]
pub(crate) struct Table<L> {
    labels: Vec<L>,
    head: Head,
}

impl<L: Copy + Ord> Table<L> {
    /// Labels of few examples count more than their share.
    pub(crate) fn learn(vocabulary: &Vocabulary, lines: &[Line<L>]) -> Self {
        let bags = lines
            .iter()
            .map(|(label, text, weight)| (*label, vocabulary.bag(text), *weight));
        Self::of(&bags.collect::<Vec<_>>())
    }

    /// As [`Table::learn`], from texts whose runs are counted.
    pub(crate) fn of(lines: &[(L, Bag, f32)]) -> Self {
        let mut labels: Vec<L> = lines.iter().map(|(label, ..)| *label).collect();
        labels.sort_unstable();
        labels.dedup();
        let all: f32 = lines.iter().map(|(_, _, weight)| weight).sum();
        let mean = all / labels.len().max(1) as f32;
        let scale = |label: &L| {
            let own = lines.iter().filter(|(known, ..)| known == label);
            (mean / own.map(|(_, _, weight)| weight).sum::<f32>()).sqrt()
        };
        let scales: Vec<f32> = labels.iter().map(scale).collect();
        let inputs: Vec<_> = lines.iter().map(|(_, bag, _)| input(bag)).collect();
        let lesson = |((label, _, weight), input): (&(L, Bag, f32), _)| {
            let at = labels.binary_search(label).ok()?;
            Some(Lesson {
                input,
                shares: vec![(at, 1.0)],
                weight: weight * scales[at],
            })
        };
        let inputs = inputs.iter().map(Vec::as_slice);
        let lessons: Vec<Lesson<'_>> = lines.iter().zip(inputs).filter_map(lesson).collect();
        Self {
            head: Head::learn(labels.len(), &lessons),
            labels,
        }
    }

    /// The share of each label, the largest first.
    pub(crate) fn read(&self, bag: &Bag) -> Vec<(L, f32)> {
        let shares = self.head.shares(&input(bag));
        let mut shares: Vec<(L, f32)> = self.labels.iter().copied().zip(shares).collect();
        shares.sort_by(|a, b| b.1.total_cmp(&a.1));
        shares
    }

    /// The share of one label.
    pub(crate) fn share(&self, bag: &Bag, label: L) -> f32 {
        let shares = self.read(bag).into_iter();
        shares.filter(|(of, _)| *of == label).map(|(_, share)| share).sum()
    }
}

/// Characters and syllables as one vector of length 1.
fn input(bag: &Bag) -> Vec<(u32, f32)> {
    let share = (1.0 + SOUNDS * SOUNDS).sqrt().recip();
    let parts = [(&bag.chars, share), (&bag.sounds, share * SOUNDS)];
    let mut input: Vec<(u32, f32)> = parts
        .into_iter()
        .flat_map(|(part, share)| {
            let scale = part.scale() * share;
            part.entries.iter().map(move |(run, weight)| (*run, weight * scale))
        })
        .collect();
    input.sort_unstable_by_key(|(run, _)| *run);
    input
}

/// The share of lines that are read as they are labelled by what the others teach.
#[cfg(test)]
pub(crate) fn left_out<L: Copy + Ord>(all: &[Line<L>]) -> f32 {
    const PARTS: usize = 5;
    let mut right = 0;
    for part in 0..PARTS {
        let of_part = |at: usize| at % PARTS == part;
        let taught: Vec<Line<L>> = all
            .iter()
            .enumerate()
            .filter(|(at, _)| !of_part(*at))
            .map(|(_, line)| line.clone())
            .collect();
        let vocabulary = Vocabulary::of(taught.iter().map(|(_, text, _)| text.as_str()));
        let table = Table::learn(&vocabulary, &taught);
        for (_, (label, text, _)) in all.iter().enumerate().filter(|(at, _)| of_part(*at)) {
            right += usize::from(
                table
                    .read(&vocabulary.bag(text))
                    .first()
                    .is_some_and(|(best, _)| best == label),
            );
        }
    }
    right as f32 / all.len() as f32
}
