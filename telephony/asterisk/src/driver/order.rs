//! What dialplans want of the task that owns the tracker.

use std::time::Duration;

use sidetone_base::{AskId, Question};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::fastagi::Caller;
use crate::tracker::Wanted;

/// Orders that may wait; whoever brings more waits, for [`LIMIT`] at most.
const BOUND: usize = 256;
/// An order that is not taken within this is given up.
const LIMIT: Duration = Duration::from_secs(2);

/// One thing that is wanted.
pub(super) struct Order {
    pub(super) channel: Caller,
    /// Done first.
    pub(super) wanted: Option<Wanted>,
    /// Asked then, of the channel's call.
    pub(super) question: Option<(AskId, Question)>,
    /// Whether there is such a call.
    pub(super) done: Option<oneshot::Sender<bool>>,
}

impl Order {
    /// A question about the channel's call; with `hear`, one is begun where there is none.
    pub(super) fn ask(channel: &Caller, ask: AskId, question: Question, hear: bool) -> Self {
        Self {
            channel: channel.clone(),
            wanted: hear.then_some(Wanted::Heard),
            question: Some((ask, question)),
            done: None,
        }
    }
}

#[derive(Clone)]
pub(super) struct Orders(mpsc::Sender<Order>);

impl Orders {
    pub(super) fn new() -> (Self, mpsc::Receiver<Order>) {
        let (sender, receiver) = mpsc::channel(BOUND);
        (Self(sender), receiver)
    }

    pub(super) async fn want(&self, channel: &Caller, wanted: Wanted) -> Option<bool> {
        let order = Order {
            channel: channel.clone(),
            wanted: Some(wanted),
            question: None,
            done: None,
        };
        self.send(order).await
    }

    /// Whether there is such a call; `None` when nobody took the order in time.
    pub(super) async fn send(&self, mut order: Order) -> Option<bool> {
        let (sender, done) = oneshot::channel();
        order.done = Some(sender);
        let taken = async {
            self.0.send(order).await.ok()?;
            done.await.ok()
        };
        timeout(LIMIT, taken).await.ok()?
    }
}
