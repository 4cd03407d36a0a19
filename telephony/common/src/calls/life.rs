//! A call's life.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, CallId, EndCause, LegExit, LegId, Pii, Role};

use super::{CONSULT_LINGER, Call, Calls, Channels, LEG_LINGER, Leg, News, ORPHAN_LINGER, Outside};

impl Calls {
    /// Brings calls into line with who hears whom.
    ///
    /// `found` says that the conversations were running before they were seen.
    pub fn settle(&mut self, now: Instant, channels: &mut impl Channels, found: bool) {
        let mut present: BTreeMap<CallId, BTreeSet<String>> = BTreeMap::new();
        for parties in channels.conversations() {
            let call = match self.one_where(|call| parties.contains(&call.caller)) {
                Some(call) => call,
                // An agent who asks a colleague or an outside line while the caller waits: not theirs to hear.
                None if parties.iter().any(|party| self.is_leg(party)) => continue,
                None if self.is_consultation(channels, &parties) => continue,
                None => match self.open(now, channels, &parties, found) {
                    Some(call) => call,
                    None => {
                        self.consults(now, channels, &parties);
                        continue;
                    }
                },
            };
            self.join_all(&call, channels, &parties);
            self.name_agents(&call, channels);
            present.entry(call).or_default().extend(parties);
        }
        let fresh = |at: &Instant| now.saturating_duration_since(*at) <= CONSULT_LINGER;
        for call in self.calls.values_mut() {
            call.consulted = call.consulted.filter(fresh);
        }
        let calls: Vec<CallId> = self.calls.keys().cloned().collect();
        for id in calls {
            self.part(now, channels, &id, present.get(&id));
        }
    }

    /// An agent of a call speaks with a colleague on another line.
    fn consults(&mut self, now: Instant, channels: &impl Channels, parties: &[String]) {
        for agent in parties.iter().filter_map(|party| channels.agent_of(party)) {
            let theirs = |call: &&mut Call| call.legs.values().any(|leg| leg.agent.as_ref() == Some(&agent));
            self.calls
                .values_mut()
                .filter(theirs)
                .for_each(|call| call.consulted = Some(now));
        }
    }

    /// The channel is gone: what it was a leg of goes on without it, and what it was the caller of is over.
    pub fn hangup(&mut self, channel: &str, cause: EndCause) {
        if let Some(id) = self.one_where(|call| call.caller == channel) {
            self.end(&id, cause);
        }
        while let Some(id) = self.of(channel) {
            self.leave(&id, channel);
        }
        for call in self.calls.values_mut() {
            call.away.remove(channel);
        }
    }

    /// An agent who has left a caller waiting talks to somebody whom they called. Somebody who came by themselves is
    /// their next caller.
    fn is_consultation(&self, channels: &impl Channels, parties: &[String]) -> bool {
        let origin = |party: &String| channels.party(party).is_some_and(|party| party.origin);
        parties.iter().any(|party| self.is_away(party))
            && !parties
                .iter()
                .any(|party| origin(party) && !self.is_away(party) && channels.agent_of(party).is_none())
    }

    /// The line is down, or nobody wants it heard any more.
    pub fn end(&mut self, id: &CallId, cause: EndCause) {
        let Some(call) = self.calls.remove(id) else { return };
        for channel in call.legs.into_keys() {
            let leg = LegId::new(channel);
            self.news.push_back(News::Detach { leg });
        }
        self.signal(id, CallEvent::Ended { cause });
    }

    /// The parties' new call, if one of them is a caller and one an agent.
    fn open(&mut self, now: Instant, channels: &mut impl Channels, parties: &[String], found: bool) -> Option<CallId> {
        let caller = caller_among(channels, parties)?;
        let ages = parties.iter().filter_map(|party| channels.party(party));
        let age = match found {
            true => ages.map(|party| party.age(now)).min().unwrap_or_default(),
            false => Duration::ZERO,
        };
        self.begin(channels, &caller, age)
    }

    /// A call of this caller, in which nobody is yet.
    pub(super) fn begin(&mut self, channels: &mut impl Channels, caller: &str, age: Duration) -> Option<CallId> {
        let id = self.new_id(channels, caller)?;
        let party = channels.party(caller)?;
        self.unattended.remove(caller);
        channels.begins(caller);
        let event = CallEvent::Started {
            age,
            caller_number: party.number.map(Pii::new),
            called_number: party.called,
            queue: party.queue,
            cti_id: party.cti_id,
        };
        let call = Call {
            caller: caller.to_owned(),
            legs: BTreeMap::new(),
            transferring: false,
            in_ivr: false,
            away: BTreeSet::new(),
            orphan_since: None,
            consulted: None,
        };
        self.calls.insert(id.clone(), call);
        self.signal(&id, event);
        Some(id)
    }

    /// The same after a restart. A caller's second conversation gets a suffix.
    pub(super) fn new_id(&self, channels: &impl Channels, caller: &str) -> Option<CallId> {
        let party = channels.party(caller)?;
        let base = match &self.node {
            Some(node) => format!("{node}-{}", party.base),
            None => party.base,
        };
        let ids = (party.conversations + 1..).map(|count| match count {
            1 => CallId::new(base.clone()),
            _ => CallId::new(format!("{base}-{count}")),
        });
        ids.into_iter().find(|id| !self.calls.contains_key(id))
    }

    pub(super) fn join_all(&mut self, id: &CallId, channels: &mut impl Channels, parties: &[String]) {
        let Some(call) = self.calls.get(id) else { return };
        let caller = call.caller.clone();
        let mut new: Vec<&String> = parties.iter().filter(|party| !call.legs.contains_key(*party)).collect();
        new.sort_by_key(|party| **party != caller);
        for channel in new {
            self.join(id, channels, &caller, channel);
        }
    }

