//! What the knowledge base lacks, as a call has shown.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `knowledge.gap`: a caller asked something for which nothing was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct KnowledgeGap {
    /// The caller's turn.
    pub segment_id: String,
    /// Its text, masked.
    pub question: String,
    /// The topic that it is likely about; absent when none is likely.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// The topic's name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic_name: Option<String>,
    /// How likely the base has an answer, 0 to 1, as the turn was understood.
    pub in_base: f32,
    /// The nodes that came nearest, best first.
    pub candidates: Vec<GapCandidate>,
    /// The turns before it, at most two, masked.
    pub context: Vec<GapTurn>,
    /// What the agent answered and no hint held, masked; absent when they answered nothing of length.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub answer: Option<String>,
    /// GB/T 2260 code of the place that was asked about.
    pub region: String,
    /// ISO date that was asked about.
    pub as_of: String,
}

/// A node that came near.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GapCandidate {
    /// Its id in the knowledge base.
    pub node: String,
    /// How likely it was asked for, 0 to 1.
    pub share: f32,
}

/// A turn before the question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GapTurn {
    /// `caller` or `agent`.
    pub role: String,
    /// Its text, masked.
    pub text: String,
}
