//! One thread of the pool.

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use metrics::{counter, histogram};
use sidetone_base::{CallId, LegId, SegmentId};
use sidetone_speech::{AudioJob, Choices, Hypothesis, Pass, Recognise, RecogniseError, Recogniser, SegmentKey};

use super::queue::Ticket;
use super::{JobDone, JobFailure, Models, Shared, measure, pass_label};
use crate::{lock, metrics as names};

/// Samples of sound that a model is warmed up with: a second.
const WARM_UP: usize = 16_000;

/// A thread's own recognisers.
pub(super) struct Worker {
    index: usize,
    shared: Arc<Shared>,
    last: Slot,
    /// `None` when the final's model does partials too.
    partial: Option<Slot>,
    /// `None` when the final's model does second readings too. Its instance is made with the first of them.
    again: Option<Slot>,
}

/// A model and this worker's instance of it; none after a panic, until the next job.
struct Slot {
    model: Arc<dyn Recognise>,
    instance: Option<Box<dyn Recogniser>>,
}

impl Worker {
    pub(super) fn new(
        index: usize,
        models: &Models,
        warm_up: bool,
        shared: Arc<Shared>,
    ) -> Result<Self, RecogniseError> {
        let partial = (!Arc::ptr_eq(&models.partial, &models.last)).then_some(&models.partial);
        let mut worker = Self {
            index,
            shared,
            last: Slot::load(&models.last)?,
            partial: partial.map(Slot::load).transpose()?,
            again: models.again.as_ref().map(Slot::idle),
        };
        if warm_up {
            worker.partial.iter_mut().for_each(|slot| slot.warm_up(Pass::Partial));
            worker.last.warm_up(Pass::Final);
        }
        Ok(worker)
    }

    pub(super) fn run(mut self) {
        while let Some((batch, threads)) = self.next() {
            let (jobs, submitted): (Vec<AudioJob>, Vec<Instant>) =
                batch.into_iter().map(|ticket| (ticket.job, ticket.submitted)).unzip();
            let started = Instant::now();
            let pass = jobs.first().map_or(Pass::Final, |job| job.pass);
            if pass == Pass::Final && jobs.iter().any(|job| started > job.deadline) {
                counter!(names::ASR_LATE).increment(1);
            }
            let other = match pass {
                Pass::Partial => self.partial.as_mut(),
                Pass::Again => self.again.as_mut(),
                Pass::Ahead | Pass::Final => None,
            };
            let slot = other.unwrap_or(&mut self.last);
            let results = slot.recognise(&jobs, threads);
            let took = started.elapsed();
            count(slot.choices());
            let passes = lock(&self.shared.queue).finished(self.index, &jobs, took);
            if pass == Pass::Partial {
                histogram!(names::ASR_BATCH).record(jobs.len() as f64);
            }
            let answers = jobs.into_iter().zip(submitted).zip(passes).zip(results);
            for (((job, submitted), pass), result) in answers {
                let done = JobDone {
                    key: job.key,
                    pass,
                    result,
                    queued_for: started.saturating_duration_since(submitted),
                    took,
                };
                record(&done);
                if self.shared.answers.blocking_send(done).is_err() {
                    counter!(names::ASR_UNANSWERED, "pass" => pass_label(pass)).increment(1);
                    return;
                }
            }
        }
    }

    /// Waits for a job, or several to be done at once, and the threads to do it with; `None` when the pool is closed.
    fn next(&mut self) -> Option<(Vec<Ticket>, NonZeroUsize)> {
        let shared = Arc::clone(&self.shared);
        let mut queue = lock(&shared.queue);
        loop {
            if queue.closed() {
                return None;
            }
            let forgets = queue.forgets(self.index);
            let (batch, shed) = queue.pop(Instant::now());
            let threads = queue.threads();
            measure(&queue);
            if forgets.is_empty() && shed.is_empty() && batch.is_empty() {
                queue = shared.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            drop(queue);
            shed.into_iter().for_each(|shed| shared.answer_shed(shed));
            for segment in forgets {
                self.last.forget(&segment);
                let others = self.partial.iter_mut().chain(&mut self.again);
                others.for_each(|slot| slot.forget(&segment));
            }
            if !batch.is_empty() {
                return Some((batch, threads));
            }
            queue = lock(&shared.queue);
        }
    }
}

fn count(choices: Choices) {
    for (model, chosen, failed) in [
        ("quick", choices.quick, choices.quick_failed),
        ("thorough", choices.thorough, choices.thorough_failed),
    ] {
        if chosen > 0 {
            counter!(names::ASR_CHOSEN, "model" => model).increment(chosen);
        }
        if failed > 0 {
            counter!(names::ASR_PASSED_OVER, "model" => model).increment(failed);
        }
    }
    if choices.halved > 0 {
        counter!(names::ASR_HALVED).increment(choices.halved);
    }
    if choices.shortened > 0 {
        counter!(names::ASR_SHORTENED, "reason" => "unlikely").increment(choices.shortened);
    }
}

impl Slot {
    fn idle(model: &Arc<dyn Recognise>) -> Self {
        Self {
            model: Arc::clone(model),
            instance: None,
        }
    }

