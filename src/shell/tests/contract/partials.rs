//! Partials are there while nobody has said more, and a reader of the stream can tell them from what is lost.

use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_base::{AgentId, CallId};
use sidetone_schema::{Body, Envelope};
use sidetone_shell::wire::{RedisConfig, Subscription, Target, subscribe};

use crate::support::{PATIENCE, Server, Wire, assert_whole, ended, heard, joined, partial, started, stream, until};

/// The numbers in a stream, each with its field `partials`.
async fn numbers(redis: &mut MultiplexedConnection, key: &str) -> Vec<(String, Option<String>)> {
    let mut range = cmd("XRANGE");
    range.arg(key).arg("-").arg("+");
    let reply: StreamRangeReply = range.query_async(redis).await.unwrap();
    let numbered = |entry: &redis::streams::StreamId| (entry.id.clone(), entry.get("partials"));
    reply.ids.iter().map(numbered).collect()
}

async fn exists(redis: &mut MultiplexedConnection, key: &str) -> bool {
    cmd("EXISTS").arg(key).query_async(redis).await.unwrap()
}

async fn next(events: &mut Subscription) -> Envelope {
    tokio::time::timeout(PATIENCE, events.next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_final_takes_partials_with_it_and_the_stream_counts_them() {
    let server = Server::running("partials", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for draft in [
        started("c"),
        joined("c", "8001"),
        partial("c", "s1"),
        partial("c", "s1"),
    ] {
        wire.publisher.publish(draft);
    }
    let key = "sidetone:{c}:partials";
    until("two partials", async || {
        (numbers(&mut redis, key).await.len() == 2).then_some(())
    })
    .await;
    assert!(cmd("TTL").arg(key).query_async::<i64>(&mut redis).await.unwrap() > 600);

    wire.publisher.publish(heard("c", "s1"));
    assert_whole(&mut redis, "c", 5).await;
    until("the partials to go", async || {
        numbers(&mut redis, key).await.is_empty().then_some(())
    })
    .await;
    let kept = numbers(&mut redis, "sidetone:{c}:events").await;
    let plain = |id: &str| (id.to_owned(), None);
    assert_eq!(
        kept,
        [plain("1-0"), plain("2-0"), ("5-0".to_owned(), Some("2".to_owned()))]
    );

    wire.publisher.publish(partial("c", "s2"));
    wire.publisher.publish(ended("c"));
    assert_whole(&mut redis, "c", 7).await;
    until("their stream to go", async || {
        (!exists(&mut redis, key).await).then_some(())
    })
    .await;
    wire.stop().await;
}

#[tokio::test]
async fn who_follows_a_call_sees_partials_as_they_come_and_who_opens_late_those_of_the_moment() {
    let server = Server::running("partials-seen", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    let target = Target::Call(CallId::new("c"));
    let mut follower = subscribe(server.config(), target).await.unwrap();
    for (at, draft) in [started("c"), joined("c", "8001"), partial("c", "s1")]
        .into_iter()
        .enumerate()
    {
        wire.publisher.publish(draft);
        assert_eq!(next(&mut follower).await.seq, at as u64 + 1);
    }
    let mut late = subscribe(server.config(), Target::Agent(AgentId::new("8001")))
        .await
        .unwrap();
    for seq in 1..=3 {
        assert_eq!(next(&mut late).await.seq, seq);
    }
    wire.publisher.publish(heard("c", "s1"));
    assert_eq!(next(&mut follower).await.seq, 4);
    assert!(matches!(next(&mut late).await.body, Body::TranscriptFinal(_)));
    assert_whole(&mut redis, "c", 4).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_call_whose_stream_has_partials_from_before_goes_on() {
    let server = Server::running("partials-before", false).await;
    let mut redis = server.connect().await;
    let before = RedisConfig {
        keep_partials: true,
        ..server.config()
    };
    let wire = Wire::with(server.outbox(), before);
    for draft in [started("c"), partial("c", "s1"), partial("c", "s1")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "c", 3).await;
    wire.stop().await;

    let wire = Wire::start(&server);
    wire.publisher.publish(partial("c", "s1"));
    wire.publisher.publish(heard("c", "s1"));
    assert_whole(&mut redis, "c", 5).await;
    wire.publisher.publish(ended("c"));
    assert_whole(&mut redis, "c", 6).await;
    let kept = stream(&mut redis, "c").await;
    assert_eq!(kept.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2, 3, 5, 6]);
    wire.stop().await;
}

#[tokio::test]
async fn another_writers_entry_in_a_partials_place_is_noticed() {
    let server = Server::running("partials-foreign", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    wire.publisher.publish(started("c"));
    wire.publisher.publish(partial("c", "s1"));
    assert_whole(&mut redis, "c", 1).await;
    server.tell("XADD sidetone:{c}:events 2-0 event {}").await;
    wire.publisher.publish(heard("c", "s1"));
    let told = until("the final", async || {
        let mut range = cmd("XRANGE");
        range.arg("sidetone:{c}:events").arg("-").arg("+");
        let reply: StreamRangeReply = range.query_async(&mut redis).await.unwrap();
        let events: Vec<String> = reply.ids.iter().filter_map(|entry| entry.get("event")).collect();
        events
            .last()
            .is_some_and(|last| last.contains("transcript.final"))
            .then_some(events)
    })
    .await;
    assert!(told.iter().any(|event| event.contains("renumbered")), "{told:#?}");
    wire.stop().await;
}
