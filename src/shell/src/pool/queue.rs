//! Which job is next, and which is dropped. Pure: time is passed in.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use sidetone_base::CallId;
use sidetone_speech::{AudioJob, Pass, SegmentKey};

use super::{PoolConfig, ShedReason};

/// Segments that a worker is to forget and has not had time for; older ones are left to the recogniser.
const FORGETS: usize = 1024;
/// Segments that are over and may yet have a partial with a worker.
const OVER: usize = 256;

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

/// Deadline first, then order of arrival.
type Place = (Instant, u64);

/// All jobs that wait, and how many of each call are with a worker.
pub(super) struct Queue {
    jobs: usize,
    jobs_per_call: usize,
    max_finals: usize,
    share: usize,
    waiting: BTreeMap<Place, Ticket>,
    finals: usize,
    arrivals: u64,
    queued: HashMap<CallId, usize>,
    running: HashMap<CallId, usize>,
    /// Which workers have something of a segment.
    touched: HashMap<SegmentKey, HashSet<usize>>,
    forget: Vec<VecDeque<SegmentKey>>,
    over: VecDeque<SegmentKey>,
    closed: bool,
}

impl Queue {
    pub(super) fn new(config: &PoolConfig) -> Self {
        let workers = config.workers.max(1);
        Self {
            jobs: config.jobs.max(1),
            jobs_per_call: config.jobs_per_call.max(1),
            max_finals: config.finals.max(1),
            share: workers.div_ceil(2),
            waiting: BTreeMap::new(),
            finals: 0,
            arrivals: 0,
            queued: HashMap::new(),
            running: HashMap::new(),
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

    /// No more work is given out.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) const fn closed(&self) -> bool {
        self.closed
    }

    /// Takes a job in and gives the partials that it cost, itself perhaps among them.
    pub(super) fn push(&mut self, now: Instant, job: AudioJob) -> Result<Vec<Shed>, Box<AudioJob>> {
        if job.pass == Pass::Final && self.finals >= self.max_finals {
            return Err(Box::new(job));
        }
        let mut shed = Vec::new();
        self.drop_where(now, ShedReason::Superseded, usize::MAX, &mut shed, |waiting| {
            waiting.key == job.key
        });
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

    /// The next job for `worker`, and the partials that came too late for it.
    pub(super) fn pop(&mut self, now: Instant) -> (Option<Ticket>, Vec<Shed>) {
        let mut shed = Vec::new();
        if self.waiting.first_key_value().is_some_and(|(place, _)| place.0 < now) {
            self.drop_where(now, ShedReason::Expired, usize::MAX, &mut shed, |waiting| {
                waiting.deadline < now
            });
        }
        // What is late now are finals, and they have the oldest deadlines.
        let fair = self
            .waiting
            .iter()
            .find(|(_, ticket)| self.has_share(&ticket.job.key.call));
        let place = fair.or_else(|| self.waiting.first_key_value()).map(|(place, _)| *place);
        let ticket = place.and_then(|place| self.take(place));
        if let Some(ticket) = &ticket {
            *self.running.entry(ticket.job.key.call.clone()).or_default() += 1;
        }
        (ticket, shed)
    }

    /// Whether the call may have one more worker while others wait.
    fn has_share(&self, call: &CallId) -> bool {
        self.running.get(call).is_none_or(|running| *running < self.share)
    }

    /// `worker` is done with a job.
    pub(super) fn finished(&mut self, worker: usize, key: &SegmentKey, pass: Pass) {
        if let Some(running) = self.running.get_mut(&key.call) {
            *running -= 1;
            if *running == 0 {
                self.running.remove(&key.call);
            }
        }
        self.touched.entry(key.clone()).or_default().insert(worker);
        if pass == Pass::Final || self.over.contains(key) {
            self.forget_touched(key);
        }
    }

    /// Drops a segment's partials in silence and lets every recogniser forget it. A waiting final stays.
    pub(super) fn forget(&mut self, segment: &SegmentKey) {
        let places: Vec<Place> = self.partials(|job| job.key == *segment).collect();
        for place in places {
            self.take(place);
        }
        self.forget_touched(segment);
    }

    fn forget_touched(&mut self, segment: &SegmentKey) {
        for worker in self.touched.remove(segment).unwrap_or_default() {
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
            .filter(move |(_, ticket)| ticket.job.pass == Pass::Partial && which(&ticket.job))
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
        for ticket in places.into_iter().filter_map(|place| self.take(place)) {
            let queued_for = now.saturating_duration_since(ticket.submitted);
            shed.push(Shed {
                ticket,
                reason,
                queued_for,
            });
        }
    }
}
