//! Questions on their way to the engine, and who waits for the answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sidetone_base::{Answer, AskId};
use tokio::sync::oneshot;

/// Brings answers back to dialplans. Cheap to clone; never waits.
#[derive(Clone, Debug, Default)]
pub struct Asks(Arc<Open>);

#[derive(Debug, Default)]
struct Open {
    next: AtomicU64,
    /// At most one for each connection that asks, and those are bounded.
    waiting: Mutex<HashMap<AskId, oneshot::Sender<Answer>>>,
}

impl Asks {
    /// Takes the answer to a question; of one that nobody waits for any more nothing remains.
    pub fn answer(&self, ask: AskId, answer: Answer) {
        let waiting = self.waiting().remove(&ask);
        if let Some(waiting) = waiting {
            // Whoever asked may hang up this very moment.
            let _ = waiting.send(answer);
        }
    }

    /// A new question. Dropping it forgets it.
    #[must_use]
    pub fn open(&self) -> Ask {
        let id = AskId(self.0.next.fetch_add(1, Ordering::Relaxed));
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(id, sender);
        Ask {
            id,
            answer,
            asks: self.clone(),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<AskId, oneshot::Sender<Answer>>> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One question, while it is open.
#[derive(Debug)]
pub struct Ask {
    /// Names it.
    pub id: AskId,
    answer: oneshot::Receiver<Answer>,
    asks: Asks,
}

impl Ask {
    /// The answer; [`Answer::Gone`] when whoever was to give it is gone.
    pub async fn answered(&mut self) -> Answer {
        (&mut self.answer).await.unwrap_or(Answer::Gone)
    }
}

impl Drop for Ask {
    fn drop(&mut self) {
        self.asks.waiting().remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_that_is_dropped_leaves_nothing() {
        let asks = Asks::default();
        let ask = asks.open();
        let id = ask.id;
        assert_ne!(id, asks.open().id);
        drop(ask);
        assert!(asks.waiting().is_empty());
        asks.answer(id, Answer::Silence);
    }
}
