//! What is learned from a pack, or read from a file that has it.

use std::path::Path;

use sidetone_knowledge::Knowledge;

use super::Origin;
use super::corpus::{Classes, Corpus, Doc, Kind, spread};
use super::dialogue::Dialogue;
use super::evidence::Senses;
use super::heads::Heads;
use super::like::{Like, Taught};
use super::near::Near;
use super::ranker::{Ranker, Row};
use super::store::Learned;
use super::text::Bag;
use crate::example::{Example, Speaker};
use crate::kept::{self, Kept, Mark};
use crate::meaning::Meanings;

/// First in the file.
const MARK: Mark = *b"stlearn\n";
/// Raised whenever the same pack would be learned otherwise, a change of the language's tables included: older files are not read.
const TRAINER: u32 = 10;
/// The ranker has few weights: of more turns than twice this it learns from every second, third…
const MOST_ROWS: usize = 3_000;
/// With so many turns it learns from them alone.
const ENOUGH_TURNS: usize = 400;
/// What an example question counts beside a caller's turn.
const ASKED: f32 = 0.3;
/// What a turn from within a call counts beside one that stands alone: of a call's turns most are of this kind.
const IN_CALL: f32 = 2.5;

/// Everything to learn from.
pub(crate) struct Lessons<'a> {
    pub(crate) classes: &'a Classes,
    pub(crate) corpus: &'a Corpus,
    pub(crate) near: &'a Near,
    pub(crate) like: Option<&'a Like>,
    pub(crate) meanings: Option<&'a Meanings>,
    pub(crate) knowledge: &'a Knowledge,
    pub(crate) examples: &'a [Example],
}

impl Lessons<'_> {
    /// From the file, if it is of the same lessons; else learned, and written there.
    pub(crate) fn kept_in(&self, file: Option<&Path>) -> (Learned, Origin) {
        let Some(file) = file else {
            return (self.learn(), Origin::Learned);
        };
        let key = self.key();
        let origin = match kept::read(file, MARK, key) {
            Kept::Body(bytes) => match Learned::of(&bytes, self.classes) {
                Some(learned) => return (learned, Origin::File),
                None => Origin::Damaged,
            },
            Kept::Damaged => Origin::Damaged,
            Kept::Nothing | Kept::Stale => Origin::Learned,
        };
        let learned = self.learn();
        // Without it the next start takes as long as this one did.
        let _ = kept::write(file, MARK, key, &learned.bytes());
        (learned, origin)
    }

    /// Of all that is learned from: nodes, terms, turns, the encoder and this trainer.
    fn key(&self) -> u64 {
        let encoder = self.meanings.map(Meanings::fingerprint);
        let read = (TRAINER, env!("CARGO_PKG_VERSION"), encoder);
        let knowledge = (self.knowledge.topics(), self.knowledge.nodes());
        kept::checksum(format!("{read:?}{knowledge:?}{:?}", self.examples).as_bytes())
    }

    fn learn(&self) -> Learned {
        let (mut rows, mut rows_by_words) = (Vec::new(), Vec::new());
        // Callers do not talk as the base's own questions do: those teach the ranker only where there is little else.
        let has_turns = self.corpus.turns() >= ENOUGH_TURNS;
        let step = (self.corpus.turns() / MOST_ROWS).max(1);
        for fold in 0..self.corpus.folds {
            let left_out: Vec<&Doc> = self.corpus.docs.iter().filter(|doc| doc.fold == Some(fold)).collect();
            let chosen = left_out.iter().filter(|doc| doc.kind == Kind::Turn || !has_turns);
            let chosen: Vec<&Doc> = chosen.step_by(step).copied().collect();
            let learned = |senses: &Senses<'_>, into: &mut Vec<Row>| {
                into.extend(chosen.iter().map(|doc| row(senses, &left_out, doc, self.examples)));
            };
            let heads = Heads::learn(self.classes, self.corpus, Some(fold), true);
            let taught = self.like.map(|like| (like, like.learn(Some(fold))));
            let like = taught.as_ref().map(|(like, taught)| (*like, taught));
            learned(&self.senses(&heads, like, self.meanings, fold), &mut rows);
            if self.like.is_some() {
                let heads = Heads::learn(self.classes, self.corpus, Some(fold), false);
                learned(&self.senses(&heads, None, None, fold), &mut rows_by_words);
            }
        }
        Learned {
            heads: Heads::learn(self.classes, self.corpus, None, true),
            ranker: Ranker::learn(&rows),
            by_words: self.like.is_some().then(|| {
                let heads = Heads::learn(self.classes, self.corpus, None, false);
                (heads, Ranker::learn(&rows_by_words))
            }),
        }
    }

    fn senses<'s>(
        &'s self,
        heads: &'s Heads,
        like: Option<(&'s Like, &'s Taught)>,
        meanings: Option<&'s Meanings>,
        without: usize,
    ) -> Senses<'s> {
        Senses {
            classes: self.classes,
            vocabulary: &self.corpus.vocabulary,
            heads,
            near: self.near,
            like,
            meanings,
            knowledge: self.knowledge,
            without: Some(without),
        }
    }
}

