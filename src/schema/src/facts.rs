//! Facts that metrics are made of: queues, offers, agents' states, dialogues before an agent, surveys, tickets.
//!
//! They are published under a key of their own (`facts.<switch>.<hour>`), since a caller who gives up is in no call and an
//! agent's state belongs to none. `contact` names the call that a fact is about: the `call_id` that it has, or would have had.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Direction, EndBy};

/// `contact.entered`: a caller's channel came in, or an agent's went out. What follows of it may never be a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactEntered {
    /// The call that it becomes when a caller and an agent are joined.
    pub contact: String,
    /// Who called whom.
    pub dir: Direction,
    /// As in `call.started`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller_hash: Option<String>,
    /// The agent who dialled, where one did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent_id: Option<String>,
    /// It has video; absent when not.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub video: bool,
}

/// `contact.left`: the channel is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContactLeft {
    /// As in `contact.entered`.
    pub contact: String,
    /// Who ended it; absent where the switch does not tell.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_by: Option<EndBy>,
    /// From entering to this.
    pub duration_ms: u64,
}

/// `queue.entered`: a caller began to wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueEntered {
    /// The call that it is about.
    pub contact: String,
    /// Names this entry: a caller may enter a queue more than once.
    pub entry: String,
    /// The queue.
    pub queue: String,
    /// As in `call.started`: for a caller who is never joined with an agent it is nowhere else.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller_hash: Option<String>,
}

/// `queue.left`: the wait is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueLeft {
    /// The call that it is about.
    pub contact: String,
    /// As in `queue.entered`.
    pub entry: String,
    /// The queue.
    pub queue: String,
    /// How.
    pub left: QueueExit,
    /// From entering to this.
    pub wait_ms: u64,
    /// Who answered, where somebody did.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agent_id: Option<String>,
}

/// How a wait in a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum QueueExit {
    /// An agent answered.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// The wait became too long, and the dialplan went on.
    Timeout,
    /// The queue gave the caller to something else: nobody was there to answer, or a key was pressed.
    Overflow,
    /// The queue took nobody more.
    Full,
    /// The caller is to be called back.
    Callback,
    /// Something of the switch failed, or the end was not seen.
    Failed,
}

/// `agent.offered`: a call rings at an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentOffered {
    /// The call that it is about.
    pub contact: String,
    /// Names this offer.
    pub offer: String,
    /// Whose telephone rings.
    pub agent_id: String,
    /// For which queue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub queue: Option<String>,
}

/// `agent.offer_ended`: it rings no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentOfferEnded {
    /// The call that it is about.
    pub contact: String,
    /// As in `agent.offered`.
    pub offer: String,
    /// Whose telephone rang.
    pub agent_id: String,
    /// For which queue.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub queue: Option<String>,
    /// How.
    pub left: OfferExit,
    /// How long it rang.
    pub rang_ms: u64,
}

/// How an offer to an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferExit {
    /// The agent answered.
    Answered,
    /// Nobody answered in time.
    NoAnswer,
    /// The agent, or their telephone, refused.
    Rejected,
    /// The caller left meanwhile.
    CallerGone,
    /// Another agent was faster.
    Elsewhere,
}

/// `agent.state`: an agent is in this state from now on, until the next of their `agent.state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentStateChanged {
    /// The agent.
    pub agent_id: String,
    /// The new state.
    pub state: AgentState,
    /// Why, in the switch's words (the reason of a break).
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
}

/// `agent.acw_ended`: an agent has finished the work after a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentAcwEnded {
    /// The call that it is about.
    pub contact: String,
    /// The agent.
    pub agent_id: String,
    /// From the end of their part in the call to this.
    pub acw_ms: u64,
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentState {
    /// Waits for a call.
    Ready,
    /// A call rings at them.
    Ring,
    /// Talks, or holds a call.
    Talk,
    /// After-call work.
    Acw,
    /// Away for a while.
    Break,
    /// Not signed in, or their telephone cannot be reached.
    Offline,
}

/// `ivr.entered`: a machine talks with a caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IvrEntered {
    /// The call that it is about.
    pub contact: String,
    /// Names this session.
    pub session: String,
    /// Where in the dialplan, when that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// As in `call.started`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caller_hash: Option<String>,
}

/// `ivr.turn`: the caller was asked to speak, and this came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IvrTurn {
    /// The call that it is about.
    pub contact: String,
    /// As in `ivr.entered`.
    pub session: String,
    /// Where in the dialplan, when that is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub node: Option<String>,
    /// Whether the caller's words had a topic.
    pub understood: bool,
    /// Whether the knowledge base had something to be read out.
    pub answered: bool,
    /// The topic.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// When the caller stopped to speak, from `ivr.entered`; absent when nobody spoke.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub speech_end_ms: Option<u64>,
    /// When the dialplan got its answer, and could play it, from `ivr.entered`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub play_start_ms: Option<u64>,
}

/// `ivr.left`: the machine is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct IvrLeft {
    /// The call that it is about.
    pub contact: String,
    /// As in `ivr.entered`.
    pub session: String,
    /// How.
    pub left: IvrExit,
    /// How long it took.
    pub duration_ms: u64,
    /// How many of its turns were answered.
    pub answers: u64,
    /// How many turns since the last answer were not.
    pub fails_after_last_answer: u64,
    /// Nodes of the dialplan that it passed and no turn names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub nodes: Vec<String>,
    /// Topics that it was about and no turn names.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub topics: Vec<String>,
}

/// How a session with a machine ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum IvrExit {
    /// The caller hung up.
    CallerHangup,
    /// The caller went into a queue.
    ToQueue,
    /// The caller was given to somebody, or the dialplan went on.
    Transfer,
    /// Something failed.
    Error,
}

/// `survey.offered`: a caller was asked how content they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SurveyOffered {
    /// The call that it is about.
    pub contact: String,
}

/// `survey.answered`: they have answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SurveyAnswered {
    /// The call that it is about.
    pub contact: String,
    /// 1 (not at all) to 5 (very).
    #[schemars(range(min = 1, max = 5))]
    pub score: u8,
}

/// `ticket.created`: the CRM opened a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketCreated {
    /// The ticket's id in the CRM.
    pub ticket: String,
    /// The call that it came of, when it came of one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub contact: Option<String>,
    /// When it is to be closed: RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due: Option<String>,
    /// What it is about: a topic of the knowledge base.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
}

/// `ticket.closed`: it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TicketClosed {
    /// As in `ticket.created`.
    pub ticket: String,
}

/// `facts.ended`, the last event under its key. What follows comes under the key of another hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FactsEnded {}

/// `tap.up`: from now on the leg is heard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TapUp {
    /// How (`snoop`, `chanspy`, `module`, …).
    pub kind: String,
    /// From `call.started`.
    pub begin_ms: u64,
}

/// `tap.down`: it is heard no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TapDown {
    /// As in `tap.up`.
    pub kind: String,
    /// From `call.started`: as in the `tap.up` before it.
    pub begin_ms: u64,
    /// From `call.started`.
    pub end_ms: u64,
    /// `failed`, `left` when the leg or the call is over, or `stopped` when Sidetone stops and the call goes on.
    pub reason: String,
}
