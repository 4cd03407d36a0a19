//! The search: one segment's syllables to its characters, one place at a time.

mod search;
mod settle;

use std::sync::Arc;

use super::NAT;
use super::lexicon::{LONGEST_ENTRY, Span};
use super::model::{EDGE, SyllableModel};
use super::network::Bin;
use super::syllable::{Penalties, Syllable};

/// How a [`Speller`] searches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpellerConfig {
    /// Readings that are kept at each place; at least 1.
    pub beam: usize,
    /// Readings that are so much worse than the best at their place are given up, in twelfths of a nat.
    pub threshold: i32,
    /// Syllables after which a word is settled, however undecided it is.
    pub settle_after: usize,
    /// Syllables that one segment may have; what comes after is refused.
    pub most_syllables: usize,
    /// What errors of the recogniser cost.
    pub penalties: Penalties,
}

impl SpellerConfig {
    /// As measured on what is being said.
    pub const USUAL: Self = Self {
        beam: 16,
        threshold: 9 * NAT,
        settle_after: 12,
        most_syllables: 600,
        penalties: Penalties::USUAL,
    };
}

impl Default for SpellerConfig {
    fn default() -> Self {
        Self::USUAL
    }
}

/// The text of the syllables so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spelling {
    /// One character for each syllable that means anything.
    pub text: String,
    /// Characters at the begin that no further syllable can change.
    pub stable: usize,
    /// For each character the number of its token, from 0 in the order of [`Speller::hear`]: time stamps follow.
    pub tokens: Vec<u32>,
    /// How unlikely it is, errors that it takes the recogniser for having made among it: nats.
    pub nats: f32,
}

impl Spelling {
    /// 0 to 1: the share of characters that is right, going by how unlikely each is at the mean. Fitted to scripted turns
    /// and to clips of general speech: 0.9 where callers say what the model knows, 0.5 and less where it guesses.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        confidence(self.nats, self.text.chars().count())
    }
}

/// Of a text of so many characters.
pub(super) fn confidence(nats: f32, characters: usize) -> f32 {
    const EVEN: f32 = 6.0;
    const SLOPE: f32 = 0.8;
    let each = nats / characters.max(1) as f32;
    1.0 / (1.0 + ((each - EVEN) * SLOPE).exp())
}

/// Spells one segment. Sans-IO: a syllable in, the likeliest text out.
#[derive(Clone)]
pub struct Speller {
    model: Arc<SyllableModel>,
    config: SpellerConfig,
    /// Tokens taken.
    taken: u32,
    /// What they were, place by place, and the number of the token of each.
    heard: Vec<Bin>,
    numbers: Vec<u32>,
    /// Walks through the lexicon that may still end in a word.
    open: Vec<Open>,
    /// Readings of everything before a place, for the places where a word may still begin or has ended.
    columns: Vec<Column>,
    /// What the readings consist of, parents before children; those before `base` are gone.
    nodes: Vec<Node>,
    base: u32,
    settled: Settled,
}

/// The part that all readings share.
#[derive(Clone, Default)]
struct Settled {
    root: u32,
    text: String,
    tokens: Vec<u32>,
}

/// A word that has begun.
#[derive(Clone, Copy)]
struct Open {
    /// The column that it began at.
    begin: u32,
    span: Span,
    said: Said,
    /// What the places cost that it takes nothing to have been said at.
    skipped: i32,
    /// The least that it may cost so far, by itself.
    least: i32,
}

/// The places at which a word's syllables were said, one for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Said {
    at: [u32; LONGEST_ENTRY],
    len: u8,
}

impl Said {
    const NOWHERE: Self = Self {
        at: [0; LONGEST_ENTRY],
        len: 0,
    };

    fn places(&self) -> &[u32] {
        &self.at[..usize::from(self.len)]
    }

    /// With one more; a walk is never longer than an entry may be.
    fn and(mut self, place: u32) -> Self {
        self.at[usize::from(self.len)] = place;
        self.len += 1;
        self
    }
}

