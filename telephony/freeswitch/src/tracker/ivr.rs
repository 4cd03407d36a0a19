//! Callers whom a dialplan wants heard before anybody talks to them.

use std::time::Instant;

use sidetone_base::CallId;
use sidetone_telephony::Wanted;

use super::Tracker;
use super::agents::is_loopback;
use super::event::{ChannelInfo, channel};
use crate::esl::Headers;

/// The channel that a dialplan runs on.
#[derive(Clone, Debug, Default)]
pub struct DialplanChannel {
    /// Its id.
    pub uuid: String,
    /// What the switch says of it, where the dialplan brought that along.
    pub data: Headers,
    /// The agent that the dialplan names: the channel's own, or the one that it will speak to.
    pub agent: Option<String>,
    /// The queue that the dialplan names.
    pub queue: Option<String>,
    /// The place in the menu that the dialplan names.
    pub node: Option<String>,
    /// The dialplan says that this channel is the agent's.
    pub is_agent: bool,
}

/// How many channels may be wanted before the switch is known; more are not, until they are asked about.
const MAX_EARLY: usize = 1024;

impl DialplanChannel {
    /// Of which nothing else is known.
    pub fn named(uuid: impl Into<String>) -> Self {
        Self {
            uuid: uuid.into(),
            ..Self::default()
        }
    }

    /// The switch's own description has come along.
    #[must_use]
    pub fn is_described(&self) -> bool {
        channel(&self.data).is_some_and(|info| info.uuid == self.uuid)
    }

    fn info(&self) -> ChannelInfo {
        let described = channel(&self.data).filter(|info| info.uuid == self.uuid);
        let mut info = described.unwrap_or_else(|| ChannelInfo {
            uuid: self.uuid.clone(),
            ..ChannelInfo::default()
        });
        if self.agent.is_some() {
            info.agent.clone_from(&self.agent);
        }
        info.queue = info.queue.take().or_else(|| self.queue.clone());
        info.is_agent |= self.is_agent;
        info
    }
}

impl Tracker {
    /// The call that this channel is heard in.
    #[must_use]
    pub fn call_of(&self, uuid: &str) -> Option<CallId> {
        self.calls.of(uuid)
    }

    /// What a dialplan wants of the channel that it runs on.
    pub(super) fn wanted(&mut self, now: Instant, channel: &DialplanChannel, wanted: Wanted) {
        match self.call_of(&channel.uuid) {
            Some(call) => self.with_calls(|calls, known| calls.wanted(known, &call, &channel.uuid, wanted)),
            None if wanted != Wanted::Heard => {}
            None if self.sync.is_live() => self.hear(now, channel),
            // Whose call it is, the switch's lists will tell.
            None => {
                self.early.truncate(MAX_EARLY - 1);
                self.early.push(channel.clone());
            }
        }
    }

    /// The switch is known now.
    pub(super) fn hear_early(&mut self, now: Instant) {
        for channel in std::mem::take(&mut self.early) {
            // One that hung up meanwhile is not there.
            if self.switch.channels.contains_key(&channel.uuid) {
                self.wanted(now, &channel, Wanted::Heard);
            }
        }
    }

    /// An agent's channel waits for its caller.
    fn hear(&mut self, now: Instant, channel: &DialplanChannel) {
        self.learn(now, &channel.info());
        let Some(known) = self.switch.channels.get(&channel.uuid) else {
            return;
        };
        if !channel.is_agent && !is_loopback(&known.name) {
            self.with_calls(|calls, known| calls.hear(known, &channel.uuid));
        }
    }
}
