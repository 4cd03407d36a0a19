//! The pool's threads, on recognisers that do what a script says.

use std::sync::mpsc as std_mpsc;

use sidetone_base::{CallId, LegId, SegmentId};
use sidetone_speech::Recogniser;

use super::*;

/// A model whose workers report each segment that they begin and then wait for a word.
struct Scripted {
    begun: std_mpsc::Sender<String>,
    words: Arc<Mutex<std_mpsc::Receiver<&'static str>>>,
    made: Mutex<u32>,
}

struct Instance {
    begun: std_mpsc::Sender<String>,
    words: Arc<Mutex<std_mpsc::Receiver<&'static str>>>,
}

impl Recogniser for Instance {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        self.begun.send(job.key.segment.to_string()).unwrap();
        let word = lock(&self.words).recv().unwrap();
        match word {
            "panic" => panic!("as the script says"),
            "fail" => Err(RecogniseError::Decode {
                model: "scripted".into(),
                reason: "as the script says".into(),
            }),
            "" => Ok(None),
            text => Ok(Some(Hypothesis {
                text: text.into(),
                confidence: 1.0,
                ..Hypothesis::default()
            })),
        }
    }
}

impl Recognise for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        *lock(&self.made) += 1;
        Ok(Box::new(Instance {
            begun: self.begun.clone(),
            words: Arc::clone(&self.words),
        }))
    }
}

struct Bench {
    pool: RecogniserPool,
    answers: mpsc::Receiver<JobDone>,
    model: Arc<Scripted>,
    begun: std_mpsc::Receiver<String>,
    say: std_mpsc::Sender<&'static str>,
}

fn bench(config: &PoolConfig) -> Bench {
    let (begun_out, begun) = std_mpsc::channel();
    let (say, words) = std_mpsc::channel();
    let model = Arc::new(Scripted {
        begun: begun_out,
        words: Arc::new(Mutex::new(words)),
        made: Mutex::new(0),
    });
    let (pool, answers) = RecogniserPool::start(&Models::one(model.clone()), config).unwrap();
    Bench {
        pool,
        answers,
        model,
        begun,
        say,
    }
}

fn job(segment: &str, pass: Pass) -> AudioJob {
    let key = SegmentKey {
        call: CallId::new("c"),
        leg: LegId::new("l"),
        segment: SegmentId::new(segment),
    };
    AudioJob {
        key,
        pass,
        samples: [].into(),
        deadline: Instant::now() + Duration::from_secs(3600),
        words: None,
    }
}

impl Bench {
    fn answer(&mut self) -> String {
        let done = self.answers.blocking_recv().unwrap();
        let result = match done.result {
            Ok(Some(text)) => text.text,
            Ok(None) => "-".into(),
            Err(failure) => failure.to_string(),
        };
        format!("{} {result}", done.key.segment)
    }
}

#[test]
fn every_job_is_answered_and_a_panic_costs_one_job() {
    let mut bench = bench(&PoolConfig {
        workers: 1,
        ..PoolConfig::default()
    });
    for segment in ["1", "2", "3", "4"] {
        bench.pool.submit(job(segment, Pass::Final)).unwrap();
    }
    for (word, answer) in [
        ("你好", "1 你好"),
        ("panic", "2 the recogniser panicked"),
        ("fail", "3 model scripted failed on a segment: as the script says"),
        ("", "4 -"),
    ] {
        bench.say.send(word).unwrap();
        assert_eq!(bench.answer(), answer);
    }
    assert_eq!(*lock(&bench.model.made), 2, "one anew after the panic");
}

#[test]
fn what_is_shed_is_answered_too() {
    let mut bench = bench(&PoolConfig {
        workers: 1,
        ..PoolConfig::default()
    });
    bench.pool.submit(job("1", Pass::Final)).unwrap();
    assert_eq!(bench.begun.recv().unwrap(), "1");
    bench.pool.submit(job("2", Pass::Partial)).unwrap();
    bench.pool.submit(job("2", Pass::Final)).unwrap();
    assert_eq!(bench.answer(), "2 shed: superseded");
    bench.say.send("一").unwrap();
    assert_eq!(bench.answer(), "1 一");
    bench.say.send("二").unwrap();
    assert_eq!(bench.answer(), "2 二");
    assert_eq!(bench.pool.queued(), 0);
}

#[test]
fn a_final_that_finds_no_room_comes_back() {
    let mut bench = bench(&PoolConfig {
        workers: 1,
        finals: 1,
        ..PoolConfig::default()
    });
    bench.pool.submit(job("1", Pass::Final)).unwrap();
    assert_eq!(bench.begun.recv().unwrap(), "1");
    bench.pool.submit(job("2", Pass::Final)).unwrap();
    let Refused(third) = bench.pool.submit(job("3", Pass::Final)).unwrap_err();
    bench.say.send("一").unwrap();
    assert_eq!(bench.answer(), "1 一");
    assert_eq!(bench.begun.recv().unwrap(), "2");
    bench.pool.submit(third).unwrap();
    bench.say.send("二").unwrap();
    bench.say.send("三").unwrap();
    assert_eq!([bench.answer(), bench.answer()], ["2 二", "3 三"]);
}

#[test]
fn a_pool_that_is_dropped_ends_its_answers() {
    let mut bench = bench(&PoolConfig {
        workers: 3,
        ..PoolConfig::default()
    });
    drop(bench.pool);
    assert!(bench.answers.blocking_recv().is_none());
}