/// What the ranker learns from one text of a part that was left out.
fn row(senses: &Senses<'_>, left_out: &[&Doc], doc: &Doc, examples: &[Example]) -> Row {
    let dialogue = before(senses, left_out, doc, examples);
    let bag = Bag {
        meaning: doc.bag.meaning.clone(),
        ..senses.words(&doc.text)
    };
    let seen = senses
        .evidence(&dialogue, &doc.text, &bag)
        .seen(senses.classes, &dialogue);
    let right: Vec<usize> = (0..seen.nodes.len())
        .filter(|at| doc.wanted.contains(&seen.nodes[*at].0))
        .collect();
    let missed = right.is_empty() && !doc.wanted.is_empty();
    Row {
        seen,
        right,
        part: doc.fold,
        is_turn: doc.kind == Kind::Turn && doc.wanted.is_empty(),
        weight: match doc.kind {
            // Whatever it teaches of the others, the right one is not among them.
            _ if missed => 0.0,
            Kind::Turn if doc.agent.is_some() => IN_CALL,
            Kind::Turn => 1.0,
            _ => ASKED,
        },
    }
}

/// The call before a turn: as the example has it; to every other of the rest, which a real call has too, a turn of
/// its own topic or of any.
fn before(senses: &Senses<'_>, left_out: &[&Doc], doc: &Doc, examples: &[Example]) -> Dialogue {
    let mut dialogue = Dialogue::default();
    let example = doc.example.and_then(|at| examples.get(at));
    let mut hear = |speaker: Speaker, text: &str| {
        let bag = Bag {
            meaning: senses.meanings.map(|meanings| Box::new(meanings.of(text))),
            ..senses.words(text)
        };
        let topics = senses.topics(&bag);
        match speaker {
            Speaker::Caller => {
                let asked = senses.asks(&dialogue, text, &bag) >= 0.0;
                dialogue.caller_spoke(bag, &topics, asked);
            }
            Speaker::Agent => dialogue.agent_spoke(text, bag, &topics),
        }
    };
    let told = example.map(Example::turns_before).unwrap_or_default();
    if !told.is_empty() {
        told.into_iter().for_each(|(speaker, text)| hear(speaker, text));
        return dialogue;
    }
    let draw = spread(&doc.text);
    let topic = |doc: &Doc| doc.wanted.first().map(|class| senses.classes.nodes[*class].topic);
    let from = (draw / 4) as usize % left_out.len();
    let mut others = left_out[from..]
        .iter()
        .chain(&left_out[..from])
        .filter(|other| other.text != doc.text);
    let other = match draw % 4 {
        0 | 1 => None,
        2 => others.find(|other| topic(other).is_some() && (topic(other) == topic(doc) || doc.wanted.is_empty())),
        _ => others.find(|other| other.kind == Kind::Turn),
    };
    if let Some(other) = other {
        hear(Speaker::Caller, &other.text);
    }
    dialogue
}
