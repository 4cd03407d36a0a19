//! Callers whom a dialplan wants heard before anybody talks to them.

use std::time::Instant;

use sidetone_base::CallId;

use super::agents::is_local;
use super::event::ChannelInfo;
use super::{Tracker, Wanted};

impl Tracker {
    /// The call that this channel is heard in.
    #[must_use]
    pub fn call_of(&self, uniqueid: &str) -> Option<CallId> {
        self.calls.of(uniqueid)
    }

    /// What a dialplan wants of the channel that it runs on.
    pub(super) fn wanted(&mut self, now: Instant, channel: &ChannelInfo, wanted: Wanted) {
        let id = channel.uniqueid.as_str();
        match self.call_of(id) {
            Some(call) => self.with_calls(|calls, known| calls.wanted(known, &call, id, wanted)),
            None => {
                let heard = wanted == Wanted::Heard && !is_local(&channel.name);
                if heard && self.switch.learn(now, channel).is_some() {
                    self.with_calls(|calls, known| calls.hear(known, id));
                }
            }
        }
    }
}
