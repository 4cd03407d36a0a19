//! What might be shown.

use sidetone_knowledge::{NodeId, TopicId};
use sidetone_schema::{
    Calc, Case, Channel, Compare, HintKind, HintRegion, HistoryItem, PastCall, Risk, Script, Source, Span, Tier,
    Trigger,
};

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
    /// Keys of vaguer hints of earlier turns whose place this one takes; the first that is shown is the one superseded.
    pub sharpens: Vec<String>,
    /// For `channel`.
    pub channels: Option<Vec<Channel>>,
    /// For `compare`.
    pub compare: Option<Compare>,
    /// For `history`.
    pub history: Option<Vec<HistoryItem>>,
    /// For `calc`.
    pub calc: Option<Calc>,
    /// For `case`.
    pub case: Option<Case>,
    /// For `script`.
    pub script: Option<Script>,
    /// For `risk`.
    pub risk: Option<Risk>,
    /// For `caller`.
    pub past_calls: Option<Vec<PastCall>>,
    /// It is of the kind that the caller wants to see.
    pub wanted: bool,
    /// It is shown once in a call at most.
    pub once: bool,
    /// It says that the base has nothing.
    pub is_nothing: bool,
}

impl Candidate {
    /// Of a kind and nothing more: no text, no node, no score. Whoever makes one says the rest.
    pub(crate) const fn of(kind: HintKind, tier: Tier, trigger: Trigger) -> Self {
        Self {
            node: String::new(),
            topic: String::new(),
            intent: Intent::Other,
            kind,
            tier,
            trigger,
            title: String::new(),
            body: String::new(),
            highlights: Vec::new(),
            sources: Vec::new(),
            region: None,
            score: 0.0,
            dedup_key: String::new(),
            sharpens: Vec::new(),
            channels: None,
            compare: None,
            history: None,
            calc: None,
            case: None,
            script: None,
            risk: None,
            past_calls: None,
            wanted: false,
            once: false,
            is_nothing: false,
        }
    }
}
