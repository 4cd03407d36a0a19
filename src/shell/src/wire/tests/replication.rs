//! Any sequence of events, losses and restarts, against a model of Redis that does what the scripts say.

use proptest::prelude::*;
use sidetone_base::LegId;
use sidetone_schema::{Body, CallEnded, Transcript};

use super::super::config::OutboxConfig;
use super::super::publisher::Draft;
use super::*;
use crate::http::Readiness;

/// What may happen.
#[derive(Clone, Debug)]
enum Step {
    /// An event of one of three calls.
    Publish(u8),
    /// A partial of one of them.
    Partial(u8),
    /// A round trip that works.
    Deliver,
    /// A round trip whose commands are done and whose answers never come.
    AnswersLost,
    /// A round trip that never reaches Redis.
    NeverSent,
    /// Redis is killed and comes back without its last events.
    RedisLoses(usize),
    /// The same, under a connection that notices nothing.
    StreamShrinks(usize),
    /// Redis refuses every write of one round trip.
    Refused,
    /// We are killed and start again.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0..3_u8).prop_map(Step::Publish),
        4 => (0..3_u8).prop_map(Step::Partial),
        4 => Just(Step::Deliver),
        1 => Just(Step::AnswersLost),
        1 => Just(Step::NeverSent),
        1 => (0..6_usize).prop_map(Step::RedisLoses),
        1 => (0..6_usize).prop_map(Step::StreamShrinks),
        1 => Just(Step::Refused),
        1 => Just(Step::Restart),
    ]
}

/// An entry of a stream.
#[derive(Clone, Debug, PartialEq)]
struct Stored {
    seq: u64,
    partials: u64,
    json: String,
}

/// What is published.
#[derive(Clone, Copy, PartialEq)]
enum What {
    Partial,
    Final,
    End,
}

struct World {
    folder: std::path::PathBuf,
    replicator: Replicator,
    /// Each call's stream.
    streams: HashMap<String, Vec<Stored>>,
    published: HashMap<String, u64>,
}

fn open(folder: &std::path::Path) -> Replicator {
    let config = OutboxConfig {
        state_dir: folder.to_owned(),
        ..OutboxConfig::default()
    };
    let publisher = Publisher::open(config);
    let redis = Readiness::default().component("redis");
    Replicator::new(&publisher, RedisConfig::default(), WallClock::start(), redis)
}

impl World {
    fn new(folder: std::path::PathBuf) -> Self {
        let replicator = open(&folder);
        Self {
            folder,
            replicator,
            streams: HashMap::new(),
            published: HashMap::new(),
        }
    }

    fn publish(&mut self, call: u8, what: What) {
        let heard = Transcript {
            segment_id: "s".into(),
            rev: 1,
            is_final: what != What::Partial,
            begin_ms: 0,
            end_ms: 1,
            text: "好".into(),
            confidence: 1.0,
            redactions: Vec::new(),
            lang: "zh".into(),
            stable: None,
        };
        let end = CallEnded {
            cause: "hangup".into(),
            duration_ms: 0,
            finals: 0,
            hints: 0,
            end_by: None,
        };
        let body = match what {
            What::Partial => Body::TranscriptPartial(heard),
            What::Final => Body::TranscriptFinal(heard),
            What::End => Body::CallEnded(end),
        };
        let at = self.replicator.clock.now();
        let (call, leg) = (CallId::new(format!("c{call}")), Some(LegId::new("l")));
        *self.published.entry(call.to_string()).or_default() += 1;
        self.replicator.publisher.publish(Draft {
            call,
            leg,
            role: None,
            agent: None,
            body,
            at,
        });
    }