/// Readings of what lies before `place`, the best first.
#[derive(Clone)]
struct Column {
    place: u32,
    readings: Vec<Reading>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Reading {
    cost: i32,
    last: u16,
    node: u32,
}

#[derive(Clone, Copy)]
struct Node {
    parent: u32,
    /// In the lexicon, or [`NOTHING`] for a syllable that means nothing.
    entry: u32,
    said: Said,
    /// The place behind it.
    end: u32,
}

const NOTHING: u32 = u32::MAX;

impl Speller {
    /// For a new segment.
    #[must_use]
    pub fn new(model: Arc<SyllableModel>, config: SpellerConfig) -> Self {
        let start = Column {
            place: 0,
            readings: vec![Reading {
                cost: 0,
                last: EDGE,
                node: 0,
            }],
        };
        let root = Node {
            parent: 0,
            entry: NOTHING,
            said: Said::NOWHERE,
            end: 0,
        };
        Self {
            model,
            config,
            taken: 0,
            heard: Vec::new(),
            numbers: Vec::new(),
            open: Vec::new(),
            columns: vec![start],
            nodes: vec![root],
            base: 0,
            settled: Settled::default(),
        }
    }

    /// Takes the recogniser's next token; one that is no syllable of the model says nothing. `false`, and the
    /// token is not taken, when the segment already has [`SpellerConfig::most_syllables`].
    pub fn hear(&mut self, token: &str) -> bool {
        match self.model.syllable(token) {
            Some(syllable) => self.push(syllable),
            None => {
                self.taken += 1;
                true
            }
        }
    }

    /// [`Self::hear`] for a token that [`SyllableModel::syllable`] has looked up before.
    pub fn push(&mut self, syllable: Syllable) -> bool {
        self.weigh(&[Bin::sure(syllable)])
    }

    /// [`Self::hear`] for a token that may have been another syllable or none, or more than one.
    pub fn weigh(&mut self, bins: &[Bin]) -> bool {
        if self.heard.len() + bins.len() > self.config.most_syllables {
            return false;
        }
        for bin in bins.iter().filter(|bin| !bin.rivals.is_empty()) {
            self.numbers.push(self.taken);
            self.heard.push(bin.clone());
            self.advance();
        }
        self.taken += 1;
        true
    }

    /// Tokens taken so far: where to go on in a list of them that grows.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.taken as usize
    }

    /// The likeliest text so far.
    #[must_use]
    pub fn spelling(&self) -> Spelling {
        let best = self.newest().first();
        self.told(best.map_or((self.settled.root, 0), |reading| (reading.node, reading.cost)))
    }

    /// The likeliest text when nothing more follows; all of it is stable. It begins with what was stable before.
    #[must_use]
    pub fn finish(&self) -> Spelling {
        let ends = |reading: &&Reading| reading.cost + self.model.pair(reading.last, EDGE);
        let best = self.newest().iter().min_by_key(ends);
        let told = best.map(|reading| (reading.node, reading.cost + self.model.pair(reading.last, EDGE)));
        let mut spelling = self.told(told.unwrap_or((self.settled.root, 0)));
        spelling.stable = spelling.tokens.len();
        spelling
    }

    #[cfg(test)]
    pub(super) fn kept(&self) -> usize {
        self.nodes.len()
    }

    #[cfg(test)]
    pub(super) fn least_cost(&self) -> i32 {
        self.newest()[0].cost
    }

    fn newest(&self) -> &[Reading] {
        self.columns.last().map_or(&[], |column| &column.readings)
    }

    fn node(&self, number: u32) -> Node {
        self.nodes[(number - self.base) as usize]
    }

    fn told(&self, (node, cost): (u32, i32)) -> Spelling {
        let mut spelling = Spelling {
            nats: cost as f32 / NAT as f32,
            text: self.settled.text.clone(),
            stable: self.settled.tokens.len(),
            tokens: self.settled.tokens.clone(),
        };
        self.tell(self.settled.root, node, &mut spelling.text, &mut spelling.tokens);
        spelling
    }

    /// Adds the characters from one node, left out, to another.
    fn tell(&self, after: u32, to: u32, text: &mut String, tokens: &mut Vec<u32>) {
        let mut path = Vec::new();
        let mut at = to;
        while at != after {
            let node = self.node(at);
            path.push(node);
            at = node.parent;
        }
        for node in path.iter().rev().filter(|node| node.entry != NOTHING) {
            let entry = self.model.lexicon.entry(node.entry);
            text.extend(self.model.lexicon.text(entry));
            tokens.extend(node.said.places().iter().map(|&place| self.numbers[place as usize]));
        }
    }
}
