//! Streams that hold what our journal does not: the state folder was lost, or somebody else wrote.

use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_schema::{Body, Envelope};
use sidetone_shell::wire::Publisher;

use crate::support::{Server, Wire, assert_whole, ended, heard, joined, started, until, wrapup};

const KEY: &str = "sidetone:{c}:events";

/// What the call's stream holds of ours: `number type`, of finals the segment, once its end is there.
async fn story(redis: &mut MultiplexedConnection) -> Vec<String> {
    until("call.ended", async || {
        let mut range = cmd("XRANGE");
        range.arg(KEY).arg("-").arg("+");
        let reply: StreamRangeReply = range.query_async(redis).await.unwrap();
        let told: Vec<String> = reply
            .ids
            .iter()
            .filter_map(|entry| told(&entry.id, &entry.get::<String>("event")?))
            .collect();
        told.last()
            .is_some_and(|line| line.ends_with("call.ended"))
            .then_some(told)
    })
    .await
}

fn told(id: &str, json: &str) -> Option<String> {
    let event: Envelope = serde_json::from_str(json).ok()?;
    assert_eq!(id, format!("{}-0", event.seq), "the number is the id");
    Some(match &event.body {
        Body::TranscriptFinal(heard) => format!("{} {}", event.seq, heard.segment_id),
        Body::CallStarted(start) => format!("{} call.started resumed={}", event.seq, start.resumed),
        Body::Error(fault) => format!("{} {}", event.seq, fault.code),
        body => format!("{} {}", event.seq, body.type_name()),
    })
}

fn talk(publisher: &Publisher, segments: &[&str]) {
    segments
        .iter()
        .for_each(|segment| publisher.publish(heard("c", segment)));
}

fn finish(publisher: &Publisher) {
    [wrapup("c"), ended("c")]
        .into_iter()
        .for_each(|draft| publisher.publish(draft));
}

async fn agent_call(redis: &mut MultiplexedConnection, agent: &str) -> Option<String> {
    let key = format!("sidetone:agent:{agent}:call");
    cmd("GET").arg(key).query_async(redis).await.unwrap()
}

/// A call in mid-talk: three events.
async fn begun(name: &str) -> (Server, Wire, MultiplexedConnection) {
    let server = Server::running(name, false).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    [started("c"), joined("c", "8001"), heard("c", "s1")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "c", 3).await;
    (server, wire, redis)
}

