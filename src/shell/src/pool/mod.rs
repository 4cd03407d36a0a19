//! Recognition for all calls: a few threads, one bounded queue, finals first.
//!
//! Policy when there is too much, in this order:
//! 1. a queued partial gives way to a newer job of its segment (`superseded`);
//! 2. a partial whose deadline has passed is dropped unstarted (`expired`), and so is one that cannot be done by
//!    then, going by how long partials took lately (`too_slow`);
//! 3. a call that has too many jobs queued loses its own oldest partial (`call_full`);
//! 4. a full queue loses the partial with the oldest deadline, whosever it is (`full`);
//! 5. work ahead of a final is dropped like a partial, and only when its final could not use it any more;
//! 6. a final is never dropped. Beyond [`PoolConfig::finals`] waiting ones [`RecogniserPool::submit`] hands the
//!    job back (`refused`): the caller keeps it and submits it again after the next answer;
//! 7. second readings of doubtful finals wait apart, 32 of all calls: the oldest is dropped for a newer one (`full`), and one
//!    whose deadline has passed (`expired`).
//!
//! A second reading begins only while nothing else waits and no other worker has anything to do, one at a time, and leaves
//! every other worker free: a pool of one worker does none.
//!
//! Finals go first, then what is decoded ahead of one, then partials, each by deadline. A final whose work is being done ahead
//! of time, on the same audio, is answered by that work. Partials that decode their segment anew never hold the
//! last worker of several: a final that comes finds one free or busy with another final. While others wait, one
//! call has no more than its share of the workers. A segment has one partial with a worker at a time; a newer one
//! waits for it. A worker that panics is answered for, counted, and gets a new recogniser.
//!
//! Partials of a model that streams cost what is new of their segment and are done several at once
//! ([`Recognise::batch`]), so many as take 120 ms together, or one that has fallen behind; they may hold every worker, and
//! a final waits so long behind them. That partials are being shed for load is told by [`Load`].

mod load;
mod queue;
#[cfg(test)]
mod tests;
mod worker;

use std::fmt;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use metrics::{counter, gauge};
use serde::Deserialize;
use sidetone_speech::{AudioJob, Hypothesis, Pass, Recognise, RecogniseError, SegmentKey};
use tokio::sync::mpsc;

pub use self::load::Load;
use self::queue::{Manner, Queue, Shed, Ticket};
use self::worker::Worker;
use crate::{lock, metrics as names};

/// `[recogniser.pool]`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PoolConfig {
    /// Threads; each holds its own instance of the models.
    pub workers: usize,
    /// Jobs that may wait, all calls together, before partials are shed.
    pub jobs: usize,
    /// Jobs of one call that may wait before its own partials are shed.
    pub jobs_per_call: usize,
    /// Finals that may wait before further ones are handed back. A final holds up to half a megabyte.
    pub finals: usize,
    /// Answers that may wait for whoever takes them; workers wait when there are more.
    pub answers: usize,
    /// Whether each worker decodes a second of sound before [`RecogniserPool::start`] returns.
    pub warm_up: bool,
}

impl Default for PoolConfig {
    fn default() -> Self {
        Self {
            workers: 2,
            jobs: 256,
            jobs_per_call: 8,
            finals: 512,
            answers: 256,
            warm_up: false,
        }
    }
}

/// Which model does which pass; the same one twice is loaded once a worker.
#[derive(Clone)]
pub struct Models {
    /// For [`Pass::Partial`].
    pub partial: Arc<dyn Recognise>,
    /// For [`Pass::Final`].
    pub last: Arc<dyn Recognise>,
    /// For [`Pass::Again`], where it is another one.
    pub again: Option<Arc<dyn Recognise>>,
}

impl Models {
    /// One model for both passes.
    #[must_use]
    pub fn one(model: Arc<dyn Recognise>) -> Self {
        Self {
            partial: Arc::clone(&model),
            last: model,
            again: None,
        }
    }
}

impl fmt::Debug for Models {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Models({} {})", self.partial.name(), self.last.name())
    }
}

/// Why there is no hypothesis.
#[derive(Debug, thiserror::Error)]
pub enum JobFailure {
    /// The job was shed: a partial only.
    #[error("shed: {0}")]
    Shed(ShedReason),
    /// The recogniser failed, or no new one could be made after a panic.
    #[error(transparent)]
    Recogniser(#[from] RecogniseError),
    /// The recogniser panicked.
    #[error("the recogniser panicked")]
    Panicked,
}

/// Why a partial was not recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ShedReason {
    /// A newer job of its segment came.
    Superseded,
    /// Its deadline passed.
    Expired,
    /// Its call had too many jobs waiting.
    CallFull,
    /// There were too many jobs waiting.
    Full,
    /// It could not have been done by its deadline.
    TooSlow,
}

impl ShedReason {
    /// The label in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Superseded => "superseded",
            Self::Expired => "expired",
            Self::CallFull => "call_full",
            Self::Full => "full",
            Self::TooSlow => "too_slow",
        }
    }
}

impl fmt::Display for ShedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer to a job.
#[derive(Debug)]
pub struct JobDone {
    /// As in the job.
    pub key: SegmentKey,
    /// As in the job.
    pub pass: Pass,
    /// What was recognised; `Ok(None)` when the audio holds no speech.
    pub result: Result<Option<Hypothesis>, JobFailure>,
    /// From submission to start.
    pub queued_for: Duration,
    /// In the recogniser.
    pub took: Duration,
}

