//! Whether the pool has more to do than it can.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::lock;

/// So long after the last partial was shed the pool counts as shedding: longer than the pauses of a call.
const LINGERS: Duration = Duration::from_secs(10);

/// What the pool sheds. A cheap handle that outlives the pool.
#[derive(Clone, Debug, Default)]
pub struct Load(Arc<State>);

#[derive(Debug, Default)]
struct State {
    shed: AtomicU64,
    last: Mutex<Option<Instant>>,
}

impl Load {
    /// Partials that were shed for want of time or room; those that a newer one replaced are not among them.
    #[must_use]
    pub fn shed_partials(&self) -> u64 {
        self.0.shed.load(Ordering::Relaxed)
    }

    /// Whether partials are being shed just now.
    #[must_use]
    pub fn is_shedding(&self) -> bool {
        lock(&self.0.last).is_some_and(|last| last.elapsed() < LINGERS)
    }

    pub(super) fn shed(&self) {
        self.0.shed.fetch_add(1, Ordering::Relaxed);
        *lock(&self.0.last) = Some(Instant::now());
    }
}
