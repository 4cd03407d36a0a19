//! Which job is next, and which is dropped. Pure: time is passed in.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use sidetone_base::{CallId, SampleRate};
use sidetone_speech::{AudioJob, Listening, Pass, SegmentKey};

use super::{PoolConfig, ShedReason};

/// Segments that a worker is to forget and has not had time for; older ones are left to the recogniser.
const FORGETS: usize = 1024;
/// Segments that are over and may yet have a partial with a worker.
const OVER: usize = 256;

/// Second readings that wait, all calls together. One holds up to half a megabyte.
const AGAIN: usize = 32;

/// How much the newest partial counts in the pace that is expected of the next.
const LEARNING: f64 = 0.3;
/// What a partial that was shed for the pace takes off it.
const FORGIVENESS: f64 = 0.9;
/// Seconds: shorter audio says nothing of the pace.
const SHORTEST: f64 = 0.3;
/// Partials that are done at once are no more than are done in this time: a final may be waiting behind them.
const AT_ONCE: Duration = Duration::from_millis(120);
/// One decode has no more: the second takes a third off its time, beyond that nothing was measured.
const MOST_THREADS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(3);

/// A queued job.
#[derive(Debug)]
pub(super) struct Ticket {
    pub(super) job: AudioJob,
    pub(super) submitted: Instant,
}

/// A job that will not be recognised.
#[derive(Debug)]
pub(super) struct Shed {
    pub(super) ticket: Ticket,
    pub(super) reason: ShedReason,
    pub(super) queued_for: Duration,
}

impl Shed {
    fn of(ticket: Ticket, reason: ShedReason, now: Instant) -> Self {
        let queued_for = now.saturating_duration_since(ticket.submitted);
        Self {
            ticket,
            reason,
            queued_for,
        }
    }
}

/// How the model for partials works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// What a partial costs.
    pub(super) listening: Listening,
    /// Partials that one worker does at once.
    pub(super) batch: usize,
}

/// Deadline first, then order of arrival.
type Place = (Instant, u64);

/// What the workers have of a segment.
#[derive(Default)]
struct Touched {
    workers: HashSet<usize>,
    /// Samples of it that partials were made of.
    heard: usize,
    /// A worker has a partial of it.
    decoding: bool,
}

/// All jobs that wait, and how many of each call are with a worker.
pub(super) struct Queue {
    manner: Manner,
    jobs: usize,
    jobs_per_call: usize,
    max_finals: usize,
    share: usize,
    partial_share: usize,
    waiting: BTreeMap<Place, Ticket>,
    /// Second readings, the oldest first: none begins while anything else waits or is being done.
    again: VecDeque<Ticket>,
    finals: usize,
    arrivals: u64,
    queued: HashMap<CallId, usize>,
    running: HashMap<CallId, usize>,
    /// Workers that do something.
    busy: usize,
    /// Workers that do partials.
    running_partials: usize,
    /// Work ahead of a final that a worker has: the length of its audio, and whether the final has come since.
    ahead: HashMap<SegmentKey, (usize, bool)>,
    /// Seconds of work for a second of a partial's audio, as last seen.
    partial_pace: f64,
    touched: HashMap<SegmentKey, Touched>,
    forget: Vec<VecDeque<SegmentKey>>,
    over: VecDeque<SegmentKey>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(config: &PoolConfig, manner: Manner) -> Self {
        let workers = config.workers.max(1);
        Self {
            manner,
            jobs: config.jobs.max(1),
            jobs_per_call: config.jobs_per_call.max(1),
            max_finals: config.finals.max(1),
            share: workers.div_ceil(2),
            partial_share: if manner.listening.is_bounded() {
                workers
            } else {
                (workers - 1).max(1)
            },
            waiting: BTreeMap::new(),
            again: VecDeque::new(),
            finals: 0,
            arrivals: 0,
            queued: HashMap::new(),
            running: HashMap::new(),
            busy: 0,
            running_partials: 0,
            ahead: HashMap::new(),
            partial_pace: 0.0,
            touched: HashMap::new(),
            forget: vec![VecDeque::new(); workers],
            over: VecDeque::new(),
            closed: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) const fn finals(&self) -> usize {
        self.finals
    }

    pub(super) fn again(&self) -> usize {
        self.again.len()
    }

    /// No more work is given out.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) const fn closed(&self) -> bool {
        self.closed
    }

