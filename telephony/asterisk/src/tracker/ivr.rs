//! Callers whom a dialplan wants heard before anybody talks to them.

use std::time::{Duration, Instant};

use sidetone_base::{CallEvent, CallId, EndCause};

use super::agents::is_local;
use super::event::ChannelInfo;
use super::{Tracker, Wanted};

impl Tracker {
    /// The call that this channel is heard in.
    #[must_use]
    pub fn call_of(&self, uniqueid: &str) -> Option<CallId> {
        let (id, _) = self.calls.iter().find(|(_, call)| call.legs.contains_key(uniqueid))?;
        Some(id.clone())
    }

    /// What a dialplan wants of the channel that it runs on.
    pub(super) fn wanted(&mut self, now: Instant, channel: &ChannelInfo, wanted: Wanted) {
        let call = self.call_of(&channel.uniqueid);
        match (wanted, call) {
            (Wanted::Heard, Some(call)) => self.keep(&call, &channel.uniqueid),
            (Wanted::Heard, None) => self.hear(now, channel),
            (Wanted::Ended, Some(call)) => self.end(&call, EndCause::Hangup),
            (Wanted::Paused, Some(call)) => self.signal(&call, CallEvent::Paused),
            (Wanted::Continued, Some(call)) => self.signal(&call, CallEvent::Continued),
            (_, None) => {}
        }
    }

    /// A caller whose agent has hung up and who is asked something again has not ended the call.
    fn keep(&mut self, call: &CallId, uniqueid: &str) {
        if let Some(call) = self.calls.get_mut(call)
            && call.caller == uniqueid
        {
            call.in_ivr = true;
        }
    }

    /// The same call goes on when an agent joins: it is the caller's.
    fn hear(&mut self, now: Instant, channel: &ChannelInfo) {
        if is_local(&channel.name) || self.switch.learn(now, channel).is_none() {
            return;
        }
        let caller = channel.uniqueid.clone();
        if let Some(id) = self.begin(caller.clone(), Duration::ZERO) {
            if let Some(call) = self.calls.get_mut(&id) {
                call.in_ivr = true;
            }
            self.join_all(&id, &[caller]);
        }
    }
}
