//! What might be shown.

use sidetone_knowledge::{NodeId, TopicId};
use sidetone_schema::{Calc, Case, Channel, HintKind, HintRegion, Source, Span, Tier, Trigger};

use crate::understand::Intent;

/// A hint that fits a turn; whether it is shown is decided by [`crate::Assist::push`].
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The node that it was made from.
    pub node: NodeId,
    /// What it is about.
    pub topic: TopicId,
    /// What it answers.
    pub intent: Intent,
    /// What it is.
    pub kind: HintKind,
    /// How much it matters.
    pub tier: Tier,
    /// What set it off.
    pub trigger: Trigger,
    /// One line.
    pub title: String,
    /// What the agent can read out.
    pub body: String,
    /// What to stress in `body`.
    pub highlights: Vec<Span>,
    /// Where it is written.
    pub sources: Vec<Source>,
    /// Where it holds, if not where the line is.
    pub region: Option<HintRegion>,
    /// 0 to 1.
    pub score: f32,
    /// Two candidates of a call with the same key say the same.
    pub dedup_key: String,
    /// Key of a vaguer hint of an earlier turn that this one replaces.
    pub sharpens: Option<String>,
    /// For `channel`.
    pub channels: Option<Vec<Channel>>,
    /// For `calc`.
    pub calc: Option<Calc>,
    /// For `case`.
    pub case: Option<Case>,
}