    /// Takes a job in and gives the partials that it cost, itself perhaps among them; a second reading may cost an older one.
    pub(super) fn push(&mut self, now: Instant, job: AudioJob) -> Result<Vec<Shed>, Box<AudioJob>> {
        if job.pass == Pass::Again {
            self.again.push_back(Ticket { job, submitted: now });
            let over = self.again.len().saturating_sub(AGAIN);
            let oldest = self.again.drain(..over);
            return Ok(oldest.map(|ticket| Shed::of(ticket, ShedReason::Full, now)).collect());
        }
        if job.pass == Pass::Final && self.finals >= self.max_finals {
            return Err(Box::new(job));
        }
        let mut shed = Vec::new();
        self.drop_where(now, ShedReason::Superseded, usize::MAX, &mut shed, |waiting| {
            waiting.key == job.key
        });
        if job.pass == Pass::Final
            && let Some((length, wanted)) = self.ahead.get_mut(&job.key)
            && *length == job.samples.len()
        {
            *wanted = true;
            return Ok(shed);
        }
        let call = job.key.call.clone();
        self.insert(Ticket { job, submitted: now });
        if self.queued.get(&call).is_some_and(|count| *count > self.jobs_per_call) {
            self.drop_where(now, ShedReason::CallFull, 1, &mut shed, |waiting| {
                waiting.key.call == call
            });
        }
        if self.waiting.len() > self.jobs {
            self.drop_where(now, ShedReason::Full, 1, &mut shed, |_| true);
        }
        Ok(shed)
    }

    /// The next job for a worker, or the next partials where the model does several at once, and the partials
    /// that came too late for it.
    pub(super) fn pop(&mut self, now: Instant) -> (Vec<Ticket>, Vec<Shed>) {
        let mut shed = Vec::new();
        if self.waiting.first_key_value().is_some_and(|(place, _)| place.0 < now) {
            self.drop_where(now, ShedReason::Expired, usize::MAX, &mut shed, |waiting| {
                waiting.deadline < now
            });
        }
        self.drop_late_second_readings(now, &mut shed);
        let mut batch = Vec::new();
        if let Some(place) = self.next_of(Pass::Final).or_else(|| self.next_of(Pass::Ahead)) {
            batch.extend(self.begin(place));
        } else if let Some((first, length)) = self.next_partial(now, &mut shed) {
            self.running_partials += 1;
            batch.extend(self.begin(first));
            self.fill(now, length, &mut batch);
        } else if self.is_idle()
            && let Some(ticket) = self.again.pop_front()
        {
            *self.running.entry(ticket.job.key.call.clone()).or_default() += 1;
            batch.push(ticket);
        }
        self.busy += usize::from(!batch.is_empty());
        (batch, shed)
    }