/// A final that found the queue full of finals. Submit it again after the next answer.
#[derive(Debug)]
pub struct Refused(pub AudioJob);

/// The pool. Dropping it lets the workers finish the job in hand and ends them; what is queued is lost.
pub struct RecogniserPool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for RecogniserPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecogniserPool({} workers)", self.threads.len())
    }
}

/// What the submitters and the workers share.
struct Shared {
    queue: Mutex<Queue>,
    work: Condvar,
    answers: mpsc::Sender<JobDone>,
    load: Load,
}

impl RecogniserPool {
    /// Loads the models once for each worker and starts the threads. Every job that [`Self::submit`] takes is
    /// answered once through the receiver, save that the answer to a shed partial is dropped (and counted)
    /// while the receiver is full.
    ///
    /// # Errors
    /// When a model cannot be loaded or a thread cannot be made.
    pub fn start(models: &Models, config: &PoolConfig) -> Result<(Self, mpsc::Receiver<JobDone>), RecogniseError> {
        let (answers, receiver) = mpsc::channel(config.answers.max(1));
        let manner = Manner {
            listening: models.partial.listening(),
            batch: models.partial.batch().max(1),
        };
        let queue = Mutex::new(Queue::new(config, manner));
        let shared = Arc::new(Shared {
            queue,
            work: Condvar::new(),
            answers,
            load: Load::default(),
        });
        let mut pool = Self {
            shared,
            threads: Vec::new(),
        };
        for index in 0..config.workers.max(1) {
            let worker = Worker::new(index, models, config.warm_up, Arc::clone(&pool.shared))?;
            let thread = std::thread::Builder::new()
                .name(format!("asr-{index}"))
                .spawn(move || worker.run());
            pool.threads.push(thread.map_err(|error| RecogniseError::Load {
                model: models.last.name().to_owned(),
                reason: format!("no thread for it: {error}"),
            })?);
        }
        Ok((pool, receiver))
    }

    /// Hands over a job. Never waits.
    ///
    /// # Errors
    /// Gives a final back when as many as the pool may hold are waiting already.
    pub fn submit(&self, job: AudioJob) -> Result<(), Refused> {
        let pass = job.pass;
        let outcome = {
            let mut queue = lock(&self.shared.queue);
            let outcome = queue.push(Instant::now(), job);
            measure(&queue);
            outcome
        };
        match outcome {
            Ok(shed) => {
                counter!(names::ASR_SUBMITTED, "pass" => pass_label(pass)).increment(1);
                self.shared.work.notify_one();
                shed.into_iter().for_each(|shed| self.shared.answer_shed(shed));
                Ok(())
            }
            Err(job) => {
                counter!(names::ASR_SHED, "pass" => pass_label(pass), "reason" => "refused").increment(1);
                tracing::error!(call = %job.key.call, leg = %job.key.leg, "final handed back: too many are waiting");
                Err(Refused(*job))
            }
        }
    }

    /// Forgets a segment that will get no further job, in the queue and in the recognisers. A segment whose
    /// final was recognised is forgotten by itself.
    pub fn forget(&self, segment: &SegmentKey) {
        lock(&self.shared.queue).forget(segment);
        self.shared.work.notify_all();
    }

    /// What the pool sheds, for whoever wants to know while it runs.
    #[must_use]
    pub fn load(&self) -> Load {
        self.shared.load.clone()
    }

    /// Jobs that wait.
    #[must_use]
    pub fn queued(&self) -> usize {
        lock(&self.shared.queue).len()
    }
}

impl Drop for RecogniserPool {
    fn drop(&mut self) {
        lock(&self.shared.queue).close();
        self.shared.work.notify_all();
        // Not joined: a worker may be waiting for the receiver to be read, by the very thread that drops us.
        self.threads.clear();
    }
}

impl Shared {
    /// Answers for a shed partial, unless nobody takes answers at the moment.
    fn answer_shed(&self, shed: Shed) {
        let Shed {
            ticket,
            reason,
            queued_for,
        } = shed;
        let Ticket { job, .. } = ticket;
        counter!(names::ASR_SHED, "pass" => pass_label(job.pass), "reason" => reason.as_str()).increment(1);
        if job.pass == Pass::Partial && reason != ShedReason::Superseded {
            self.load.shed();
        }
        let result = Err(JobFailure::Shed(reason));
        let done = JobDone {
            key: job.key,
            pass: job.pass,
            result,
            queued_for,
            took: Duration::ZERO,
        };
        if self.answers.try_send(done).is_err() {
            counter!(names::ASR_UNANSWERED, "pass" => pass_label(job.pass)).increment(1);
        }
    }
}

fn measure(queue: &Queue) {
    gauge!(names::ASR_QUEUED, "pass" => "partial").set((queue.len() - queue.finals()) as f64);
    gauge!(names::ASR_QUEUED, "pass" => "final").set(queue.finals() as f64);
    gauge!(names::ASR_QUEUED, "pass" => "again").set(queue.again() as f64);
}

const fn pass_label(pass: Pass) -> &'static str {
    match pass {
        Pass::Partial => "partial",
        Pass::Ahead => "ahead",
        Pass::Final => "final",
        Pass::Again => "again",
    }
}
