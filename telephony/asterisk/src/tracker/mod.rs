//! Which calls there are. A state machine: manager messages and tap reports in; signals, tap commands
//! and manager actions out. It reads no clock and opens no socket.
//!
//! A call is a caller and an agent who hear each other, through whatever Local channels lie between.
//! It ends with the caller's channel, whoever the agent is by then: so a transfer keeps it one call.

mod agents;
mod call;
mod event;
mod ivr;
mod switch;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, CallId, CallSignal, EndCause, LegId, TapKind};

use crate::ami::{Action, Message};
use crate::config::AsteriskConfig;
use crate::fastagi::Caller;
use agents::Agents;
use call::Call;
use event::{ChannelInfo, Event};
pub use sidetone_telephony::Wanted;
use switch::Switch;
use sync::Sync;

/// A leg that is out of its caller's bridge for less than this was only being moved.
pub const LEG_LINGER: Duration = Duration::from_millis(300);
/// A caller whose agents have all hung up and who goes on in the dialplan (a survey) without a transfer
/// has ended the conversation after this.
pub const ORPHAN_LINGER: Duration = Duration::from_secs(2);
/// The switch answers its lists of channels and bridges within this, or the connection is made anew.
pub const SYNC_LIMIT: Duration = Duration::from_secs(10);

/// What the tracker is told.
#[derive(Debug)]
pub enum Input {
    /// Logged in: what is known is compared with what the switch says.
    Connected,
    /// The connection is gone. Calls stay as they are.
    Disconnected,
    /// A message came.
    Ami(Message),
    /// Audio of the leg arrives.
    TapUp {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How.
        kind: TapKind,
    },
    /// A dialplan wants something of the channel that it runs on.
    Dialplan {
        /// Who is on it.
        channel: Caller,
        /// What.
        wanted: Wanted,
    },
    /// The leg is not heard this way.
    TapFailed {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How it was to be heard.
        kind: TapKind,
        /// In plain words, without personal data.
        reason: String,
    },
}

/// What the tracker wants done.
#[derive(Debug)]
pub enum Effect {
    /// Tell the engine.
    Signal(CallSignal),
    /// Send to the switch.
    Send {
        /// Its `ActionID`.
        id: String,
        /// What.
        action: Action,
    },
    /// Listen to a leg; its id is the channel's `Uniqueid`.
    Attach {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
    },
    /// Stop listening. Harmless where nothing listens.
    Detach {
        /// The leg.
        leg: LegId,
    },
    /// The switch has said all that it knows; these are the calls that there are, or that may go on.
    Synced {
        /// All of them.
        live: Vec<CallId>,
    },
    /// The switch does not answer: connect anew.
    Reconnect,
}

/// Follows one switch.
#[derive(Debug)]
pub struct Tracker {
    node: Option<String>,
    agents: Agents,
    switch: Switch,
    calls: BTreeMap<CallId, Call>,
    /// Channels that were there when the switch listed them, in no call: a daemon that was restarted in the
    /// middle of an IVR does not know that it was heard. By id, the call that would go on with it.
    unattended: BTreeMap<String, CallId>,
    sync: Sync,
    effects: VecDeque<Effect>,
}

impl Tracker {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(config: &AsteriskConfig) -> Self {
        Self {
            node: config.node.clone(),
            agents: Agents::new(config.agents.clone(), config.agent_patterns.clone()),
            switch: Switch::default(),
            calls: BTreeMap::new(),
            unattended: BTreeMap::new(),
            sync: Sync::default(),
            effects: VecDeque::new(),
        }
    }

