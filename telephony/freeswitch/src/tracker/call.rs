//! A call's life: who is in it, who left, when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallEvent, CallId, EndCause, LegId, Pii, Role};

use super::media::LegMedia;
use super::{Ask, Effect, LEG_LINGER, ORPHAN_LINGER, Tracker};

#[derive(Debug)]
pub(super) struct Call {
    /// The caller's channel; the call lives as long as it does.
    pub(super) caller: String,
    pub(super) legs: BTreeMap<String, Leg>,
    /// The caller is on the way to another agent, however long that rings or queues.
    transferring: bool,
    /// The caller is in a dialplan that wants it heard, until an agent joins.
    pub(super) in_ivr: bool,
    orphan_since: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Leg {
    /// Since when it does not hear the caller.
    absent_since: Option<Instant>,
    held: bool,
    /// What its tap was told last.
    media: Option<LegMedia>,
}

impl Call {
    pub(super) fn deadline(&self) -> Option<Instant> {
        let absent = self
            .legs
            .values()
            .filter_map(|leg| leg.absent_since)
            .map(|since| since + LEG_LINGER);
        absent.chain(self.orphan_since.map(|since| since + ORPHAN_LINGER)).min()
    }
}

impl Tracker {
    /// Brings calls into line with who hears whom.
    ///
    /// `found` says that the conversations were running before they were seen.
    pub(super) fn settle(&mut self, now: Instant, found: bool) {
        let mut present: BTreeMap<CallId, BTreeSet<String>> = BTreeMap::new();
        for parties in self.switch.conversations() {
            let call = match self.call_where(|call| parties.contains(&call.caller)) {
                Some(call) => call,
                // An agent who asks a colleague or an outside line while the caller waits: not theirs to hear.
                None if parties.iter().any(|party| self.is_leg(party)) => continue,
                None => match self.open(now, &parties, found) {
                    Some(call) => call,
                    None => continue,
                },
            };
            self.join_all(&call, &parties);
            present.entry(call).or_default().extend(parties);
        }
        let calls: Vec<CallId> = self.calls.keys().cloned().collect();
        for id in calls {
            self.part(now, &id, present.get(&id));
        }
    }

    pub(super) fn hangup(&mut self, uuid: &str, cause: EndCause) {
        self.switch.hangup(uuid);
        if let Some(id) = self.call_where(|call| call.caller == uuid) {
            self.end(&id, cause);
        }
        while let Some(id) = self.call_where(|call| call.legs.contains_key(uuid)) {
            self.leave(&id, uuid);
        }
    }

    pub(super) fn hold(&mut self, uuid: &str, held: bool) {
        if let Some(channel) = self.switch.channels.get_mut(uuid) {
            channel.held = held;
        }
        self.tell_hold(uuid);
    }

    fn tell_hold(&mut self, uuid: &str) {
        let Some(held) = self.switch.channels.get(uuid).map(|channel| channel.held) else {
            return;
        };
        let found = self
            .calls
            .iter_mut()
            .find_map(|(id, call)| Some((id.clone(), call.legs.get_mut(uuid)?)));
        let Some((id, leg)) = found.filter(|(_, leg)| leg.held != held) else {
            return;
        };
        leg.held = held;
        let leg = LegId::new(uuid);
        self.signal(
            &id,
            if held {
                CallEvent::Held { leg }
            } else {
                CallEvent::Resumed { leg }
            },
        );
    }

    /// The leg's tap hears of a change once.
    pub(super) fn tell_media(&mut self, uuid: &str) {
        let Some(media) = self.switch.channels.get(uuid).and_then(|channel| channel.media.clone()) else {
            return;
        };
        let leg = self.calls.values_mut().find_map(|call| call.legs.get_mut(uuid));
        if let Some(leg) = leg.filter(|leg| leg.media.as_ref() != Some(&media)) {
            leg.media = Some(media.clone());
            let leg = LegId::new(uuid);
            self.effects.push_back(Effect::Media { leg, media });
        }
    }

