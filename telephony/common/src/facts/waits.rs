//! Callers in queues.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallId, Fact, OfferExit, QueueExit};

use super::{Contact, Facts, MOST_OPEN, since};

#[derive(Debug, Default)]
pub(super) struct Waits {
    /// By channel.
    pub(super) open: HashMap<String, Wait>,
    /// How many queues a channel that lives has been in.
    pub(super) entries: HashMap<String, u32>,
}

#[derive(Debug)]
pub(super) struct Wait {
    contact: CallId,
    entry: String,
    queue: String,
    since: Instant,
}

impl Waits {
    pub(super) fn forget(&mut self, channel: &str) {
        self.entries.remove(channel);
    }

    fn entry(&mut self, channel: &str) -> String {
        let count = self.entries.entry(channel.to_owned()).or_insert(0);
        *count += 1;
        format!("{channel}/{count}")
    }
}

impl Facts {
    /// A caller begins to wait. Whoever is said to wait already has left that queue for this one.
    pub fn entered_queue(&mut self, now: Instant, who: &Contact, queue: &str) {
        self.left_queue(now, &who.channel, QueueExit::Overflow, None);
        let Some(wait) = self.wait(who, queue, now) else { return };
        self.told.push_back(Fact::QueueEntered {
            contact: wait.contact.clone(),
            entry: wait.entry.clone(),
            queue: wait.queue.clone(),
            number: who.number.clone(),
        });
        self.waits.open.insert(who.channel.clone(), wait);
    }

    /// A caller was found waiting, for so long: the begin is not told again. One who is known waits on.
    pub fn found_in_queue(&mut self, now: Instant, who: &Contact, queue: &str, waited: Duration) {
        let known = self.waits.open.get(&who.channel);
        if known.is_some_and(|wait| wait.queue == queue) {
            return;
        }
        self.left_queue(now, &who.channel, QueueExit::Failed, None);
        let begin = now.checked_sub(waited).unwrap_or(now);
        if let Some(wait) = self.wait(who, queue, begin) {
            self.waits.open.insert(who.channel.clone(), wait);
        }
    }

    fn wait(&mut self, who: &Contact, queue: &str, since: Instant) -> Option<Wait> {
        if self.waits.open.len() >= MOST_OPEN {
            self.refused += 1;
            return None;
        }
        Some(Wait {
            contact: self.contact(&who.base),
            entry: self.waits.entry(&who.channel),
            queue: queue.to_owned(),
            since,
        })
    }

    /// The wait is over, if there is one; so are the offers that were made for it.
    pub fn left_queue(&mut self, at: Instant, channel: &str, left: QueueExit, agent: Option<AgentId>) {
        let Some(wait) = self.waits.open.remove(channel) else {
            return;
        };
        let offers = match left {
            QueueExit::Answered => OfferExit::Elsewhere,
            QueueExit::Abandoned => OfferExit::CallerGone,
            _ => OfferExit::NoAnswer,
        };
        self.offers_over(at, channel, offers);
        if let Some(agent) = &agent {
            self.serves(agent, &wait.contact);
        }
        self.told.push_back(Fact::QueueLeft {
            contact: wait.contact,
            entry: wait.entry,
            queue: wait.queue,
            left,
            waited: since(at, wait.since),
            agent,
        });
    }

    /// The queue that the channel waits in.
    #[must_use]
    pub fn queue_of(&self, channel: &str) -> Option<&str> {
        self.waits.open.get(channel).map(|wait| wait.queue.as_str())
    }

    /// Channels that wait.
    #[must_use]
    pub fn waiting(&self) -> Vec<String> {
        self.waits.open.keys().cloned().collect()
    }
}
