//! Understanding that is learned: from titles, example questions and callers' turns of a pack to the node that a turn
//! asks for, or none. Trained when the pack is loaded; the same pack gives the same model.
//!
//! Evidence (retrieval over characters and syllables, linear classifiers, the call's topics so far) is weighed by one small
//! ranker. The ranker learns from evidence of parts that were left out, so that it trusts none for having been memorised.

mod acts;
mod corpus;
mod dialogue;
mod evidence;
mod groups;
mod heads;
mod injection;
mod like;
mod near;
mod ranker;
mod ridge;
mod scorer;
mod subjects;
mod table;
mod text;
mod votes;

use std::sync::Arc;

use sidetone_knowledge::{Knowledge, NodeId, TopicId};

use crate::example::{Example, Speaker};
use crate::meaning::Meanings;
pub use acts::Acts;
pub(crate) use corpus::spread;
use corpus::{Classes, Corpus, Doc, Kind};
pub use dialogue::Dialogue;
use evidence::Senses;
pub(crate) use groups::groups;
use heads::Heads;
pub(crate) use injection::InjectionFilter;
use like::Like;
use near::Near;
use ranker::{Ranker, Row, against_none, ranked};
use ridge::Ridge;
pub use subjects::Subjects;
use text::{Bag, Vocabulary};

/// The ranker has few weights: of more turns than this it learns from every second, third…
const MOST_ROWS: usize = 1600;
/// With so many turns it learns from them alone.
const ENOUGH_TURNS: usize = 400;
/// What an example question counts beside a caller's turn.
const ASKED: f32 = 0.3;

/// A pack's understanding.
#[derive(Debug)]
pub struct Model {
    classes: Classes,
    vocabulary: Vocabulary,
    heads: Heads,
    near: Near,
    /// Where there is a sentence encoder.
    like: Option<(Like, Ridge)>,
    meanings: Option<Arc<Meanings>>,
    ranker: Ranker,
    /// For glances, where there is a sentence encoder.
    by_words: Option<(Heads, Ranker)>,
}

/// A node that a turn may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct Likely {
    /// The node.
    pub node: NodeId,
    /// Its topic.
    pub topic: TopicId,
    /// How likely the turn asks for it, 0 to 1.
    pub share: f32,
}

/// What a turn asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// Best first.
    pub likely: Vec<Likely>,
    /// How likely it asks for nothing in the base, 0 to 1.
    pub none: f32,
    /// Whether the best is likely enough to be shown.
    pub answers: bool,
    /// How much the words alone, without the turns before, point to the best's topic, 0 to 1.
    pub own_topic: f32,
    /// By intent: how likely it is what is wanted, best first.
    pub intents: Vec<(String, f32)>,
    topics: Vec<f32>,
    bag: Bag,
}

impl Model {
    /// Learns from a base and from callers' turns; with a sentence encoder, from what they mean too.
    #[must_use]
    pub fn train(knowledge: &Knowledge, examples: &[Example], meanings: Option<Arc<Meanings>>) -> Self {
        let classes = Classes::of(knowledge);
        let corpus = Corpus::of(knowledge, &classes, examples, meanings.as_deref());
        let near = Near::of(&classes, &corpus);
        let like = Like::of(&classes, &corpus);
        let (mut rows, mut rows_by_words) = (Vec::new(), Vec::new());
        // Callers do not talk as the base's own questions do: those teach the ranker only where there is little else.
        let has_turns = corpus.turns() >= ENOUGH_TURNS;
        for fold in 0..corpus.folds {
            let heads = Heads::learn(&classes, &corpus, Some(fold), true);
            let ridge = like.as_ref().map(|like| (like, like.learn(Some(fold))));
            let senses = Senses {
                classes: &classes,
                vocabulary: &corpus.vocabulary,
                heads: &heads,
                near: &near,
                like: ridge.as_ref().map(|(like, ridge)| (*like, ridge)),
                meanings: meanings.as_deref(),
                knowledge,
                without: Some(fold),
            };
            let left_out: Vec<&Doc> = corpus.docs.iter().filter(|doc| doc.fold == Some(fold)).collect();
            let chosen = left_out.iter().filter(|doc| doc.kind == Kind::Turn || !has_turns);
            let step = (corpus.turns() / MOST_ROWS).max(1);
            let chosen: Vec<&&Doc> = chosen.step_by(step).collect();
            rows.extend(chosen.iter().map(|doc| row(&senses, &left_out, doc, examples)));
            if like.is_some() {
                let heads = Heads::learn(&classes, &corpus, Some(fold), false);
                let by_words = Senses {
                    heads: &heads,
                    like: None,
                    meanings: None,
                    ..senses
                };
                rows_by_words.extend(chosen.iter().map(|doc| row(&by_words, &left_out, doc, examples)));
            }
        }
        let ranker = Ranker::learn(&rows);
        let by_words = like.is_some().then(|| {
            let heads = Heads::learn(&classes, &corpus, None, false);
            (heads, Ranker::learn(&rows_by_words))
        });
        let heads = Heads::learn(&classes, &corpus, None, true);
        Self {
            classes,
            vocabulary: corpus.vocabulary,
            heads,
            near,
            like: like.map(|like| {
                let ridge = like.learn(None);
                (like, ridge)
            }),
            meanings,
            ranker,
            by_words,
        }
    }

