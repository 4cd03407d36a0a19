//! How a turn's reading came about, for whoever asks why a hint was shown or not.

use sidetone_knowledge::{Knowledge, NodeId, TopicId};

use super::Model;
use super::dialogue::Dialogue;
use super::evidence::{OF_NODE, OF_TURN};
use super::ranker::against_none;

/// What the numbers of a node are called, in their order.
const NAMES_OF_NODE: [&str; OF_NODE] = [
    "ln_topic",
    "ln_within_topic",
    "ln_intent",
    "nearest",
    "mean_of_nearest",
    "nearest_by_sound",
    "profile",
    "votes",
    "lead",
    "topic_named",
    "node_named",
    "topic_and_node",
    "carried",
    "carried_if_unsure",
    "carried_if_short",
    "agent_topic",
    "is_service",
    "joined_ln_topic",
    "joined_ln_within_topic",
    "joined_nearest",
    "joined_mean_of_nearest",
    "joined_votes",
    "joined_topic_and_node",
    "joined_topic_if_short",
    "joined_topic_if_open",
    "joined_topic_and_node_if_open",
    "meaning_nearest",
    "meaning_mean_of_nearest",
    "meaning_body",
    "meaning_votes",
    "meaning_head",
    "meaning_lead",
    "meaning_head_lead",
    "joined_meaning_nearest",
    "joined_meaning_head",
    "joined_meaning_votes",
];
/// What the numbers of a turn are called, in their order.
const NAMES_OF_TURN: [&str; OF_TURN] = [
    "one",
    "ln_none",
    "none_votes",
    "none_nearest",
    "nearest",
    "votes",
    "profile",
    "surest_topic",
    "ln_length",
    "short",
    "unknown_characters",
    "unknown_syllables",
    "has_turns_before",
    "joined_ln_none",
    "joined_none_votes",
    "carried",
    "carried_if_short",
    "topic_named",
    "is_question",
    "is_request",
    "last_clause_asks",
    "agent_asked",
    "answers_agent",
    "asks",
    "behind_agent",
    "asks_behind_agent",
    "question_is_open",
    "asks_if_question_is_open",
    "meaning_none_votes",
    "meaning_none_nearest",
    "meaning_nearest",
    "meaning_head",
    "meaning_none_head",
    "joined_meaning_none_head",
    "joined_meaning_none_votes",
];

/// A number and what it is called.
pub type Named = (&'static str, f32);

/// A node that was weighed.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// The node.
    pub node: NodeId,
    /// Its topic.
    pub topic: TopicId,
    /// How likely the turn asks for it, 0 to 1.
    pub share: f32,
    /// What the share was made of.
    pub numbers: Vec<Named>,
}

/// How a turn was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Every node that was ranked, best first.
    pub nodes: Vec<Weighed>,
    /// How likely the turn asks for nothing in the base, 0 to 1.
    pub none: f32,
    /// The best node beside none alone, 0 to 1.
    pub against_none: f32,
    /// What [`Self::against_none`] must reach for anything to be shown.
    pub threshold: f32,
    /// What `none` was made of.
    pub numbers: Vec<Named>,
}

impl Explained {
    /// Whether the best is likely enough to be shown.
    #[must_use]
    pub fn answers(&self) -> bool {
        self.against_none >= self.threshold
    }
}

impl Model {
    /// How [`Model::read`] reads a turn.
    #[must_use]
    pub fn explain(&self, knowledge: &Knowledge, dialogue: &Dialogue, text: &str) -> Explained {
        let evidence = self.senses(knowledge).evidence(dialogue, text, &self.bag(text));
        let seen = evidence.seen(&self.classes, dialogue);
        let ranker = &self.learned.ranker;
        let shares = ranker.shares(&seen);
        let (nodes, none) = self.likeliest(dialogue, &evidence, &seen, &shares);
        let numbers_of = |class: usize| {
            seen.nodes
                .iter()
                .find(|(of, _)| *of == class)
                .map(|(_, numbers)| numbers)
        };
        let nodes = nodes.into_iter().filter_map(|(class, share)| {
            let of = &self.classes.nodes[class];
            Some(Weighed {
                node: of.node.clone(),
                topic: self.classes.topics[of.topic].clone(),
                share,
                numbers: NAMES_OF_NODE
                    .into_iter()
                    .zip(numbers_of(class)?.iter().copied())
                    .collect(),
            })
        });
        Explained {
            nodes: nodes.collect(),
            none,
            against_none: against_none(&shares),
            threshold: ranker.threshold(&seen),
            numbers: NAMES_OF_TURN.into_iter().zip(seen.turn).collect(),
        }
    }
}
