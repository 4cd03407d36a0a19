//! Which calls there are. A state machine: manager messages and tap reports in; signals, tap commands
//! and manager actions out. It reads no clock and opens no socket.
//!
//! A call is a caller and an agent who hear each other, through whatever Local channels lie between.
//! It ends with the caller's channel, whoever the agent is by then: so a transfer keeps it one call.

mod agents;
mod call;
mod event;
mod facts;
mod ivr;
mod switch;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, CallId, CallSignal, EndCause, Fact, LegId, TapKind};

use crate::ami::{Action, Message};
use crate::config::AsteriskConfig;
use crate::fastagi::Caller;
use agents::Agents;
use event::{ChannelInfo, Event};
use facts::Observer;
pub use sidetone_telephony::Wanted;
use sidetone_telephony::calls::Calls;
pub use sidetone_telephony::calls::{LEG_LINGER, ORPHAN_LINGER};
use sidetone_telephony::facts::Note;
use switch::Switch;
use sync::Sync;

/// The switch answers its lists of channels and bridges within this, or the connection is made anew.
pub const SYNC_LIMIT: Duration = Duration::from_secs(10);

/// A channel that a dialplan names while the switch cannot be asked is believed in for this long, unless the switch
/// lists it meanwhile; and so many of them at a time.
pub const UNSURE_LIMIT: Duration = Duration::from_secs(60);
const MOST_UNSURE: usize = 512;

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
    /// A dialplan tells something of the channel that it runs on, for metrics.
    Noted {
        /// Who is on it.
        channel: Caller,
        /// What.
        note: Note,
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
    /// Tell whoever counts.
    Fact(Fact),
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
    agents: Agents,
    switch: Switch,
    calls: Calls,
    observer: Observer,
    sync: Sync,
    /// Channels that a dialplan has named while there was no connection, and how long they are believed in.
    unsure: BTreeMap<String, Instant>,
    effects: VecDeque<Effect>,
}

impl Tracker {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(config: &AsteriskConfig) -> Self {
        Self {
            agents: Agents::new(config.agents.clone(), config.agent_patterns.clone()),
            switch: Switch::default(),
            calls: Calls::new(config.node.clone(), config.outside),
            observer: Observer::new(config),
            sync: Sync::default(),
            unsure: BTreeMap::new(),
            effects: VecDeque::new(),
        }
    }

    /// Takes one input; drain [`Self::poll`] afterwards.
    pub fn handle(&mut self, now: Instant, input: Input) {
        // Most that a switch says changes nothing about who hears whom; to go through every call each time costs much at 1,000.
        let mut matters = true;
        match input {
            Input::Connected => self.begin_sync(now),
            Input::Disconnected => self.sync = Sync::Down,
            Input::Ami(message) => {
                self.observer.message(now, &message, &mut self.agents, &self.calls);
                match Event::parse(&message) {
                    Some(event) => {
                        matters = !matches!(event, Event::Hold { .. } | Event::Unhold { .. });
                        self.event(now, event);
                    }
                    None => matters = false,
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
            Input::Noted { channel, note } => {
                matters = false;
                let base = self
                    .switch
                    .channels
                    .get(&channel.uniqueid)
                    .map(|known| known.linkedid.clone());
                self.observer.noted(now, channel, base, note);
            }
            Input::TapUp { call, leg, kind } => {
                matters = false;
                self.tap_report(&call, leg, |leg| CallEvent::TapAttached {
                    leg,
                    kind,
                    payload_types: Vec::new(),
                });
            }
            Input::TapFailed {
                call,
                leg,
                kind,
                reason,
            } => {
                matters = false;
                self.tap_report(&call, leg, |leg| CallEvent::TapFailed { leg, kind, reason });
            }
        }
        if self.sync.is_live() && (matters || self.calls.is_due(now)) {
            self.settle(now, false);
        }
    }

    /// When time alone changes something.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        let due = match &self.sync {
            Sync::Down => self.unsure.values().min().copied(),
            Sync::Listing(listing) => Some(listing.deadline),
            Sync::Live => self.calls.deadline(),
        };
        due.into_iter().chain(self.observer.deadline()).min()
    }

    /// To be called at [`Self::deadline`].
    pub fn wake(&mut self, now: Instant) {
        self.observer.wake(now);
        match &self.sync {
            Sync::Down => self.forget_unsure(now),
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
        self.effects
            .pop_front()
            .or_else(|| self.observer.poll().map(Effect::Fact))
    }

    /// Facts that were not made for want of room since this was asked last.
    pub fn take_refused_facts(&mut self) -> u64 {
        self.observer.take_refused()
    }

    /// How many calls there are.
    #[must_use]
    pub fn live_calls(&self) -> usize {
        self.calls.count()
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
                if self.calls.attend(&uniqueid) && self.sync.is_live() {
                    self.with_calls(|calls, _| calls.tell_live());
                }
            }
            Event::BridgeEnter { bridge, channel } => {
                self.switch.learn(now, &channel);
                self.switch.enter(&bridge, &channel.uniqueid);
            }
            Event::BridgeLeave { bridge, uniqueid } => self.switch.leave(&bridge, &uniqueid),
            Event::BridgeGone { bridge } => self.switch.bridge_gone(&bridge),
            Event::Hold { uniqueid } => self.with_calls(|calls, _| calls.hold(&uniqueid, true)),
            Event::Unhold { uniqueid } => self.with_calls(|calls, _| calls.hold(&uniqueid, false)),
            Event::QueueJoin { uniqueid, queue } => {
                if let Some(channel) = self.switch.channels.get_mut(&uniqueid) {
                    channel.queue = Some(queue);
                    channel.left_queue = None;
                }
            }
            Event::QueueLeave { uniqueid, queue } => {
                if let Some(channel) = self.switch.channels.get_mut(&uniqueid)
                    && channel.queue.as_ref() == Some(&queue)
                {
                    channel.left_queue = Some(now);
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
                    channel.left_queue = None;
                    channel.expects = local.then_some(agent);
                }
            }
            Event::Transferring { uniqueid } => {
                self.calls.on_the_way(&uniqueid, true);
            }
            Event::Listed { .. } | Event::InBridge { .. } | Event::ListEnd { .. } | Event::Refused { .. } => {
                self.listing(now, event);
            }
        }
    }

    fn tap_report(&mut self, call: &CallId, leg: LegId, event: impl FnOnce(LegId) -> CallEvent) {
        self.with_calls(|calls, _| calls.tap_report(call, leg, event));
    }
}
