//! The wire: what leaves Sidetone, version 1.
//!
//! `docs/EVENTS.md` is the contract in prose, `docs/schema/*.json` is generated from these types by
//! `sidetone schema`. Fields are only ever added within a version.
//!
//! Offsets (`begin`, `end` of redactions and highlights) count Unicode scalar values of the masked
//! text. Times in `_ms` count milliseconds; those of a transcript from `call.started`.

mod call;
mod envelope;
mod facts;
mod gap;
mod hint;
mod speech;
mod tidy;
mod types;
mod wrapup;

pub use call::{
    AudioGap, CallEnded, CallStarted, CallUpdated, Direction, EndBy, Fault, FaultSeverity, LegInfo, PartExit, PartHow,
    PausedBy, UpdateReason,
};
pub use envelope::{Body, Class, Envelope, Timestamp, VERSION};
pub use facts::{
    AgentAcwEnded, AgentOfferEnded, AgentOffered, AgentState, AgentStateChanged, ContactEntered, ContactLeft,
    FactsEnded, IvrEntered, IvrExit, IvrLeft, IvrTurn, OfferExit, QueueEntered, QueueExit, QueueLeft, SurveyAnswered,
    SurveyOffered, TapDown, TapUp, TicketClosed, TicketCreated,
};
pub use gap::{GapCandidate, GapTurn, KnowledgeGap};
pub use hint::{
    Calc, CalcInput, CalcMissing, Case, Channel, Compare, CompareRow, HintData, HintExpire, HintKind, HintRegion,
    HistoryItem, LatencyMs, PastCall, PastTopic, Risk, Script, Source, SourceStatus, Tier, Trigger,
};
pub use speech::{
    EmotionSegment, Entity, IntentData, QaHit, QaKind, Redaction, RedactionKind, Span, SpeechEnded, SpeechStarted,
    Transcript,
};
pub use types::{python, typescript};
pub use wrapup::{
    Check, CorrectedWrapup, Correction, Element, ElementMethod, Party, Satisfaction, Topic, Wrapup, WrapupElements,
};

/// The JSON Schema of every event, as `sidetone schema` prints it.
#[must_use]
pub fn json_schema() -> schemars::Schema {
    let derived = schemars::schema_for!(Envelope).to_value();
    schemars::Schema::try_from(tidy::tidy(derived)).unwrap_or_default()
}
