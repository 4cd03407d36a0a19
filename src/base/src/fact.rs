//! Facts for metrics that a switch tells: about callers who may never be joined with an agent, and about agents.

use std::time::Duration;

use crate::{AgentId, CallId, Pii};

/// One fact. `contact` is the id of the call that it is about, also of one that never begins.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// A caller's channel came in, or an agent dialled.
    ContactEntered {
        /// Which.
        contact: CallId,
        /// Who called whom.
        direction: Direction,
        /// The number of the member of the public.
        number: Option<Pii<String>>,
        /// Who dialled.
        agent: Option<AgentId>,
    },
    /// The channel is gone.
    ContactLeft {
        /// Which.
        contact: CallId,
        /// Who hung up.
        end_by: EndBy,
        /// How long it was there.
        lasted: Duration,
    },
    /// A caller began to wait.
    QueueEntered {
        /// Who.
        contact: CallId,
        /// Names this wait.
        entry: String,
        /// For what.
        queue: String,
        /// The caller's number.
        number: Option<Pii<String>>,
    },
    /// The wait is over.
    QueueLeft {
        /// Who.
        contact: CallId,
        /// Which wait.
        entry: String,
        /// For what.
        queue: String,
        /// How.
        left: QueueExit,
        /// How long.
        waited: Duration,
        /// Who answered.
        agent: Option<AgentId>,
    },
    /// A call rings at an agent.
    Offered {
        /// Which call.
        contact: CallId,
        /// Names this offer.
        offer: String,
        /// At whom.
        agent: AgentId,
        /// For which queue.
        queue: Option<String>,
    },
    /// It rings no more.
    OfferEnded {
        /// Which call.
        contact: CallId,
        /// Which offer.
        offer: String,
        /// At whom.
        agent: AgentId,
        /// For which queue.
        queue: Option<String>,
        /// How.
        left: OfferExit,
        /// How long it rang.
        rang: Duration,
    },
    /// An agent does something else.
    AgentState {
        /// Who.
        agent: AgentId,
        /// What.
        state: AgentState,
        /// Why, in the switch's words.
        reason: Option<String>,
    },
    /// An agent has finished the work after a call.
    AcwEnded {
        /// Which call.
        contact: CallId,
        /// Who.
        agent: AgentId,
        /// How long it took.
        worked: Duration,
    },
    /// A machine talks with a caller.
    IvrEntered {
        /// Who.
        contact: CallId,
        /// Names this session.
        session: String,
        /// Where in the dialplan.
        node: Option<String>,
        /// The caller's number.
        number: Option<Pii<String>>,
    },
    /// The caller was asked to speak.
    IvrTurn {
        /// Who.
        contact: CallId,
        /// Which session.
        session: String,
        /// Where in the dialplan.
        node: Option<String>,
        /// What came of it.
        turn: Turn,
    },
    /// The machine is done.
    IvrLeft {
        /// Who.
        contact: CallId,
        /// Which session.
        session: String,
        /// How.
        left: IvrExit,
        /// How long it took.
        lasted: Duration,
        /// Turns that were answered.
        answers: u64,
        /// Turns since the last answer that were not.
        fails_after_last_answer: u64,
    },
    /// A caller was asked how content they are.
    SurveyOffered {
        /// Who.
        contact: CallId,
    },
    /// They have answered.
    SurveyAnswered {
        /// Who.
        contact: CallId,
        /// 1 to 5.
        score: u8,
    },
}

/// What came of a question to a caller. Times count from the session's begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Whether the words had a topic.
    pub understood: bool,
    /// Whether there was something to be read out.
    pub answered: bool,
    /// The topic.
    pub topic: Option<String>,
    /// When the caller stopped to speak.
    pub speech_end: Option<Duration>,
    /// When the dialplan had its answer.
    pub play_start: Option<Duration>,
}

/// Who called whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// A member of the public called.
    In,
    /// An agent did, or the switch for one.
    Out,
}

/// Who ended a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndBy {
    /// The member of the public.
    Caller,
    /// The agent.
    Agent,
    /// Neither: the dialplan, the switch, a fault.
    System,
}

/// How a wait in a queue ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueExit {
    /// An agent answered.
    Answered,
    /// The caller hung up.
    Abandoned,
    /// It took too long.
    Timeout,
    /// The queue gave the caller away.
    Overflow,
    /// There was no room.
    Full,
    /// The caller is to be called back.
    Callback,
    /// A fault, or the end was not seen.
    Failed,
}

/// How an offer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferExit {
    /// The agent answered.
    Answered,
    /// Nobody did.
    NoAnswer,
    /// The agent or their telephone refused.
    Rejected,
    /// The caller left.
    CallerGone,
    /// Another agent was faster.
    Elsewhere,
}

/// What an agent does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AgentState {
    /// Waits for a call.
    Ready,
    /// A call rings.
    Ring,
    /// Talks or holds.
    Talk,
    /// After-call work.
    Acw,
    /// Away for a while.
    Break,
    /// Not signed in or not reachable.
    Offline,
}

/// How a machine's session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IvrExit {
    /// The caller hung up.
    CallerHangup,
    /// Into a queue.
    ToQueue,
    /// To somebody, or on in the dialplan.
    Transfer,
    /// A fault.
    Error,
}
