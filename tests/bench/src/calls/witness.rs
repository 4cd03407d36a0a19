//! The daemon's models with somebody beside them who writes down what they were asked and what it took.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidetone_shell::pool::Models;
use sidetone_speech::{
    AudioJob, Choices, Hypothesis, Listening, Pass, Recognise, RecogniseError, Recogniser, SegmentKey,
};

use crate::processor;

/// What was decoded, in order.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Vec<Decode>>>);

/// One call of a recogniser.
pub(crate) struct Decode {
    pub(crate) pass: Pass,
    /// By the clock.
    pub(crate) took: Duration,
    /// Processor time of the thread that called: all of it where no other thread was lent.
    pub(crate) spent: Duration,
}

impl Witness {
    /// The same models, seen.
    pub(crate) fn beside(&self, models: &Models) -> Models {
        let seen = |model: &Arc<dyn Recognise>| -> Arc<dyn Recognise> {
            Arc::new(SeenModel {
                model: Arc::clone(model),
                witness: self.clone(),
            })
        };
        if Arc::ptr_eq(&models.partial, &models.last) {
            return Models {
                again: models.again.as_ref().map(seen),
                ..Models::one(seen(&models.last))
            };
        }
        Models {
            partial: seen(&models.partial),
            last: seen(&models.last),
            again: models.again.as_ref().map(seen),
        }
    }

    pub(crate) fn decodes(&self) -> MutexGuard<'_, Vec<Decode>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct SeenModel {
    model: Arc<dyn Recognise>,
    witness: Witness,
}

struct SeenWorker {
    worker: Box<dyn Recogniser>,
    witness: Witness,
}

impl Recognise for SeenModel {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(SeenWorker {
            worker: self.model.worker()?,
            witness: self.witness.clone(),
        }))
    }

    fn listening(&self) -> Listening {
        self.model.listening()
    }

    fn batch(&self) -> usize {
        self.model.batch()
    }
}

impl Recogniser for SeenWorker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let results = self.recognise_batch(std::slice::from_ref(job));
        results.into_iter().next().unwrap_or(Ok(None))
    }

    fn recognise_batch(&mut self, jobs: &[AudioJob]) -> Vec<Result<Option<Hypothesis>, RecogniseError>> {
        let (begun, before) = (Instant::now(), processor::time_of_thread());
        let results = self.worker.recognise_batch(jobs);
        let after = processor::time_of_thread();
        self.witness.decodes().push(Decode {
            pass: jobs.first().map_or(Pass::Final, |job| job.pass),
            took: begun.elapsed(),
            spent: after.saturating_sub(before),
        });
        results
    }

    fn choices(&mut self) -> Choices {
        self.worker.choices()
    }

    fn use_threads(&mut self, threads: NonZeroUsize) {
        self.worker.use_threads(threads);
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.worker.forget(segment);
    }
}