    fn senses<'a>(&'a self, knowledge: &'a Knowledge) -> Senses<'a> {
        Senses {
            classes: &self.classes,
            vocabulary: &self.vocabulary,
            heads: &self.heads,
            near: &self.near,
            like: self.like.as_ref().map(|(like, ridge)| (like, ridge)),
            meanings: self.meanings.as_deref(),
            knowledge,
            without: None,
        }
    }

    /// What a caller's turn asks for, as the call stands.
    #[must_use]
    pub fn read(&self, knowledge: &Knowledge, dialogue: &Dialogue, text: &str) -> Reading {
        self.judge(self.senses(knowledge), dialogue, text, self.bag(text), &self.ranker)
    }

    /// As [`Self::read`], by the words alone: for what is read many times over, such as a turn that is still being said.
    #[must_use]
    pub fn glance(&self, knowledge: &Knowledge, dialogue: &Dialogue, text: &str) -> Reading {
        let senses = self.senses(knowledge);
        match &self.by_words {
            Some((heads, ranker)) => {
                let senses = Senses {
                    heads,
                    like: None,
                    meanings: None,
                    ..senses
                };
                self.judge(senses, dialogue, text, self.vocabulary.bag(text), ranker)
            }
            None => self.judge(senses, dialogue, text, self.vocabulary.bag(text), &self.ranker),
        }
    }

    fn judge(&self, senses: Senses<'_>, dialogue: &Dialogue, text: &str, bag: Bag, ranker: &Ranker) -> Reading {
        let evidence = senses.evidence(dialogue, text, &bag);
        let seen = evidence.seen(&self.classes, dialogue);
        let shares = ranker.shares(&seen);
        let answers = against_none(&shares) >= ranker.threshold;
        let (nodes, none) = ranked(&seen, &shares);
        let mut topics = vec![0.0; self.classes.topics.len()];
        for (class, share) in &nodes {
            topics[self.classes.nodes[*class].topic] += share;
        }
        topics.push(none);
        let likely: Vec<Likely> = nodes
            .iter()
            .map(|(class, share)| Likely {
                node: self.classes.nodes[*class].node.clone(),
                topic: self.classes.topics[self.classes.nodes[*class].topic].clone(),
                share: *share,
            })
            .collect();
        let heard = &evidence.own.heard;
        let own_topic = nodes
            .first()
            .map_or(0.0, |(class, _)| heard.topics[self.classes.nodes[*class].topic]);
        let mut intents: Vec<(String, f32)> = self
            .classes
            .intents
            .iter()
            .cloned()
            .zip(heard.intents.iter().copied())
            .collect();
        intents.sort_by(|a, b| b.1.total_cmp(&a.1));
        Reading {
            answers,
            likely,
            none,
            own_topic,
            intents,
            topics,
            bag,
        }
    }

    fn bag(&self, text: &str) -> Bag {
        Bag {
            meaning: self.meanings.as_ref().map(|meanings| Box::new(meanings.fresh(text))),
            ..self.vocabulary.bag(text)
        }
    }

    /// A caller's turn ended that was read so.
    pub fn caller_spoke(&self, dialogue: &mut Dialogue, reading: Reading) {
        dialogue.caller_spoke(reading.bag, &reading.topics);
    }

    /// An agent's turn ended.
    pub fn agent_spoke(&self, dialogue: &mut Dialogue, text: &str) {
        let bag = self.bag(text);
        let topics = self.heads.topics(&self.vocabulary, &bag);
        dialogue.agent_spoke(text, bag, &topics);
    }

    /// The call is known to be about a topic.
    pub fn settle(&self, dialogue: &mut Dialogue, topic: &str) {
        if let Some(at) = self.classes.topics.iter().position(|id| id == topic) {
            dialogue.settle(at);
        }
    }
}

/// What the ranker learns from one text of a part that was left out.
fn row(senses: &Senses<'_>, left_out: &[&Doc], doc: &Doc, examples: &[Example]) -> Row {
    let dialogue = before(senses, left_out, doc, examples);
    let seen = senses
        .evidence(&dialogue, &doc.text, &doc.bag)
        .seen(senses.classes, &dialogue);
    let right: Vec<usize> = (0..seen.nodes.len())
        .filter(|at| doc.wanted.contains(&seen.nodes[*at].0))
        .collect();
    let missed = right.is_empty() && !doc.wanted.is_empty();
    Row {
        seen,
        right,
        is_turn: doc.kind == Kind::Turn && doc.wanted.is_empty(),
        weight: match doc.kind {
            // Whatever it teaches of the others, the right one is not among them.
            _ if missed => 0.0,
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
            ..senses.vocabulary.bag(text)
        };
        let topics = senses.topics(&bag);
        match speaker {
            Speaker::Caller => dialogue.caller_spoke(bag, &topics),
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
