//! What comes in, and how a viewer reads.

use redis::cmd;
use sidetone_base::{AgentId, CallId, Severity};
use sidetone_shell::wire::{
    ControlAction, Controls, FeedbackAction, Subscription, Target, diagnose, read_feedback, subscribe,
};
use tokio::sync::mpsc;

use crate::support::{Server, Wire, assert_whole, ended, heard, joined, started, until};

async fn add(redis: &mut redis::aio::MultiplexedConnection, key: &str, fields: &[(&str, &str)]) {
    cmd("XADD")
        .arg(key)
        .arg("*")
        .arg(fields)
        .exec_async(redis)
        .await
        .unwrap();
}

#[tokio::test]
async fn commands_are_obeyed_in_order_and_through_a_lost_connection() {
    let server = Server::running("control", false).await;
    let mut redis = server.connect().await;
    add(
        &mut redis,
        "sidetone:control",
        &[("command", "pause"), ("call_id", "yesterday")],
    )
    .await;
    let (out, mut commands) = mpsc::channel(4);
    let wire = Wire::start(&server);
    let reader = tokio::spawn(Controls::open(server.config(), &wire.publisher).read(out));
    // A call that was told so before the first start may still run.
    assert_eq!(commands.recv().await.unwrap().call, Some(CallId::new("yesterday")));
    until("the reader", async || {
        let clients: String = cmd("CLIENT").arg("LIST").query_async(&mut redis).await.unwrap();
        clients.contains("cmd=xread").then_some(())
    })
    .await;
    add(&mut redis, "sidetone:control", &[("command", "dance")]).await;
    add(
        &mut redis,
        "sidetone:control",
        &[("command", "mask"), ("call_id", "c"), ("leg_id", "l")],
    )
    .await;
    let command = commands.recv().await.unwrap();
    assert_eq!(
        (command.action, command.call),
        (ControlAction::Mask, Some(CallId::new("c")))
    );
    cmd("CLIENT")
        .arg("KILL")
        .arg("TYPE")
        .arg("normal")
        .arg("SKIPME")
        .arg("yes")
        .exec_async(&mut redis)
        .await
        .unwrap();
    add(&mut redis, "sidetone:control", &[("command", "reload")]).await;
    assert_eq!(commands.recv().await.unwrap().action, ControlAction::Reload);
    drop(commands);
    reader.await.unwrap();
    wire.stop().await;
}

/// What a reader is told until it waits for more.
async fn told(controls: Controls, redis: &mut redis::aio::MultiplexedConnection) -> Vec<String> {
    let (out, mut commands) = mpsc::channel(64);
    let reader = tokio::spawn(controls.read(out));
    until("the reader", async || {
        let clients: String = cmd("CLIENT").arg("LIST").query_async(redis).await.unwrap();
        clients.contains("cmd=xread").then_some(())
    })
    .await;
    let name = |call: Option<CallId>| call.map_or_else(|| "all".to_owned(), |call| call.to_string());
    add(redis, "sidetone:control", &[("command", "reload")]).await;
    let mut told = Vec::new();
    loop {
        let command = commands.recv().await.unwrap();
        if command.action == ControlAction::Reload {
            break;
        }
        told.push(format!("{} {}", command.action.as_str(), name(command.call)));
    }
    drop(commands);
    reader.await.unwrap();
    told
}

