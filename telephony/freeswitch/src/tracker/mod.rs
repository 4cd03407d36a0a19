//! Which calls there are. A state machine: events, answers and tap reports in; signals, tap commands and
//! questions out. It reads no clock and opens no socket.
//!
//! A call is a caller and an agent who hear each other, through whatever loopback channels lie between, or in a
//! conference. It ends with the caller's channel, whoever the agent is by then: so a transfer keeps it one call.

mod agents;
mod bugs;
mod call;
mod event;
mod facts;
mod ivr;
mod media;
mod switch;
mod sync;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallEvent, CallId, CallSignal, EndCause, Fact, LegId, PayloadType, Role, TapKind};

use crate::config::FreeswitchConfig;
use crate::esl::Headers;
use agents::Agents;
#[cfg(test)]
pub(crate) use bugs::BugCount;
pub use bugs::Bugs;
use event::{ChannelInfo, Event};
use facts::Observer;
pub use ivr::DialplanChannel;
pub use media::{Codec, LegLine, LegMedia, Path};
pub use sidetone_telephony::Wanted;
use sidetone_telephony::calls::Calls;
pub use sidetone_telephony::calls::{LEG_LINGER, ORPHAN_LINGER};
use sidetone_telephony::facts::Note;
use switch::Switch;
use sync::Sync;

/// The switch lists its channels within this, or the connection is made anew.
pub const SYNC_LIMIT: Duration = Duration::from_secs(20);

/// What the tracker asks the switch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Which channels there are.
    Channels,
    /// Everything about one.
    Dump(String),
    /// Which agents `mod_callcenter` has.
    Agents,
}

impl Ask {
    /// The API command.
    #[must_use]
    pub fn command(&self) -> String {
        match self {
            Self::Channels => "show channels as json".to_owned(),
            Self::Dump(uuid) => format!("uuid_dump {uuid}"),
            Self::Agents => "callcenter_config agent list".to_owned(),
        }
    }
}