    fn join(&mut self, id: &CallId, channels: &mut impl Channels, caller: &str, channel: &str) {
        let is_caller = channel == caller;
        let agent = match is_caller {
            true => None,
            false => channels.agent_of(channel).or_else(|| channels.meets(caller)),
        };
        let is_outside = !is_caller && agent.is_none() && !channels.names_no_agents();
        let role = match (is_caller, is_outside, self.outside) {
            (_, true, Outside::Unheard) => return,
            (true, ..) | (_, true, Outside::Caller) => Role::Caller,
            _ => Role::Agent,
        };
        let Some(party) = channels.party(channel) else { return };
        if let Some(agent) = &agent {
            // So that their phone is theirs on its other lines, too: asking a colleague is no call.
            channels.learn_agent(channel, agent);
        }
        // Whoever speaks to this caller now waits for no other.
        for call in self.calls.values_mut() {
            call.away.remove(channel);
        }
        if let Some(call) = self.calls.get_mut(id) {
            let leg = Leg {
                role,
                agent: agent.clone(),
                absent_since: None,
                held: false,
            };
            call.legs.insert(channel.to_owned(), leg);
            call.transferring &= is_caller;
            call.in_ivr &= is_caller;
        }
        let leg = LegId::new(channel);
        let joined = CallEvent::LegJoined {
            leg: leg.clone(),
            channel: party.name,
            role,
            agent: agent.clone(),
        };
        self.signal(id, joined);
        self.news.push_back(News::Attach {
            call: id.clone(),
            leg,
            role,
            agent,
        });
        self.hold(channel, party.held);
    }

    /// A switch may say whose phone it is after it has bridged it.
    fn name_agents(&mut self, id: &CallId, channels: &mut impl Channels) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let mut named = Vec::new();
        for (channel, leg) in &mut call.legs {
            if leg.role == Role::Agent && leg.agent.is_none() {
                leg.agent = channels.agent_of(channel).or_else(|| channels.meets(&call.caller));
                named.extend(leg.agent.clone().map(|agent| (channel.clone(), agent)));
            }
        }
        for (channel, agent) in named {
            channels.learn_agent(&channel, &agent);
            let joined = CallEvent::LegJoined {
                channel: channels.party(&channel).map(|party| party.name).unwrap_or_default(),
                leg: LegId::new(channel),
                role: Role::Agent,
                agent: Some(agent),
            };
            self.signal(id, joined);
        }
    }

    /// Lets go of legs that do not hear the caller any more, and of a caller whom nobody hears.
    fn part(&mut self, now: Instant, channels: &impl Channels, id: &CallId, present: Option<&BTreeSet<String>>) {
        let Some(call) = self.calls.get_mut(id) else { return };
        let mut gone = Vec::new();
        for (channel, leg) in &mut call.legs {
            if *channel == call.caller || present.is_some_and(|parties| parties.contains(channel)) {
                leg.absent_since = None;
            } else if now.saturating_duration_since(*leg.absent_since.get_or_insert(now)) >= LEG_LINGER {
                gone.push(channel.clone());
            }
        }
        for channel in &gone {
            self.leave(id, channel);
        }
        let Some(call) = self.calls.get_mut(id) else { return };
        call.away.extend(gone);
        if !is_alone(channels, call) {
            call.orphan_since = None;
        } else if now.saturating_duration_since(*call.orphan_since.get_or_insert(now)) >= ORPHAN_LINGER {
            self.end(id, EndCause::Hangup);
        }
    }

    fn leave(&mut self, id: &CallId, channel: &str) {
        let Some(call) = self.calls.get_mut(id) else { return };
        if call.legs.remove(channel).is_some() {
            let leg = LegId::new(channel);
            let exit = call.exit();
            self.news.push_back(News::Detach { leg: leg.clone() });
            self.signal(id, CallEvent::LegLeft { leg, exit });
        }
    }
}

impl Call {
    /// How a party has left, by who is there without it.
    fn exit(&self) -> LegExit {
        let another = self.legs.keys().any(|channel| *channel != self.caller);
        match (another, self.transferring, self.consulted) {
            (true, ..) | (false, true, Some(_)) => LegExit::Attended,
            (false, true, None) => LegExit::Blind,
            (false, false, _) => LegExit::HungUp,
        }
    }
}

/// Heard by nobody, without an agent (here or coming back), without a transfer on its way, and no dialplan asks anything.
fn is_alone(channels: &impl Channels, call: &Call) -> bool {
    let bridged = channels.party(&call.caller).is_some_and(|party| party.bridged);
    !bridged && !call.transferring && !call.in_ivr && call.legs.len() <= 1 && call.away.is_empty()
}

fn caller_among(channels: &impl Channels, parties: &[String]) -> Option<String> {
    let origin = |party: &String| channels.party(party).is_some_and(|party| party.origin);
    let expects = |party: &String| channels.party(party).is_some_and(|party| party.expects);
    let public = parties.iter().filter(|party| channels.agent_of(party).is_none());
    let public: Vec<&String> = public.collect();
    if public.len() == parties.len() && !public.iter().any(|party| expects(party)) {
        // Nobody here is known as an agent. Where no agent is known at all, who was called is one.
        return match channels.names_no_agents() {
            true => public.into_iter().find(|party| origin(party)).cloned(),
            false => None,
        };
    }
    public
        .into_iter()
        .min_by_key(|party| (!expects(party), !origin(party)))
        .cloned()
}
