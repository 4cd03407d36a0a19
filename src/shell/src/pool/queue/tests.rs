//! The queue on virtual time.

use super::*;
use sidetone_base::{LegId, SegmentId};

/// A queue on virtual time. `p` and `f` are jobs: call, segment, pass, deadline in ms (`a1p50`).
struct Bench {
    queue: Queue,
    start: Instant,
}

fn bench(workers: usize, jobs: usize, jobs_per_call: usize, finals: usize) -> Bench {
    let manner = Manner {
        listening: Listening::Whole,
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
        Pass::Again => '2',
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
            "2" => Pass::Again,
            _ => Pass::Partial,
        };
        AudioJob {
            key,
            pass,
            samples: [].into(),
            deadline: self.at(text[3..].parse().unwrap()),
            words: None,
        }
    }

    /// [`Self::job`] of so much sound.
    fn seconds(&self, text: &str, seconds: usize) -> AudioJob {
        AudioJob {
            samples: vec![0; seconds * 16_000].into(),
            ..self.job(text)
        }
    }

    /// Partials of segments that nobody has heard yet have lately taken so long for a second of sound.
    fn learn(&mut self, pace: Duration) {
        for call in 'f'..='y' {
            let done = [self.seconds(&format!("{call}1p0"), 1)];
            self.queue.finished(0, &done, pace);
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
    bench.learn(Duration::from_secs(1));
    for text in ["b1p1500", "c1p2500"] {
        let job = bench.seconds(text, 2);
        assert!(bench.queue.push(bench.start, job).unwrap().is_empty());
    }
    assert_eq!(bench.drain(0), "b1p:too_slow c1p");
    // Finals are done however late they are.
    let last = bench.seconds("d1f1", 2);
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
    listening: Listening::New,
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
    // A second of audio takes half a second.
    for length in 1..=14 {
        let done = [bench.seconds("a1p0", length)];
        bench.queue.finished(0, &done, Duration::from_millis(500));
    }
    // Its fifteenth second is in time, though the segment is long.
    let next = bench.seconds("a1p900", 15);
    assert!(bench.queue.push(bench.start, next).unwrap().is_empty());
    assert_eq!(bench.drain(0), "a1p");
    // What nobody has heard yet costs all of it.
    let new = bench.seconds("b1p900", 15);
    assert!(bench.queue.push(bench.start, new).unwrap().is_empty());
    assert_eq!(bench.drain(0), "b1p:too_slow");
}

#[test]
fn a_batch_is_no_longer_than_a_final_may_wait() {
    let mut bench = bench_of(1, 10, 10, 10, STREAMING);
    bench.learn(Duration::from_millis(55));
    for text in ["a1p900", "b1p900", "c1p900"] {
        let job = bench.seconds(text, 1);
        assert!(bench.queue.push(bench.start, job).unwrap().is_empty());
    }
    assert_eq!(bench.drain(0), "a1p+b1p c1p");
}

#[test]
fn a_second_reading_begins_when_nothing_else_is_to_be_done_and_leaves_a_worker_free() {
    let mut bench = bench(2, 10, 10, 10);
    bench.push("a12900 b1p500 a32900");
    let pop = |bench: &mut Bench| bench.queue.pop(bench.start).0.first().map(|ticket| name(&ticket.job));
    assert_eq!(pop(&mut bench).as_deref(), Some("b1p"));
    assert_eq!(pop(&mut bench), None, "something is being done");
    let done = bench.job("b1p0");
    bench.queue.finished(0, &[done], Duration::ZERO);
    assert_eq!(pop(&mut bench).as_deref(), Some("a12"));
    assert_eq!(pop(&mut bench), None, "one at a time");
    bench.push("c1f900");
    assert_eq!(pop(&mut bench).as_deref(), Some("c1f"));
    let done = bench.job("a120");
    assert_eq!(bench.queue.finished(0, &[done], Duration::ZERO), [Pass::Again]);
    let kept = bench.queue.touched.keys().any(|key| key.call == CallId::new("a"));
    assert!(!kept, "nothing is kept of its segment");
    let mut alone = self::bench(1, 10, 10, 10);
    alone.push("a12900");
    assert_eq!(pop(&mut alone), None, "a final would have to wait for it");
}

#[test]
fn of_second_readings_the_oldest_gives_way_and_a_late_one_is_dropped() {
    let mut bench = bench(2, 10, 10, 10);
    for at in 0..AGAIN {
        let deadline = if at == 1 { 100 } else { 900 };
        assert_eq!(bench.push(&format!("a{}2{deadline}", at % 10)), "");
    }
    assert_eq!(bench.push("b12900"), "a02:full");
    assert_eq!(bench.queue.len(), 0, "they take no room from others");
    let forgotten = bench.job("a32900").key;
    bench.queue.forget(&forgotten);
    assert!(bench.drain(200).starts_with("a12:expired a22 a42"));
}
