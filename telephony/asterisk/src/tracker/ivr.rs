//! Callers whom a dialplan wants heard before anybody talks to them.

use std::time::Instant;

use sidetone_base::{CallId, EndCause};

use super::agents::is_local;
use super::event::ChannelInfo;
use super::sync::Sync;
use super::{MOST_UNSURE, Tracker, UNSURE_LIMIT, Wanted};

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
                if heard && self.believes(now, id) && self.switch.learn(now, channel).is_some() {
                    self.with_calls(|calls, known| calls.hear(known, id));
                }
            }
        }
    }

    /// Whether there is such a channel, as far as can be known. With a connection the switch has been asked already.
    fn believes(&mut self, now: Instant, id: &str) -> bool {
        if !matches!(self.sync, Sync::Down) || self.switch.channels.contains_key(id) {
            return true;
        }
        let room = self.unsure.len() < MOST_UNSURE;
        if room {
            self.unsure.insert(id.to_owned(), now + UNSURE_LIMIT);
        }
        room
    }

    /// Ends calls of channels that the switch has never confirmed.
    pub(super) fn forget_unsure(&mut self, now: Instant) {
        let over = |until: &Instant| now >= *until;
        let gone: Vec<String> = self
            .unsure
            .iter()
            .filter(|(_, until)| over(until))
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            self.unsure.remove(&id);
            self.hangup(&id, EndCause::LostSight);
        }
    }
}
