//! What a turn and the turns before it say of each node, as numbers for the ranker.

use sidetone_knowledge::{Knowledge, TermTarget};
use sidetone_language::clause::fold;
use sidetone_language::{Mood, moods};

use super::asks::ending;
use super::corpus::{ClassIx, Classes};
use super::dialogue::Dialogue;
use super::heads::{Heads, Heard};
use super::like::{Like, Likeness, Taught};
use super::near::{Near, Nearness};
use super::text::{Bag, Vocabulary};
use crate::meaning::Meanings;

/// Numbers of a node.
pub(crate) const OF_NODE: usize = BY_WORDS + BY_MEANING;
/// Of them those of runs and of the call, and behind them those of vectors.
const BY_WORDS: usize = 26;
const BY_MEANING: usize = 10;
/// Numbers of a turn: whether it asks for none of the nodes.
pub(crate) const OF_TURN: usize = TURN_BY_WORDS + TURN_BY_MEANING;
const TURN_BY_WORDS: usize = 28;
const TURN_BY_MEANING: usize = 7;
/// Nodes that are ranked.
const RANKED: usize = 24;
/// Characters after which a turn stands well alone.
const STANDS: f32 = 12.0;
/// The smallest share that is told from nothing.
const FLOOR: f32 = 1e-4;

/// One text, alone or with what was said before.
pub(crate) struct Side {
    pub(crate) heard: Heard,
    pub(crate) near: Nearness,
    /// Where there is a sentence encoder.
    pub(crate) like: Option<Likeness>,
}

/// Everything about one turn.
pub(crate) struct Evidence {
    pub(crate) own: Side,
    /// With what was said before.
    joined: Option<Side>,
    /// By topic: named in the turn, shared among the topics of the same term.
    named: Vec<f32>,
    named_nodes: Vec<ClassIx>,
    strange: (f32, f32),
    len: usize,
    /// Whether the turn asks for anything, in the logarithm of the odds.
    pub(crate) asks: f32,
    /// What the clause does that does most, and what the last one does.
    mood: Mood,
    last_mood: Mood,
}

/// What evidence is taken with.
#[derive(Clone, Copy)]
pub(crate) struct Senses<'a> {
    pub(crate) classes: &'a Classes,
    pub(crate) vocabulary: &'a Vocabulary,
    pub(crate) heads: &'a Heads,
    pub(crate) near: &'a Near,
    pub(crate) like: Option<(&'a Like, &'a Taught)>,
    pub(crate) meanings: Option<&'a Meanings>,
    pub(crate) knowledge: &'a Knowledge,
    /// The part of the texts that is left out.
    pub(crate) without: Option<usize>,
}

/// What the ranker sees of a turn.
#[derive(Clone)]
pub(crate) struct Seen {
    /// Whether an agent has spoken right before.
    pub(crate) in_call: bool,
    pub(crate) nodes: Vec<(ClassIx, [f32; OF_NODE])>,
    pub(crate) turn: [f32; OF_TURN],
}

impl Senses<'_> {
    /// A text's words, as who has not seen the part that is left out knows them.
    pub(crate) fn words(&self, text: &str) -> Bag {
        self.vocabulary.bag_without(text, self.without)
    }

    fn side(&self, bag: &Bag) -> Side {
        Side {
            heard: self.heads.hear(self.classes, self.vocabulary, bag),
            near: self.near.nearness(bag, self.without),
            like: match (self.like, &bag.meaning) {
                (Some((like, taught)), Some(vector)) => Some(like.likeness(vector, taught, self.without)),
                _ => None,
            },
        }
    }

    /// Topics of a text, and behind them: none.
    pub(crate) fn topics(&self, bag: &Bag) -> Vec<f32> {
        self.heads.topics(self.vocabulary, bag)
    }

    /// How likely a caller's turn asks for something, in the logarithm of its odds.
    pub(crate) fn asks(&self, dialogue: &Dialogue, text: &str, bag: &Bag) -> f32 {
        let turn = (bag, &self.words(&ending(text)));
        self.heads.asks(self.vocabulary, turn, dialogue.agent())
    }

    pub(crate) fn evidence(&self, dialogue: &Dialogue, text: &str, bag: &Bag) -> Evidence {
        let mut named = vec![0.0; self.classes.topics.len()];
        let mut named_nodes = Vec::new();
        let hits = self.knowledge.spot(text);
        for hit in &hits {
            let sharing = hits.iter().filter(|other| other.range == hit.range).count().max(1);
            match hit.target {
                TermTarget::Topic(topic) => {
                    if let Some(at) = self.classes.topics.iter().position(|id| *id == topic.id) {
                        named[at] = f32::max(named[at], 1.0 / sharing as f32);
                    }
                }
                TermTarget::Node(node) => named_nodes.extend(self.classes.class(&node.id)),
            }
        }
        let (mut mood, mut last_mood) = (Mood::Phatic, Mood::Phatic);
        for of_clause in moods(&fold(text)) {
            mood = mood.max(of_clause);
            last_mood = of_clause;
        }
        Evidence {
            own: self.side(bag),
            joined: dialogue.joined(bag).map(|joined| self.side(&joined)),
            named,
            named_nodes,
            strange: (bag.chars.strange(), bag.sounds.strange()),
            len: bag.len,
            asks: self.asks(dialogue, text, bag),
            mood,
            last_mood,
        }
    }
}

