//! What dialplans want of the task that owns a tracker.

use std::time::Duration;

use metrics::counter;
use sidetone_base::{AskId, Question};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::facts::Note;

/// Orders that may wait; whoever brings more waits, for [`LIMIT`] at most.
const BOUND: usize = 256;
/// An order that is not taken within this is given up.
const LIMIT: Duration = Duration::from_secs(2);

/// What a dialplan may want of its channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Its caller is to be heard, before any agent is there.
    Heard,
    /// Nothing more is to be heard; the call is over.
    Ended,
    /// Nothing is to be heard for a while.
    Paused,
    /// It is to be heard again.
    Continued,
}

/// One thing that is wanted, of a channel as the switch describes it.
#[derive(Debug)]
pub struct Order<C> {
    /// The channel that the dialplan runs on.
    pub channel: C,
    /// Done first.
    pub wanted: Option<Wanted>,
    /// Asked then, of the channel's call.
    pub question: Option<(AskId, Question)>,
    /// Told for metrics.
    pub note: Option<Note>,
    /// Whether there is such a call.
    pub done: Option<oneshot::Sender<bool>>,
}

impl<C: Clone> Order<C> {
    /// A question about the channel's call; with `hear`, one is begun where there is none.
    pub fn ask(channel: &C, ask: AskId, question: Question, hear: bool) -> Self {
        Self {
            channel: channel.clone(),
            wanted: hear.then_some(Wanted::Heard),
            question: Some((ask, question)),
            note: None,
            done: None,
        }
    }
}

/// Brings orders.
#[derive(Debug)]
pub struct Orders<C>(mpsc::Sender<Order<C>>);

impl<C> Clone for Orders<C> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<C: Clone> Orders<C> {
    /// The other end is for the task that owns the tracker.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Order<C>>) {
        let (sender, receiver) = mpsc::channel(BOUND);
        (Self(sender), receiver)
    }

    /// Whether there is such a call; `None` when nobody took the order in time.
    pub async fn want(&self, channel: &C, wanted: Wanted) -> Option<bool> {
        let order = Order {
            channel: channel.clone(),
            wanted: Some(wanted),
            question: None,
            note: None,
            done: None,
        };
        self.send(order).await
    }

    /// Tells something for metrics. Nobody waits for it: without room it is dropped, counted, and `false`.
    pub fn tell(&self, channel: &C, note: Note) -> bool {
        let order = Order {
            channel: channel.clone(),
            wanted: None,
            question: None,
            note: Some(note),
            done: None,
        };
        let told = self.0.try_send(order).is_ok();
        if !told {
            counter!("sidetone_dialplan_notes_dropped_total").increment(1);
        }
        told
    }

    /// Whether there is such a call; `None` when nobody took the order in time.
    pub async fn send(&self, mut order: Order<C>) -> Option<bool> {
        let (sender, done) = oneshot::channel();
        order.done = Some(sender);
        let taken = async {
            self.0.send(order).await.ok()?;
            done.await.ok()
        };
        timeout(LIMIT, taken).await.ok()?
    }
}