    /// Takes one input; drain [`Self::poll`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        match input {
            Input::Connected => self.begin_sync(now),
            Input::Disconnected => self.sync = Sync::Down,
            Input::Ami(message) => {
                if let Some(event) = Event::parse(&message) {
                    self.event(now, event);
                }
            }
            Input::Dialplan { channel, wanted } => {
                let info = ChannelInfo {
                    uniqueid: channel.uniqueid,
                    name: channel.channel,
                    number: channel.number,
                    exten: channel.dialled,
                    queue: channel.queue,
                    ..ChannelInfo::default()
                };
                self.wanted(now, &info, wanted);
            }
            Input::TapUp { call, leg, kind } => self.tap_report(&call, leg, |leg| CallEvent::TapAttached {
                leg,
                kind,
                payload_types: Vec::new(),
            }),
            Input::TapFailed {
                call,
                leg,
                kind,
                reason,
            } => {
                self.tap_report(&call, leg, |leg| CallEvent::TapFailed { leg, kind, reason });
            }
        }
        if self.sync.is_live() {
            self.settle(now, false);
        }
    }

    /// When time alone changes something.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        match &self.sync {
            Sync::Down => None,
            Sync::Listing(listing) => Some(listing.deadline),
            Sync::Live => self.calls.values().filter_map(Call::deadline).min(),
        }
    }

    /// To be called at [`Self::deadline`].
    pub fn wake(&mut self, now: Instant) {
        match &self.sync {
            Sync::Down => {}
            Sync::Listing(listing) => {
                if now >= listing.deadline {
                    self.sync = Sync::Down;
                    self.effects.push_back(Effect::Reconnect);
                }
            }
            Sync::Live => self.settle(now, false),
        }
    }

    /// The next thing to do.
    pub fn poll(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// How many calls there are.
    #[must_use]
    pub fn live_calls(&self) -> usize {
        self.calls.len()
    }

    fn event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Channel(info) => {
                self.switch.learn(now, &info);
            }
            Event::Renamed { uniqueid, name } => self.switch.rename(&uniqueid, name),
            Event::Hangup { uniqueid } => {
                self.hangup(&uniqueid, EndCause::Hangup);
                // Its call, if it had one before a restart, does not go on.
                if self.unattended.remove(&uniqueid).is_some() && self.sync.is_live() {
                    self.tell_live();
                }
            }
            Event::BridgeEnter { bridge, channel } => {
                self.switch.learn(now, &channel);
                self.switch.enter(&bridge, &channel.uniqueid);
            }
            Event::BridgeLeave { bridge, uniqueid } => self.switch.leave(&bridge, &uniqueid),
            Event::BridgeGone { bridge } => self.switch.bridge_gone(&bridge),
            Event::Hold { uniqueid } => self.hold(&uniqueid, true),
            Event::Unhold { uniqueid } => self.hold(&uniqueid, false),
            Event::QueueJoin { uniqueid, queue } => {
                if let Some(channel) = self.switch.channels.get_mut(&uniqueid) {
                    channel.queue = Some(queue);
                }
            }
            Event::Member {
                interface,
                state_interface,
                member,
            } => {
                self.agents
                    .learn(&interface, state_interface.as_deref(), member.as_deref());
            }
            Event::AgentConnect {
                caller,
                target,
                queue,
                interface,
                member,
            } => {
                let agent = self.agents.learn(&interface, None, member.as_deref());
                let local = agents::is_local(&target.name);
                if let Some(channel) = self.switch.learn(now, &target) {
                    channel.agent = (!local).then(|| agent.clone());
                }
                if let Some(channel) = self.switch.learn(now, &caller) {
                    channel.queue = queue.or(channel.queue.take());
                    channel.expects = local.then_some(agent);
                }
            }
            Event::Transferring { uniqueid } => {
                if let Some(call) = self.calls.values_mut().find(|call| call.caller == uniqueid) {
                    call.transferring = true;
                }
            }
            Event::Listed { .. } | Event::InBridge { .. } | Event::ListEnd { .. } | Event::Refused { .. } => {
                self.listing(now, event);
            }
        }
    }

    fn signal(&mut self, call: &CallId, event: CallEvent) {
        self.effects.push_back(Effect::Signal(CallSignal {
            call: call.clone(),
            event,
        }));
    }

    /// A report on a leg that has gone meanwhile is late, not wrong.
    fn tap_report(&mut self, call: &CallId, leg: LegId, event: impl FnOnce(LegId) -> CallEvent) {
        if self
            .calls
            .get(call)
            .is_some_and(|call| call.legs.contains_key(leg.as_str()))
        {
            self.signal(call, event(leg));
        }
    }
}
