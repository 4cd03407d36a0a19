//! A call's life: who is in it, who left, when it is over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallEvent, CallId, EndCause, LegId, Pii, Role};

use super::{Effect, LEG_LINGER, ORPHAN_LINGER, Tracker};

#[derive(Debug)]
pub(super) struct Call {
    /// The caller's channel; the call lives as long as it does.
    pub(super) caller: String,
    pub(super) legs: BTreeMap<String, Leg>,
    /// The caller is on the way to another agent, however long that rings or queues.
    pub(super) transferring: bool,
    /// The caller is in a dialplan that wants it heard, until an agent joins.
    pub(super) in_ivr: bool,
    orphan_since: Option<Instant>,
}

#[derive(Debug, Default)]
pub(super) struct Leg {
    /// Since when it does not hear the caller.
    absent_since: Option<Instant>,
    held: bool,
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
            let known = self
                .calls
                .iter()
                .find(|(_, call)| parties.contains(&call.caller))
                .map(|(id, _)| id.clone());
            let call = match known {
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

    pub(super) fn hangup(&mut self, uniqueid: &str, cause: EndCause) {
        self.switch.hangup(uniqueid);
        let ended = self
            .calls
            .iter()
            .find(|(_, call)| call.caller == uniqueid)
            .map(|(id, _)| id.clone());
        if let Some(id) = ended {
            self.end(&id, cause);
        }
        let left: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, call)| call.legs.contains_key(uniqueid))
            .map(|(id, _)| id.clone())
            .collect();
        for id in left {
            self.leave(&id, uniqueid);
        }
    }

    pub(super) fn hold(&mut self, uniqueid: &str, held: bool) {
        let found = self
            .calls
            .iter_mut()
            .find_map(|(id, call)| Some((id.clone(), call.legs.get_mut(uniqueid)?)));
        // Asterisk says Unhold before a transfer, held or not.
        let Some((id, leg)) = found.filter(|(_, leg)| leg.held != held) else {
            return;
        };
        leg.held = held;
        let leg = LegId::new(uniqueid);
        self.signal(
            &id,
            if held {
                CallEvent::Held { leg }
            } else {
                CallEvent::Resumed { leg }
            },
        );
    }

    fn is_leg(&self, uniqueid: &str) -> bool {
        self.calls.values().any(|call| call.legs.contains_key(uniqueid))
    }

    fn agent_of(&self, uniqueid: &str) -> Option<AgentId> {
        let channel = self.switch.channels.get(uniqueid)?;
        channel.agent.clone().or_else(|| self.agents.of_channel(&channel.name))
    }

    /// The parties' new call, if one of them is a caller and one an agent.
    fn open(&mut self, now: Instant, parties: &[String], found: bool) -> Option<CallId> {
        let caller = self.caller_among(parties)?.to_owned();
        let age = if found {
            parties
                .iter()
                .map(|party| self.switch.age_of(now, party))
                .min()
                .unwrap_or_default()
        } else {
            Duration::ZERO
        };
        self.begin(caller, age)
    }

    /// A call of this caller, in which nobody is yet.
    pub(super) fn begin(&mut self, caller: String, age: Duration) -> Option<CallId> {
        let id = self.new_id(&caller)?;
        let channel = self.switch.channels.get_mut(&caller)?;
        channel.conversations += 1;
        self.unattended.remove(&caller);
        let event = CallEvent::Started {
            age,
            caller_number: channel.number.clone().map(Pii::new),
            called_number: channel.exten.clone(),
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
        let origin = |party: &String| {
            self.switch
                .channels
                .get(party)
                .is_some_and(|channel| channel.linkedid == *party)
        };
        let expects = |party: &String| {
            self.switch
                .channels
                .get(party)
                .is_some_and(|channel| channel.expects.is_some())
        };
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

    /// `Linkedid` of the caller: the same after a restart. A caller's second conversation gets a suffix.
    pub(super) fn new_id(&self, caller: &str) -> Option<CallId> {
        let channel = self.switch.channels.get(caller)?;
        let base = match &self.node {
            Some(node) => format!("{node}-{}", channel.linkedid),
            None => channel.linkedid.clone(),
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
        let Some(call) = self.calls.get_mut(id) else { return };
        let caller = call.caller.clone();
        let mut new: Vec<&String> = parties.iter().filter(|party| !call.legs.contains_key(*party)).collect();
        new.sort_by_key(|party| **party != caller);
        for uniqueid in new {
            let role = if *uniqueid == caller { Role::Caller } else { Role::Agent };
            let agent = match role {
                Role::Caller => None,
                Role::Agent => self
                    .agent_of(uniqueid)
                    .or_else(|| self.switch.channels.get_mut(&caller)?.expects.take()),
            };
            let Some(channel) = self.switch.channels.get(uniqueid).map(|channel| channel.name.clone()) else {
                continue;
            };
            if let Some(call) = self.calls.get_mut(id) {
                call.legs.insert(uniqueid.clone(), Leg::default());
                call.transferring &= role == Role::Caller;
                call.in_ivr &= role == Role::Caller;
            }
            let leg = LegId::new(uniqueid.as_str());
            self.signal(
                id,
                CallEvent::LegJoined {
                    leg: leg.clone(),
                    channel,
                    role,
                    agent,
                },
            );
            self.effects.push_back(Effect::Attach { call: id.clone(), leg });
        }
    }

    /// Lets go of legs that do not hear the caller any more, and of a caller whom nobody hears.
    fn part(&mut self, now: Instant, id: &CallId, present: Option<&BTreeSet<String>>) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let mut gone = Vec::new();
        for (uniqueid, leg) in &mut call.legs {
            if *uniqueid == call.caller || present.is_some_and(|parties| parties.contains(uniqueid)) {
                leg.absent_since = None;
            } else if now.saturating_duration_since(*leg.absent_since.get_or_insert(now)) >= LEG_LINGER {
                gone.push(uniqueid.clone());
            }
        }
        for uniqueid in &gone {
            self.leave(id, uniqueid);
        }
        let alone = self.is_alone(id);
        let Some(call) = self.calls.get_mut(id) else { return };
        if !alone {
            call.orphan_since = None;
        } else if now.saturating_duration_since(*call.orphan_since.get_or_insert(now)) >= ORPHAN_LINGER {
            self.end(id, EndCause::Hangup);
        }
    }

    /// In no bridge, without an agent, without a transfer on its way, and no dialplan asks anything.
    fn is_alone(&self, id: &CallId) -> bool {
        self.calls.get(id).is_some_and(|call| {
            let bridged = self
                .switch
                .channels
                .get(&call.caller)
                .is_some_and(|channel| channel.bridge.is_some());
            !bridged && !call.transferring && !call.in_ivr && call.legs.len() <= 1
        })
    }

    fn leave(&mut self, id: &CallId, uniqueid: &str) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if call.legs.remove(uniqueid).is_some() {
            let leg = LegId::new(uniqueid);
            self.effects.push_back(Effect::Detach { leg: leg.clone() });
            self.signal(id, CallEvent::LegLeft { leg });
        }
    }

    pub(super) fn end(&mut self, id: &CallId, cause: EndCause) {
        let Some(call) = self.calls.remove(id) else { return };
        for uniqueid in call.legs.into_keys() {
            self.effects.push_back(Effect::Detach {
                leg: LegId::new(uniqueid),
            });
        }
        self.signal(id, CallEvent::Ended { cause });
    }
}
