//! From a call's wish for text to the pool and back.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use sidetone_engine::{Recognised, Recognition};
use sidetone_shell::pool::{JobDone, JobFailure, RecogniserPool, Refused};
use sidetone_speech::{AudioJob, SegmentKey};

/// Finals that the pool handed back for want of room; beyond this many the oldest is given up by its
/// call's own timeout. Half a megabyte each at most.
const WAITING_FINALS: usize = 512;

/// The pool, and the finals that wait to get into it.
pub struct Jobs {
    pool: RecogniserPool,
    waiting: Mutex<VecDeque<AudioJob>>,
}

impl Jobs {
    /// All calls' jobs go through one of these.
    #[must_use]
    pub fn new(pool: RecogniserPool) -> Self {
        Self {
            pool,
            waiting: Mutex::new(VecDeque::new()),
        }
    }

    /// Hands the job over, now or after the next answer.
    pub fn submit(&self, job: AudioJob) {
        if let Err(Refused(job)) = self.pool.submit(job) {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if waiting.len() == WAITING_FINALS {
                waiting.pop_front();
                metrics::counter!(super::telemetry::FINALS_GIVEN_UP).increment(1);
            }
            waiting.push_back(job);
        }
    }

    /// There is room for one more.
    pub fn answered(&self) {
        let next = self.waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        if let Some(job) = next {
            self.submit(job);
        }
    }

    /// As [`RecogniserPool::forget`].
    pub fn forget(&self, segment: &SegmentKey) {
        self.pool.forget(segment);
    }
}

/// What the engine makes of an answer.
pub(super) fn recognised(done: JobDone) -> Recognised {
    let outcome = match done.result {
        Ok(Some(hypothesis)) => Recognition::Text(hypothesis),
        Ok(None) => Recognition::Silence,
        Err(JobFailure::Shed(_)) => Recognition::Shed,
        Err(failure) => Recognition::Failed(failure.to_string()),
    };
    Recognised {
        key: done.key,
        pass: done.pass,
        waited: done.queued_for + done.took,
        outcome,
    }
}
