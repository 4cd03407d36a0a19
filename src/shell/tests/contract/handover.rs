//! Final wrap-ups reach a receiver that fails, refuses, is away or is somebody else's program.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_base::Secret;
use sidetone_schema::{Body, Envelope};
use sidetone_shell::handover::{GROUP, HandoverConfig, Key, run};
use sidetone_shell::wire::RedisConfig;
use tokio::task::JoinHandle;

use crate::support::{Server, Wire, ended, started, until, wrapup};

const SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

/// What a receiver got, and with which statuses it answers; the last one goes on.
#[derive(Default)]
struct Desk {
    answers: Vec<u16>,
    got: Vec<(HeaderMap, String)>,
}

type Shared = Arc<Mutex<Desk>>;

async fn take(State(desk): State<Shared>, headers: HeaderMap, body: String) -> StatusCode {
    let mut desk = desk.lock().unwrap();
    desk.got.push((headers, body));
    let status = if desk.answers.len() > 1 {
        desk.answers.remove(0)
    } else {
        desk.answers[0]
    };
    StatusCode::from_u16(status).unwrap()
}

async fn receiver(answers: &[u16]) -> (SocketAddr, Shared) {
    let desk = Shared::default();
    desk.lock().unwrap().answers = answers.to_vec();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let app = Router::new().route("/hook", post(take)).with_state(Arc::clone(&desk));
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, desk)
}

fn config(url: &str) -> HandoverConfig {
    let json = serde_json::json!({ "url": url, "secret": SECRET, "timeout": "2s" });
    serde_json::from_value(json).unwrap()
}

pub(crate) fn hand_over(redis: &RedisConfig, url: &str, consumer: &str) -> JoinHandle<Result<(), String>> {
    tokio::spawn(run(redis.clone(), config(url), consumer.to_owned()))
}

/// Publishes the wrap-ups of these calls.
async fn calls(server: &Server, calls: &[&str]) {
    let wire = Wire::start(server);
    for call in calls {
        for draft in [started(call), wrapup(call), ended(call)] {
            wire.publisher.publish(draft);
        }
    }
    wire.stop().await;
}

/// Entries that are given out and not acknowledged; `None` before there is a group.
pub(crate) async fn pending(server: &Server) -> Option<usize> {
    let mut redis = server.connect().await;
    let mut asked = cmd("XPENDING");
    let asked = asked.arg("sidetone:wrapups").arg(GROUP).query_async(&mut redis).await;
    let (count, ..): (usize, redis::Value, redis::Value, redis::Value) = asked.ok()?;
    Some(count)
}

async fn dead(server: &Server) -> StreamRangeReply {
    let mut range = cmd("XRANGE");
    range.arg("sidetone:wrapups:dead").arg("-").arg("+");
    range.query_async(&mut server.connect().await).await.unwrap()
}

#[tokio::test]
async fn a_wrapup_is_signed_and_comes_again_until_it_is_taken() {
    let server = Server::running("handover", false).await;
    let (address, desk) = receiver(&[500, 503, 204]).await;
    let task = hand_over(&server.config(), &format!("http://{address}/hook"), "one");
    calls(&server, &["a"]).await;
    until("the third request", async || {
        (desk.lock().unwrap().got.len() == 3).then_some(())
    })
    .await;
    until("its acknowledgement", async || {
        (pending(&server).await == Some(0)).then_some(())
    })
    .await;
    let got = std::mem::take(&mut desk.lock().unwrap().got);
    let field = |at: usize, name: &str| got[at].0.get(name).unwrap().to_str().unwrap().to_owned();
    assert_eq!(
        field(0, "webhook-id"),
        field(2, "webhook-id"),
        "a receiver knows it again"
    );
    let event: Envelope = serde_json::from_str(&got[2].1).unwrap();
    assert!(matches!(event.body, Body::WrapupFinal(_)) && event.call_id == "a");
    let key = Key::new(&Secret::new(SECRET)).unwrap();
    let second = field(2, "webhook-timestamp").parse().unwrap();
    let right = key.sign(&field(2, "webhook-id"), second, &got[2].1).unwrap();
    assert_eq!(field(2, "webhook-signature"), right);
    task.abort();
}

#[tokio::test]
async fn what_is_refused_is_a_dead_letter_and_holds_nothing_up() {
    let server = Server::running("handover-dead", false).await;
    let (address, desk) = receiver(&[422, 204]).await;
    let task = hand_over(&server.config(), &format!("http://{address}/hook"), "one");
    calls(&server, &["a", "b"]).await;
    until("both", async || (desk.lock().unwrap().got.len() == 2).then_some(())).await;
    until("both settled", async || {
        (pending(&server).await == Some(0)).then_some(())
    })
    .await;
    let dead = dead(&server).await;
    assert_eq!(dead.ids.len(), 1);
    let field = |name: &str| dead.ids[0].get::<String>(name).unwrap();
    assert_eq!(
        (field("why"), field("status"), field("attempts")),
        ("refused".into(), "422".into(), "1".into())
    );
    let event: Envelope = serde_json::from_str(&field("event")).unwrap();
    assert_eq!(field("call_id"), event.call_id);
    task.abort();
}

