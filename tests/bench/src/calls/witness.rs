//! The daemon's models with somebody beside them who writes down what they were given.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sidetone_shell::pool::Models;
use sidetone_speech::{AudioJob, Hypothesis, Pass, Recognise, RecogniseError, Recogniser, SegmentKey};

/// What was done, in order.
#[derive(Clone, Default)]
pub(crate) struct Witness(Arc<Mutex<Vec<Seen>>>);

/// One call of a recogniser, or a segment that it was told to forget.
pub(crate) enum Seen {
    Decoded {
        jobs: Vec<AudioJob>,
        threads: NonZeroUsize,
        took: Duration,
    },
    Forgotten(SegmentKey),
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
            return Models::one(seen(&models.last));
        }
        Models {
            partial: seen(&models.partial),
            last: seen(&models.last),
        }
    }

    pub(crate) fn seen(&self) -> MutexGuard<'_, Vec<Seen>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many calls of the recogniser a pass took, and how long by the clock.
    pub(crate) fn work(&self, pass: Pass) -> (usize, Duration) {
        let seen = self.seen();
        let of_pass = seen.iter().filter_map(|seen| match seen {
            Seen::Decoded { jobs, took, .. } if jobs.first().is_some_and(|job| job.pass == pass) => Some(*took),
            _ => None,
        });
        of_pass.fold((0, Duration::ZERO), |(count, sum), took| (count + 1, sum + took))
    }
}

struct SeenModel {
    model: Arc<dyn Recognise>,
    witness: Witness,
}

struct SeenWorker {
    worker: Box<dyn Recogniser>,
    threads: NonZeroUsize,
    witness: Witness,
}

impl Recognise for SeenModel {
    fn name(&self) -> &str {
        self.model.name()
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(SeenWorker {
            worker: self.model.worker()?,
            threads: NonZeroUsize::MIN,
            witness: self.witness.clone(),
        }))
    }

    fn streams(&self) -> bool {
        self.model.streams()
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
        let begun = Instant::now();
        let results = self.worker.recognise_batch(jobs);
        self.witness.seen().push(Seen::Decoded {
            jobs: jobs.to_vec(),
            threads: self.threads,
            took: begun.elapsed(),
        });
        results
    }

    fn use_threads(&mut self, threads: NonZeroUsize) {
        self.threads = threads;
        self.worker.use_threads(threads);
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.worker.forget(segment);
        self.witness.seen().push(Seen::Forgotten(segment.clone()));
    }
}
