//! What comes back: gaps that a person answers, feedback on hints, callers who call again. Real Redis, no switch.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sidetone_app::config::{Config, parse};
use sidetone_app::runtime::callers::{self, Recalling};
use sidetone_app::runtime::opinions::{Follower, Held};
use sidetone_app::runtime::{Ears, Hub, HubInput, Jobs, Journal, Wire, parts};
use sidetone_asr::Scripted;
use sidetone_assist::{Assist, AssistConfig, Push, Turn};
use sidetone_base::{AgentId, CallEvent, CallId, CallSignal, CallTime, EndCause, LegId, Pii, Role, SegmentId};
use sidetone_e2e::live::{Store, binary};
use sidetone_e2e::root;
use sidetone_schema::{Body, Envelope, HintData, HintKind};
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::Readiness;
use sidetone_shell::pool::{Models, PoolConfig, RecogniserPool};
use sidetone_shell::wire::{CallerMemory, Draft, FeedbackLedger, OutboxConfig, Publisher, Replicator, read_feedback};
use tokio::sync::{mpsc, watch};

const PATIENCE: Duration = Duration::from_secs(60);

/// A folder of this test's own; gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sidetone-knowledge-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sidetone(arguments: &[&str]) -> (bool, String) {
    let output = Command::new(binary())
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

fn configuration(store: &Store, folder: &Path, knowledge: &Path) -> Config {
    let text = format!(
        "[redis]\nurl = \"{}\"\n[knowledge]\ndir = \"{}\"\nregion = \"370500\"\n[privacy]\nnumber_salt = \"a salt of some length\"\n\
         [memory]\nenabled = true\n[speech]\nneural_vad = false\n[outbox]\nstate_dir = \"{}\"\n",
        store.url(),
        knowledge.display(),
        folder.join("state").display(),
    );
    parse(&text).unwrap()
}