/// What the tracker is told.
#[derive(Debug)]
pub enum Input {
    /// Logged in: what is known is compared with what the switch says.
    Connected,
    /// The connection is gone. Calls stay as they are.
    Disconnected,
    /// An event came.
    Event(Headers),
    /// The answer to a question.
    Answer {
        /// The question.
        ask: Ask,
        /// As it came.
        text: String,
    },
    /// A dialplan wants something of the channel that it runs on.
    Dialplan {
        /// Which.
        channel: DialplanChannel,
        /// What.
        wanted: Wanted,
    },
    /// A dialplan tells something of the channel that it runs on, for metrics.
    Noted {
        /// Which.
        channel: DialplanChannel,
        /// What.
        note: Note,
    },
    /// Audio of the leg arrives.
    TapUp {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// How.
        kind: TapKind,
        /// What its packets carry.
        payload_types: Vec<PayloadType>,
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
    /// Ask the switch; the answer comes back as [`Input::Answer`].
    Ask(Ask),
    /// Listen to a leg; its id is the channel's uuid.
    Attach {
        /// The call.
        call: CallId,
        /// The leg.
        leg: LegId,
        /// Which party it is.
        role: Role,
        /// Who, when it is an agent that is known.
        agent: Option<AgentId>,
        /// What is known of its channel; [`Self::Line`] follows where how its sound travels is not known yet.
        line: LegLine,
    },
    /// Something is different on a tapped leg's channel.
    Line {
        /// The leg.
        leg: LegId,
        /// What is known of its channel now.
        line: LegLine,
    },
    /// Stop listening. Harmless where nothing listens.
    Detach {
        /// The leg.
        leg: LegId,
    },
    /// A tap that stood before this connection: whose is it?
    FoundTap {
        /// Its channel.
        uuid: String,
        /// The address that it delivers to.
        at: Option<String>,
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
    /// What each leg's tap was told last.
    told: HashMap<String, LegLine>,
    sync: Sync,
    /// Channels that a dialplan wants heard, said before the switch was known.
    early: Vec<DialplanChannel>,
    effects: VecDeque<Effect>,
}

impl Tracker {
    /// Knows nothing yet.
    #[must_use]
    pub fn new(config: &FreeswitchConfig) -> Self {
        Self {
            agents: Agents::new(config.agents.clone(), config.agent_patterns.clone()),
            switch: Switch::default(),
            calls: Calls::new(config.node.clone(), config.outside),
            observer: Observer::new(config),
            told: HashMap::new(),
            sync: Sync::default(),
            early: Vec::new(),
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
            Input::Event(headers) => {
                self.observer.event(now, &headers, &self.agents);
                match Event::parse(&headers) {
                    Some(event) => {
                        matters = event.moves_somebody();
                        self.event(now, event);
                    }
                    None => matters = false,
                }
            }
            Input::Answer { ask, text } => self.answer(now, ask, &text),
            Input::Dialplan { channel, wanted } => self.wanted(now, &channel, wanted),
            Input::Noted { channel, note } => {
                matters = false;
                let known = self.switch.channels.get(&channel.uuid);
                self.observer
                    .noted(now, channel, known.and_then(|known| known.number.clone()), note);
            }
            Input::TapUp {
                call,
                leg,
                kind,
                payload_types,
            } => {
                matters = false;
                self.tap_report(&call, leg, |leg| CallEvent::TapAttached {
                    leg,
                    kind,
                    payload_types,
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
            Sync::Down => None,
            Sync::Listing(listing) => Some(listing.deadline),
            Sync::Live => self.calls.deadline(),
        };
        due.into_iter().chain(self.observer.deadline()).min()
    }

    /// To be called at [`Self::deadline`].
    pub fn wake(&mut self, now: Instant) {
        self.observer.wake(now);
        match &self.sync {
            Sync::Down => {}
            Sync::Listing(listing) => {
                if now >= listing.deadline {
                    self.give_up_sync();
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

    /// Whether the switch has said what this channel is: then nothing need be asked before a call begins with it.
    #[must_use]
    pub fn knows(&self, uuid: &str) -> bool {
        let channel = self.switch.channels.get(uuid);
        channel.is_some_and(switch::Channel::is_described)
    }

    fn event(&mut self, now: Instant, event: Event) {
        match event {
            Event::Channel(channel) => {
                self.observer.channel(now, &channel, false, &self.agents, &self.calls);
                self.learn(now, &channel);
            }
            Event::Bridge { a, b, channel } => {
                self.learn(now, &channel);
                self.switch.bridge(&a, &b);
                if let Some(path) = channel.path {
                    self.switch.take_path(&a, path);
                    self.switch.take_path(&b, path);
                }
                self.tell_lines(&a);
            }
            Event::Unbridge { a, b, channel } => {
                self.learn(now, &channel);
                let b = b.or_else(|| self.switch.channels.get(&a)?.partner.clone());
                if let Some(b) = b {
                    self.switch.unbridge(&a, &b);
                    self.tell_line(&a);
                    self.tell_line(&b);
                }
            }
            Event::Hangup { uuid } => {
                self.gone(&uuid);
                self.hangup(&uuid, EndCause::Hangup);
                // Its call, if it had one before a restart, does not go on.
                if self.calls.attend(&uuid) && self.sync.is_live() {
                    self.with_calls(|calls, _| calls.tell_live());
                }
            }
            Event::BugStarted { uuid, function } => self.bug(&uuid, |count| count.start(now, &function)),
            Event::BugStopped { uuid } => self.bug(&uuid, bugs::BugCount::stop),
            Event::Hold { uuid } => self.hold(&uuid, true),
            Event::Unhold { uuid } => self.hold(&uuid, false),
            Event::Parked { uuid } => self.calls.on_the_way(&uuid, true),
            Event::Unparked { uuid } => self.calls.on_the_way(&uuid, false),
            Event::Entered {
                uuid,
                conference,
                channel,
            } => {
                self.learn(now, &channel);
                self.switch.enter(&uuid, Some(conference));
            }
            Event::Left { uuid } => self.switch.enter(&uuid, None),
            Event::Renamed { old, new } => self.rename(&old, new),
            Event::Offered {
                member,
                channel,
                agent,
                queue,
            } => self.offered(&member, channel.as_deref(), &agent, queue),
            Event::Queued { member, queue } => {
                if let Some(channel) = self.switch.channels.get_mut(&member) {
                    channel.queue = queue.or(channel.queue.take());
                }
                self.calls.on_the_way(&member, true);
            }
            Event::Unqueued { member } => self.calls.on_the_way(&member, false),
        }
    }

    /// A channel described itself.
    fn learn(&mut self, now: Instant, info: &ChannelInfo) {
        let Some(channel) = self.switch.learn(now, info) else {
            return;
        };
        if let Some(name) = &info.agent {
            let id = self.agents.named(name);
            if info.is_agent {
                channel.agent = Some(id);
            } else if channel.agent.is_none() {
                channel.expects = Some(id);
            }
        }
        let before = channel.transfer.take();
        let sent_on = info.transfer.is_some() && info.transfer != before;
        channel.transfer = info.transfer.clone().or(before);
        if sent_on {
            self.calls.on_the_way(&info.uuid, true);
        }
        self.tell_line(&info.uuid);
    }

    fn offered(&mut self, member: &str, channel: Option<&str>, agent: &str, queue: Option<String>) {
        let id = self.agents.named(agent);
        let channel = channel.and_then(|uuid| self.switch.channels.get_mut(uuid));
        let met = channel.is_some_and(|channel| {
            let direct = !agents::is_loopback(&channel.name);
            if direct {
                self.agents.learn(&channel.name, &id);
                channel.agent = Some(id.clone());
            }
            direct
        });
        if let Some(caller) = self.switch.channels.get_mut(member) {
            caller.queue = queue.or(caller.queue.take());
            caller.expects = (!met).then_some(id);
        }
    }

    fn tap_report(&mut self, call: &CallId, leg: LegId, event: impl FnOnce(LegId) -> CallEvent) {
        self.with_calls(|calls, _| calls.tap_report(call, leg, event));
    }
}
