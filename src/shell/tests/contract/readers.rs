//! What comes in, and how a viewer reads.

use redis::cmd;
use sidetone_base::{AgentId, CallId, Severity};
use sidetone_shell::wire::{
    ControlAction, FeedbackAction, Subscription, Target, diagnose, read_control, read_feedback, subscribe,
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
async fn commands_are_obeyed_from_now_on_and_through_a_lost_connection() {
    let server = Server::running("control", false).await;
    let mut redis = server.connect().await;
    add(
        &mut redis,
        "sidetone:control",
        &[("command", "pause"), ("call_id", "yesterday")],
    )
    .await;
    let (out, mut commands) = mpsc::channel(4);
    let reader = tokio::spawn(read_control(server.config(), out));
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

#[tokio::test]
async fn the_rights_that_the_contract_names_are_enough() {
    let contract = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/EVENTS.md")).unwrap();
    let rights = contract
        .lines()
        .find_map(|line| line.strip_prefix("`~sidetone:*"))
        .unwrap();
    let rights = rights.split('`').next().unwrap().split_whitespace();
    let server = Server::running("acl", true).await;
    let mut redis = server.connect().await;
    let mut user = cmd("ACL");
    user.arg("SETUSER")
        .arg("sidetone")
        .arg("on")
        .arg(">s3cret")
        .arg("~sidetone:*");
    rights.for_each(|right| {
        user.arg(right);
    });
    user.exec_async(&mut redis).await.unwrap();
    let mut config = server.config();
    config.url = format!("{}?user=sidetone&pass=s3cret", config.url);
    let findings = diagnose(&config).await;
    assert!(
        findings.iter().all(|finding| finding.severity == Severity::Fine),
        "{findings:#?}"
    );
    let wire = Wire::with(server.outbox(), config.clone());
    [started("c"), joined("c", "8001"), heard("c", "s1"), ended("c")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "c", 4).await;
    let mut call = subscribe(config.clone(), Target::Call(CallId::new("c"))).await.unwrap();
    assert_eq!(take(&mut call, 4).await, "c1 c2 c3 c4");
    subscribe(config, Target::Agent(AgentId::new("8001"))).await.unwrap();
    let refused: redis::InfoDict = cmd("INFO").arg("errorstats").query_async(&mut redis).await.unwrap();
    assert_eq!(refused.get::<String>("errorstat_NOPERM"), None);
    wire.stop().await;
}