/// What a call on the base as it is now answers to these turns of a caller, and an agent's behind each; an answer under
/// `min_score` is not shown.
fn talk(config: &Config, min_score: f32, turns: &[(&str, &str)]) -> Vec<Push> {
    let pack = parts::pack(config).unwrap();
    let mut settings = AssistConfig::new("2026-03-02".parse().unwrap(), "370500");
    settings.min_score = min_score;
    let mut assist = Assist::new(pack, settings);
    let mut pushes = Vec::new();
    for (at, (caller, agent)) in turns.iter().enumerate() {
        for (role, text) in [(Role::Caller, caller), (Role::Agent, agent)] {
            let end = CallTime(Duration::from_secs(at as u64 * 20 + 10));
            pushes.extend(assist.hear(&Turn {
                segment: SegmentId::new(format!("{role}-{at}")),
                role,
                text: (*text).to_owned(),
                begin: end,
                end,
                confidence: 0.9,
            }));
        }
    }
    pushes.extend(assist.last_gap());
    pushes
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

fn exported(folder: &Path, kind: &str) -> (PathBuf, Vec<Value>) {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files
        .into_iter()
        .find(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind))
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    (
        file,
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
    )
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

async fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

const ASKED: [&str; 3] = [
    "公司的打印机能不能借回家用几天",
    "我想把打印机借回家用几天行不行",
    "打印机可以借回家吗",
];
const ANSWER: &str = "打印机不外借，家里要打印可以到前台登记，领一台便携式的，用三天";

#[test]
fn a_question_that_the_base_lacks_is_answered_once_a_person_has_written_it() {
    let folder = Folder::new("gaps");
    let store = Store::start(&folder.0);
    let knowledge = folder.0.join("line");
    copy(&root().join("knowledge/it-helpdesk"), &knowledge);
    let config = configuration(&store, &folder.0, &knowledge);
    runtime().block_on(async {
        let (_stop, stopped) = watch::channel(false);
        let publisher = Publisher::open(config.outbox.clone());
        let readiness = Readiness::default().component("redis");
        let replicator = Replicator::new(&publisher, config.redis.clone(), WallClock::start(), readiness);
        let task = tokio::spawn(replicator.run(stopped));
        for (call, question) in ASKED.iter().enumerate() {
            // So that nothing is shown, whatever the base finds near.
            for push in talk(&config, 2.0, &[(question, ANSWER)]) {
                let Push::Gap(gap) = push else { continue };
                publisher.publish(draft(&format!("c{call}"), Body::KnowledgeGap(gap)));
            }
        }
        until("three gaps", || {
            (store.ask::<u64>(&["XLEN", "sidetone:knowledge:gaps"]) == 3).then_some(())
        })
        .await;
        task.abort();
    });

    let url = store.url();
    let line = knowledge.to_str().unwrap().to_owned();
    let gaps = ["knowledge", "gaps", "--redis", &url, "--pack", &line];
    let (fine, shown) = sidetone(&[gaps.as_slice(), &["--json"]].concat());
    assert!(fine, "{shown}");
    let groups: Vec<Value> = shown.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(groups.len(), 1, "they ask the same: {shown}");
    assert_eq!((&groups[0]["count"], &groups[0]["calls"]), (&3.into(), &3.into()));
    assert_eq!(
        (&groups[0]["topic"], &groups[0]["answers"][0]),
        (&"it_printer".into(), &ANSWER.into())
    );
    assert_eq!(groups[0]["questions"].as_array().unwrap().len(), 3);

    let reviewed = folder.0.join("reviewed");
    let (fine, said) = sidetone(&[gaps.as_slice(), &["--export", reviewed.to_str().unwrap()]].concat());
    assert!(fine, "{said}");
    let ((nodes, rows), (examples, _)) = (exported(&reviewed, "nodes"), exported(&reviewed, "examples"));
    copy(&reviewed, &knowledge);
    let refused = parts::pack(&config).unwrap_err();
    assert!(refused.contains("doc_title"), "nobody has looked at it: {refused}");
    let mut row = rows[0].clone();
    row["title"] = "打印机外借".into();
    row["body"] = "打印机不外借；家里要打印，到前台登记领便携式打印机。".into();
    row["doc_title"] = "办公设备管理办法".into();
    row["confidence"] = "B".into();
    std::fs::write(knowledge.join(nodes.file_name().unwrap()), format!("{row}\n")).unwrap();
    assert!(knowledge.join(examples.file_name().unwrap()).exists());
    let (fine, said) = sidetone(&["knowledge", "check", &line]);
    assert!(fine, "{said}");
    // What `reload` reads.
    let pushes = talk(&config, 0.1, &[("打印机我能借回家用两天吗", "我帮您看一下")]);
    let shown = pushes.iter().find_map(|push| match push {
        Push::New(hint) => Some(&**hint),
        _ => None,
    });
    let hint = shown.unwrap_or_else(|| panic!("it is not heard: {pushes:?}"));
    assert_eq!(hint.node.as_deref(), row["id"].as_str());
    assert!(hint.body.contains("便携式"), "{}", hint.body);
}

fn draft(call: &str, body: Body) -> Draft {
    Draft {
        call: CallId::new(call),
        leg: None,
        role: None,
        agent: Some(AgentId::new("8001")),
        body,
        at: WallClock::start().now(),
    }
}

/// A hint of a node, as the engine would publish it.
fn hint_of(node: &str) -> Body {
    let json = serde_json::json!({"hint_id": "h9", "tier": 2, "kind": "answer",
        "trigger": {"segment_id": "s1", "intent": "it_printer/procedure", "entities": []}, "title": "t", "body": "b",
        "highlights": [], "sources": [], "score": 0.5, "node": node, "dedup_key": "answer:x", "ttl_ms": 60_000,
        "engine": "knowledge", "latency_ms": {"speech": 0, "understand": 0, "match": 0, "push": 0, "total": 0}});
    Body::HintNew(serde_json::from_value(json).unwrap())
}

fn hints(events: &[Envelope]) -> Vec<(&Envelope, &HintData)> {
    let events = events.iter();
    events
        .filter_map(|event| match &event.body {
            Body::HintNew(hint) => Some((event, hint.as_ref())),
            _ => None,
        })
        .collect()
}

#[test]
fn a_caller_who_calls_again_is_known_and_what_the_agent_does_is_counted() {
    let folder = Folder::new("callers");
    let store = Store::start(&folder.0);
    let config = configuration(&store, &folder.0, &root().join("knowledge/it-helpdesk"));
    runtime().block_on(async {
        let clock = WallClock::start();
        let publisher = Publisher::open(OutboxConfig::clone(&config.outbox));
        let readiness = Readiness::default().component("redis");
        let (_stop, stopped) = watch::channel(false);
        let replicator = Replicator::new(&publisher, config.redis.clone(), clock.clone(), readiness);
        let replicator = tokio::spawn(replicator.run(stopped));
        let wire = Wire {
            clock: clock.clone(),
            publisher: publisher.clone(),
            unmasked: None,
        };
        let (outlet, begun) = Recalling::new(wire, config.memory.enabled);
        let shared = parts::shared(&config, parts::pack(&config).unwrap()).unwrap();
        let models = Models::one(Arc::new(Scripted::new([""])));
        let (pool, answers) = RecogniserPool::start(&models, &PoolConfig::default()).unwrap();
        let settings = config.clone();
        let hub = Hub {
            config: Box::new(move || parts::engine(&settings, jiff::civil::date(2026, 3, 2))),
            parts: Arc::new(shared),
            jobs: Arc::new(Jobs::new(pool)),
            outlet: Arc::new(outlet),
            ears: Ears::default(),
            memory: Arc::new(Journal {
                publisher: publisher.clone(),
                clock: clock.clone(),
            }),
            composer: None,
        };
        let (inputs, receiver) = mpsc::channel(64);
        let hub = tokio::spawn(hub.run(receiver, answers));
        let memory = CallerMemory::new(config.redis.clone());
        let looking = tokio::spawn(callers::look(memory, begun.unwrap(), inputs.clone()));
        let (feedback, entries) = mpsc::channel(8);
        let reading = tokio::spawn(read_feedback(config.redis.clone(), feedback));
        let follower = Follower {
            publisher: publisher.clone(),
            ledger: FeedbackLedger::new(config.redis.clone()),
            clock,
            held: Held::default(),
            inputs: inputs.clone(),
        };
        let following = tokio::spawn(follower.run(entries));
        let signal = |call: &str, event: CallEvent| {
            HubInput::Signal(CallSignal {
                call: CallId::new(call),
                event,
            })
        };
        let start = |call: &str| {
            let event = CallEvent::Started {
                age: Duration::ZERO,
                caller_number: Some(Pii::new("15400000101".to_owned())),
                called_number: None,
                queue: None,
                cti_id: None,
            };
            signal(call, event)
        };
        let end = |call: &str| {
            let cause = EndCause::Hangup;
            signal(call, CallEvent::Ended { cause })
        };

        inputs.send(start("first")).await.unwrap();
        inputs.send(end("first")).await.unwrap();
        until("the first call's record", || {
            let keys: Vec<String> = store.ask(&["KEYS", "sidetone:caller:*"]);
            (keys == ["sidetone:caller:e0918b7edde57193c32044a83c4539af"]).then_some(())
        })
        .await;
        assert_eq!(hints(&store.stream("first")).len(), 0, "nothing was known before");

        inputs.send(start("second")).await.unwrap();
        let leg = CallEvent::LegJoined {
            leg: LegId::new("caller"),
            channel: "x".to_owned(),
            role: Role::Caller,
            agent: None,
        };
        inputs.send(signal("second", leg)).await.unwrap();
        let events = until("the hint of the second call", || {
            let events = store.stream("second");
            (!hints(&events).is_empty()).then_some(events)
        })
        .await;
        let (event, hint) = hints(&events)[0];
        assert_eq!(hint.kind, HintKind::Caller);
        assert_eq!(hint.past_calls.as_ref().unwrap()[0].call_id, "first");
        let after = event.ts.instant().duration_since(events[0].ts.instant());
        println!("the hint came {} ms after call.started", after.as_millis());

        publisher.publish(draft("second", hint_of("prn.jam")));
        // The reader begins at the stream's end, whenever that is: what is written is written until it is read.
        let expired = until("the hint to be put away", || {
            for id in [hint.hint_id.as_str(), "h9"] {
                let entry = ["action", "dismissed", "call_id", "second", "hint_id", id];
                let add = [["XADD", "sidetone:feedback", "*"].as_slice(), entry.as_slice()].concat();
                let _: String = store.ask(&add);
            }
            let events = store.stream("second");
            let gone = events.iter().find_map(|event| match &event.body {
                Body::HintExpire(gone) => Some(gone.clone()),
                _ => None,
            });
            let rows: BTreeMap<String, String> = store.ask(&["HGETALL", "sidetone:feedback:nodes"]);
            gone.filter(|_| rows.contains_key("prn.jam"))
        })
        .await;
        assert_eq!(
            (expired.hint_id, expired.reason.as_str()),
            (hint.hint_id.clone(), "dismissed")
        );
        let (fine, told) = sidetone(&["knowledge", "stats", "--feedback", "--json", "--redis", &store.url()]);
        assert!(fine && told.contains("\"node\":\"prn.jam\""), "{told}");

        let hash = "e0918b7edde57193c32044a83c4539af";
        let (fine, said) = sidetone(&["privacy", "forget", "--number-hash", hash, "--redis", &store.url()]);
        assert!(fine && said.contains("forgotten"), "{said}");
        assert!(store.ask::<Vec<String>>(&["KEYS", "sidetone:caller:*"]).is_empty());
        inputs.send(HubInput::Leave).await.unwrap();
        hub.await.unwrap();
        looking.abort();
        reading.abort();
        following.abort();
        replicator.abort();
    });
}
