//! What calls must know of Asterisk's channels.

use std::time::Instant;

use sidetone_base::{AgentId, EndCause};
use sidetone_telephony::calls::{Channels, News, Party};

use super::agents::Agents;
use super::switch::Switch;
use super::{Effect, Tracker};

/// The channels, and who among them is an agent.
pub(super) struct Known<'a> {
    pub(super) switch: &'a mut Switch,
    pub(super) agents: &'a Agents,
}

impl Channels for Known<'_> {
    fn conversations(&self) -> Vec<Vec<String>> {
        self.switch.conversations()
    }

    fn party(&self, uniqueid: &str) -> Option<Party> {
        let channel = self.switch.channels.get(uniqueid)?;
        Some(Party {
            name: channel.name.clone(),
            base: channel.linkedid.clone(),
            origin: channel.linkedid == uniqueid,
            expects: channel.expects.is_some(),
            bridged: channel.bridge.is_some(),
            // Asterisk tells of a hold when it happens, and at no other time.
            held: false,
            conversations: channel.conversations,
            since: channel.since,
            number: channel.number.clone(),
            called: channel.exten.clone(),
            queue: channel.queue.clone(),
            cti_id: channel.cti_id.clone(),
        })
    }

    fn agent_of(&self, uniqueid: &str) -> Option<AgentId> {
        let channel = self.switch.channels.get(uniqueid)?;
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

    /// Queues tell whose an interface is.
    fn learn_agent(&mut self, _: &str, _: &AgentId) {}

    fn callers(&self) -> Vec<String> {
        self.switch.callers().map(str::to_owned).collect()
    }
}

impl Tracker {
    /// Does something with the calls, and passes on what they want done.
    pub(super) fn with_calls<T>(
        &mut self,
        work: impl FnOnce(&mut sidetone_telephony::calls::Calls, &mut Known<'_>) -> T,
    ) -> T {
        let mut known = Known {
            switch: &mut self.switch,
            agents: &self.agents,
        };
        let done = work(&mut self.calls, &mut known);
        while let Some(news) = self.calls.poll() {
            self.effects.push_back(match news {
                News::Signal(signal) => Effect::Signal(signal),
                News::Attach { call, leg, .. } => Effect::Attach { call, leg },
                News::Detach { leg } => Effect::Detach { leg },
                News::Live { live } => Effect::Synced { live },
            });
        }
        done
    }

    /// Brings calls into line with who hears whom; `found` says that they were running before they were seen.
    pub(super) fn settle(&mut self, now: Instant, found: bool) {
        self.with_calls(|calls, known| calls.settle(now, known, found));
    }

    pub(super) fn hangup(&mut self, uniqueid: &str, cause: EndCause) {
        self.switch.hangup(uniqueid);
        self.with_calls(|calls, _| calls.hangup(uniqueid, cause));
    }
}
