//! What was said and what it was understood to mean.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `speech.started`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeechStarted {
    /// Names the segment in every event about it.
    pub segment_id: String,
    /// From `call.started`.
    pub begin_ms: u64,
}

/// `speech.ended`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SpeechEnded {
    /// As in `speech.started`.
    pub segment_id: String,
    /// From `call.started`.
    pub begin_ms: u64,
    /// From `call.started`.
    pub end_ms: u64,
}

/// `transcript.partial`, `transcript.final`, `transcript.revised`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Transcript {
    /// As in `speech.started`.
    pub segment_id: String,
    /// Rises with every version of this segment's text; keep the highest.
    pub rev: u32,
    /// Nothing of this text will change, save by `transcript.revised`.
    pub is_final: bool,
    /// From `call.started`.
    pub begin_ms: u64,
    /// From `call.started`.
    pub end_ms: u64,
    /// Masked text, simplified characters, numbers as digits.
    pub text: String,
    /// 0 to 1, the recogniser's own opinion.
    pub confidence: f32,
    /// What was masked in `text`.
    pub redactions: Vec<Redaction>,
    /// BCP 47, `zh`.
    pub lang: String,
    /// Of `text`, how many Unicode scalar values at its head will stay as they are until the final. All of a
    /// final's. It never falls within a segment, save to 0 while an operator withholds the text.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stable: Option<usize>,
}

/// A stretch of `text` that stands for personal data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Redaction {
    /// What it was.
    #[serde(rename = "type")]
    pub kind: RedactionKind,
    /// First Unicode scalar value.
    pub begin: usize,
    /// One past the last.
    pub end: usize,
}

/// Kinds of personal data that are masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RedactionKind {
    /// 居民身份证号码, GB 11643, 18 digits with checksum (or a long run that looks like one).
    IdCard,
    /// Mobile or fixed-line number.
    Phone,
    /// Bank or social-security card number.
    BankCard,
    /// A long run of digits of unknown kind.
    Digits,
    /// Number of a person's social insurance (社会保障号, 个人编号).
    SocialSecurity,
    /// Passport number.
    Passport,
    /// Number of a permit or licence (通行证, 居住证, 驾驶证).
    Permit,
    /// Number plate of a car.
    Plate,
    /// E-mail address, written or read out.
    Email,
    /// Where somebody lives: a road or an estate with the number of a house.
    Address,
    /// A name that its speaker gives (我叫…, 姓名是…).
    Name,
    /// Name of an account of a messenger (微信号, QQ).
    Account,
    /// Date of birth with year, month and day, where words say that it is one.
    BirthDate,
    /// No personal data of a known kind: an operator had the whole text withheld (`mask`).
    Withheld,
}

/// A stretch of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    /// First Unicode scalar value.
    pub begin: usize,
    /// One past the last.
    pub end: usize,
}

/// `intent`: what a caller's turn was understood to want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntentData {
    /// The segment that it was read from.
    pub segment_id: String,
    /// Topic id of the knowledge base (`unemployment_benefit`).
    pub topic: String,
    /// The topic's name (`失业保险金`).
    pub topic_name: String,
    /// What is wanted of it: `eligibility`, `amount`, `procedure`, `materials`, `deadline`, `location`,
    /// `status`, `complaint`, `definition` or `other`.
    pub intent: String,
    /// Whether the caller asked something.
    pub is_question: bool,
    /// 0 to 1.
    pub confidence: f32,
    /// What was named: terms, amounts, durations, places, dates.
    pub entities: Vec<Entity>,
}

/// Something that a speaker named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entity {
    /// `term`, `amount`, `duration`, `date`, `region`, `age`, `percent`.
    pub kind: String,
    /// As spoken (masked).
    pub text: String,
    /// Normal form: a knowledge-base id, `PT18M`, `2400 CNY`, `370500`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
}

/// `qa.hit`: a rule of conversation quality matched.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QaHit {
    /// Stable name of the rule.
    pub rule: String,
    /// Where.
    pub segment_id: String,
    /// Plain words.
    pub message: String,
    /// Whether the rule forbids or demands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kind: Option<QaKind>,
    /// Of a rule that demands: whether it was done.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub met: Option<bool>,
    /// What it adds to the 100 points of the call, -100 to 100.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub score: Option<i32>,
}

/// What a rule of conversation quality says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QaKind {
    /// It was not to be done.
    Violation,
    /// It had to be done.
    Required,
}

/// `emotion.segment`: how somebody sounded in a segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EmotionSegment {
    /// The segment.
    pub segment_id: String,
    /// `angry`, `anxious`, `calm`, `happy`.
    pub label: String,
    /// 0 to 1.
    pub confidence: f32,
}