    /// The caller was sent elsewhere, or waits no longer.
    pub(super) fn on_the_way(&mut self, caller: &str, transferring: bool) {
        if let Some(call) = self.calls.values_mut().find(|call| call.caller == caller) {
            call.transferring = transferring;
        }
    }

    pub(super) fn rename(&mut self, old: &str, new: String) {
        if !self.is_leg(old) {
            self.switch.rename(old, new);
        }
    }

    pub(super) fn call_where(&self, is: impl Fn(&Call) -> bool) -> Option<CallId> {
        let found = self.calls.iter().find(|(_, call)| is(call));
        found.map(|(id, _)| id.clone())
    }

    pub(super) fn is_caller(&self, uuid: &str) -> bool {
        self.calls.values().any(|call| call.caller == uuid)
    }

    fn is_leg(&self, uuid: &str) -> bool {
        self.calls.values().any(|call| call.legs.contains_key(uuid))
    }

    fn agent_of(&self, uuid: &str) -> Option<AgentId> {
        let channel = self.switch.channels.get(uuid)?;
        channel.agent.clone().or_else(|| self.agents.of_channel(&channel.name))
    }

    /// The parties' new call, if one of them is a caller and one an agent.
    fn open(&mut self, now: Instant, parties: &[String], found: bool) -> Option<CallId> {
        let caller = self.caller_among(parties)?.to_owned();
        let age = if found {
            let ages = parties.iter().map(|party| self.switch.age_of(now, party));
            ages.min().unwrap_or_default()
        } else {
            Duration::ZERO
        };
        self.begin(caller, age)
    }

    /// A call of this caller, in which nobody is yet.
    pub(super) fn begin(&mut self, caller: String, age: Duration) -> Option<CallId> {
        let id = self.new_id(&caller)?;
        self.unattended.remove(&caller);
        let channel = self.switch.channels.get_mut(&caller)?;
        channel.conversations += 1;
        // Whom the switch called is known by the number that it dialled.
        let (caller_number, called_number) = if channel.inbound {
            (channel.number.clone(), channel.callee.clone())
        } else {
            (channel.callee.clone(), None)
        };
        let event = CallEvent::Started {
            age,
            caller_number: caller_number.map(Pii::new),
            called_number,
            queue: channel.queue.clone(),
        };
        let call = Call {
            caller,
            legs: BTreeMap::new(),
            transferring: false,
            in_ivr: false,
            orphan_since: None,
        };
        self.calls.insert(id.clone(), call);
        self.signal(&id, event);
        Some(id)
    }

