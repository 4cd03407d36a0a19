//! Callers whom a dialplan wants heard before anybody talks to them, and those who were heard before a restart.

use std::time::Duration;

use sidetone_base::{CallEvent, CallId, EndCause};

use super::{Calls, Channels, News};
use crate::Wanted;

impl Calls {
    /// What a dialplan wants of a channel that is in this call. To hear one that is in none is [`Calls::hear`].
    pub fn wanted(&mut self, channels: &impl Channels, call: &CallId, channel: &str, wanted: Wanted) {
        match wanted {
            Wanted::Heard => self.keep(channels, call, channel),
            Wanted::Ended => self.end(call, EndCause::Hangup),
            Wanted::Paused => self.signal(call, CallEvent::Paused),
            Wanted::Continued => self.signal(call, CallEvent::Continued),
        }
    }

    /// A caller whose agents have all hung up and who is asked something again has not ended the call. One who talks
    /// to somebody is in no dialplan.
    fn keep(&mut self, channels: &impl Channels, call: &CallId, channel: &str) {
        if let Some(call) = self.calls.get_mut(call)
            && call.caller == channel
            && channels.party(channel).is_some_and(|party| !party.bridged)
        {
            call.in_ivr = true;
        }
    }

    /// Begins a call in which nobody but this caller is. The same call goes on when an agent joins: it is the caller's.
    pub fn hear(&mut self, channels: &mut impl Channels, caller: &str) {
        if let Some(id) = self.begin(channels, caller, Duration::ZERO) {
            if let Some(call) = self.calls.get_mut(&id) {
                call.in_ivr = true;
            }
            self.join_all(&id, channels, &[caller.to_owned()]);
        }
    }

    /// The switch has listed all that it has: callers in no call may have been heard before a restart.
    pub fn listed(&mut self, channels: &impl Channels) {
        let callers = channels
            .callers()
            .into_iter()
            .filter(|caller| self.of(caller).is_none());
        let unattended = callers.filter_map(|caller| {
            let id = self.new_id(channels, &caller)?;
            Some((caller, id))
        });
        self.unattended = unattended.collect();
        self.tell_live();
    }

    /// The channel is gone: its call, if it had one before a restart, does not go on. `true` when that is news.
    pub fn attend(&mut self, channel: &str) -> bool {
        self.unattended.remove(channel).is_some()
    }

    /// Tells which calls there are, and which may go on.
    pub fn tell_live(&mut self) {
        let live = self.calls.keys().chain(self.unattended.values()).cloned().collect();
        self.news.push_back(News::Live { live });
    }
}