    /// Does a pipeline as Redis would.
    fn serve(&mut self, commands: &Pipeline, refuse: bool) -> Vec<Value> {
        let mut answers = Vec::new();
        for command in commands.cmd_iter() {
            let args: Vec<String> = command
                .args_iter()
                .map(|arg| match arg {
                    redis::Arg::Simple(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
                    _ => String::new(),
                })
                .collect();
            if refuse {
                let text: RedisResult<Value> = redis::parse_redis_value(b"-OOM command not allowed\r\n");
                answers.push(text.unwrap());
            } else if args[0] == "EVAL" && args[3].ends_with(":events") {
                let stream = self.streams.entry(args[3].clone()).or_default();
                let events = args[7..].chunks(3).map(|event| Stored {
                    seq: event[0].parse().unwrap(),
                    partials: event[1].parse().unwrap(),
                    json: event[2].clone(),
                });
                answers.push(Value::Int(append(stream, args[6].parse().unwrap(), events.collect())));
            } else {
                answers.push(Value::Okay);
            }
        }
        answers
    }

    fn deliver(&mut self, refuse: bool) -> bool {
        let batch = self.replicator.collect();
        if batch.is_empty() {
            return batch.skimmed();
        }
        let answers = self.serve(&batch.commands().clone(), refuse);
        for (call, verdict) in batch.judge(&answers) {
            drop(self.replicator.settle(&call, verdict));
        }
        true
    }

    fn fail(&mut self, done: bool) {
        let batch = self.replicator.collect();
        if done {
            self.serve(&batch.commands().clone(), false);
        }
        self.replicator.forget(&batch);
        self.resync();
    }

    fn resync(&mut self) {
        for call in self.replicator.publisher.outbox.calls() {
            let stream = self.streams.get(&self.replicator.config.events_key(&call));
            let at = stream.and_then(|stream| stream.last()).map_or(0, |last| last.seq);
            self.replicator.learn(&call, at);
        }
    }

    fn shrink(&mut self, by: usize) {
        self.streams
            .values_mut()
            .for_each(|stream| stream.truncate(stream.len().saturating_sub(by)));
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Publish(call) => self.publish(*call, What::Final),
            Step::Partial(call) => self.publish(*call, What::Partial),
            Step::Deliver => drop(self.deliver(false)),
            Step::AnswersLost => self.fail(true),
            Step::NeverSent => self.fail(false),
            Step::RedisLoses(by) => {
                self.shrink(*by);
                self.resync();
            }
            Step::StreamShrinks(by) => self.shrink(*by),
            Step::Refused => {
                self.deliver(true);
            }
            Step::Restart => {
                self.replicator = open(&self.folder);
                self.resync();
            }
        }
    }
}

/// What the script does.
fn append(stream: &mut Vec<Stored>, after: u64, events: Vec<Stored>) -> i64 {
    let mut last = stream.last().map_or(0, |last| last.seq);
    if after > last {
        return last as i64;
    }
    if last > after && events.first().is_some_and(|first| last < first.seq) {
        return -1;
    }
    for event in events {
        if event.seq > last {
            last = event.seq;
            stream.push(event);
        } else if stream
            .iter()
            .any(|there| there.seq == event.seq && there.json != event.json)
        {
            return -1;
        }
    }
    last as i64
}

/// Whether each entry follows the one before it: what lies between are the partials that it counts.
fn is_whole(stream: &[Stored]) -> bool {
    let mut last = 0;
    stream
        .iter()
        .all(|entry| std::mem::replace(&mut last, entry.seq) + entry.partials + 1 == entry.seq)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_happens_each_stream_ends_whole_and_in_order(steps in prop::collection::vec(step(), 0..60)) {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("sidetone-model-{}-{count}", std::process::id()));
        let mut world = World::new(folder.clone());
        for step in &steps {
            world.step(step);
            for stream in world.streams.values() {
                prop_assert!(is_whole(stream), "{:?}", stream);
            }
        }
        for call in 0..3 {
            world.publish(call, What::End);
        }
        world.resync(); // lifts what is held, as the sweep does after a second
        while world.deliver(false) {}
        for (call, published) in &world.published {
            let stream = &world.streams[&world.replicator.config.events_key(&CallId::new(call.as_str()))];
            let last = stream.last().unwrap();
            prop_assert_eq!(last.seq, *published);
            prop_assert!(last.json.contains("call.ended"));
        }
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
