//! What comes in and what goes out.

use sidetone_base::{CallTime, Role, SegmentId};
use sidetone_schema::{HintData, HintExpire, IntentData, KnowledgeGap};

use crate::library::Looked;

/// One settled utterance: masked, simplified, numbers as digits.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// Names it in every event.
    pub segment: SegmentId,
    /// Who spoke.
    pub role: Role,
    /// What was said. Masked before it comes here: nothing in this crate may see personal data.
    pub text: String,
    /// When it began.
    pub begin: CallTime,
    /// When it ended.
    pub end: CallTime,
    /// 0 to 1, the recogniser's own opinion.
    pub confidence: f32,
}

/// Something for the agent's screen. The engine adds ids of call and leg and the stages' durations.
#[derive(Clone, Debug, PartialEq)]
pub enum Push {
    /// What the caller wants.
    Intent(IntentData),
    /// Show it.
    New(Box<HintData>),
    /// Show it in place of the one with the same `hint_id`.
    Update(Box<HintData>),
    /// Take it away.
    Expire(HintExpire),
    /// Nothing for the screen: a question that the base does not answer.
    Gap(Box<KnowledgeGap>),
    /// Nothing for the screen: what became of looking into the library.
    Looked(Looked),
}
