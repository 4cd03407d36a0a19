//! The call's own life: who is on it, what was not heard, what went wrong.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `call.started`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallStarted {
    /// The caller's number, masked to its last two digits (`*********01`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller: Option<String>,
    /// The caller's number, hashed with `privacy.number_salt`; absent without a salt or a number.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller_hash: Option<String>,
    /// The number that was dialled.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub called: Option<String>,
    /// The queue that the caller came through.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub queue: Option<String>,
    /// The CTI's own id of the call, when the dialplan set one (`sidetone_cti_id`).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cti_id: Option<String>,
    /// How long the call had run when Sidetone found it; 0 for a new call.
    pub age_ms: u64,
    /// Whether this continues a call that Sidetone heard before it was restarted.
    pub resumed: bool,
    /// Who called whom; absent where the switch does not tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub dir: Option<Direction>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A member of the public called.
    In,
    /// An agent did.
    Out,
}

/// `call.updated`: the state after the change, whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallUpdated {
    /// What changed.
    pub reason: UpdateReason,
    /// Whether a party has the call on hold.
    pub on_hold: bool,
    /// Every leg that is on the call now.
    pub legs: Vec<LegInfo>,
    /// An operator has asked that no text be shown; absent when not.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub masked: bool,
    /// Who has asked that nothing be heard; absent when nobody has.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub paused_by: Vec<PausedBy>,
    /// The leg that joined, left, or pressed hold; absent of other reasons.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub leg: Option<String>,
    /// Of an agent who joined: how they came to the call.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub how: Option<PartHow>,
    /// Of an agent who left: how.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub exit: Option<PartExit>,
}

/// How an agent came to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartHow {
    /// By a queue.
    Queue,
    /// Another agent gave it to them.
    Transfer,
    /// Another agent asked them, and kept the call.
    Consult,
    /// Dialled, without a queue.
    Direct,
}

/// How an agent left a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartExit {
    /// Somebody hung up.
    Hangup,
    /// They gave it away unannounced.
    Blind,
    /// They spoke with the next one first.
    Attended,
}

/// Who has asked that nothing be heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PausedBy {
    /// An operator or a soft-phone, by `sidetone:control`.
    Operator,
    /// The dialplan.
    Dialplan,
}

/// What changed in `call.updated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UpdateReason {
    /// A leg joined.
    Joined,
    /// A leg left and the call goes on.
    Left,
    /// Another agent took the call over.
    Transfer,
    /// A party pressed hold.
    Hold,
    /// The hold ended.
    Resume,
    /// A leg is being heard, or no longer is.
    Tap,
    /// `pause`, `mask` or `resume` was obeyed: see `masked` and `paused_by`.
    Control,
}

/// One leg of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LegInfo {
    /// The channel's id on the switch.
    pub leg_id: String,
    /// `caller` or `agent`.
    pub role: String,
    /// The agent, when it is one that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent_id: Option<String>,
    /// How it is heard (`snoop`, `chanspy`, `recording`); absent when it is not heard.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub tap: Option<String>,
}

/// `call.ended`, always the last event of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallEnded {
    /// `hangup`, or `lost_sight` when the end itself was not seen.
    pub cause: String,
    /// From the first bridge to the end.
    pub duration_ms: u64,
    /// How many finals the call had.
    pub finals: u64,
    /// How many hints it had.
    pub hints: u64,
    /// Who ended it; absent where the switch does not tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_by: Option<EndBy>,
}

/// Who ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndBy {
    /// The caller hung up.
    Caller,
    /// The agent did.
    Agent,
    /// Neither: the switch, the dialplan, a fault.
    System,
}

/// `audio.gap`: a stretch that was not heard and is silence in the transcript's time line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AudioGap {
    /// From `call.started`.
    pub begin_ms: u64,
    /// From `call.started`; of an open gap, how far it has come. Equal to `begin_ms` when the sound was only late.
    pub end_ms: u64,
    /// `packet_loss`, `no_audio` (the tap fell silent), `not_sent` (the sender sent nothing, and no packet is missing) or
    /// `overrun` (dropped here for want of room).
    pub cause: String,
    /// It goes on: another `audio.gap` with the same `begin_ms` says how it ended. Absent when not.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub open: bool,
}

/// `error`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fault {
    /// Stable name, for programs (`tap_failed`, `recogniser_failed`).
    pub code: String,
    /// Plain words, for people; no personal data.
    pub message: String,
    /// What it means for the call.
    pub severity: FaultSeverity,
}

/// What a fault means for the call's assistance. The telephone call itself is never affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultSeverity {
    /// Something is missing, the rest goes on.
    Degraded,
    /// A leg is no longer heard.
    Deaf,
}
