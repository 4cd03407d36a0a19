//! What agents do with hints: counted for the node behind each, told to the call, and used by calls that start later.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sidetone_assist::{Deeds, Opinions};
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::{Feedback, FeedbackAction, FeedbackLedger, NodeFeedback, Publisher};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::{HubInput, telemetry};

/// How often the counts of all daemons are read.
const EVERY: Duration = Duration::from_secs(30);

/// The opinions that calls start with. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Held(Arc<RwLock<Arc<Opinions>>>);

impl Held {
    /// As they are now.
    #[must_use]
    pub fn now(&self) -> Arc<Opinions> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, opinions: Opinions) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(opinions);
    }
}

/// Follows the feedback stream.
pub struct Follower {
    /// Where hints and their nodes are.
    pub publisher: Publisher,
    /// Where counts are kept.
    pub ledger: FeedbackLedger,
    /// By which they fade.
    pub clock: WallClock,
    /// What calls start with.
    pub held: Held,
    /// The way to calls.
    pub inputs: mpsc::Sender<HubInput>,
}

impl Follower {
    /// Runs until no feedback comes any more.
    pub async fn run(mut self, mut feedback: mpsc::Receiver<Feedback>) {
        let mut look = interval(EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut quiet = false;
        loop {
            tokio::select! {
                entry = feedback.recv() => match entry {
                    Some(entry) => self.take(entry).await,
                    None => return,
                },
                _ = look.tick() => self.look(&mut quiet).await,
            }
        }
    }

    /// Reads what all daemons have counted.
    async fn look(&mut self, quiet: &mut bool) {
        match self.ledger.read().await {
            Ok(rows) => {
                *quiet = false;
                let now = self.seconds() as f64;
                let deeds = rows.into_iter().map(|(node, row)| (node, deeds(row, now)));
                self.held.set(Opinions::of(deeds));
            }
            Err(error) if !std::mem::replace(quiet, true) => {
                tracing::warn!(
                    error,
                    "what agents think of hints cannot be read; ranking stays as it was"
                );
            }
            Err(_) => {}
        }
    }

    /// A hint that was put away goes at once; then it is counted.
    async fn take(&mut self, entry: Feedback) {
        let Some(hint) = entry.hint else { return };
        if entry.action == FeedbackAction::Dismissed {
            let (call, hint) = (entry.call.clone(), hint.clone());
            drop(self.inputs.send(HubInput::Dismissed { call, hint }).await);
        }
        let (publisher, call) = (self.publisher.clone(), entry.call);
        let found = tokio::task::spawn_blocking(move || publisher.node_of(&call, &hint)).await;
        let outcome = match found.ok().flatten() {
            // Another daemon's call, one that is long over, or a hint that no node is behind.
            None => "unknown_hint",
            Some(node) => match self.ledger.count(&node, entry.action, self.seconds()).await {
                Ok(()) => "counted",
                Err(error) => {
                    tracing::debug!(error, "feedback cannot be counted");
                    "failed"
                }
            },
        };
        metrics::counter!(telemetry::OPINIONS, "outcome" => outcome).increment(1);
    }

    fn seconds(&self) -> i64 {
        self.clock.now().instant().as_second()
    }
}

/// A row as it weighs at `now`, in seconds since 1970.
#[must_use]
pub fn deeds(row: NodeFeedback, now: f64) -> Deeds {
    let row = row.faded(now);
    Deeds {
        shown: row.shown as f32,
        used: (row.clicked + row.copied) as f32,
        refused: (row.dismissed + row.corrected) as f32,
        opinions: row.opinions as u64,
    }
}