fn ln(share: f32) -> f32 {
    share.max(FLOOR).ln()
}

fn flag(is: bool) -> f32 {
    f32::from(u8::from(is))
}

fn most(values: &[f32]) -> f32 {
    values.iter().copied().fold(0.0, f32::max)
}

impl Side {
    fn quick(&self, classes: &Classes, class: ClassIx) -> f32 {
        let topic = self.heard.topics[classes.nodes[class].topic];
        let words =
            ln(topic) + ln(self.heard.within[class]) + 8.0 * self.near.best[class] + 2.0 * self.near.share[class];
        words
            + self
                .like
                .as_ref()
                .map_or(0.0, |like| 6.0 * like.best[class] + 10.0 * like.head[class])
    }

    fn none(&self) -> f32 {
        self.heard.topics.last().copied().unwrap_or(0.0)
    }

    fn surest_topic(&self) -> f32 {
        self.heard.topics.split_last().map_or(0.0, |(_, topics)| most(topics))
    }
}

impl Evidence {
    /// The nodes worth ranking, each with its numbers, and the turn's.
    pub(crate) fn seen(&self, classes: &Classes, dialogue: &Dialogue) -> Seen {
        let mut quick: Vec<(f32, ClassIx)> = (0..classes.nodes.len())
            .map(|class| {
                let own = self.own.quick(classes, class);
                let joined = self.joined.as_ref().map_or(own, |joined| joined.quick(classes, class));
                (own.max(joined), class)
            })
            .collect();
        quick.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        quick.truncate(RANKED);
        let leads = Leads::of(&self.own.near.best);
        let of_node = |(_, class): (f32, ClassIx)| (class, self.node(classes, dialogue, class, &leads));
        Seen {
            in_call: dialogue.agent().is_some(),
            nodes: quick.into_iter().map(of_node).collect(),
            turn: self.turn(dialogue, classes),
        }
    }

    fn short(&self) -> f32 {
        (-(self.len as f32) / STANDS).exp()
    }

