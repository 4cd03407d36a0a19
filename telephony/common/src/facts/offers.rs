//! Calls that ring at agents.

use std::collections::BTreeMap;
use std::time::Instant;

use sidetone_base::{AgentId, CallId, Fact, OfferExit};

use super::{Contact, Facts, MOST_OPEN, since};

#[derive(Debug, Default)]
pub(super) struct Offers {
    /// By their names.
    pub(super) open: BTreeMap<String, Offer>,
}

#[derive(Debug)]
pub(super) struct Offer {
    /// The caller's.
    channel: String,
    contact: CallId,
    agent: AgentId,
    queue: Option<String>,
    since: Instant,
}

impl Facts {
    /// A call rings at an agent. `offer` names it: the channel that rings.
    pub fn offered(&mut self, now: Instant, offer: &str, who: &Contact, agent: AgentId, queue: Option<String>) {
        if self.offers.open.contains_key(offer) {
            return;
        }
        if self.offers.open.len() >= MOST_OPEN {
            self.refused += 1;
            return;
        }
        let contact = self.contact(&who.base);
        self.told.push_back(Fact::Offered {
            contact: contact.clone(),
            offer: offer.to_owned(),
            agent: agent.clone(),
            queue: queue.clone(),
        });
        let made = Offer {
            channel: who.channel.clone(),
            contact,
            agent,
            queue,
            since: now,
        };
        self.offers.open.insert(offer.to_owned(), made);
    }

    /// It rings no more, if it still did.
    pub fn offer_ended(&mut self, now: Instant, offer: &str, left: OfferExit) {
        let Some(made) = self.offers.open.remove(offer) else {
            return;
        };
        self.told.push_back(Fact::OfferEnded {
            contact: made.contact,
            offer: offer.to_owned(),
            agent: made.agent,
            queue: made.queue,
            left,
            rang: since(now, made.since),
        });
    }

    /// The channel of the caller to whom an open offer belongs.
    #[must_use]
    pub fn caller_of(&self, offer: &str) -> Option<&str> {
        self.offers.open.get(offer).map(|made| made.channel.as_str())
    }

    /// All that are made for this caller end.
    pub(super) fn offers_over(&mut self, now: Instant, channel: &str, left: OfferExit) {
        let made = self.offers.open.iter().filter(|(_, made)| made.channel == channel);
        let names: Vec<String> = made.map(|(name, _)| name.clone()).collect();
        for name in names {
            self.offer_ended(now, &name, left);
        }
    }
}
