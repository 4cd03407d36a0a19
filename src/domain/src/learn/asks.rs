//! Whether a turn asks for anything at all: its words, how it ends, and what the agent said before it, as a linear classifier. Who
//! tells a story, answers the agent or thanks names the line's matters, too, so the nodes alone do not tell.

use sidetone_encoder::DIMENSIONS;

use super::corpus::{Corpus, Doc, Kind};
use super::heads::{Head, Lesson, input};
use super::text::{Bag, Vocabulary};

/// Characters at the end of a turn that are looked at for themselves: where Mandarin has its question words.
const ENDING: usize = 8;
/// What they weigh beside the turn's own words, and what the agent's words weigh.
const OF_ENDING: f32 = 0.7;
const OF_AGENT: f32 = 0.5;
/// Fewer turns teach words, and not what asking is.
const ENOUGH: usize = 400;
/// The classes.
const NOTHING: usize = 0;
const SOMETHING: usize = 1;

/// The classifier.
#[derive(Debug, Default)]
pub(crate) struct Asks {
    pub(crate) head: Head,
}

impl Asks {
    /// Learns from callers' turns, all but the part `without`. Of few turns it learns nothing, and has no opinion.
    pub(crate) fn learn(corpus: &Corpus, without: Option<usize>, by_meaning: bool) -> Self {
        let kept = |doc: &&Doc| doc.kind == Kind::Turn && (without.is_none() || doc.fold != without);
        let vocabulary = &corpus.vocabulary;
        let mut rows: Vec<_> = corpus
            .docs
            .iter()
            .filter(kept)
            .map(|doc| {
                let ending = vocabulary.bag(&ending(&doc.text));
                let read = whole(vocabulary, &doc.bag, &ending, doc.agent.as_ref(), by_meaning);
                let class = if doc.wanted.is_empty() { NOTHING } else { SOMETHING };
                (read, class)
            })
            .collect();
        if rows.len() < ENOUGH {
            rows.clear();
        }
        let lessons: Vec<Lesson<'_>> = rows
            .iter()
            .map(|(input, class)| Lesson {
                input,
                shares: vec![(*class, 1.0)],
                weight: 1.0,
            })
            .collect();
        Self {
            head: Head::learn(SOMETHING + 1, &lessons),
        }
    }

    pub(crate) const fn fits(&self) -> bool {
        self.head.classes == SOMETHING + 1
    }

    /// How likely a turn asks for something, in the logarithm of its odds.
    pub(crate) fn odds(
        &self,
        vocabulary: &Vocabulary,
        (bag, ending): (&Bag, &Bag),
        agent: Option<&Bag>,
        by_meaning: bool,
    ) -> f32 {
        let shares = self.head.shares(&whole(vocabulary, bag, ending, agent, by_meaning));
        let floor = |share: f32| share.max(1e-4).ln();
        floor(shares[SOMETHING]) - floor(shares[NOTHING])
    }
}

/// Where a turn has its question words.
pub(crate) fn ending(text: &str) -> String {
    let count = text.chars().count();
    text.chars().skip(count.saturating_sub(ENDING)).collect()
}

/// The turn's runs and meaning, behind them the runs of its end, behind these the agent's.
fn whole(vocabulary: &Vocabulary, bag: &Bag, ending: &Bag, agent: Option<&Bag>, by_meaning: bool) -> Vec<(u32, f32)> {
    let mut whole = input(vocabulary, bag, by_meaning);
    let first = (vocabulary.len() + DIMENSIONS) as u32;
    let mut add = |place: u32, bag: &Bag, share: f32| {
        let from = first + place * vocabulary.len() as u32;
        let read = input(vocabulary, bag, false).into_iter();
        whole.extend(read.map(|(run, weight)| (from + run, weight * share)));
    };
    add(0, ending, OF_ENDING);
    if let Some(agent) = agent {
        add(1, agent, OF_AGENT);
    }
    whole
}
