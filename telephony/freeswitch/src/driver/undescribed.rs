//! Orders of dialplans for channels that the switch has not described yet.
//!
//! The module's start of a leg overtakes the event that says who calls whom: a call that began with it would know
//! neither caller nor called. So the channel is asked for first, and its orders wait, in their order.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use sidetone_telephony::{Order, Wanted};

use crate::esl::Headers;
use crate::tracker::DialplanChannel;

/// A switch that has not described a channel within this is not waited for.
const LIMIT: Duration = Duration::from_millis(500);
/// Channels that wait at once. Orders for more are carried out at once, with what is known.
const MOST: usize = 256;

struct Waiting {
    orders: Vec<Order<DialplanChannel>>,
    until: Instant,
}

/// By channel.
#[derive(Default)]
pub(super) struct Undescribed(HashMap<String, Waiting>);

/// What to do with an order.
pub(super) enum Held {
    /// Carry it out.
    No(Box<Order<DialplanChannel>>),
    /// It waits for an answer that is on its way.
    Behind,
    /// It waits: ask the switch to describe the channel.
    Ask,
}

impl Undescribed {
    /// `known` says that the switch has described the order's channel, or cannot be asked.
    pub(super) fn hold(&mut self, now: Instant, order: Order<DialplanChannel>, known: bool) -> Held {
        if let Some(waiting) = self.0.get_mut(&order.channel.uuid) {
            waiting.orders.push(order);
            return Held::Behind;
        }
        let begins = order.wanted == Some(Wanted::Heard) && !order.channel.is_described();
        if known || !begins || self.0.len() >= MOST {
            return Held::No(Box::new(order));
        }
        let uuid = order.channel.uuid.clone();
        let until = now + LIMIT;
        self.0.insert(
            uuid,
            Waiting {
                orders: vec![order],
                until,
            },
        );
        Held::Ask
    }

    /// The channel's orders, with what the switch said of it.
    pub(super) fn described(&mut self, uuid: &str, data: &Headers) -> Vec<Order<DialplanChannel>> {
        let mut orders = self.0.remove(uuid).map(|waiting| waiting.orders).unwrap_or_default();
        for order in &mut orders {
            order.channel.data = data.clone();
        }
        orders
    }

    /// Orders that have waited long enough; all of them where `now` is `None`.
    pub(super) fn overdue(&mut self, now: Option<Instant>) -> Vec<Order<DialplanChannel>> {
        let over = |waiting: &Waiting| now.is_none_or(|now| now >= waiting.until);
        let over = self.0.extract_if(|_, waiting| over(waiting));
        over.flat_map(|(_, waiting)| waiting.orders).collect()
    }

    /// When [`Undescribed::overdue`] has something to do.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.values().map(|waiting| waiting.until).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(wanted: Wanted) -> Order<DialplanChannel> {
        Order {
            channel: DialplanChannel::named("a"),
            wanted: Some(wanted),
            question: None,
            note: None,
            done: None,
        }
    }

    #[test]
    fn orders_wait_for_the_description_and_keep_their_order() {
        let (mut held, now) = (Undescribed::default(), Instant::now());
        assert!(matches!(held.hold(now, order(Wanted::Heard), false), Held::Ask));
        assert!(matches!(held.hold(now, order(Wanted::Paused), false), Held::Behind));
        assert!(held.overdue(Some(now)).is_empty());
        let data = Headers::parse("Unique-ID: a\nCaller-Destination-Number: 12333", true);
        let orders = held.described("a", &data);
        let wanted: Vec<_> = orders.iter().map(|order| order.wanted).collect();
        assert_eq!(wanted, [Some(Wanted::Heard), Some(Wanted::Paused)]);
        assert!(orders.iter().all(|order| order.channel.is_described()));
        assert!(held.deadline().is_none());
    }

    #[test]
    fn a_switch_that_says_nothing_is_not_waited_for() {
        let (mut held, now) = (Undescribed::default(), Instant::now());
        held.hold(now, order(Wanted::Heard), false);
        assert_eq!(held.deadline(), Some(now + LIMIT));
        assert_eq!(held.overdue(Some(now + LIMIT)).len(), 1);
        held.hold(now, order(Wanted::Heard), false);
        assert_eq!(held.overdue(None).len(), 1);
    }

    #[test]
    fn what_begins_no_call_or_is_known_does_not_wait() {
        let (mut held, now) = (Undescribed::default(), Instant::now());
        assert!(matches!(held.hold(now, order(Wanted::Continued), false), Held::No(_)));
        assert!(matches!(held.hold(now, order(Wanted::Heard), true), Held::No(_)));
    }
}