    /// Nothing is to be done and nothing is being done, and a worker is left for what comes while another one reads again.
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.busy == 0 && self.forget.len() > 1
    }

    fn drop_late_second_readings(&mut self, now: Instant, shed: &mut Vec<Shed>) {
        let all = std::mem::take(&mut self.again).into_iter();
        let (late, rest): (VecDeque<Ticket>, _) = all.partition(|ticket| ticket.job.deadline < now);
        self.again = rest;
        let late = late.into_iter();
        shed.extend(late.map(|ticket| Shed::of(ticket, ShedReason::Expired, now)));
    }

    /// Threads that the job just handed out may use: those of workers that have nothing to do are lent to it.
    pub(super) fn threads(&self) -> NonZeroUsize {
        let idle = self.forget.len().saturating_sub(self.busy);
        let lent = if self.finals > 0 { 0 } else { idle };
        NonZeroUsize::MIN.saturating_add(lent).min(MOST_THREADS)
    }

    /// Hands the job out.
    fn begin(&mut self, place: Place) -> Option<Ticket> {
        let ticket = self.take(place)?;
        *self.running.entry(ticket.job.key.call.clone()).or_default() += 1;
        match ticket.job.pass {
            Pass::Ahead => {
                let audio = ticket.job.samples.len();
                self.ahead.insert(ticket.job.key.clone(), (audio, false));
            }
            Pass::Partial => self.touched.entry(ticket.job.key.clone()).or_default().decoding = true,
            Pass::Final | Pass::Again => {}
        }
        Some(ticket)
    }

    /// The next partial that can be done by its deadline, and what it will cost; sheds those before it that cannot.
    fn next_partial(&mut self, now: Instant, shed: &mut Vec<Shed>) -> Option<(Place, Duration)> {
        while self.running_partials < self.partial_share {
            let place = self.next_of(Pass::Partial)?;
            let cost = self.cost(place)?;
            if now + cost <= place.0 {
                return Some((place, cost));
            }
            // Load passes: the next one has a better chance.
            self.partial_pace *= FORGIVENESS;
            self.shed(now, place, ShedReason::TooSlow, shed);
        }
        None
    }

    /// Adds partials that the model does together with the first, as long as none of them is late for it.
    fn fill(&mut self, now: Instant, first: Duration, batch: &mut Vec<Ticket>) {
        let mut cost = first;
        let mut due = batch.first().map_or(now, |ticket| ticket.job.deadline);
        while batch.len() < self.manner.batch {
            let Some(place) = self.next_of(Pass::Partial) else {
                return;
            };
            cost += self.cost(place).unwrap_or_default();
            due = due.min(place.0);
            if cost > AT_ONCE || now + cost > due {
                return;
            }
            batch.extend(self.begin(place));
        }
    }

    /// What a waiting partial will cost, going by how long partials took lately.
    fn cost(&self, place: Place) -> Option<Duration> {
        let ticket = self.waiting.get(&place)?;
        Some(self.work(&ticket.job).mul_f64(self.partial_pace))
    }

    /// The audio that a partial makes a worker listen to.
    fn work(&self, job: &AudioJob) -> Duration {
        let of = |samples: usize| SampleRate::WIDE.duration_of(samples as u64);
        let length = job.samples.len();
        match self.manner.listening {
            Listening::Whole => of(length),
            Listening::Newest(most) => of(length).min(most),
            Listening::New => {
                let heard = self.touched.get(&job.key).map_or(0, |touched| touched.heard);
                of(length.saturating_sub(heard))
            }
        }
    }

    /// The oldest deadline of a call that has a worker to claim, else the oldest of all. A segment has one partial at
    /// a time with a worker: its stream is in one pair of hands.
    fn next_of(&self, pass: Pass) -> Option<Place> {
        let free = |job: &AudioJob| pass != Pass::Partial || self.touched.get(&job.key).is_none_or(|t| !t.decoding);
        let of_pass = self.waiting.iter().filter(|(_, ticket)| ticket.job.pass == pass);
        let mut of_pass = of_pass.filter(|(_, ticket)| free(&ticket.job));
        let fair = of_pass.clone().find(|(_, ticket)| self.has_share(&ticket.job.key.call));
        fair.or_else(|| of_pass.next()).map(|(place, _)| *place)
    }

    /// Whether the call may have one more worker while others wait.
    fn has_share(&self, call: &CallId) -> bool {
        self.running.get(call).is_none_or(|running| *running < self.share)
    }

    /// `worker` is done with what it took at once; gives the pass that each job answers.
    pub(super) fn finished(&mut self, worker: usize, jobs: &[AudioJob], took: Duration) -> Vec<Pass> {
        self.busy = self.busy.saturating_sub(1);
        if jobs.first().is_some_and(|job| job.pass == Pass::Partial) {
            self.running_partials = self.running_partials.saturating_sub(1);
            let audio: Duration = jobs.iter().map(|job| self.work(job)).sum();
            let pace = took.as_secs_f64() / audio.as_secs_f64().max(SHORTEST);
            self.partial_pace += (pace - self.partial_pace) * LEARNING;
        }
        jobs.iter().map(|job| self.finished_one(worker, job)).collect()
    }

    fn finished_one(&mut self, worker: usize, job: &AudioJob) -> Pass {
        let key = &job.key;
        let pass = match job.pass {
            Pass::Ahead if self.ahead.remove(key).is_some_and(|(_, wanted)| wanted) => Pass::Final,
            pass => pass,
        };
        if let Some(running) = self.running.get_mut(&key.call) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&key.call);
            }
        }
        let touched = self.touched.entry(key.clone()).or_default();
        touched.workers.insert(worker);
        if pass == Pass::Partial {
            touched.heard = touched.heard.max(job.samples.len());
            touched.decoding = false;
        }
        if matches!(pass, Pass::Final | Pass::Again) || self.over.contains(key) {
            self.forget_touched(key);
        }
        pass
    }

    /// Drops a segment's partials and second reading in silence and lets every recogniser forget it. A waiting final stays.
    pub(super) fn forget(&mut self, segment: &SegmentKey) {
        self.again.retain(|ticket| ticket.job.key != *segment);
        let places: Vec<Place> = self.partials(|job| job.key == *segment).collect();
        for place in places {
            self.take(place);
        }
        self.forget_touched(segment);
    }

    fn forget_touched(&mut self, segment: &SegmentKey) {
        for worker in self.touched.remove(segment).unwrap_or_default().workers {
            let Some(mailbox) = self.forget.get_mut(worker) else {
                continue;
            };
            if mailbox.len() == FORGETS {
                mailbox.pop_front();
            }
            mailbox.push_back(segment.clone());
        }
        if self.over.len() == OVER {
            self.over.pop_front();
        }
        self.over.push_back(segment.clone());
    }

    /// What the worker's recognisers are to forget.
    pub(super) fn forgets(&mut self, worker: usize) -> VecDeque<SegmentKey> {
        self.forget.get_mut(worker).map(std::mem::take).unwrap_or_default()
    }

    fn insert(&mut self, ticket: Ticket) {
        self.arrivals += 1;
        self.finals += usize::from(ticket.job.pass == Pass::Final);
        *self.queued.entry(ticket.job.key.call.clone()).or_default() += 1;
        self.waiting.insert((ticket.job.deadline, self.arrivals), ticket);
    }

    fn take(&mut self, place: Place) -> Option<Ticket> {
        let ticket = self.waiting.remove(&place)?;
        self.finals -= usize::from(ticket.job.pass == Pass::Final);
        if let Some(queued) = self.queued.get_mut(&ticket.job.key.call) {
            *queued -= 1;
            if *queued == 0 {
                self.queued.remove(&ticket.job.key.call);
            }
        }
        Some(ticket)
    }

    fn partials<'a>(&'a self, which: impl Fn(&AudioJob) -> bool + 'a) -> impl Iterator<Item = Place> + 'a {
        let waiting = self.waiting.iter();
        waiting
            .filter(move |(_, ticket)| ticket.job.pass != Pass::Final && which(&ticket.job))
            .map(|(place, _)| *place)
    }

    /// Drops up to `most` partials, the oldest deadlines first.
    fn drop_where(
        &mut self,
        now: Instant,
        reason: ShedReason,
        most: usize,
        shed: &mut Vec<Shed>,
        which: impl Fn(&AudioJob) -> bool,
    ) {
        let places: Vec<Place> = self.partials(which).take(most).collect();
        for place in places {
            self.shed(now, place, reason, shed);
        }
    }

    fn shed(&mut self, now: Instant, place: Place, reason: ShedReason, shed: &mut Vec<Shed>) {
        let Some(ticket) = self.take(place) else { return };
        shed.push(Shed::of(ticket, reason, now));
    }
}
