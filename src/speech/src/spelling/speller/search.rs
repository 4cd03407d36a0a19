//! One place more: which words go on, which end, and which readings are kept.

use super::super::NAT;
use super::super::syllable::Syllable;
use super::{Column, NOTHING, Node, Open, Reading, Said, Speller};

/// What a syllable costs that no word was found for.
const UNKNOWN: i32 = 10 * NAT;
/// Words looked at for one walk: those of the least cost by themselves.
const WORDS: usize = 48;
/// Words that are being said at once, over all readings.
const MOST_OPEN: usize = 192;

/// A reading that ends at the newest place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    cost: i32,
    last: u16,
    parent: u32,
    /// The word that is added to the parent; none where nothing was said.
    word: Option<(u32, Said)>,
}

impl Speller {
    /// Goes over the newest place.
    pub(super) fn advance(&mut self) {
        let place = self.heard.len() as u32 - 1;
        self.walk(place);
        let found = self.candidates(place);
        self.enter(place + 1, found);
        self.open.retain(|open| self.model.lexicon.ending(open.span).1);
        self.narrow();
        self.crowd();
        self.settle();
    }

    /// Every word that has begun, and one that begins here, by each syllable that may have been said; one that has begun may
    /// also go on after it.
    fn walk(&mut self, place: u32) {
        let (model, bin) = (&self.model, &self.heard[place as usize]);
        let mut classes: Vec<(u16, i32)> = Vec::with_capacity(bin.rivals.len());
        for rival in &bin.rivals {
            // Rivals are in order: the first of a class costs least.
            let class = model.class(rival.syllable);
            if classes.iter().all(|(of, _)| *of != class) {
                classes.push((class, rival.cost));
            }
        }
        let fresh = Open {
            begin: place,
            span: model.lexicon.start(),
            said: Said::NOWHERE,
            skipped: 0,
            least: 0,
        };
        let mut next = Vec::with_capacity(self.open.len() * 2 + classes.len());
        for open in self.open.iter().chain([&fresh]) {
            for &(class, cost) in &classes {
                next.extend(model.lexicon.step(open.span, class).map(|span| Open {
                    span,
                    said: open.said.and(place),
                    least: open.least + cost,
                    ..*open
                }));
            }
            let waits = bin.nothing.filter(|_| open.said.len > 0);
            next.extend(waits.map(|nothing| Open {
                skipped: open.skipped + nothing,
                least: open.least + nothing,
                ..*open
            }));
        }
        self.open = next;
    }

    /// Every word that ends at the newest place, with the best reading before it; and what was there before, if nothing
    /// was said.
    fn candidates(&self, place: u32) -> Vec<Candidate> {
        let mut found = Vec::with_capacity(4 * WORDS);
        let mut words = Vec::with_capacity(4 * WORDS);
        for open in &self.open {
            if open.said.places().last() != Some(&place) {
                continue;
            }
            let Some(column) = self.columns.iter().find(|column| column.place == open.begin) else {
                continue;
            };
            self.words(open, &mut words);
            for &(_, own, entry) in &words {
                found.extend(self.joined(column, own, entry, open.said));
            }
        }
        if let Some(nothing) = self.heard[place as usize].nothing {
            found.extend(self.newest().iter().map(|reading| Candidate {
                cost: reading.cost + nothing,
                last: reading.last,
                parent: reading.node,
                word: None,
            }));
        }
        found
    }

    /// Words at the end of a walk: cost by themselves, what pronunciation and errors cost, number of the entry.
    fn words(&self, open: &Open, into: &mut Vec<(i32, i32, u32)>) {
        let model = &self.model;
        let (ending, _) = model.lexicon.ending(open.span);
        into.clear();
        for number in ending {
            let entry = model.lexicon.entry(number);
            let sounds = model.lexicon.sounds(entry).iter();
            let errors = sounds
                .zip(open.said.places())
                .map(|(&word, &place)| self.heard_as(place, word));
            let own = entry.cost + open.skipped + errors.sum::<i32>();
            into.push((own + i32::from(model.words[usize::from(entry.first)].cost), own, number));
        }
        if into.len() > WORDS {
            into.select_nth_unstable(WORDS);
            into.truncate(WORDS);
        }
    }

    /// What it costs to take what was heard at a place for this syllable of a word.
    fn heard_as(&self, place: u32, word: Syllable) -> i32 {
        let (model, class) = (&self.model, self.model.class(word));
        let rivals = self.heard[place as usize].rivals.iter();
        let same = rivals.filter(|rival| model.class(rival.syllable) == class);
        let costs = same.map(|rival| rival.cost + model.misheard(rival.syllable, word, &self.config.penalties));
        costs.min().unwrap_or(UNKNOWN)
    }

    /// The entry after the reading that it follows best.
    fn joined(&self, column: &Column, own: i32, number: u32, said: Said) -> Option<Candidate> {
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
                    word: Some((number, said)),
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
                word: Some((NOTHING, Said::NOWHERE)),
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
            let node = self.node_of(candidate, place);
            readings.push(Reading {
                cost: candidate.cost,
                last: candidate.last,
                node,
            });
        }
        self.columns.push(Column { place, readings });
    }

    /// The number of a candidate's node; where nothing was said it is the one that was there before.
    fn node_of(&mut self, candidate: Candidate, end: u32) -> u32 {
        let Some((entry, said)) = candidate.word else {
            return candidate.parent;
        };
        self.nodes.push(Node {
            parent: candidate.parent,
            entry,
            said,
            end,
        });
        self.base + self.nodes.len() as u32 - 1
    }

    /// Gives up words that cannot become the best any more, and of the same word at different places all but the best.
    fn crowd(&mut self) {
        let limit = self.newest().first().map_or(0, |best| best.cost) + self.config.threshold;
        let columns = &self.columns;
        let bound = |open: &Open| {
            let column = columns.iter().find(|column| column.place == open.begin)?;
            Some(column.readings.first()?.cost + open.least)
        };
        let bounded = self.open.iter().filter_map(|open| Some((bound(open)?, *open)));
        let mut kept: Vec<(i32, Open)> = bounded.filter(|(bound, _)| *bound <= limit).collect();
        kept.sort_by_key(|(bound, open)| (open.begin, open.span, *bound));
        kept.dedup_by_key(|(_, open)| (open.begin, open.span));
        if kept.len() > MOST_OPEN {
            kept.sort_by_key(|(bound, open)| (*bound, open.begin, open.span));
            kept.truncate(MOST_OPEN);
        }
        self.open = kept.into_iter().map(|(_, open)| open).collect();
    }
}
