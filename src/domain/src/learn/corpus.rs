//! What is learned from: titles, bodies and example questions of nodes, and callers' turns, each with what it asks for.

use std::collections::HashMap;

use sidetone_knowledge::{Knowledge, Layer, NodeId, TopicId};

use super::text::{Bag, Vocabulary};
use crate::example::{Example, Speaker};
use crate::meaning::Meanings;

/// A node that a turn may ask for, by its place in [`Classes::nodes`].
pub(crate) type ClassIx = usize;

/// Parts that are left out in turn, so that what is learned is judged on what it has not seen.
const MOST_FOLDS: usize = 5;
/// With fewer authors, turns are parted by their words instead.
const AUTHORS: usize = 3;
/// Of fewer turns most words stand in one only: that a part's words are new says nothing there.
const MANY_TURNS: usize = 1_000;

/// What a turn may ask for.
#[derive(Debug, Default)]
pub(crate) struct Classes {
    /// Nodes of the business and the service layer.
    pub(crate) nodes: Vec<Class>,
    pub(crate) topics: Vec<TopicId>,
    /// As the nodes name them.
    pub(crate) intents: Vec<String>,
    by_node: HashMap<NodeId, ClassIx>,
    /// Classes of each topic.
    pub(crate) of_topic: Vec<Vec<ClassIx>>,
}

/// One node.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) node: NodeId,
    pub(crate) topic: usize,
    /// Best first.
    pub(crate) intents: Vec<usize>,
    pub(crate) is_service: bool,
}

impl Classes {
    pub(crate) fn of(knowledge: &Knowledge) -> Self {
        let mut classes = Self {
            topics: knowledge.topics().iter().map(|topic| topic.id.clone()).collect(),
            ..Self::default()
        };
        classes.of_topic = vec![Vec::new(); classes.topics.len()];
        for node in knowledge.nodes() {
            let asked = matches!(node.layer, Layer::Business | Layer::Service);
            let Some(topic) = classes.topics.iter().position(|id| *id == node.topic).filter(|_| asked) else {
                continue;
            };
            let at = classes.nodes.len();
            let intents = node.intents.iter().map(|intent| classes.intent(intent)).collect();
            classes.by_node.insert(node.id.clone(), at);
            classes.of_topic[topic].push(at);
            classes.nodes.push(Class {
                node: node.id.clone(),
                topic,
                intents,
                is_service: node.layer == Layer::Service,
            });
        }
        classes
    }

    fn intent(&mut self, name: &str) -> usize {
        self.intents.iter().position(|known| known == name).unwrap_or_else(|| {
            self.intents.push(name.to_owned());
            self.intents.len() - 1
        })
    }

    pub(crate) fn class(&self, node: &str) -> Option<ClassIx> {
        self.by_node.get(node).copied()
    }
}

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Title,
    Body,
    /// An example question of a node.
    Asked,
    /// A caller's turn.
    Turn,
}

/// A text to learn from.
#[derive(Debug)]
pub(crate) struct Doc {
    pub(crate) kind: Kind,
    pub(crate) bag: Bag,
    /// What it asks for, the best first; nothing for a turn that nothing in the base answers.
    pub(crate) wanted: Vec<ClassIx>,
    /// What it speaks of: what it asks for, or what a later turn of the same question will.
    pub(crate) about: Vec<ClassIx>,
    /// The part that it is left out with; titles and bodies always stay.
    pub(crate) fold: Option<usize>,
    /// Its place in the examples.
    pub(crate) example: Option<usize>,
    /// Its text, for the terms in it.
    pub(crate) text: String,
    /// What the agent said right before it, where it comes from within a call.
    pub(crate) agent: Option<Bag>,
}

/// Everything to learn from.
pub(crate) struct Corpus {
    pub(crate) vocabulary: Vocabulary,
    pub(crate) docs: Vec<Doc>,
    pub(crate) folds: usize,
}

/// A text before its words are known: what it is, its nodes, its fold, and its place among the examples.
type Raw<'a> = (Kind, &'a str, Vec<ClassIx>, Option<usize>, Option<usize>);

/// How turns are parted into those that are left out together: by their authors, or by their words where there are few authors.
struct Folds<'a> {
    authors: Vec<&'a str>,
    count: usize,
}