    fn load(model: &Arc<dyn Recognise>) -> Result<Self, RecogniseError> {
        Ok(Self {
            model: Arc::clone(model),
            instance: Some(model.worker()?),
        })
    }

    /// The first decode touches every weight for the first time: better now than on a call.
    fn warm_up(&mut self, pass: Pass) {
        let key = SegmentKey {
            call: CallId::new("warm-up"),
            leg: LegId::new("warm-up"),
            segment: SegmentId::new("warm-up"),
        };
        // A hum with a beat in it: a gate inside a recogniser lets it through, and it means nothing.
        let hum = (0..WARM_UP).map(|at| ((at % 107) as i16 - 53) * (40 + (at / 1_600 % 2) as i16 * 40));
        let job = AudioJob {
            key: key.clone(),
            pass,
            samples: hum.collect(),
            deadline: Instant::now(),
            words: None,
        };
        if let Some(Err(error)) = self.recognise(&[job], NonZeroUsize::MIN).pop() {
            tracing::warn!(model = self.model.name(), %error, "the model failed on its first second of sound");
        }
        self.forget(&key);
        // Nobody said it.
        self.choices();
    }

    /// What the instance has decided since it was last asked.
    fn choices(&mut self) -> Choices {
        self.instance
            .as_mut()
            .map_or_else(Choices::default, |instance| instance.choices())
    }

    /// One result for each job, whatever happens.
    fn recognise(&mut self, jobs: &[AudioJob], threads: NonZeroUsize) -> Vec<Result<Option<Hypothesis>, JobFailure>> {
        let results = match self.decode(jobs, threads) {
            Ok(results) => results
                .into_iter()
                .map(|result| result.map_err(JobFailure::from))
                .collect(),
            Err(failure) => vec![Err(failure)],
        };
        let missing = jobs.len().saturating_sub(results.len());
        results
            .into_iter()
            .chain((0..missing).map(|_| Err(JobFailure::Panicked)))
            .take(jobs.len())
            .collect()
    }

    fn decode(
        &mut self,
        jobs: &[AudioJob],
        threads: NonZeroUsize,
    ) -> Result<Vec<Result<Option<Hypothesis>, RecogniseError>>, JobFailure> {
        let mut instance = match self.instance.take() {
            Some(instance) => instance,
            None => catch_unwind(AssertUnwindSafe(|| self.model.worker())).map_err(|_| JobFailure::Panicked)??,
        };
        // An instance that unwound is dropped, whatever state it was in.
        let decode = move || {
            instance.use_threads(threads);
            (instance.recognise_batch(jobs), instance)
        };
        match catch_unwind(AssertUnwindSafe(decode)) {
            Ok((results, instance)) => {
                self.instance = Some(instance);
                Ok(results)
            }
            Err(_) => {
                counter!(names::ASR_REBUILT).increment(1);
                for job in jobs {
                    tracing::error!(call = %job.key.call, leg = %job.key.leg, model = self.model.name(), "recogniser panicked");
                }
                Err(JobFailure::Panicked)
            }
        }
    }

    fn forget(&mut self, segment: &SegmentKey) {
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

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[test]
    fn whose_texts_finals_are_is_on_the_metrics_page() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let choices = Choices {
            quick: 3,
            thorough: 2,
            quick_failed: 1,
            halved: 4,
            shortened: 5,
            ..Choices::default()
        };
        metrics::with_local_recorder(&recorder, || count(choices));
        let page = recorder.handle().render();
        for line in [
            r#"sidetone_asr_chosen_total{model="quick"} 3"#,
            r#"sidetone_asr_chosen_total{model="thorough"} 2"#,
            r#"sidetone_asr_passed_over_total{model="quick"} 1"#,
            "sidetone_asr_halved_total 4",
            r#"sidetone_asr_shortened_total{reason="unlikely"} 5"#,
        ] {
            assert!(page.contains(line), "{line}: {page}");
        }
        assert!(!page.contains(r#"passed_over_total{model="thorough"}"#), "{page}");
    }
}