    fn caller_among<'a>(&self, parties: &'a [String]) -> Option<&'a str> {
        let channel = |party: &String| self.switch.channels.get(party);
        let origin = |party: &String| channel(party).is_some_and(|channel| channel.inbound);
        let expects = |party: &String| channel(party).is_some_and(|channel| channel.expects.is_some());
        let public: Vec<&String> = parties.iter().filter(|party| self.agent_of(party).is_none()).collect();
        if public.len() == parties.len() && !public.iter().any(|party| expects(party)) {
            // Nobody here is known as an agent. Where no agent is known at all, who was called is one.
            return if self.agents.is_empty() {
                public.into_iter().find(|party| origin(party)).map(String::as_str)
            } else {
                None
            };
        }
        public
            .into_iter()
            .min_by_key(|party| (!expects(party), !origin(party)))
            .map(String::as_str)
    }

    /// The caller's channel: the same after a restart. A caller's second conversation gets a suffix.
    pub(super) fn new_id(&self, caller: &str) -> Option<CallId> {
        let channel = self.switch.channels.get(caller)?;
        let base = match &self.node {
            Some(node) => format!("{node}-{caller}"),
            None => caller.to_owned(),
        };
        (channel.conversations + 1..)
            .map(|count| {
                CallId::new(if count == 1 {
                    base.clone()
                } else {
                    format!("{base}-{count}")
                })
            })
            .find(|id| !self.calls.contains_key(id))
    }

    pub(super) fn join_all(&mut self, id: &CallId, parties: &[String]) {
        let Some(call) = self.calls.get(id) else { return };
        let caller = call.caller.clone();
        let mut new: Vec<&String> = parties.iter().filter(|party| !call.legs.contains_key(*party)).collect();
        new.sort_by_key(|party| **party != caller);
        for uuid in new {
            let role = if *uuid == caller { Role::Caller } else { Role::Agent };
            self.join(id, &caller, uuid, role);
        }
    }

    fn join(&mut self, id: &CallId, caller: &str, uuid: &str, role: Role) {
        let agent = match role {
            Role::Caller => None,
            Role::Agent => self
                .agent_of(uuid)
                .or_else(|| self.switch.channels.get_mut(caller)?.expects.take()),
        };
        let Some(channel) = self.switch.channels.get(uuid) else {
            return;
        };
        let (name, media) = (channel.name.clone(), channel.media.clone());
        if let Some(agent) = &agent {
            // So that their phone is theirs on its other lines, too: asking a colleague is no call.
            self.agents.learn(&name, agent);
        }
        if let Some(call) = self.calls.get_mut(id) {
            let leg = Leg {
                media: media.clone(),
                ..Leg::default()
            };
            call.legs.insert(uuid.to_owned(), leg);
            call.transferring &= role == Role::Caller;
            call.in_ivr &= role == Role::Caller;
        }
        let leg = LegId::new(uuid);
        self.signal(
            id,
            CallEvent::LegJoined {
                leg: leg.clone(),
                channel: name,
                role,
                agent: agent.clone(),
            },
        );
        if media.is_none() {
            self.effects.push_back(Effect::Ask(Ask::Dump(uuid.to_owned())));
        }
        self.effects.push_back(Effect::Attach {
            call: id.clone(),
            leg,
            role,
            agent,
            media,
        });
        self.tell_hold(uuid);
    }

    /// Lets go of legs that do not hear the caller any more, and of a caller whom nobody hears.
    fn part(&mut self, now: Instant, id: &CallId, present: Option<&BTreeSet<String>>) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let mut gone = Vec::new();
        for (uuid, leg) in &mut call.legs {
            if *uuid == call.caller || present.is_some_and(|parties| parties.contains(uuid)) {
                leg.absent_since = None;
            } else if now.saturating_duration_since(*leg.absent_since.get_or_insert(now)) >= LEG_LINGER {
                gone.push(uuid.clone());
            }
        }
        for uuid in &gone {
            self.leave(id, uuid);
        }
        let alone = self.is_alone(id);
        let Some(call) = self.calls.get_mut(id) else { return };
        if !alone {
            call.orphan_since = None;
        } else if now.saturating_duration_since(*call.orphan_since.get_or_insert(now)) >= ORPHAN_LINGER {
            self.end(id, EndCause::Hangup);
        }
    }

    /// Heard by nobody, without an agent, without a transfer on its way, and no dialplan asks anything.
    fn is_alone(&self, id: &CallId) -> bool {
        self.calls.get(id).is_some_and(|call| {
            let caller = self.switch.channels.get(&call.caller);
            let bridged = caller.is_some_and(|channel| channel.partner.is_some());
            !bridged && !call.transferring && !call.in_ivr && call.legs.len() <= 1
        })
    }

    fn leave(&mut self, id: &CallId, uuid: &str) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if call.legs.remove(uuid).is_some() {
            let leg = LegId::new(uuid);
            self.effects.push_back(Effect::Detach { leg: leg.clone() });
            self.signal(id, CallEvent::LegLeft { leg });
        }
    }

    pub(super) fn end(&mut self, id: &CallId, cause: EndCause) {
        let Some(call) = self.calls.remove(id) else { return };
        for uuid in call.legs.into_keys() {
            let leg = LegId::new(uuid);
            self.effects.push_back(Effect::Detach { leg });
        }
        self.signal(id, CallEvent::Ended { cause });
    }
}