impl<'a> Folds<'a> {
    fn of(examples: &'a [Example]) -> Self {
        let named = examples.iter().map(|example| example.author.as_str());
        let mut authors: Vec<&str> = named.filter(|author| !author.is_empty()).collect();
        authors.sort_unstable();
        authors.dedup();
        if authors.len() < AUTHORS {
            authors.clear();
        }
        let count = match authors.len() {
            0 => MOST_FOLDS,
            authors => authors.min(MOST_FOLDS),
        };
        Self { authors, count }
    }

    fn by_author(&self) -> bool {
        !self.authors.is_empty()
    }

    fn of_turn(&self, turn: &Example) -> usize {
        let author = self.authors.iter().position(|author| *author == turn.author);
        author.map_or_else(|| self.of_text(&turn.text), |author| author % self.count)
    }

    fn of_text(&self, text: &str) -> usize {
        spread(text) as usize % self.count
    }
}

/// Titles, bodies and example questions of what can be asked for.
fn of_nodes<'a>(knowledge: &'a Knowledge, classes: &Classes, folds: &Folds<'_>) -> Vec<Raw<'a>> {
    let mut rows: Vec<Raw<'_>> = Vec::new();
    for node in knowledge.nodes() {
        let Some(class) = classes.class(&node.id) else { continue };
        rows.push((Kind::Title, &node.title, vec![class], None, None));
        rows.push((Kind::Body, &node.body, vec![class], None, None));
        let asked = node.asked_as.iter();
        rows.extend(asked.map(|asked| {
            (
                Kind::Asked,
                asked.as_str(),
                vec![class],
                Some(folds.of_text(asked)),
                None,
            )
        }));
    }
    rows
}

/// Callers' turns. One for a node that nobody can ask for teaches nothing and is left out.
fn of_turns<'a>(examples: &'a [Example], classes: &Classes, folds: &Folds<'_>) -> Vec<Raw<'a>> {
    let row = |(at, example): (usize, &'a Example)| {
        let nodes = example.node.iter().chain(&example.also);
        let wanted: Vec<ClassIx> = nodes.filter_map(|id| classes.class(id)).collect();
        let teaches = example.node.is_none() || !wanted.is_empty();
        let fold = Some(folds.of_turn(example));
        teaches.then_some((Kind::Turn, example.text.as_str(), wanted, fold, Some(at)))
    };
    examples.iter().enumerate().filter_map(row).collect()
}

impl Corpus {
    pub(crate) fn of(
        knowledge: &Knowledge,
        classes: &Classes,
        examples: &[Example],
        meanings: Option<&Meanings>,
    ) -> Self {
        let folds = Folds::of(examples);
        let mut rows = of_nodes(knowledge, classes, &folds);
        rows.extend(of_turns(examples, classes, &folds));
        if let Some(meanings) = meanings {
            let before = examples.iter().flat_map(Example::turns_before).map(|(_, text)| text);
            meanings.learn(rows.iter().map(|row| row.1).chain(before));
        }
        // Parts by words are of the same authors: without their words they are no strangers either.
        let strange = folds.by_author() && examples.len() >= MANY_TURNS;
        let vocabulary = Vocabulary::of_parts(rows.iter().map(|row| (row.1, row.3.filter(|_| strange))));
        let doc = |(kind, text, wanted, fold, example): Raw<'_>| Doc {
            kind,
            bag: Bag {
                meaning: meanings.map(|meanings| Box::new(meanings.of(text))),
                ..vocabulary.bag(text)
            },
            about: match example.and_then(|at| classes.class(examples[at].about.as_deref()?)) {
                Some(class) if wanted.is_empty() => vec![class],
                _ => wanted.clone(),
            },
            wanted,
            fold,
            example,
            text: text.to_owned(),
            agent: match example.and_then(|at| examples[at].turns_before().pop()) {
                Some((Speaker::Agent, said)) => Some(vocabulary.bag(said)),
                _ => None,
            },
        };
        let docs = rows.into_iter().map(doc).collect();
        Self {
            vocabulary,
            docs,
            folds: folds.count,
        }
    }

    /// How many of the texts are callers' turns.
    pub(crate) fn turns(&self) -> usize {
        self.docs.iter().filter(|doc| doc.kind == Kind::Turn).count()
    }
}

/// The same for a text on every machine: FNV-1a.
pub(crate) fn spread(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash ^ hash >> 29
}
