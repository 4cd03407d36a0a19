//! What calls must know of FreeSWITCH's channels, and what taps must know of calls.

use std::time::Instant;

use sidetone_base::{AgentId, CallId, EndCause, LegId, Role};
use sidetone_telephony::calls::{Calls, Channels, News, Party};

use super::agents::Agents;
use super::bugs::BugCount;
use super::switch::Switch;
use super::{Ask, Effect, Tracker};

/// The channels, and who among them is an agent.
pub(super) struct Known<'a> {
    pub(super) switch: &'a mut Switch,
    pub(super) agents: &'a mut Agents,
}

impl Channels for Known<'_> {
    fn conversations(&self) -> Vec<Vec<String>> {
        self.switch.conversations()
    }

    fn party(&self, uuid: &str) -> Option<Party> {
        let channel = self.switch.channels.get(uuid)?;
        // Whom the switch called is known by the number that it dialled.
        let (number, called) = if channel.inbound {
            (channel.number.clone(), channel.callee.clone())
        } else {
            (channel.callee.clone(), None)
        };
        Some(Party {
            name: channel.name.clone(),
            base: uuid.to_owned(),
            origin: channel.inbound,
            expects: channel.expects.is_some(),
            bridged: self.switch.hears(uuid),
            held: channel.held,
            conversations: channel.conversations,
            since: channel.since,
            number,
            called,
            queue: channel.queue.clone(),
            cti_id: channel.cti_id.clone(),
        })
    }

    fn agent_of(&self, uuid: &str) -> Option<AgentId> {
        let channel = self.switch.channels.get(uuid)?;
        channel.agent.clone().or_else(|| self.agents.of_channel(&channel.name))
    }

    fn names_no_agents(&self) -> bool {
        self.agents.is_empty()
    }

    fn begins(&mut self, caller: &str) {
        if let Some(channel) = self.switch.channels.get_mut(caller) {
            channel.conversations += 1;
        }
    }

    fn meets(&mut self, caller: &str) -> Option<AgentId> {
        self.switch.channels.get_mut(caller)?.expects.take()
    }

    fn learn_agent(&mut self, uuid: &str, agent: &AgentId) {
        if let Some(channel) = self.switch.channels.get(uuid) {
            self.agents.learn(&channel.name, agent);
        }
    }

    fn callers(&self) -> Vec<String> {
        let inbound = self.switch.channels.iter().filter(|(_, channel)| channel.inbound);
        inbound.map(|(uuid, _)| uuid.clone()).collect()
    }
}

impl Tracker {
    /// Does something with the calls, and passes on what they want done.
    pub(super) fn with_calls<T>(&mut self, work: impl FnOnce(&mut Calls, &mut Known<'_>) -> T) -> T {
        let mut known = Known {
            switch: &mut self.switch,
            agents: &mut self.agents,
        };
        let done = work(&mut self.calls, &mut known);
        while let Some(news) = self.calls.poll() {
            match news {
                News::Signal(signal) => self.effects.push_back(Effect::Signal(signal)),
                News::Attach { call, leg, role, agent } => self.attach(call, leg, role, agent),
                News::Detach { leg } => {
                    self.told.remove(leg.as_str());
                    self.effects.push_back(Effect::Detach { leg });
                }
                News::Live { live } => self.effects.push_back(Effect::Synced { live }),
            }
        }
        done
    }

    fn attach(&mut self, call: CallId, leg: LegId, role: Role, agent: Option<AgentId>) {
        let line = self.switch.line(leg.as_str());
        if line.media.is_none() {
            self.effects.push_back(Effect::Ask(Ask::Dump(leg.to_string())));
        }
        self.told.insert(leg.to_string(), line.clone());
        self.effects.push_back(Effect::Attach {
            call,
            leg,
            role,
            agent,
            line,
        });
    }

    /// Brings calls into line with who hears whom; `found` says that they were running before they were seen.
    pub(super) fn settle(&mut self, now: Instant, found: bool) {
        self.with_calls(|calls, known| calls.settle(now, known, found));
    }

    pub(super) fn hangup(&mut self, uuid: &str, cause: EndCause) {
        self.switch.hangup(uuid);
        self.with_calls(|calls, _| calls.hangup(uuid, cause));
    }

    pub(super) fn hold(&mut self, uuid: &str, held: bool) {
        if let Some(channel) = self.switch.channels.get_mut(uuid) {
            channel.held = held;
            self.with_calls(|calls, _| calls.hold(uuid, held));
            self.tell_lines(uuid);
        }
    }

    /// The taps of a channel and of its partner.
    pub(super) fn tell_lines(&mut self, uuid: &str) {
        let partner = self
            .switch
            .channels
            .get(uuid)
            .and_then(|channel| channel.partner.clone());
        self.tell_line(uuid);
        if let Some(partner) = partner {
            self.tell_line(&partner);
        }
    }

    pub(super) fn bug(&mut self, uuid: &str, count: impl FnOnce(&mut BugCount)) {
        let Some(channel) = self.switch.channels.get_mut(uuid) else {
            return;
        };
        count(&mut channel.bugs);
        self.tell_line(uuid);
    }

    /// The leg's tap hears of a change once.
    pub(super) fn tell_line(&mut self, uuid: &str) {
        let line = self.switch.line(uuid);
        if self.calls.is_leg(uuid) && self.told.get(uuid) != Some(&line) {
            self.told.insert(uuid.to_owned(), line.clone());
            let leg = LegId::new(uuid);
            self.effects.push_back(Effect::Line { leg, line });
        }
    }

    pub(super) fn rename(&mut self, old: &str, new: String) {
        if !self.calls.is_leg(old) {
            self.switch.rename(old, new);
        }
    }
}
