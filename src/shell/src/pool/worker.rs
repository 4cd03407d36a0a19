//! One thread of the pool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use metrics::{counter, histogram};
use sidetone_speech::{AudioJob, Hypothesis, Pass, Recognise, RecogniseError, Recogniser};

use super::queue::Ticket;
use super::{JobDone, JobFailure, Models, Shared, measure, pass_label};
use crate::{lock, metrics as names};

/// A thread's own recognisers.
pub(super) struct Worker {
    index: usize,
    shared: Arc<Shared>,
    last: Slot,
    /// `None` when the final's model does partials too.
    partial: Option<Slot>,
}

/// A model and this worker's instance of it; none after a panic, until the next job.
struct Slot {
    model: Arc<dyn Recognise>,
    instance: Option<Box<dyn Recogniser>>,
}

impl Worker {
    pub(super) fn new(index: usize, models: &Models, shared: Arc<Shared>) -> Result<Self, RecogniseError> {
        let partial = (!Arc::ptr_eq(&models.partial, &models.last)).then_some(&models.partial);
        let partial = partial.map(Slot::load).transpose()?;
        Ok(Self {
            index,
            shared,
            last: Slot::load(&models.last)?,
            partial,
        })
    }

    pub(super) fn run(mut self) {
        while let Some(ticket) = self.next() {
            let Ticket { job, submitted } = ticket;
            let started = Instant::now();
            if job.pass == Pass::Final && started > job.deadline {
                counter!(names::ASR_LATE).increment(1);
            }
            let slot = self
                .partial
                .as_mut()
                .filter(|_| job.pass == Pass::Partial)
                .unwrap_or(&mut self.last);
            let result = slot.recognise(&job);
            let took = started.elapsed();
            let pass = lock(&self.shared.queue).finished(self.index, &job, took);
            let queued_for = started.saturating_duration_since(submitted);
            let done = JobDone {
                key: job.key,
                pass,
                result,
                queued_for,
                took,
            };
            record(&done);
            if self.shared.answers.blocking_send(done).is_err() {
                counter!(names::ASR_UNANSWERED, "pass" => pass_label(pass)).increment(1);
                return;
            }
        }
    }

    /// Waits for a job; `None` when the pool is closed.
    fn next(&mut self) -> Option<Ticket> {
        let shared = Arc::clone(&self.shared);
        let mut queue = lock(&shared.queue);
        loop {
            if queue.closed() {
                return None;
            }
            let forgets = queue.forgets(self.index);
            let (ticket, shed) = queue.pop(Instant::now());
            measure(&queue);
            if forgets.is_empty() && shed.is_empty() && ticket.is_none() {
                queue = shared.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(queue);
            shed.into_iter().for_each(|shed| shared.answer_shed(shed));
            for segment in forgets {
                self.last.forget(&segment);
                self.partial.iter_mut().for_each(|slot| slot.forget(&segment));
            }
            if ticket.is_some() {
                return ticket;
            }
            queue = lock(&shared.queue);
        }
    }
}

impl Slot {
    fn load(model: &Arc<dyn Recognise>) -> Result<Self, RecogniseError> {
        Ok(Self {
            model: Arc::clone(model),
            instance: Some(model.worker()?),
        })
    }

    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, JobFailure> {
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => catch_unwind(AssertUnwindSafe(|| self.model.worker())).map_err(|_| JobFailure::Panicked)??,
        };
        // An instance that unwound is dropped, whatever state it was in.
        match catch_unwind(AssertUnwindSafe(move || (instance.recognise(job), instance))) {
            Ok((result, instance)) => {
                self.instance = Some(instance);
                Ok(result?)
            }
            Err(_) => {
                counter!(names::ASR_REBUILT).increment(1);
                tracing::error!(call = %job.key.call, leg = %job.key.leg, model = self.model.name(), "recogniser panicked");
                Err(JobFailure::Panicked)
            }
        }
    }

    fn forget(&mut self, segment: &sidetone_speech::SegmentKey) {
        let Some(mut instance) = self.instance.take() else {
            return;
        };
        let segment = segment.clone();
        self.instance = catch_unwind(AssertUnwindSafe(move || {
            instance.forget(&segment);
            instance
        }))
        .ok();
    }
}

fn record(done: &JobDone) {
    let pass = pass_label(done.pass);
    let outcome = match &done.result {
        Ok(Some(_)) => "text",
        Ok(None) => "silence",
        Err(JobFailure::Panicked) => "panicked",
        Err(_) => "failed",
    };
    counter!(names::ASR_DONE, "pass" => pass, "outcome" => outcome).increment(1);
    histogram!(names::ASR_QUEUED_SECONDS, "pass" => pass).record(done.queued_for.as_secs_f64());
    histogram!(names::ASR_TOOK_SECONDS, "pass" => pass).record(done.took.as_secs_f64());
}
