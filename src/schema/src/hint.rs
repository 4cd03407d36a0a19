//! What is pushed to the agent.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Entity, Span, Timestamp};

/// `hint.new` and `hint.update`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HintData {
    /// Names the hint in later events and in feedback.
    pub hint_id: String,
    /// How much it matters.
    pub tier: Tier,
    /// What it is; says which of the optional fields are there.
    pub kind: HintKind,
    /// What set it off.
    pub trigger: Trigger,
    /// The topic of the knowledge base; absent when it is that of the segment's `intent`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// One line.
    pub title: String,
    /// What the agent can read out.
    pub body: String,
    /// What to stress in `body`: figures, deadlines, names.
    pub highlights: Vec<Span>,
    /// Where it is written. Never empty on tier 1.
    pub sources: Vec<Source>,
    /// The place that it holds for, where that is not the line's own; `title` says it, too.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<HintRegion>,
    /// 0 to 1, within its kind.
    pub score: f32,
    /// The node of the knowledge base that it was made from; absent where it was made from none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// Two hints of a call with the same key say the same.
    pub dedup_key: String,
    /// The `hint_id` that this one replaces on screen.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub supersedes: Option<String>,
    /// Show it no longer than this.
    pub ttl_ms: u64,
    /// What worded it: `knowledge` or an LLM engine's name.
    pub engine: String,
    /// How long each stage took.
    pub latency_ms: LatencyMs,
    /// Shown before the caller had finished, on what they had said so far. Their final confirms
    /// it in silence, refines it by `hint.update` or takes it back by `hint.expire`.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub early: bool,
    /// For `compare`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub compare: Option<Compare>,
    /// For `channel`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub channels: Option<Vec<Channel>>,
    /// For `history`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub history: Option<Vec<HistoryItem>>,
    /// For `calc`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub calc: Option<Calc>,
    /// For `case`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub case: Option<Case>,
    /// For `script`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub script: Option<Script>,
    /// For `risk`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub risk: Option<Risk>,
    /// For `caller`: newest first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub past_calls: Option<Vec<PastCall>>,
}

/// A place that a caller speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HintRegion {
    /// GB/T 2260, six digits.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// How much a hint matters. On the wire a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u8", into = "u8")]
#[schemars(with = "u8", extend("minimum" = 1, "maximum" = 3))]
pub enum Tier {
    /// 1: the agent must say this.
    MustSay,
    /// 2: useful.
    Useful,
    /// 3: background.
    Background,
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> Self {
        match tier {
            Tier::MustSay => 1,
            Tier::Useful => 2,
            Tier::Background => 3,
        }
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;

    fn try_from(value: u8) -> Result<Self, String> {
        match value {
            1 => Ok(Self::MustSay),
            2 => Ok(Self::Useful),
            3 => Ok(Self::Background),
            other => Err(format!("tier is 1, 2 or 3, not {other}")),
        }
    }
}

/// What a hint is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HintKind {
    /// The answer to the question.
    Answer,
    /// The rule behind it.
    Policy,
    /// A case like this one.
    Case,
    /// One figure at two times, side by side.
    Compare,
    /// Where and how it is done.
    Channel,
    /// How a figure or a rule was over the years.
    History,
    /// A figure worked out from what the caller said.
    Calc,
    /// Words to say.
    Script,
    /// Take care.
    Risk,
    /// What the caller called for before.
    Caller,
}

/// What set a hint off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// The caller's turn.
    pub segment_id: String,
    /// As in `intent`, `topic/intent`.
    pub intent: String,
    /// As in `intent`.
    pub entities: Vec<Entity>,
}

/// A document that a hint rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// 文号; empty for a statute, which has none.
    pub doc_no: String,
    /// The document's name.
    pub title: String,
    /// `第四十五条`, where it is one article.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub article: Option<String>,
    /// ISO date from which it applies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_from: Option<String>,
    /// ISO date of the last day on which it applies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_to: Option<String>,
    /// Whether it may be relied upon.
    pub status: SourceStatus,
    /// Where it can be read.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
    /// Its whole words, where a library of statutes and cases has them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub text: Option<String>,
    /// What these words cite and the library has, as `document article`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub cites: Vec<String>,
    /// What took its place or ended it, of one that does not hold any more.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub ended_by: Option<String>,
}

