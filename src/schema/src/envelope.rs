//! The envelope that every event travels in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AgentAcwEnded, AgentOfferEnded, AgentOffered, AgentStateChanged, AudioGap, CallEnded, CallStarted, CallUpdated,
    ContactEntered, ContactLeft, CorrectedWrapup, EmotionSegment, FactsEnded, Fault, HintData, HintExpire, IntentData,
    IvrEntered, IvrLeft, IvrTurn, KnowledgeGap, QaHit, QueueEntered, QueueLeft, SpeechEnded, SpeechStarted,
    SurveyAnswered, SurveyOffered, TapDown, TapUp, TicketClosed, TicketCreated, Transcript, Wrapup,
};

/// The version in `v`.
pub const VERSION: u8 = 1;

/// One event of one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Envelope {
    /// Version of this contract: 1.
    pub v: u8,
    /// `type` and `data`.
    #[serde(flatten)]
    pub body: Body,
    /// The call.
    pub call_id: String,
    /// Rises by one per call, from 1. `(call_id, seq)` names an event for ever: seen twice, it is the same.
    pub seq: u64,
    /// When it was published: UTC, RFC 3339, milliseconds.
    pub ts: Timestamp,
    /// The leg that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leg_id: Option<String>,
    /// `caller` or `agent`, where it is about one leg.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    #[schemars(extend("enum" = ["caller", "agent", null]))]
    pub role: Option<String>,
    /// The agent on the call when it was published.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent_id: Option<String>,
}

/// `type` and `data` of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", content = "data")]
pub enum Body {
    /// A caller and an agent were joined, or a running call was picked up after a restart.
    #[serde(rename = "call.started")]
    CallStarted(CallStarted),
    /// Who is on the call, or whether it is held, has changed.
    #[serde(rename = "call.updated")]
    CallUpdated(CallUpdated),
    /// The last event of a call.
    #[serde(rename = "call.ended")]
    CallEnded(CallEnded),
    /// Someone began to speak.
    #[serde(rename = "speech.started")]
    SpeechStarted(SpeechStarted),
    /// They stopped.
    #[serde(rename = "speech.ended")]
    SpeechEnded(SpeechEnded),
    /// What is heard so far; will be replaced.
    #[serde(rename = "transcript.partial")]
    TranscriptPartial(Transcript),
    /// What was said.
    #[serde(rename = "transcript.final")]
    TranscriptFinal(Transcript),
    /// A final, corrected by a later and better pass; `rev` is higher than the final's.
    #[serde(rename = "transcript.revised")]
    TranscriptRevised(Transcript),
    /// What the caller's turn was understood to want.
    #[serde(rename = "intent")]
    Intent(IntentData),
    /// Show this.
    #[serde(rename = "hint.new")]
    HintNew(Box<HintData>),
    /// Replace the hint with the same `hint_id`.
    #[serde(rename = "hint.update")]
    HintUpdate(Box<HintData>),
    /// Take it away.
    #[serde(rename = "hint.expire")]
    HintExpire(HintExpire),
    /// The wrap-up as it stands while the call runs.
    #[serde(rename = "wrapup.draft")]
    WrapupDraft(Box<Wrapup>),
    /// The wrap-up of a call that is over.
    #[serde(rename = "wrapup.final")]
    WrapupFinal(Box<Wrapup>),
    /// The record of a call that is over, as an agent has corrected it. Never in the call's own stream, which `call.ended` closes.
    #[serde(rename = "wrapup.corrected")]
    WrapupCorrected(Box<CorrectedWrapup>),
    /// Audio was not heard.
    #[serde(rename = "audio.gap")]
    AudioGap(AudioGap),
    /// A question for which nothing was shown.
    #[serde(rename = "knowledge.gap")]
    KnowledgeGap(Box<KnowledgeGap>),
    /// A quality rule matched.
    #[serde(rename = "qa.hit")]
    QaHit(QaHit),
    /// How somebody sounded.
    #[serde(rename = "emotion.segment")]
    EmotionSegment(EmotionSegment),
    /// Something went wrong that the reader may want to show.
    #[serde(rename = "error")]
    Error(Fault),
    /// A leg is heard from now on.
    #[serde(rename = "tap.up")]
    TapUp(TapUp),
    /// A leg is heard no more.
    #[serde(rename = "tap.down")]
    TapDown(TapDown),
    /// A caller's channel came in, or an agent's went out.
    #[serde(rename = "contact.entered")]
    ContactEntered(ContactEntered),
    /// The channel is gone.
    #[serde(rename = "contact.left")]
    ContactLeft(ContactLeft),
    /// A caller began to wait.
    #[serde(rename = "queue.entered")]
    QueueEntered(QueueEntered),
    /// The wait is over.
    #[serde(rename = "queue.left")]
    QueueLeft(QueueLeft),
    /// A call rings at an agent.
    #[serde(rename = "agent.offered")]
    AgentOffered(AgentOffered),
    /// It rings no more.
    #[serde(rename = "agent.offer_ended")]
    AgentOfferEnded(AgentOfferEnded),
    /// An agent does something else.
    #[serde(rename = "agent.state")]
    AgentState(AgentStateChanged),
    /// An agent has finished the work after a call.
    #[serde(rename = "agent.acw_ended")]
    AgentAcwEnded(AgentAcwEnded),
    /// A machine talks with a caller.
    #[serde(rename = "ivr.entered")]
    IvrEntered(IvrEntered),
    /// One question and answer of it.
    #[serde(rename = "ivr.turn")]
    IvrTurn(IvrTurn),
    /// The machine is done.
    #[serde(rename = "ivr.left")]
    IvrLeft(IvrLeft),
    /// A caller was asked how content they are.
    #[serde(rename = "survey.offered")]
    SurveyOffered(SurveyOffered),
    /// They have answered.
    #[serde(rename = "survey.answered")]
    SurveyAnswered(SurveyAnswered),
    /// The CRM opened a ticket.
    #[serde(rename = "ticket.created")]
    TicketCreated(TicketCreated),
    /// The CRM closed a ticket.
    #[serde(rename = "ticket.closed")]
    TicketClosed(TicketClosed),
    /// The last event under a key of facts.
    #[serde(rename = "facts.ended")]
    FactsEnded(FactsEnded),
}

