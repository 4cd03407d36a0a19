//! Understanding that is learned: from titles, example questions and callers' turns of a pack to the node that a turn
//! asks for, or none. Trained when the pack is loaded; the same pack gives the same model.
//!
//! Evidence (retrieval over characters and syllables, linear classifiers, the call's topics so far) is weighed by one small
//! ranker. The ranker learns from evidence of parts that were left out, so that it trusts none for having been memorised.

mod acts;
mod asks;
mod corpus;
mod dialogue;
mod endings;
mod evidence;
mod explain;
mod groups;
mod heads;
mod injection;
mod kept;
mod kin;
mod lean;
mod lessons;
mod like;
mod logit;
mod near;
mod ranker;
mod requests;
mod ridge;
mod scorer;
mod store;
mod subjects;
mod table;
mod text;
mod votes;
mod wants;
mod written;

use std::path::Path;
use std::sync::Arc;

use sidetone_knowledge::{Knowledge, NodeId, TopicId};

use crate::example::Example;
use crate::meaning::Meanings;
pub use acts::Acts;
pub(crate) use corpus::spread;
use corpus::{ClassIx, Classes, Corpus};
pub use dialogue::Dialogue;
pub use endings::Endings;
use evidence::{Evidence, Seen, Senses};
pub use explain::{Explained, Named, Weighed};
pub(crate) use groups::groups;
pub(crate) use injection::InjectionFilter;
pub use kept::{Kept, Turn, Worth};
pub use kin::Kin;
use lean::lean;
use lessons::Lessons;
use like::{Like, Taught};
use near::Near;
use ranker::{Ranker, against_none, ranked};
pub use requests::Requests;
use store::Learned;
pub use subjects::Subjects;
use text::{Bag, Vocabulary};
pub use wants::{Wanted, Wants};
pub use written::WrittenFilter;

/// A pack's understanding.
#[derive(Debug)]
pub struct Model {
    classes: Classes,
    vocabulary: Vocabulary,
    near: Near,
    /// Where there is a sentence encoder.
    like: Option<(Like, Taught)>,
    meanings: Option<Arc<Meanings>>,
    learned: Learned,
}

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was learned, as no file of this pack was there.
    Learned,
    /// A file had it.
    File,
    /// A file was there and is damaged: it was learned anew.
    Damaged,
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
    /// Whether it puts a question.
    asked: bool,
    bag: Bag,
}

impl Model {
    /// Learns from a base and from callers' turns; with a sentence encoder, from what they mean too. What takes seconds to learn is
    /// kept in `file`, where there is one, for the next time that the same is learned from.
    #[must_use]
    pub fn ready(
        knowledge: &Knowledge,
        examples: &[Example],
        meanings: Option<Arc<Meanings>>,
        file: Option<&Path>,
    ) -> (Self, Origin) {
        let classes = Classes::of(knowledge);
        let corpus = Corpus::of(knowledge, &classes, examples, meanings.as_deref());
        let near = Near::of(&classes, &corpus);
        let like = Like::of(&classes, &corpus);
        let lessons = Lessons {
            classes: &classes,
            corpus: &corpus,
            near: &near,
            like: like.as_ref(),
            meanings: meanings.as_deref(),
            knowledge,
            examples,
        };
        let (learned, origin) = lessons.kept_in(file);
        let model = Self {
            learned,
            like: like.map(|like| {
                let taught = like.learn(None);
                (like, taught)
            }),
            vocabulary: corpus.vocabulary,
            near,
            classes,
            meanings,
        };
        (model, origin)
    }

    fn senses<'a>(&'a self, knowledge: &'a Knowledge) -> Senses<'a> {
        Senses {
            classes: &self.classes,
            vocabulary: &self.vocabulary,
            heads: &self.learned.heads,
            near: &self.near,
            like: self.like.as_ref().map(|(like, taught)| (like, taught)),
            meanings: self.meanings.as_deref(),
            knowledge,
            without: None,
        }
    }

    /// What a caller's turn asks for, as the call stands.
    #[must_use]
    pub fn read(&self, knowledge: &Knowledge, dialogue: &Dialogue, text: &str) -> Reading {
        self.judge(
            self.senses(knowledge),
            dialogue,
            text,
            self.bag(text),
            &self.learned.ranker,
        )
    }

    /// As [`Self::read`], by the words alone: for what is read many times over, such as a turn that is still being said.
    #[must_use]
    pub fn glance(&self, knowledge: &Knowledge, dialogue: &Dialogue, text: &str) -> Reading {
        let senses = self.senses(knowledge);
        match &self.learned.by_words {
            Some((heads, ranker)) => {
                let senses = Senses {
                    heads,
                    like: None,
                    meanings: None,
                    ..senses
                };
                self.judge(senses, dialogue, text, self.vocabulary.bag(text), ranker)
            }
            None => self.judge(senses, dialogue, text, self.vocabulary.bag(text), &self.learned.ranker),
        }
    }

    fn judge(&self, senses: Senses<'_>, dialogue: &Dialogue, text: &str, bag: Bag, ranker: &Ranker) -> Reading {
        let evidence = senses.evidence(dialogue, text, &bag);
        let seen = evidence.seen(&self.classes, dialogue);
        let shares = ranker.shares(&seen);
        let answers = against_none(&shares) >= ranker.threshold(&seen);
        let (nodes, none) = self.likeliest(dialogue, &evidence, &seen, &shares);
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
            // What is not answered may still be a part of a question.
            topics: if answers { topics } else { heard.topics.clone() },
            asked: evidence.asks >= 0.0,
            bag,
        }
    }

    /// Nodes with their shares, best first, and the share of none.
    fn likeliest(
        &self,
        dialogue: &Dialogue,
        evidence: &Evidence,
        seen: &Seen,
        shares: &[f32],
    ) -> (Vec<(ClassIx, f32)>, f32) {
        let (mut nodes, none) = ranked(seen, shares);
        if let (true, Some((_, own))) = (seen.in_call, evidence.own.heard.topics.split_last()) {
            let about = |class: ClassIx| dialogue.topic(self.classes.nodes[class].topic);
            let of_call = (0..self.classes.topics.len()).map(|topic| dialogue.topic(topic));
            lean(&mut nodes, about, of_call.fold(0.0, f32::max), own);
        }
        (nodes, none)
    }

    fn bag(&self, text: &str) -> Bag {
        Bag {
            meaning: self.meanings.as_ref().map(|meanings| Box::new(meanings.fresh(text))),
            ..self.vocabulary.bag(text)
        }
    }

    /// A caller's turn ended that was read so.
    pub fn caller_spoke(&self, dialogue: &mut Dialogue, reading: Reading) {
        dialogue.caller_spoke(reading.bag, &reading.topics, reading.asked);
    }

    /// An agent's turn ended.
    pub fn agent_spoke(&self, dialogue: &mut Dialogue, text: &str) {
        let bag = self.bag(text);
        let topics = self.learned.heads.topics(&self.vocabulary, &bag);
        dialogue.agent_spoke(text, bag, &topics);
    }

    /// The call is known to be about a topic.
    pub fn settle(&self, dialogue: &mut Dialogue, topic: &str) {
        if let Some(at) = self.classes.topics.iter().position(|id| id == topic) {
            dialogue.settle(at);
        }
    }
}