#[tokio::test]
async fn what_a_daemon_left_is_handed_over_by_the_next_one() {
    let server = Server::running("handover-left", false).await;
    // Nobody listens there.
    let away = hand_over(&server.config(), "http://127.0.0.1:31499/hook", "one");
    calls(&server, &["a"]).await;
    until("it is given out", async || {
        (pending(&server).await == Some(1)).then_some(())
    })
    .await;
    away.abort();
    let (address, desk) = receiver(&[204]).await;
    let url = format!("http://{address}/hook");
    let again = hand_over(&server.config(), &url, "one");
    until("its own", async || (desk.lock().unwrap().got.len() == 1).then_some(())).await;
    until("its acknowledgement", async || {
        (pending(&server).await == Some(0)).then_some(())
    })
    .await;
    again.abort();

    // Another machine's, which is gone.
    calls(&server, &["b"]).await;
    let mut redis = server.connect().await;
    let mut read = cmd("XREADGROUP");
    read.arg(&["GROUP", GROUP, "gone", "STREAMS", "sidetone:wrapups", ">"]);
    let given: redis::streams::StreamReadReply = read.query_async(&mut redis).await.unwrap();
    let id = &given.keys[0].ids[0].id;
    let mut idle = cmd("XCLAIM");
    idle.arg(&["sidetone:wrapups", GROUP, "gone", "0", id, "IDLE", "700000", "JUSTID"]);
    idle.exec_async(&mut redis).await.unwrap();
    let other = hand_over(&server.config(), &url, "two");
    until("the other's", async || {
        (desk.lock().unwrap().got.len() == 2).then_some(())
    })
    .await;
    other.abort();
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_has_a_group_again() {
    let mut server = Server::running("handover-empty", false).await;
    let (address, desk) = receiver(&[204]).await;
    let task = hand_over(&server.config(), &format!("http://{address}/hook"), "one");
    calls(&server, &["a"]).await;
    until("the first", async || {
        (desk.lock().unwrap().got.len() == 1).then_some(())
    })
    .await;
    server.kill();
    server.start().await;
    calls(&server, &["b"]).await;
    let came = async || {
        let got = &desk.lock().unwrap().got;
        got.iter()
            .any(|(_, body)| body.contains("\"call_id\":\"b\""))
            .then_some(())
    };
    until("the one after it", came).await;
    task.abort();
}

/// A program of `deploy/examples`; killed when dropped.
struct Example(Child);

impl Example {
    fn start(server: &Server, name: &str, arguments: &[&str]) -> Self {
        let script = format!("{}/../../deploy/examples/{name}", env!("CARGO_MANIFEST_DIR"));
        let child = Command::new("python3")
            .arg(script)
            .args(arguments)
            .env("WEBHOOK_SECRET", SECRET)
            .current_dir(&server.dir)
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("python3 is missing: apt-get install python3"))
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The calls of the events in a file that an example writes.
fn stored(server: &Server) -> Vec<String> {
    let text = std::fs::read_to_string(server.dir.join("wrapups.jsonl")).unwrap_or_default();
    let events = text.lines().map(|line| serde_json::from_str::<Envelope>(line).unwrap());
    events.map(|event| event.call_id).collect()
}

#[tokio::test]
async fn the_receiver_of_the_examples_takes_what_is_signed_and_nothing_else() {
    let server = Server::running("handover-example", false).await;
    let _receiver = Example::start(&server, "receive_wrapups.py", &["31400", "wrapups.jsonl"]);
    let task = hand_over(&server.config(), "http://127.0.0.1:31400/", "one");
    calls(&server, &["a"]).await;
    until("the stored wrap-up", async || (stored(&server) == ["a"]).then_some(())).await;
    until("its acknowledgement", async || {
        (pending(&server).await == Some(0)).then_some(())
    })
    .await;
    task.abort();

    let http = reqwest::Client::new();
    let second = jiff::Timestamp::now().as_second();
    let key = Key::new(&Secret::new(SECRET)).unwrap();
    let body = "{\"forged\":true}";
    let old = second - 3_600;
    for (second, signature) in [
        (second, "v1,AAAA".to_owned()),
        (old, key.sign("msg_1", old, body).unwrap()),
        (second, key.sign("msg_2", second, body).unwrap()),
        (second, String::new()),
    ] {
        let forged = http
            .post("http://127.0.0.1:31400/")
            .header("webhook-id", "msg_1")
            .header("webhook-timestamp", second)
            .header("webhook-signature", signature)
            .body(body)
            .timeout(Duration::from_secs(5))
            .send()
            .await;
        assert_eq!(forged.unwrap().status().as_u16(), 401);
    }
    assert_eq!(stored(&server), ["a"]);
}

#[tokio::test]
async fn the_consumer_of_the_examples_takes_over_what_a_dead_worker_left() {
    let server = Server::with("consumer-example", &["--port", "31401"]).await;
    calls(&server, &["a", "b"]).await;
    let mut redis = server.connect().await;
    for words in [
        vec!["XGROUP", "CREATE", "sidetone:wrapups", "crm", "0"],
        vec![
            "XREADGROUP",
            "GROUP",
            "crm",
            "dead",
            "COUNT",
            "1",
            "STREAMS",
            "sidetone:wrapups",
            ">",
        ],
    ] {
        cmd(words[0]).arg(&words[1..]).exec_async(&mut redis).await.unwrap();
    }
    let range: StreamRangeReply = cmd("XRANGE")
        .arg(&["sidetone:wrapups", "-", "+"])
        .query_async(&mut redis)
        .await
        .unwrap();
    let mut idle = cmd("XCLAIM");
    idle.arg(&[
        "sidetone:wrapups",
        "crm",
        "dead",
        "0",
        &range.ids[0].id,
        "IDLE",
        "700000",
        "JUSTID",
    ]);
    idle.exec_async(&mut redis).await.unwrap();
    let _worker = Example::start(
        &server,
        "consume_wrapups.py",
        &["127.0.0.1", "31401", "worker-1", "wrapups.jsonl"],
    );
    until("both", async || (stored(&server).len() == 2).then_some(())).await;
    let mut calls = stored(&server);
    calls.sort();
    assert_eq!(calls, ["a", "b"]);
}