#[tokio::test]
async fn what_a_call_was_told_outlives_us() {
    let server = Server::running("standing", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    let standing = |wire: &Wire| {
        let controls = Controls::open(server.config(), &wire.publisher);
        let told = controls.standing().into_iter();
        let told: Vec<_> = told
            .map(|c| format!("{} {}", c.action.as_str(), c.call.unwrap()))
            .collect();
        (controls, told.join(", "))
    };
    for (command, call) in [
        ("mask", "a"),
        ("pause", "b"),
        ("mask", "b"),
        ("mask", "c"),
        ("resume", "c"),
        ("mask", "d"),
    ] {
        add(
            &mut redis,
            "sidetone:control",
            &[("command", command), ("call_id", call)],
        )
        .await;
    }
    let (controls, none) = standing(&wire);
    assert_eq!(none, "");
    let first = told(controls, &mut redis).await;
    assert_eq!(first, ["mask a", "pause b", "mask b", "mask c", "resume c", "mask d"]);
    wire.abort().await;

    // Written while nobody read; and Redis has forgotten what was before. An id is a millisecond and a number within it:
    // a stream that begins anew in the same one would give the last id again.
    let milliseconds = async |redis: &mut redis::aio::MultiplexedConnection| {
        let (seconds, micros): (u64, u64) = cmd("TIME").query_async(redis).await.unwrap();
        seconds * 1_000 + micros / 1_000
    };
    let read = milliseconds(&mut redis).await;
    while milliseconds(&mut redis).await == read {}
    cmd("DEL").arg("sidetone:control").exec_async(&mut redis).await.unwrap();
    add(
        &mut redis,
        "sidetone:control",
        &[("command", "pause"), ("call_id", "e")],
    )
    .await;
    let wire = Wire::start(&server);
    [started("d"), ended("d")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    let (controls, held) = standing(&wire);
    assert_eq!(held, "mask a, pause b, mask b, mask d");
    assert_eq!(told(controls, &mut redis).await, ["pause e"], "only what is new");
    assert_eq!(standing(&wire).1, "mask a, pause b, mask b, pause e", "d is over");
    wire.stop().await;
}

#[tokio::test]
async fn commands_are_read_though_the_stream_began_anew_with_lower_ids() {
    let server = Server::running("anew", false).await;
    let mut redis = server.connect().await;
    server
        .tell("XADD sidetone:control 99999999999999-0 command mask call_id a")
        .await;
    let wire = Wire::start(&server);
    let (out, mut commands) = mpsc::channel(4);
    let reader = tokio::spawn(Controls::open(server.config(), &wire.publisher).read(out));
    assert_eq!(commands.recv().await.unwrap().call, Some(CallId::new("a")));
    cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
    add(&mut redis, "sidetone:control", &[("command", "mask"), ("call_id", "b")]).await;
    assert_eq!(commands.recv().await.unwrap().call, Some(CallId::new("b")));
    add(&mut redis, "sidetone:control", &[("command", "mask"), ("call_id", "c")]).await;
    assert_eq!(commands.recv().await.unwrap().call, Some(CallId::new("c")));
    drop(commands);
    reader.await.unwrap();
    wire.stop().await;
}

#[tokio::test]
async fn feedback_is_handed_out_with_its_text_hidden() {
    let server = Server::running("feedback", false).await;
    let mut redis = server.connect().await;
    let (out, mut feedback) = mpsc::channel(4);
    let reader = tokio::spawn(read_feedback(server.config(), out));
    until("the reader", async || {
        let clients: String = cmd("CLIENT").arg("LIST").query_async(&mut redis).await.unwrap();
        clients.contains("cmd=xread").then_some(())
    })
    .await;
    let fields = [
        ("action", "corrected"),
        ("call_id", "c"),
        ("segment_id", "s1"),
        ("text", "secret words"),
    ];
    add(&mut redis, "sidetone:feedback", &fields).await;
    let entry = feedback.recv().await.unwrap();
    assert_eq!(entry.action, FeedbackAction::Corrected);
    assert_eq!(entry.text.as_ref().unwrap().expose(), "secret words");
    assert!(!format!("{entry:?}").contains("secret"));
    drop(feedback);
    reader.await.unwrap();
}

async fn take(watch: &mut Subscription, count: usize) -> String {
    let mut seen = Vec::new();
    for _ in 0..count {
        let event = watch.next().await.unwrap();
        seen.push(format!("{}{}", event.call_id, event.seq));
    }
    seen.join(" ")
}

#[tokio::test]
async fn a_viewer_who_comes_late_sees_the_call_from_its_beginning() {
    let server = Server::running("watch", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for draft in [started("a"), joined("a", "8001"), heard("a", "s1")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "a", 3).await;
    let mut agent = subscribe(server.config(), Target::Agent(AgentId::new("8001")))
        .await
        .unwrap();
    let mut call = subscribe(server.config(), Target::Call(CallId::new("a")))
        .await
        .unwrap();
    assert_eq!(take(&mut agent, 3).await, "a1 a2 a3");
    for draft in [heard("a", "s2"), ended("a"), started("b"), joined("b", "8001")] {
        wire.publisher.publish(draft);
    }
    let mut rest = take(&mut agent, 4)
        .await
        .split(' ')
        .map(str::to_owned)
        .collect::<Vec<_>>();
    rest.sort();
    assert_eq!(rest.join(" "), "a4 a5 b1 b2");
    assert_eq!(take(&mut call, 5).await, "a1 a2 a3 a4 a5");
    assert!(call.next().await.is_none(), "the call is over");
    wire.stop().await;
}

#[tokio::test]
async fn the_doctor_finds_redis_well_or_says_why_not() {
    let mut server = Server::running("doctor", true).await;
    let findings = diagnose(&server.config()).await;
    assert!(
        findings.iter().all(|finding| finding.severity == Severity::Fine),
        "{findings:#?}"
    );
    let mut redis = server.connect().await;
    let keys: u64 = cmd("DBSIZE").query_async(&mut redis).await.unwrap();
    assert_eq!(keys, 0, "nothing is left behind");
    server.kill();
    let findings = diagnose(&server.config()).await;
    assert_eq!(findings[0].severity, Severity::Fault);
    assert!(findings[0].cure.contains("systemctl start"));
}