    fn node(&self, classes: &Classes, dialogue: &Dialogue, class: ClassIx, leads: &Leads) -> [f32; OF_NODE] {
        let node = &classes.nodes[class];
        let Side { heard, near, like } = &self.own;
        let open = 1.0 - self.own.surest_topic();
        let intent = |heard: &Heard| node.intents.iter().map(|at| heard.intents[*at]).fold(FLOOR, f32::max);
        let carried = dialogue.topic(node.topic);
        let mut out = [0.0; OF_NODE];
        let own = [
            ln(heard.topics[node.topic]),
            ln(heard.within[class]),
            ln(intent(heard)),
            near.best[class],
            near.mean[class],
            near.sound[class],
            near.profile[class],
            near.share[class],
            leads.of_class(class, near.best[class]),
            self.named[node.topic],
            flag(self.named_nodes.contains(&class)),
            heard.topics[node.topic] * heard.within[class],
            carried,
            carried * open,
            carried * self.short(),
            dialogue.agent_topic(node.topic) * open,
            flag(node.is_service),
        ];
        out[..own.len()].copy_from_slice(&own);
        if let Some(Side { heard, near, .. }) = &self.joined {
            let joined = [
                ln(heard.topics[node.topic]),
                ln(heard.within[class]),
                near.best[class],
                near.mean[class],
                near.share[class],
                heard.topics[node.topic] * heard.within[class],
                ln(heard.topics[node.topic]) * self.short(),
                ln(heard.topics[node.topic]) * flag(dialogue.is_open()),
                heard.topics[node.topic] * heard.within[class] * flag(dialogue.is_open()),
            ];
            out[own.len()..BY_WORDS].copy_from_slice(&joined);
        }
        if let Some(like) = like {
            let joined = self.joined.as_ref().and_then(|joined| joined.like.as_ref());
            let meaning: [f32; BY_MEANING] = [
                like.best[class],
                like.mean[class],
                like.body[class],
                like.share[class],
                like.head[class],
                Leads::of(&like.best).of_class(class, like.best[class]),
                Leads::of(&like.head[..classes.nodes.len()]).of_class(class, like.head[class]),
                joined.map_or(0.0, |joined| joined.best[class]),
                joined.map_or(0.0, |joined| joined.head[class]),
                joined.map_or(0.0, |joined| joined.share[class]),
            ];
            out[BY_WORDS..].copy_from_slice(&meaning);
        }
        out
    }

    fn turn(&self, dialogue: &Dialogue, classes: &Classes) -> [f32; OF_TURN] {
        let Side { near, like, .. } = &self.own;
        let carried: f32 = (0..classes.topics.len()).map(|topic| dialogue.topic(topic)).sum();
        let joined = self.joined.as_ref();
        let mut out = [0.0; OF_TURN];
        let words: [f32; TURN_BY_WORDS] = [
            1.0,
            ln(self.own.none()),
            near.none_share,
            near.none_best,
            most(&near.best),
            most(&near.share),
            most(&near.profile),
            self.own.surest_topic(),
            (self.len as f32 + 1.0).ln(),
            self.short(),
            self.strange.0,
            self.strange.1,
            flag(joined.is_some()),
            joined.map_or(0.0, |joined| ln(joined.none())),
            joined.map_or(0.0, |joined| joined.near.none_share),
            carried,
            carried * self.short(),
            most(&self.named),
            flag(self.mood == Mood::Question),
            flag(matches!(self.mood, Mood::Request | Mood::Grievance)),
            flag(self.last_mood > Mood::Tell),
            flag(dialogue.agent_asked()),
            flag(dialogue.agent_asked() && self.mood <= Mood::Tell),
            self.asks,
            flag(dialogue.agent().is_some()),
            flag(dialogue.agent().is_some()) * self.asks,
            flag(dialogue.is_open()),
            flag(dialogue.is_open()) * self.asks,
        ];
        out[..TURN_BY_WORDS].copy_from_slice(&words);
        if let Some(like) = like {
            let none = |like: &Likeness| like.head.last().copied().unwrap_or(0.0);
            let joined = joined.and_then(|joined| joined.like.as_ref());
            let meaning: [f32; TURN_BY_MEANING] = [
                like.none_share,
                like.none_best,
                most(&like.best),
                most(&like.head[..classes.nodes.len()]),
                none(like),
                joined.map_or(0.0, none),
                joined.map_or(0.0, |joined| joined.none_share),
            ];
            out[TURN_BY_WORDS..].copy_from_slice(&meaning);
        }
        out
    }
}

/// The two nearest classes.
struct Leads {
    best: (ClassIx, f32),
    second: f32,
}

impl Leads {
    fn of(values: &[f32]) -> Self {
        let mut leads = Self {
            best: (0, 0.0),
            second: 0.0,
        };
        for (class, value) in values.iter().enumerate() {
            if *value > leads.best.1 {
                leads.second = leads.best.1;
                leads.best = (class, *value);
            } else if *value > leads.second {
                leads.second = *value;
            }
        }
        leads
    }

    /// A class's own value less the best of the others.
    fn of_class(&self, class: ClassIx, value: f32) -> f32 {
        value - if self.best.0 == class { self.second } else { self.best.1 }
    }
}
