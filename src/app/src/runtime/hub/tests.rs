//! Calls that do not keep up, and questions that cannot be asked. Real tasks, no sound.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use sidetone_asr::Scripted;
use sidetone_base::{EndCause, LegId, Role};
use sidetone_engine::Published;
use sidetone_shell::pool::{Models, PoolConfig, RecogniserPool};
use tokio::sync::mpsc::UnboundedSender;

use super::super::{NoMemory, parts};
use super::*;
use crate::config::Config;

const LIMIT: Duration = Duration::from_secs(20);

/// Takes events; those of the call `stuck` wait at the gate, as on a disk that hangs.
struct Gate {
    gate: Mutex<()>,
    seen: UnboundedSender<(String, &'static str)>,
}

impl Outlet for Gate {
    fn publish(&self, call: &CallId, _at: Instant, event: Published) {
        if call.as_str() == "stuck" {
            drop(self.gate.lock());
        }
        let _ = self.seen.send((call.to_string(), event.body.type_name()));
    }
}

struct Replies(UnboundedSender<(u64, Answer)>);

impl Answers for Replies {
    fn answer(&self, ask: AskId, answer: Answer) {
        let _ = self.0.send((ask.0, answer));
    }
}

fn hub(outlet: Arc<dyn Outlet>) -> (Hub, mpsc::Receiver<JobDone>) {
    let mut config = Config::default();
    config.knowledge.dir = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/12333"));
    config.speech.neural_vad = false;
    let shared = parts::shared(&config, parts::pack(&config).unwrap()).unwrap();
    let engine = parts::engine(&config, jiff::civil::date(2026, 3, 2));
    let (pool, answers) =
        RecogniserPool::start(&Models::one(Arc::new(Scripted::new([""]))), &PoolConfig::default()).unwrap();
    let hub = Hub {
        config: Box::new(move || engine.clone()),
        parts: Arc::new(shared),
        jobs: Arc::new(Jobs::new(pool)),
        outlet,
        ears: Ears::default(),
        memory: Arc::new(NoMemory),
        composer: None,
    };
    (hub, answers)
}

fn signal(call: &str, event: CallEvent) -> HubInput {
    HubInput::Signal(CallSignal {
        call: CallId::new(call),
        event,
    })
}

fn started() -> CallEvent {
    CallEvent::Started {
        age: Duration::ZERO,
        caller_number: None,
        called_number: None,
        queue: None,
        cti_id: None,
    }
}

fn joined() -> CallEvent {
    CallEvent::LegJoined {
        leg: LegId::new("caller"),
        channel: "x".to_owned(),
        role: Role::Caller,
        agent: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_that_does_not_keep_up_holds_up_no_other() {
    let (seen, mut events) = mpsc::unbounded_channel();
    let (replies, mut answered) = mpsc::unbounded_channel();
    let gate = Arc::new(Gate {
        gate: Mutex::new(()),
        seen,
    });
    let back: Arc<dyn Answers> = Arc::new(Replies(replies));
    let (hub, answers) = hub(Arc::clone(&gate) as Arc<dyn Outlet>);
    let (inputs, receiver) = mpsc::channel(16);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let ask = |call: &str, ask: u64| HubInput::Asked {
        call: CallId::new(call),
        ask: AskId(ask),
        question: Question::Summary,
        back: Arc::clone(&back),
    };
    let told = async {
        let closed = Arc::clone(&gate);
        let (shut, opened) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel::<()>());
        let holder = std::thread::spawn(move || {
            let _gate = closed.gate.lock();
            shut.0.send(()).unwrap();
            let _ = opened.1.recv();
        });
        shut.1.recv().unwrap();
        inputs.send(signal("stuck", started())).await.unwrap();
        for _ in 0..INPUTS + 8 {
            inputs.send(signal("stuck", joined())).await.unwrap();
        }
        inputs.send(signal("free", started())).await.unwrap();
        inputs.send(ask("stuck", 1)).await.unwrap();
        inputs.send(ask("nobody", 2)).await.unwrap();
        inputs.send(ask("free", 3)).await.unwrap();
        assert_eq!(events.recv().await.unwrap(), ("free".to_owned(), "call.started"));
        assert_eq!(answered.recv().await.unwrap(), (1, Answer::Gone), "given up");
        assert_eq!(answered.recv().await.unwrap(), (2, Answer::Gone), "never there");
        let (ask, answer) = answered.recv().await.unwrap();
        assert!(ask == 3 && matches!(answer, Answer::Summary(_)), "{ask} {answer:?}");
        let ended = CallEvent::Ended {
            cause: EndCause::Hangup,
        };
        inputs.send(signal("free", ended)).await.unwrap();
        opened.0.send(()).unwrap();
        holder.join().unwrap();
        drop(inputs);
        hub.await.unwrap();
    };
    tokio::time::timeout(LIMIT, told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_that_is_open_when_the_call_ends_is_answered() {
    let (seen, _events) = mpsc::unbounded_channel();
    let (replies, mut answered) = mpsc::unbounded_channel();
    let gate = Gate {
        gate: Mutex::new(()),
        seen,
    };
    let (hub, answers) = hub(Arc::new(gate));
    let (inputs, receiver) = mpsc::channel(16);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let listen = HubInput::Asked {
        call: CallId::new("a"),
        ask: AskId(1),
        question: Question::Listen {
            leg: LegId::new("caller"),
            within: LIMIT * 10,
        },
        back: Arc::new(Replies(replies)),
    };
    let ended = CallEvent::Ended {
        cause: EndCause::Hangup,
    };
    let told = async {
        for input in [
            signal("a", started()),
            signal("a", joined()),
            listen,
            signal("a", ended),
        ] {
            inputs.send(input).await.unwrap();
        }
        assert_eq!(answered.recv().await.unwrap(), (1, Answer::Gone));
        drop(inputs);
        hub.await.unwrap();
    };
    tokio::time::timeout(LIMIT, told).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_daemon_that_stops_leaves_its_calls_and_the_hub_is_done() {
    let (seen, mut events) = mpsc::unbounded_channel();
    let gate = Gate {
        gate: Mutex::new(()),
        seen,
    };
    let (hub, answers) = hub(Arc::new(gate));
    let (inputs, receiver) = mpsc::channel(16);
    let hub = tokio::spawn(hub.run(receiver, answers));
    let told = async {
        let (back, alive) = oneshot::channel();
        inputs.send(HubInput::Alive(back)).await.unwrap();
        alive.await.unwrap();
        inputs.send(signal("a", started())).await.unwrap();
        inputs.send(signal("a", joined())).await.unwrap();
        inputs.send(HubInput::Leave).await.unwrap();
        // Others still hold the way in.
        hub.await.unwrap();
        let mut all = Vec::new();
        while let Ok((_, kind)) = events.try_recv() {
            all.push(kind);
        }
        assert_eq!(all, ["call.started", "call.updated"]);
    };
    tokio::time::timeout(LIMIT, told).await.unwrap();
}