/// How dear an event is when there is no room: the lower goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Shed first.
    Partial,
    /// Second passes: shed after partials.
    SecondPass,
    /// Hints, and facts for metrics: shed after second passes.
    Hint,
    /// Never shed: finals, wrap-ups and the call's own life.
    Kept,
}

impl Body {
    /// The text of `type`.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::CallStarted(_) => "call.started",
            Self::CallUpdated(_) => "call.updated",
            Self::CallEnded(_) => "call.ended",
            Self::SpeechStarted(_) => "speech.started",
            Self::SpeechEnded(_) => "speech.ended",
            Self::TranscriptPartial(_) => "transcript.partial",
            Self::TranscriptFinal(_) => "transcript.final",
            Self::TranscriptRevised(_) => "transcript.revised",
            Self::Intent(_) => "intent",
            Self::HintNew(_) => "hint.new",
            Self::HintUpdate(_) => "hint.update",
            Self::HintExpire(_) => "hint.expire",
            Self::WrapupDraft(_) => "wrapup.draft",
            Self::WrapupFinal(_) => "wrapup.final",
            Self::WrapupCorrected(_) => "wrapup.corrected",
            Self::AudioGap(_) => "audio.gap",
            Self::KnowledgeGap(_) => "knowledge.gap",
            Self::QaHit(_) => "qa.hit",
            Self::Error(_) => "error",
            Self::TapUp(_) => "tap.up",
            Self::TapDown(_) => "tap.down",
            Self::EmotionSegment(_) => "emotion.segment",
            Self::ContactEntered(_) => "contact.entered",
            Self::ContactLeft(_) => "contact.left",
            Self::AgentAcwEnded(_) => "agent.acw_ended",
            Self::QueueEntered(_) => "queue.entered",
            Self::QueueLeft(_) => "queue.left",
            Self::AgentOffered(_) => "agent.offered",
            Self::AgentOfferEnded(_) => "agent.offer_ended",
            Self::AgentState(_) => "agent.state",
            Self::IvrEntered(_) => "ivr.entered",
            Self::IvrTurn(_) => "ivr.turn",
            Self::IvrLeft(_) => "ivr.left",
            Self::SurveyOffered(_) => "survey.offered",
            Self::SurveyAnswered(_) => "survey.answered",
            Self::TicketCreated(_) => "ticket.created",
            Self::TicketClosed(_) => "ticket.closed",
            Self::FactsEnded(_) => "facts.ended",
        }
    }

    /// Whether nothing follows it under its key.
    #[must_use]
    pub const fn is_last(&self) -> bool {
        matches!(self, Self::CallEnded(_) | Self::FactsEnded(_))
    }

    /// Whether it may be shed, and when.
    #[must_use]
    pub const fn class(&self) -> Class {
        match self {
            Self::TranscriptPartial(_) | Self::SpeechStarted(_) | Self::SpeechEnded(_) | Self::WrapupDraft(_) => {
                Class::Partial
            }
            Self::TranscriptRevised(_) => Class::SecondPass,
            Self::HintNew(_)
            | Self::HintUpdate(_)
            | Self::HintExpire(_)
            | Self::Intent(_)
            | Self::KnowledgeGap(_)
            | Self::QaHit(_)
            | Self::AudioGap(_)
            | Self::TapUp(_)
            | Self::TapDown(_)
            | Self::EmotionSegment(_)
            | Self::ContactEntered(_)
            | Self::ContactLeft(_)
            | Self::AgentAcwEnded(_)
            | Self::QueueEntered(_)
            | Self::QueueLeft(_)
            | Self::AgentOffered(_)
            | Self::AgentOfferEnded(_)
            | Self::AgentState(_)
            | Self::IvrEntered(_)
            | Self::IvrTurn(_)
            | Self::IvrLeft(_)
            | Self::SurveyOffered(_)
            | Self::SurveyAnswered(_)
            | Self::TicketCreated(_)
            | Self::TicketClosed(_) => Class::Hint,
            Self::CallStarted(_)
            | Self::CallUpdated(_)
            | Self::CallEnded(_)
            | Self::TranscriptFinal(_)
            | Self::WrapupFinal(_)
            | Self::WrapupCorrected(_)
            | Self::Error(_)
            | Self::FactsEnded(_) => Class::Kept,
        }
    }
}

/// UTC with milliseconds, `2026-11-22T08:00:00.123Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("format" = "date-time"))]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// Rounds down to whole milliseconds.
    #[must_use]
    pub fn new(at: jiff::Timestamp) -> Self {
        Self(jiff::Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at))
    }

    /// The instant.
    #[must_use]
    pub const fn instant(self) -> jiff::Timestamp {
        self.0
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3}", self.0)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self::new).map_err(serde::de::Error::custom)
    }
}
