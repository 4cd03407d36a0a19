//! Channels that call the switch, and those of agents who dial: what may become a call, or never does.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_base::{AgentId, CallId, Direction, EndBy, Fact};

use super::{Contact, Facts, MOST_OPEN, since};

/// A contact that ends within this after its other party has hung up has been ended by them.
const END_LINGER: Duration = Duration::from_secs(2);

#[derive(Debug, Default)]
pub(super) struct Contacts {
    /// By channel.
    pub(super) open: HashMap<String, Open>,
}

#[derive(Debug)]
pub(super) struct Open {
    contact: CallId,
    direction: Direction,
    since: Instant,
    other_hung_up: Option<Instant>,
}

impl Facts {
    /// A channel is there. `agent` is who dialled. A channel that is known changes nothing.
    pub fn contact_entered(&mut self, now: Instant, who: &Contact, direction: Direction, agent: Option<AgentId>) {
        if !self.open_contact(who, direction, now) {
            return;
        }
        self.told.push_back(Fact::ContactEntered {
            contact: self.contact(&who.base),
            direction,
            number: who.number.clone(),
            agent,
        });
    }

    /// A channel was found, as old as `age`: the begin is not told again.
    pub fn contact_found(&mut self, now: Instant, who: &Contact, direction: Direction, age: Duration) {
        self.open_contact(who, direction, now.checked_sub(age).unwrap_or(now));
    }

    fn open_contact(&mut self, who: &Contact, direction: Direction, since: Instant) -> bool {
        if self.contacts.open.contains_key(&who.channel) {
            return false;
        }
        if self.contacts.open.len() >= MOST_OPEN {
            self.refused += 1;
            return false;
        }
        let open = Open {
            contact: self.contact(&who.base),
            direction,
            since,
            other_hung_up: None,
        };
        self.contacts.open.insert(who.channel.clone(), open);
        true
    }

    /// Whoever speaks with the contact of this channel has hung up. The contact may go on.
    pub fn other_hung_up(&mut self, now: Instant, channel: &str) {
        if let Some(open) = self.contacts.open.get_mut(channel) {
            open.other_hung_up = Some(now);
        }
    }

    pub(super) fn contact_left(&mut self, now: Instant, channel: &str, by_itself: bool) {
        let Some(open) = self.contacts.open.remove(channel) else {
            return;
        };
        let by_other = open.other_hung_up.is_some_and(|at| since(now, at) <= END_LINGER);
        let end_by = match (open.direction, by_itself, by_other) {
            (Direction::In, true, _) | (Direction::Out, false, true) => EndBy::Caller,
            (Direction::Out, true, _) | (Direction::In, false, true) => EndBy::Agent,
            (_, false, false) => EndBy::System,
        };
        self.told.push_back(Fact::ContactLeft {
            contact: open.contact,
            end_by,
            lasted: since(now, open.since),
        });
    }

    /// Whether it is a contact.
    #[must_use]
    pub fn is_contact(&self, channel: &str) -> bool {
        self.contacts.open.contains_key(channel)
    }

    /// Channels of contacts.
    #[must_use]
    pub fn contacts(&self) -> Vec<String> {
        self.contacts.open.keys().cloned().collect()
    }
}