#[tokio::test]
async fn a_call_whose_state_folder_was_lost_goes_on_behind_what_the_stream_has() {
    let (server, wire, mut redis) = begun("lost-state").await;
    wire.abort().await;
    std::fs::remove_dir_all(server.dir.join("state")).unwrap();
    let wire = Wire::start(&server);
    // Meanwhile another agent has taken the call.
    [started("c"), joined("c", "8002"), heard("c", "s2")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    until("8002's call", async || agent_call(&mut redis, "8002").await).await;
    assert_eq!(agent_call(&mut redis, "8001").await, None, "who has left is free");
    finish(&wire.publisher);
    assert_eq!(
        story(&mut redis).await,
        [
            "1 call.started resumed=false",
            "2 call.updated",
            "3 s1",
            "4 renumbered",
            "5 call.started resumed=true",
            "6 call.updated",
            "7 s2",
            "8 wrapup.final",
            "9 call.ended",
        ]
    );
    assert_eq!(agent_call(&mut redis, "8002").await, None);
    let wrapups: u64 = cmd("XLEN")
        .arg("sidetone:wrapups")
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(wrapups >= 1);
    wire.stop().await;
}

#[tokio::test]
async fn a_foreign_entry_costs_numbers_and_no_event() {
    for (name, id, next) in [
        ("foreign-far", "99999-0", 100_000),
        ("foreign-next", "4-0", 5),
        ("foreign-sub", "4-7", 5),
        ("foreign-time", "1764366000000-3", 1_764_366_000_001_u64),
    ] {
        let (_server, wire, mut redis) = begun(name).await;
        cmd("XADD")
            .arg(KEY)
            .arg(id)
            .arg("x")
            .arg("y")
            .exec_async(&mut redis)
            .await
            .unwrap();
        talk(&wire.publisher, &["s2", "s3"]);
        finish(&wire.publisher);
        let told = story(&mut redis).await;
        let expected = ["renumbered", "s2", "s3", "wrapup.final", "call.ended"];
        let expected: Vec<String> = (next..)
            .zip(expected)
            .map(|(seq, what)| format!("{seq} {what}"))
            .collect();
        assert_eq!(told[3..], expected, "{id}");
        assert_eq!(agent_call(&mut redis, "8001").await, None, "{id}");
        wire.stop().await;
    }
}

#[tokio::test]
async fn a_foreign_entry_that_was_taken_out_again_leaves_its_mark_and_is_passed() {
    let (_server, wire, mut redis) = begun("foreign-gone").await;
    for command in [format!("XADD {KEY} 500-0 x y"), format!("XDEL {KEY} 500-0")] {
        _server.tell(&command).await;
    }
    talk(&wire.publisher, &["s2"]);
    finish(&wire.publisher);
    let told = story(&mut redis).await;
    assert_eq!(
        told[3..],
        ["501 renumbered", "502 s2", "503 wrapup.final", "504 call.ended"]
    );
    wire.stop().await;
}

#[tokio::test]
async fn an_entry_that_no_number_can_follow_is_taken_out() {
    for (name, id) in [
        ("foreign-last", "18446744073709551615-18446744073709551615"),
        ("foreign-huge", "9007199254740993-0"),
    ] {
        let (_server, wire, mut redis) = begun(name).await;
        cmd("XADD")
            .arg(KEY)
            .arg(id)
            .arg("x")
            .arg("y")
            .exec_async(&mut redis)
            .await
            .unwrap();
        talk(&wire.publisher, &["s2"]);
        finish(&wire.publisher);
        assert_eq!(
            story(&mut redis).await[3..],
            ["4 s2", "5 wrapup.final", "6 call.ended"],
            "{id}"
        );
        wire.stop().await;
    }
}

#[tokio::test]
async fn what_somebody_wrote_while_redis_was_away_from_us_is_passed_too() {
    let (server, wire, mut redis) = begun("foreign-outage").await;
    wire.abort().await;
    let wire = Wire::with(
        server.outbox(),
        sidetone_shell::wire::RedisConfig {
            url: format!("redis+unix://{}/nowhere", server.dir.display()),
            ..server.config()
        },
    );
    talk(&wire.publisher, &["s2", "s3"]);
    wire.abort().await;
    cmd("XADD")
        .arg(KEY)
        .arg("4-0")
        .arg("event")
        .arg("{}")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let wire = Wire::start(&server);
    finish(&wire.publisher);
    let told = story(&mut redis).await;
    assert_eq!(
        told[3..],
        ["5 renumbered", "6 s2", "7 s3", "8 wrapup.final", "9 call.ended"]
    );
    wire.stop().await;
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_gets_a_renumbered_call_whole() {
    let (mut server, wire, mut redis) = begun("foreign-empty").await;
    cmd("XADD")
        .arg(KEY)
        .arg("70-0")
        .arg("x")
        .arg("y")
        .exec_async(&mut redis)
        .await
        .unwrap();
    talk(&wire.publisher, &["s2"]);
    until("the new number", async || {
        let mut range = cmd("XRANGE");
        range.arg(KEY).arg("72-0").arg("+");
        let reply: StreamRangeReply = range.query_async(&mut redis).await.unwrap();
        (!reply.ids.is_empty()).then_some(())
    })
    .await;
    server.kill();
    server.start().await;
    finish(&wire.publisher);
    let mut redis = server.connect().await;
    let told = story(&mut redis).await;
    let first = [
        "1 call.started resumed=false",
        "2 call.updated",
        "3 s1",
        "71 renumbered",
        "72 s2",
    ];
    assert_eq!(told[..5], first);
    assert_eq!(told[5..], ["73 wrapup.final", "74 call.ended"]);
    wire.stop().await;
}
