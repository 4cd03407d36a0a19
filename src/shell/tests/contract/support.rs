//! A real redis-server of our own for each test, and events to send through it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply};
use sidetone_base::{AgentId, CallId, LegId, Role};
use sidetone_schema::{
    Body, CallEnded, CallStarted, CallUpdated, Element, ElementMethod, Entity, Envelope, GapCandidate, GapTurn,
    IntentData, KnowledgeGap, LegInfo, Satisfaction, Timestamp, Transcript, UpdateReason, Wrapup, WrapupElements,
};
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::Readiness;
use sidetone_shell::wire::{Draft, OutboxConfig, Publisher, RedisConfig, Replicator};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long anything may take before the test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A redis-server on a unix socket in a folder of its own.
pub(crate) struct Server {
    child: Option<Child>,
    pub(crate) dir: PathBuf,
    args: Vec<String>,
}

impl Server {
    /// A folder for a server that does not run yet.
    pub(crate) fn prepared(name: &str, aof: bool) -> Self {
        let dir = std::env::temp_dir().join(format!("sidetone-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).unwrap();
        let args = ["--appendonly", if aof { "yes" } else { "no" }];
        Self {
            child: None,
            dir,
            args: args.map(str::to_owned).to_vec(),
        }
    }

    /// One that runs with these arguments, too.
    pub(crate) async fn with(name: &str, args: &[&str]) -> Self {
        let mut server = Self::prepared(name, false);
        server.push(args);
        server.start().await;
        server
    }

    pub(crate) async fn running(name: &str, aof: bool) -> Self {
        let mut server = Self::prepared(name, aof);
        server.start().await;
        server
    }

    /// Arguments from the next start on.
    pub(crate) fn push(&mut self, args: &[&str]) {
        self.args.extend(args.iter().map(|arg| (*arg).to_owned()));
    }

    pub(crate) async fn start(&mut self) {
        let child = Command::new("redis-server")
            .args(["--port", "0", "--save", "", "--unixsocket"])
            .arg(self.socket())
            .arg("--dir")
            .arg(&self.dir)
            .args(&self.args)
            .stdout(Stdio::null())
            .spawn();
        self.child = Some(child.expect("redis-server is missing: apt-get install redis-server"));
        let client = redis::Client::open(self.url()).unwrap();
        until("redis-server to answer", async || {
            let mut connection = client.get_multiplexed_async_connection().await.ok()?;
            match redis::cmd("PING").exec_async(&mut connection).await {
                Err(error) if error.code().is_none() => None,
                _ => Some(()),
            }
        })
        .await;
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.join("redis.sock")
    }

    pub(crate) fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    pub(crate) fn config(&self) -> RedisConfig {
        RedisConfig {
            url: self.url(),
            timeout: Duration::from_millis(500),
            ..RedisConfig::default()
        }
    }

    pub(crate) fn outbox(&self) -> OutboxConfig {
        OutboxConfig {
            state_dir: self.dir.join("state"),
            ..OutboxConfig::default()
        }
    }

    /// Has the server do something.
    pub(crate) async fn tell(&self, words: &str) {
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        for word in words {
            command.arg(word);
        }
        command.exec_async(&mut self.connect().await).await.unwrap();
    }

    /// A connection without a time limit, for looking.
    pub(crate) async fn connect(&self) -> MultiplexedConnection {
        let patient = redis::AsyncConnectionConfig::new().set_response_timeout(None);
        let client = redis::Client::open(self.url()).unwrap();
        client
            .get_multiplexed_async_connection_with_config(&patient)
            .await
            .unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// A publisher and its replicator, as the daemon has them.
pub(crate) struct Wire {
    pub(crate) publisher: Publisher,
    pub(crate) readiness: Readiness,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Wire {
    pub(crate) fn start(server: &Server) -> Self {
        Self::with(server.outbox(), server.config())
    }

    pub(crate) fn with(outbox: OutboxConfig, config: RedisConfig) -> Self {
        let publisher = Publisher::open(outbox);
        let readiness = Readiness::default();
        let (stop, stopped) = watch::channel(false);
        let replicator = Replicator::new(&publisher, config, WallClock::start(), readiness.component("redis"));
        let task = tokio::spawn(replicator.run(stopped));
        Self {
            publisher,
            readiness,
            stop,
            task,
        }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(true).unwrap();
        self.task.await.unwrap();
    }

    /// As if the process were killed.
    pub(crate) async fn abort(self) {
        self.task.abort();
        let _ = self.task.await;
    }
}

/// Asks until there is an answer.
pub(crate) async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The numbers and events of a call's stream.
pub(crate) async fn stream(connection: &mut MultiplexedConnection, call: &str) -> Vec<(u64, Envelope)> {
    let mut range = redis::cmd("XRANGE");
    range.arg(format!("sidetone:{{{call}}}:events")).arg("-").arg("+");
    // One that has just started may still be reading its data.
    let reply: StreamRangeReply = until("the stream", async || range.query_async(connection).await.ok()).await;
    let event = |json: String| serde_json::from_str::<Envelope>(&json).unwrap();
    let id = |id: &str| id.strip_suffix("-0").unwrap().parse().unwrap();
    reply
        .ids
        .iter()
        .map(|entry| (id(&entry.id), event(entry.get("event").unwrap())))
        .collect()
}

/// How many partials each entry of a call's stream says to have come before it.
async fn partials_before(connection: &mut MultiplexedConnection, call: &str) -> Vec<u64> {
    let mut range = redis::cmd("XRANGE");
    range.arg(format!("sidetone:{{{call}}}:events")).arg("-").arg("+");
    let reply: StreamRangeReply = range.query_async(connection).await.unwrap();
    let partials = |entry: &StreamId| entry.get("partials").unwrap_or(0);
    reply.ids.iter().map(partials).collect()
}

/// Waits for the stream to hold `last`, then says that it holds everything up to it once and in order, or counts it as a
/// partial.
pub(crate) async fn assert_whole(connection: &mut MultiplexedConnection, call: &str, last: u64) {
    let events = until(&format!("event {last} of {call}"), async || {
        let events = stream(connection, call).await;
        events.last().is_some_and(|(seq, _)| *seq >= last).then_some(events)
    })
    .await;
    let mut at = 0;
    for ((seq, _), partials) in events.iter().zip(partials_before(connection, call).await) {
        assert_eq!(at + partials + 1, *seq, "a hole behind {at}");
        at = *seq;
    }
    assert_eq!(at, last);
    assert!(
        events
            .iter()
            .all(|(seq, event)| event.seq == *seq && event.call_id == call)
    );
}

fn draft(call: &str, role: Option<Role>, body: Body) -> Draft {
    Draft {
        call: CallId::new(call),
        leg: role.map(|role| LegId::new(format!("{call}-{role}"))),
        role,
        agent: Some(AgentId::new("8001")),
        body,
        at: WallClock::start().now(),
    }
}

pub(crate) fn started(call: &str) -> Draft {
    let start = CallStarted {
        caller: Some("*********01".into()),
        queue: Some("12333".into()),
        ..CallStarted::default()
    };
    draft(call, None, Body::CallStarted(start))
}

pub(crate) fn joined(call: &str, agent: &str) -> Draft {
    let leg = |role: &str, agent: Option<&str>| LegInfo {
        leg_id: format!("{call}-{role}"),
        role: role.into(),
        agent_id: agent.map(str::to_owned),
        tap: Some("snoop".into()),
    };
    let legs = vec![leg("caller", None), leg("agent", Some(agent))];
    let mut draft = draft(
        call,
        None,
        Body::CallUpdated(CallUpdated {
            reason: UpdateReason::Joined,
            on_hold: false,
            masked: false,
            paused_by: Vec::new(),
            leg: None,
            how: None,
            exit: None,
            legs,
        }),
    );
    draft.agent = Some(AgentId::new(agent));
    draft
}

pub(crate) fn transcript(segment: &str, is_final: bool) -> Transcript {
    Transcript {
        segment_id: segment.into(),
        rev: 1,
        is_final,
        begin_ms: 100,
        end_ms: 900,
        text: format!("失业保险金怎么领 {segment}"),
        confidence: 0.9,
        redactions: Vec::new(),
        lang: "zh".into(),
        stable: None,
    }
}

pub(crate) fn partial(call: &str, segment: &str) -> Draft {
    draft(
        call,
        Some(Role::Caller),
        Body::TranscriptPartial(transcript(segment, false)),
    )
}

pub(crate) fn heard(call: &str, segment: &str) -> Draft {
    draft(
        call,
        Some(Role::Caller),
        Body::TranscriptFinal(transcript(segment, true)),
    )
}

pub(crate) fn intent(call: &str) -> Draft {
    let entity = Entity {
        kind: "duration".into(),
        text: "一年半".into(),
        value: Some("PT18M".into()),
    };
    let intent = IntentData {
        segment_id: "s1".into(),
        topic: "unemployment_benefit".into(),
        topic_name: "失业保险金".into(),
        intent: "amount".into(),
        is_question: true,
        confidence: 0.8,
        entities: vec![entity],
    };
    draft(call, Some(Role::Caller), Body::Intent(intent))
}

pub(crate) fn wrapup(call: &str) -> Draft {
    fn element<T>(value: T) -> Element<T> {
        Element {
            value,
            evidence: Vec::new(),
            confidence: 0.5,
            method: ElementMethod::Default,
        }
    }
    let none = || element(vec!["无".to_owned()]);
    let elements = WrapupElements {
        subject: element("个人".into()),
        request_type: element("咨询".into()),
        policies: none(),
        advice: none(),
        todos: none(),
        risks: none(),
        satisfaction: element(Satisfaction::Neutral),
    };
    let wrapup = Wrapup {
        elements,
        topics: Vec::new(),
        summary: "无".into(),
        complete: true,
        checks: Vec::new(),
        engine: None,
    };
    draft(call, None, Body::WrapupFinal(Box::new(wrapup)))
}

/// A question that nothing answers.
pub(crate) fn gap(call: &str, segment: &str, question: &str) -> Draft {
    let gap = KnowledgeGap {
        segment_id: segment.into(),
        question: question.into(),
        topic: Some("it_printer".into()),
        topic_name: Some("打印机".into()),
        in_base: 0.2,
        candidates: vec![GapCandidate {
            node: "prn.add".into(),
            share: 0.1,
        }],
        context: vec![GapTurn {
            role: "agent".into(),
            text: "您说".into(),
        }],
        answer: None,
        region: "000000".into(),
        as_of: "2026-03-02".into(),
    };
    draft(call, None, Body::KnowledgeGap(Box::new(gap)))
}

/// A hint that was made from a node, or from none.
pub(crate) fn hint(call: &str, id: &str, node: Option<&str>) -> Draft {
    let json = serde_json::json!({"hint_id": id, "tier": 2, "kind": "answer",
        "trigger": {"segment_id": "s1", "intent": "it_printer/procedure", "entities": []}, "title": "t", "body": "b",
        "highlights": [], "sources": [], "score": 0.5, "node": node, "dedup_key": id, "ttl_ms": 1, "engine": "knowledge",
        "latency_ms": {"speech": 0, "understand": 0, "match": 0, "push": 0, "total": 0}});
    draft(call, None, Body::HintNew(serde_json::from_value(json).unwrap()))
}

pub(crate) fn ended(call: &str) -> Draft {
    let end = CallEnded {
        cause: "hangup".into(),
        duration_ms: 1_000,
        finals: 1,
        hints: 0,
        end_by: None,
    };
    draft(call, None, Body::CallEnded(end))
}

/// An old event.
pub(crate) fn at(mut draft: Draft, ts: &str) -> Draft {
    draft.at = Timestamp::new(ts.parse().unwrap());
    draft
}