/// Whether a source may be relied upon on the day of the call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceStatus {
    /// In force.
    #[default]
    InForce,
    /// Published, applies later.
    NotYet,
    /// Replaced or repealed.
    Repealed,
    /// A sample that an administrator must replace before relying on it.
    Sample,
}

/// Milliseconds from the end of the caller's speech, stage by stage; of an early hint, from the moment at which the
/// sound that set it off had been heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyMs {
    /// Until the text was final.
    pub speech: u64,
    /// Until its meaning was known.
    pub understand: u64,
    /// Until the knowledge was found.
    #[serde(rename = "match")]
    pub matching: u64,
    /// Until it was handed to the wire.
    pub push: u64,
    /// Sum of the four.
    pub total: u64,
}

/// Two things side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Compare {
    /// Head of the left column.
    pub left: String,
    /// Head of the right column.
    pub right: String,
    /// In order.
    pub rows: Vec<CompareRow>,
}

/// One line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompareRow {
    /// What is compared.
    pub label: String,
    /// On the left: the older one.
    pub left: String,
    /// On the right: the newer one.
    pub right: String,
    /// Right less left, with its sign and unit, exact.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub difference: Option<String>,
    /// The difference in percent of the left, two digits behind the point, with its sign.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub percent: Option<String>,
}

/// A way in which something is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Channel {
    /// `online` and `app` (at home), `window` (in person) or `phone`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What else to know: opening hours, an address.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
    /// What is done there, in order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub steps: Vec<String>,
    /// What to bring or to upload.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub materials: Vec<String>,
    /// How long it takes, or until when it can be done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<String>,
    /// Where it is on the web.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub url: Option<String>,
}

/// One row of a figure's or a rule's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HistoryItem {
    /// ISO date of the first day; absent where it is not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_from: Option<String>,
    /// ISO date of the last day; absent while it applies.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub effective_to: Option<String>,
    /// The figure with its unit; of a rule, its title.
    pub value: String,
    /// 文号; empty for a statute.
    pub doc_no: String,
    /// The document's name.
    pub doc_title: String,
    /// It is the one in force on the day that is asked about.
    pub in_force: bool,
}

/// Words for the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Script {
    /// What can be said.
    pub say: Vec<String>,
    /// What must not be said or promised.
    pub never: Vec<String>,
}

/// What a warning rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// Id of the rule that spoke.
    pub rule: String,
    /// What the caller told that set it off.
    pub facts: Vec<CalcInput>,
}

/// A figure and how it came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Calc {
    /// In words and figures: `4416 × 20% = 883.20`.
    pub formula: String,
    /// What went in, each from a dated row or from the caller.
    pub inputs: Vec<CalcInput>,
    /// What came out; empty while something is missing without which there is no result.
    pub result: String,
    /// `元/月`.
    pub unit: String,
    /// What the agent has to ask before there is a result, or a better one.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub missing: Vec<CalcMissing>,
}

/// Something that a caller has not told yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalcMissing {
    /// Id of the slot, as in the pack's `calc/slots.toml`.
    pub slot: String,
    /// What to ask.
    pub question: String,
}

/// One input of a calculation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CalcInput {
    /// What it is.
    pub name: String,
    /// Its value as text.
    pub value: String,
    /// Id of the dated row, or `caller`.
    pub origin: String,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Case {
    /// Who and what, without names.
    pub facts: String,
    /// How it was decided.
    pub outcome: String,
}

/// An earlier call of the same caller, as its wrap-up told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastCall {
    /// Which.
    pub call_id: String,
    /// When it was wrapped up.
    pub at: Timestamp,
    /// The wrap-up's request type.
    pub request_type: String,
    /// What it was about.
    pub topics: Vec<PastTopic>,
    /// What was left to do.
    pub todos: Vec<String>,
    /// The wrap-up's summary.
    pub summary: String,
}

/// A topic of an earlier call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastTopic {
    /// Its id in the knowledge base.
    pub topic: String,
    /// Its name.
    pub name: String,
    /// Whether it was answered.
    pub resolved: bool,
}

/// `hint.expire`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HintExpire {
    /// Which.
    pub hint_id: String,
    /// `ttl`, `superseded`, `withdrawn`, `dismissed` or `call_ended`.
    pub reason: String,
}
