//! Facts for metrics, made of what a switch tells: who waits, at whom a call rings, what agents do, who talks with a machine.
//!
//! The same for every kind of switch, which tells its part in its own words and order. An end is told once and says by
//! itself how long it took; a begin that was not seen costs nothing.

mod contacts;
mod dialogues;
mod offers;
mod states;
mod waits;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use sidetone_base::{CallId, Fact, IvrExit, OfferExit, Pii, QueueExit};

use contacts::Contacts;
use dialogues::Dialogues;
pub use dialogues::{Heard, Note};
use offers::Offers;
use states::States;
use waits::Waits;

/// Waits, offers and dialogues that are followed at a time, each. Later ones are not, and are counted.
pub const MOST_OPEN: usize = 20_000;
/// Agents whose state is known.
pub const MOST_AGENTS: usize = 20_000;

/// A channel of a caller, as facts name it.
#[derive(Clone, Debug)]
pub struct Contact {
    /// The channel.
    pub channel: String,
    /// What its call's id is made of (see [`crate::calls::Party::base`]).
    pub base: String,
    /// Its number.
    pub number: Option<Pii<String>>,
}

/// Everything that is open, and the facts that are to be told.
#[derive(Debug, Default)]
pub struct Facts {
    node: Option<String>,
    contacts: Contacts,
    waits: Waits,
    offers: Offers,
    states: States,
    dialogues: Dialogues,
    told: VecDeque<Fact>,
    refused: u64,
}

impl Facts {
    /// `node` is put before ids, as before those of calls.
    #[must_use]
    pub fn new(node: Option<String>) -> Self {
        Self {
            node,
            ..Self::default()
        }
    }

    /// The next fact.
    pub fn poll(&mut self) -> Option<Fact> {
        self.told.pop_front()
    }

    /// How much was not followed for want of room since this was asked last.
    pub fn take_refused(&mut self) -> u64 {
        std::mem::take(&mut self.refused)
    }

    /// The channel is gone: what is open of it ends. `by_itself` says that its own side hung up.
    pub fn gone(&mut self, now: Instant, channel: &str, by_itself: bool) {
        let exit = match by_itself {
            true => QueueExit::Abandoned,
            false => QueueExit::Failed,
        };
        self.left_queue(now, channel, exit, None);
        self.offers_over(now, channel, OfferExit::CallerGone);
        self.dialogue_ended(now, channel, IvrExit::CallerHangup);
        self.contact_left(now, channel, by_itself);
        self.dialogues.forget(channel);
        self.waits.forget(channel);
    }

    fn contact(&self, base: &str) -> CallId {
        CallId::new(match &self.node {
            Some(node) => format!("{node}-{base}"),
            None => base.to_owned(),
        })
    }
}

fn since(now: Instant, begin: Instant) -> Duration {
    now.saturating_duration_since(begin)
}
