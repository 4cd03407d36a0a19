//! The search: one segment's syllables to its characters, one syllable at a time.

mod settle;

use std::sync::Arc;

use super::NAT;
use super::lexicon::Span;
use super::model::{EDGE, SyllableModel};
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

impl Default for SpellerConfig {
    fn default() -> Self {
        Self {
            beam: 16,
            threshold: 9 * NAT,
            settle_after: 12,
            most_syllables: 600,
            penalties: Penalties::default(),
        }
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
    /// Those of them that are syllables, and the numbers of those.
    heard: Vec<Syllable>,
    numbers: Vec<u32>,
    /// Walks through the lexicon that may still end in a word, with the column that each began at.
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

#[derive(Clone, Copy)]
struct Open {
    place: u32,
    span: Span,
}

/// Readings of the syllables before `place`, the best first.
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
    /// Syllables up to its end.
    end: u32,
}

/// A word that may end at the newest syllable.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    cost: i32,
    last: u16,
    parent: u32,
    entry: u32,
}

const NOTHING: u32 = u32::MAX;
/// What a syllable costs that no word was found for.
const UNKNOWN: i32 = 10 * NAT;
/// Words looked at for one walk: those of the least cost by themselves.
const WORDS: usize = 48;

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
        if self.heard.len() >= self.config.most_syllables {
            return false;
        }
        self.numbers.push(self.taken);
        self.taken += 1;
        let place = self.heard.len() as u32;
        self.heard.push(syllable);
        let class = self.model.class(syllable);
        let lexicon = &self.model.lexicon;
        self.open.push(Open {
            place,
            span: lexicon.start(),
        });
        self.open.retain_mut(|open| {
            let next = lexicon.step(open.span, class);
            open.span = next.unwrap_or(open.span);
            next.is_some()
        });
        let found = self.candidates();
        self.enter(place + 1, found);
        self.open.retain(|open| self.model.lexicon.ending(open.span).1);
        self.narrow();
        self.settle();
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

    /// Every word that ends at the newest syllable, with the best reading before it.
    fn candidates(&self) -> Vec<Candidate> {
        let mut found = Vec::with_capacity(4 * WORDS);
        let mut words = Vec::with_capacity(4 * WORDS);
        for open in &self.open {
            let Some(column) = self.columns.iter().find(|column| column.place == open.place) else {
                continue;
            };
            self.words(open, &mut words);
            for &(_, own, entry) in &words {
                found.extend(self.joined(column, own, entry));
            }
        }
        found
    }

    /// Words at the end of a walk: cost by themselves, what pronunciation and errors cost, number of the entry.
    fn words(&self, open: &Open, into: &mut Vec<(i32, i32, u32)>) {
        let model = &self.model;
        let heard = &self.heard[open.place as usize..];
        let (ending, _) = model.lexicon.ending(open.span);
        into.clear();
        for number in ending {
            let entry = model.lexicon.entry(number);
            let sounds = model.lexicon.sounds(entry).iter();
            let errors = sounds
                .zip(heard)
                .map(|(&word, &heard)| model.misheard(heard, word, &self.config.penalties));
            let own = entry.cost + errors.sum::<i32>();
            into.push((own + i32::from(model.words[usize::from(entry.first)].cost), own, number));
        }
        if into.len() > WORDS {
            into.select_nth_unstable(WORDS);
            into.truncate(WORDS);
        }
    }

    /// The entry after the reading that it follows best.
    fn joined(&self, column: &Column, own: i32, number: u32) -> Option<Candidate> {
        let entry = self.model.lexicon.entry(number);
        let mut best: Option<Candidate> = None;
        for reading in &column.readings {
            let so_far = reading.cost + own;
            // Readings are in order: no later one can be better.
            if best.is_some_and(|best| so_far >= best.cost) {
                break;
            }
            let cost = so_far + self.model.pair(reading.last, entry.first);
            if best.is_none_or(|best| cost < best.cost) {
                best = Some(Candidate {
                    cost,
                    last: entry.last,
                    parent: reading.node,
                    entry: number,
                });
            }
        }
        best
    }

    /// Makes the newest column: the best candidates, each with another last word.
    fn enter(&mut self, place: u32, mut found: Vec<Candidate>) {
        if found.is_empty() {
            found.extend(self.newest().iter().map(|reading| Candidate {
                cost: reading.cost + UNKNOWN,
                last: reading.last,
                parent: reading.node,
                entry: NOTHING,
            }));
        }
        found.sort_unstable();
        let limit = found.first().map_or(0, |best| best.cost) + self.config.threshold;
        let mut readings: Vec<Reading> = Vec::with_capacity(self.config.beam);
        for candidate in found {
            if candidate.cost > limit || readings.len() >= self.config.beam.max(1) {
                break;
            }
            if readings.iter().any(|reading| reading.last == candidate.last) {
                continue;
            }
            readings.push(Reading {
                cost: candidate.cost,
                last: candidate.last,
                node: self.base + self.nodes.len() as u32,
            });
            self.nodes.push(Node {
                parent: candidate.parent,
                entry: candidate.entry,
                end: place,
            });
        }
        self.columns.push(Column { place, readings });
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
            let said = node.end - entry.len()..node.end;
            tokens.extend_from_slice(&self.numbers[said.start as usize..said.end as usize]);
        }
    }
}
