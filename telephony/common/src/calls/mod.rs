//! The calls of one switch: who is in them, who left, when they are over. The same for every kind of switch; what
//! differs is asked of its [`Channels`].
//!
//! A call is a caller and an agent who hear each other. It ends with the caller's channel, whoever the agent is by
//! then: so a transfer keeps it one call.

mod channels;
mod ivr;
mod life;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use serde::Deserialize;
use sidetone_base::{AgentId, CallEvent, CallId, CallSignal, LegId, Role};

pub use channels::{Channels, Party};

/// A leg that does not hear its caller for less than this was only being moved.
pub const LEG_LINGER: Duration = Duration::from_millis(300);
/// A caller whose agents have all hung up and who goes on in the dialplan (a survey) without a transfer
/// has ended the conversation after this. An agent who only asks somebody else has not hung up.
pub const ORPHAN_LINGER: Duration = Duration::from_secs(2);

/// An agent who sends the caller on within this after asking a colleague has announced it.
const CONSULT_LINGER: Duration = Duration::from_secs(2);

/// What a party is that is neither the caller nor a known agent, where agents are known at all: an outside line that
/// the caller was transferred to, a doctor or another office.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outside {
    /// Heard as an agent without an id.
    #[default]
    Agent,
    /// Heard as a caller.
    Caller,
    /// Not heard, and no leg of the call. The caller is.
    Unheard,
}

/// What calls want done, in this order.
#[derive(Debug)]
pub enum News {
    /// Tell the engine.
    Signal(CallSignal),
    /// Listen to a leg that has joined.
    Attach {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Whose it is.
        role: Role,
        /// Which agent's, when that is known.
        agent: Option<AgentId>,
    },
    /// Stop listening to a leg.
    Detach {
        /// The leg.
        leg: LegId,
    },
    /// These are the calls that there are, or that may go on.
    Live {
        /// All of them.
        live: Vec<CallId>,
    },
}

/// Every call of one switch.
#[derive(Debug, Default)]
pub struct Calls {
    /// Put before their ids where several switches share one Redis.
    node: Option<String>,
    outside: Outside,
    calls: BTreeMap<CallId, Call>,
    /// Callers who were there when the switch listed them, in no call: a daemon that was restarted in the middle
    /// of an IVR does not know that they were heard. By channel, the call that would go on with it.
    unattended: BTreeMap<String, CallId>,
    news: VecDeque<News>,
}

#[derive(Debug)]
struct Call {
    /// The caller's channel; the call lives as long as it does.
    caller: String,
    legs: BTreeMap<String, Leg>,
    /// Agents who do not hear the caller now and whose channels live: they ask somebody, and come back or hand over.
    away: BTreeSet<String>,
    /// The caller is on the way to another agent, however long that rings or queues.
    transferring: bool,
    /// The caller is in a dialplan that wants it heard, until an agent joins.
    in_ivr: bool,
    orphan_since: Option<Instant>,
    /// When one of its agents was last seen to ask a colleague on another line.
    consulted: Option<Instant>,
}

#[derive(Debug)]
struct Leg {
    role: Role,
    /// Which agent's, when that is known.
    agent: Option<AgentId>,
    /// Since when it does not hear the caller.
    absent_since: Option<Instant>,
    held: bool,
}

impl Call {
    fn deadline(&self) -> Option<Instant> {
        let absent = self
            .legs
            .values()
            .filter_map(|leg| leg.absent_since)
            .map(|since| since + LEG_LINGER);
        absent.chain(self.orphan_since.map(|since| since + ORPHAN_LINGER)).min()
    }
}

impl Calls {
    /// None yet.
    #[must_use]
    pub fn new(node: Option<String>, outside: Outside) -> Self {
        Self {
            node,
            outside,
            ..Self::default()
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<News> {
        self.news.pop_front()
    }

    /// When time alone changes something.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        self.calls.values().filter_map(Call::deadline).min()
    }

    /// Whether time alone has changed something by `now`.
    #[must_use]
    pub fn is_due(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|at| at <= now)
    }

    /// Which there are, in the order of their ids.
    pub fn ids(&self) -> impl Iterator<Item = &CallId> {
        self.calls.keys()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.calls.len()
    }

    /// The call that this channel is heard in.
    #[must_use]
    pub fn of(&self, channel: &str) -> Option<CallId> {
        self.one_where(|call| call.legs.contains_key(channel))
    }

    /// Whether it is the caller of a call.
    #[must_use]
    pub fn is_caller(&self, channel: &str) -> bool {
        self.calls.values().any(|call| call.caller == channel)
    }

    /// Whether it is heard in a call.
    #[must_use]
    pub fn is_leg(&self, channel: &str) -> bool {
        self.calls.values().any(|call| call.legs.contains_key(channel))
    }

    /// Whether this agent is in a call.
    #[must_use]
    pub fn has_agent(&self, agent: &AgentId) -> bool {
        let legs = self.calls.values().flat_map(|call| call.legs.values());
        legs.into_iter().any(|leg| leg.agent.as_ref() == Some(agent))
    }

    /// Something happened to a call.
    pub fn signal(&mut self, call: &CallId, event: CallEvent) {
        self.news.push_back(News::Signal(CallSignal {
            call: call.clone(),
            event,
        }));
    }

    /// A report on a leg that has gone meanwhile is late, not wrong.
    pub fn tap_report(&mut self, call: &CallId, leg: LegId, event: impl FnOnce(LegId) -> CallEvent) {
        let is_there = |call: &Call| call.legs.contains_key(leg.as_str());
        if self.calls.get(call).is_some_and(is_there) {
            self.signal(call, event(leg));
        }
    }

    /// The party put its call on hold, or took it back.
    pub fn hold(&mut self, channel: &str, held: bool) {
        let found = self
            .calls
            .iter_mut()
            .find_map(|(id, call)| Some((id.clone(), call.legs.get_mut(channel)?)));
        // A switch may say so twice, and before a transfer in any case.
        let Some((id, leg)) = found.filter(|(_, leg)| leg.held != held) else {
            return;
        };
        leg.held = held;
        let leg = LegId::new(channel);
        let event = match held {
            true => CallEvent::Held { leg },
            false => CallEvent::Resumed { leg },
        };
        self.signal(&id, event);
    }

    /// The caller was sent elsewhere, or waits no longer.
    pub fn on_the_way(&mut self, caller: &str, transferring: bool) {
        if let Some(call) = self.calls.values_mut().find(|call| call.caller == caller) {
            call.transferring = transferring;
        }
    }

    /// Whether it belongs to an agent who has left a caller waiting.
    fn is_away(&self, channel: &str) -> bool {
        self.calls.values().any(|call| call.away.contains(channel))
    }

    fn one_where(&self, is: impl Fn(&Call) -> bool) -> Option<CallId> {
        let found = self.calls.iter().find(|(_, call)| is(call));
        found.map(|(id, _)| id.clone())
    }
}
