//! Which job is next, and which is dropped. Pure: time is passed in.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use sidetone_base::{CallId, SampleRate};
use sidetone_speech::{AudioJob, Pass, SegmentKey};

use super::{PoolConfig, ShedReason};

/// Segments that a worker is to forget and has not had time for; older ones are left to the recogniser.
const FORGETS: usize = 1024;
/// Segments that are over and may yet have a partial with a worker.
const OVER: usize = 256;

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

/// How the model for partials works.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    /// A partial costs what is new of its segment, not the whole of it again.
    pub(super) streams: bool,
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
            partial_share: if manner.streams { workers } else { (workers - 1).max(1) },
            waiting: BTreeMap::new(),
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
        let mut batch = Vec::new();
        if let Some(place) = self.next_of(Pass::Final).or_else(|| self.next_of(Pass::Ahead)) {
            batch.extend(self.begin(place));
        } else if let Some((first, length)) = self.next_partial(now, &mut shed) {
            self.running_partials += 1;
            batch.extend(self.begin(first));
            self.fill(now, length, &mut batch);
        }
        self.busy += usize::from(!batch.is_empty());
        (batch, shed)
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
            Pass::Final => {}
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
        let heard = match self.touched.get(&job.key) {
            Some(touched) if self.manner.streams => touched.heard,
            _ => 0,
        };
        SampleRate::WIDE.duration_of(job.samples.len().saturating_sub(heard) as u64)
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
        if pass == Pass::Final || self.over.contains(key) {
            self.forget_touched(key);
        }
        pass
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
        let queued_for = now.saturating_duration_since(ticket.submitted);
        shed.push(Shed {
            ticket,
            reason,
            queued_for,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sidetone_base::{LegId, SegmentId};

    /// A queue on virtual time. `p` and `f` are jobs: call, segment, pass, deadline in ms (`a1p50`).
    struct Bench {
        queue: Queue,
        start: Instant,
    }

    fn bench(workers: usize, jobs: usize, jobs_per_call: usize, finals: usize) -> Bench {
        let manner = Manner {
            streams: false,
            batch: 1,
        };
        bench_of(workers, jobs, jobs_per_call, finals, manner)
    }

    fn bench_of(workers: usize, jobs: usize, jobs_per_call: usize, finals: usize, manner: Manner) -> Bench {
        let config = PoolConfig {
            workers,
            jobs,
            jobs_per_call,
            finals,
            answers: 1,
            warm_up: false,
        };
        Bench {
            queue: Queue::new(&config, manner),
            start: Instant::now(),
        }
    }

    fn name(job: &AudioJob) -> String {
        let pass = match job.pass {
            Pass::Final => 'f',
            Pass::Ahead => 'a',
            Pass::Partial => 'p',
        };
        format!("{}{}{pass}", job.key.call, job.key.segment)
    }

    impl Bench {
        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn job(&self, text: &str) -> AudioJob {
            let key = SegmentKey {
                call: CallId::new(&text[..1]),
                leg: LegId::new("l"),
                segment: SegmentId::new(&text[1..2]),
            };
            let pass = match &text[2..3] {
                "f" => Pass::Final,
                "a" => Pass::Ahead,
                _ => Pass::Partial,
            };
            AudioJob {
                key,
                pass,
                samples: [].into(),
                deadline: self.at(text[3..].parse().unwrap()),
            }
        }

        /// Pushes at time 0 and names what was shed for it.
        fn push(&mut self, jobs: &str) -> String {
            let mut shed = Vec::new();
            for text in jobs.split(' ') {
                match self.queue.push(self.start, self.job(text)) {
                    Ok(all) => shed.extend(
                        all.iter()
                            .map(|shed| format!("{}:{}", name(&shed.ticket.job), shed.reason)),
                    ),
                    Err(job) => shed.push(format!("{}:refused", name(&job))),
                }
            }
            shed.join(" ")
        }

        /// Takes everything at `ms`, finishing each job at once; names jobs and what was shed.
        fn drain(&mut self, ms: u64) -> String {
            let mut out = Vec::new();
            loop {
                let (batch, shed) = self.queue.pop(self.at(ms));
                out.extend(
                    shed.iter()
                        .map(|shed| format!("{}:{}", name(&shed.ticket.job), shed.reason)),
                );
                if batch.is_empty() {
                    return out.join(" ");
                }
                let jobs: Vec<AudioJob> = batch.into_iter().map(|ticket| ticket.job).collect();
                self.queue.finished(0, &jobs, Duration::ZERO);
                out.push(jobs.iter().map(name).collect::<Vec<_>>().join("+"));
            }
        }
    }

    #[test]
    fn finals_come_first_and_the_oldest_deadline_before_the_next() {
        let mut bench = bench(1, 10, 10, 10);
        assert_eq!(bench.push("a1f300 b1p100 c1f200 a2p100"), "");
        assert_eq!(bench.drain(0), "c1f a1f b1p a2p");
    }

    #[test]
    fn a_late_partial_is_dropped_and_a_late_final_goes_first() {
        let mut bench = bench(1, 10, 10, 10);
        bench.push("a1p100 b1f100 c1p400 d1f300");
        assert_eq!(bench.drain(200), "a1p:expired b1f d1f c1p");
    }

    #[test]
    fn a_newer_job_takes_the_place_of_its_segments_partial() {
        let mut bench = bench(1, 10, 10, 10);
        assert_eq!(
            bench.push("a1p100 a1p200 a2p100 a1f300"),
            "a1p:superseded a1p:superseded"
        );
        assert_eq!(bench.drain(0), "a1f a2p");
    }

    #[test]
    fn a_full_queue_loses_partials_and_never_a_final() {
        let mut bench = bench(1, 3, 10, 10);
        assert_eq!(bench.push("a1p100 b1p50 c1f10 d1f20"), "b1p:full");
        assert_eq!(bench.push("e1f30 e2f40"), "a1p:full", "then it grows by finals only");
        assert_eq!(bench.push("f1p500"), "f1p:full");
        assert_eq!(bench.drain(1_000), "c1f d1f e1f e2f");
    }

    #[test]
    fn a_call_that_asks_too_much_loses_its_own() {
        let mut bench = bench(1, 10, 2, 10);
        assert_eq!(bench.push("b1p1 a1p10 a2p20 a3p30"), "a1p:call_full");
        assert_eq!(bench.drain(0), "b1p a2p a3p");
    }

    #[test]
    fn finals_beyond_the_bound_are_handed_back() {
        let mut bench = bench(1, 10, 10, 2);
        assert_eq!(bench.push("a1f10 a2f20 a3f30 a4p5"), "a3f:refused");
        assert_eq!(bench.drain(0), "a1f a2f a4p");
        assert_eq!(bench.push("a3f30"), "");
    }

    #[test]
    fn one_call_has_its_share_of_the_workers_while_others_wait() {
        let mut bench = bench(2, 10, 10, 10);
        bench.push("a1f10 a2f20 b1f30 a3f40");
        let mut pop = || {
            bench
                .queue
                .pop(bench.start)
                .0
                .first()
                .map(|ticket| name(&ticket.job))
                .unwrap_or_default()
        };
        assert_eq!([pop(), pop()], ["a1f", "b1f"]);
        // Nobody else waits: no worker idles.
        assert_eq!(pop(), "a2f");
    }

    #[test]
    fn partials_leave_a_worker_to_finals() {
        let mut bench = bench(2, 10, 10, 10);
        bench.push("a1p500 b1p500");
        let pop = |bench: &mut Bench| bench.queue.pop(bench.start).0.first().map(|ticket| name(&ticket.job));
        assert_eq!(pop(&mut bench).as_deref(), Some("a1p"));
        assert_eq!(pop(&mut bench), None, "the second worker is kept free");
        bench.push("c1f900");
        assert_eq!(pop(&mut bench).as_deref(), Some("c1f"));
        let done = bench.job("a1p0");
        bench.queue.finished(0, &[done], Duration::ZERO);
        assert_eq!(pop(&mut bench).as_deref(), Some("b1p"));
    }

    #[test]
    fn a_partial_that_cannot_be_in_time_is_not_begun() {
        let mut bench = bench(1, 10, 10, 10);
        // A second of audio takes a second.
        let done = AudioJob {
            samples: vec![0; 16_000].into(),
            ..bench.job("a1p0")
        };
        let done = [done];
        (0..20).for_each(|_| {
            bench.queue.finished(0, &done, Duration::from_secs(1));
        });
        let two_seconds = |text: &str, bench: &Bench| AudioJob {
            samples: vec![0; 32_000].into(),
            ..bench.job(text)
        };
        for text in ["b1p1500", "c1p2500"] {
            let job = two_seconds(text, &bench);
            assert!(bench.queue.push(bench.start, job).unwrap().is_empty());
        }
        assert_eq!(bench.drain(0), "b1p:too_slow c1p");
        // Finals are done however late they are.
        let last = two_seconds("d1f1", &bench);
        assert!(bench.queue.push(bench.start, last).unwrap().is_empty());
        assert_eq!(bench.drain(9_000), "d1f");
    }

    #[test]
    fn work_ahead_goes_behind_finals_and_before_partials_and_gives_way_to_its_final() {
        let mut bench = bench(1, 10, 10, 10);
        assert_eq!(bench.push("a1p100 b1a300 c1f500"), "");
        assert_eq!(bench.drain(0), "c1f b1a a1p");
        assert_eq!(bench.push("a2a100 a2f300"), "a2a:superseded");
        assert_eq!(bench.drain(0), "a2f");
    }

    #[test]
    fn a_final_whose_audio_is_with_a_worker_is_answered_by_that_work() {
        let mut bench = bench(1, 10, 10, 10);
        bench.push("a1a100");
        let (ticket, _) = bench.queue.pop(bench.start);
        assert_eq!(bench.push("a1f300"), "");
        assert_eq!(bench.queue.len(), 0, "the same audio is not decoded twice");
        let ahead = ticket.into_iter().map(|ticket| ticket.job).collect::<Vec<_>>();
        assert_eq!(bench.queue.finished(0, &ahead, Duration::ZERO), [Pass::Final]);

        bench.push("b1a100");
        let (ticket, _) = bench.queue.pop(bench.start);
        let longer = AudioJob {
            samples: vec![0; 16].into(),
            ..bench.job("b1f300")
        };
        assert!(bench.queue.push(bench.start, longer).is_ok());
        assert_eq!(bench.queue.len(), 1, "the speaker had gone on");
        let ahead = ticket.into_iter().map(|ticket| ticket.job).collect::<Vec<_>>();
        assert_eq!(bench.queue.finished(0, &ahead, Duration::ZERO), [Pass::Ahead]);
    }

    #[test]
    fn a_segment_is_forgotten_where_it_was_heard_even_by_a_straggler() {
        let mut bench = bench(3, 10, 10, 10);
        let (partial, last) = (bench.job("a1p0"), bench.job("a1f0"));
        let partial = [partial];
        bench.queue.finished(0, &partial, Duration::ZERO);
        bench.queue.finished(1, &[last], Duration::ZERO);
        bench.queue.finished(2, &partial, Duration::ZERO);
        let forgets: Vec<usize> = (0..3).map(|worker| bench.queue.forgets(worker).len()).collect();
        assert_eq!(forgets, [1, 1, 1]);
        assert!(bench.queue.touched.is_empty());
    }

    const STREAMING: Manner = Manner {
        streams: true,
        batch: 3,
    };

    #[test]
    fn streams_are_done_together_and_finals_alone() {
        let mut bench = bench_of(1, 10, 10, 10, STREAMING);
        bench.push("a1p500 b1p500 c1p500 d1p500 e1f900 f1f900");
        assert_eq!(bench.drain(0), "e1f f1f a1p+b1p+c1p d1p");
    }

    #[test]
    fn streams_may_have_every_worker_and_each_but_one() {
        let mut bench = bench_of(2, 10, 10, 10, STREAMING);
        bench.push("a1p500 b1p500 c1p500 d1p500");
        let pop = |bench: &mut Bench| {
            let (batch, _) = bench.queue.pop(bench.start);
            batch.into_iter().map(|ticket| ticket.job).collect::<Vec<AudioJob>>()
        };
        let first = pop(&mut bench);
        assert_eq!(first.len(), 3);
        assert_eq!(bench.push("a1p600"), "", "what is being decoded is not superseded");
        assert_eq!(pop(&mut bench).iter().map(name).collect::<Vec<_>>(), ["d1p"]);
        assert!(pop(&mut bench).is_empty(), "its stream is in other hands");
        bench.queue.finished(0, &first, Duration::ZERO);
        assert_eq!(pop(&mut bench).iter().map(name).collect::<Vec<_>>(), ["a1p"]);
    }

    #[test]
    fn a_job_is_lent_the_threads_of_idle_workers() {
        let mut bench = bench(3, 10, 10, 10);
        let mut threads = |jobs: &str| {
            bench.push(jobs);
            let (batch, _) = bench.queue.pop(bench.start);
            (batch, bench.queue.threads().get())
        };
        let (first, alone) = threads("a1f500");
        let (_, second) = threads("b1f500");
        let (_, last) = threads("c1f500");
        assert_eq!((alone, second, last), (3, 2, 1));
        let jobs: Vec<AudioJob> = first.into_iter().map(|ticket| ticket.job).collect();
        bench.queue.finished(0, &jobs, Duration::ZERO);
        let mut threads = |jobs: &str| {
            bench.push(jobs);
            drop(bench.queue.pop(bench.start));
            bench.queue.threads().get()
        };
        assert_eq!(threads("d1f500 e1f500"), 1, "another final waits for a worker");
    }

    #[test]
    fn a_stream_costs_what_is_new_of_it() {
        let mut bench = bench_of(1, 10, 10, 10, STREAMING);
        let seconds = |text: &str, seconds: usize, bench: &Bench| AudioJob {
            samples: vec![0; seconds * 16_000].into(),
            ..bench.job(text)
        };
        // A second of audio takes half a second.
        for length in 1..=14 {
            let done = [seconds("a1p0", length, &bench)];
            bench.queue.finished(0, &done, Duration::from_millis(500));
        }
        // Its fifteenth second is in time, though the segment is long.
        let next = seconds("a1p900", 15, &bench);
        assert!(bench.queue.push(bench.start, next).unwrap().is_empty());
        assert_eq!(bench.drain(0), "a1p");
        // What nobody has heard yet costs all of it.
        let new = seconds("b1p900", 15, &bench);
        assert!(bench.queue.push(bench.start, new).unwrap().is_empty());
        assert_eq!(bench.drain(0), "b1p:too_slow");
    }

    #[test]
    fn a_batch_is_no_longer_than_a_final_may_wait() {
        let mut bench = bench_of(1, 10, 10, 10, STREAMING);
        let second = |text: &str, bench: &Bench| AudioJob {
            samples: vec![0; 16_000].into(),
            ..bench.job(text)
        };
        // Segments that nobody has heard yet: a second of audio takes 55 ms.
        for call in 'f'..='y' {
            let done = [second(&format!("{call}1p0"), &bench)];
            bench.queue.finished(0, &done, Duration::from_millis(55));
        }
        for text in ["a1p900", "b1p900", "c1p900"] {
            let job = second(text, &bench);
            assert!(bench.queue.push(bench.start, job).unwrap().is_empty());
        }
        assert_eq!(bench.drain(0), "a1p+b1p c1p");
    }
}
