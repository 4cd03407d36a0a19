//! Redis dies, comes back empty, is slow, is full; we die. No final is lost, none is there twice.

use std::time::Duration;

use redis::cmd;
use sidetone_base::CallId;
use sidetone_shell::wire::{OutboxConfig, Publisher};

use crate::support::{Server, Wire, assert_whole, ended, heard, partial, started, stream, until, wrapup};

fn talk(publisher: &Publisher, call: &str, turns: std::ops::Range<u32>) {
    for turn in turns {
        publisher.publish(heard(call, &format!("s{turn}")));
    }
}

async fn killed_and_restarted(name: &str, aof: bool) {
    let mut server = Server::running(name, aof).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    wire.publisher.publish(started("k"));
    talk(&wire.publisher, "k", 0..50);
    [started("over"), wrapup("over"), ended("over")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "k", 51).await;
    assert_whole(&mut redis, "over", 3).await;
    talk(&wire.publisher, "k", 50..60);
    server.kill();
    talk(&wire.publisher, "k", 60..99);
    until("the loss to be seen", async || {
        (!wire.readiness.missing().is_empty()).then_some(())
    })
    .await;
    server.start().await;
    let mut redis = server.connect().await;
    assert_whole(&mut redis, "k", 100).await;
    assert_whole(&mut redis, "over", 3).await;
    let wrapups: u64 = cmd("XLEN")
        .arg("sidetone:wrapups")
        .query_async(&mut redis)
        .await
        .unwrap();
    assert!(wrapups >= 1, "the wrap-up of a call that was over is there again");
    wire.publisher.publish(ended("k"));
    assert_whole(&mut redis, "k", 101).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_gets_everything_again() {
    killed_and_restarted("empty", false).await;
}

#[tokio::test]
async fn a_redis_that_comes_back_with_its_data_gets_the_rest() {
    killed_and_restarted("aof", true).await;
}

#[tokio::test]
async fn a_slow_redis_gets_each_event_once() {
    let server = Server::running("slow", false).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    wire.publisher.publish(started("p"));
    assert_whole(&mut redis, "p", 1).await;
    // Longer than the time limit of an answer: what is sent is done later, and sent again.
    cmd("CLIENT")
        .arg("PAUSE")
        .arg(1_500)
        .arg("ALL")
        .exec_async(&mut redis)
        .await
        .unwrap();
    talk(&wire.publisher, "p", 0..200);
    let mut redis = server.connect().await;
    assert_whole(&mut redis, "p", 201).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_stream_that_vanishes_under_a_live_connection_is_filled_up() {
    let server = Server::running("flush", false).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    wire.publisher.publish(started("f"));
    talk(&wire.publisher, "f", 0..10);
    assert_whole(&mut redis, "f", 11).await;
    cmd("FLUSHALL").exec_async(&mut redis).await.unwrap();
    talk(&wire.publisher, "f", 10..11);
    assert_whole(&mut redis, "f", 12).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_full_redis_leaves_no_hole() {
    let server = Server::running("full", false).await;
    let wire = Wire::start(&server);
    let mut redis = server.connect().await;
    wire.publisher.publish(started("o"));
    assert_whole(&mut redis, "o", 1).await;
    let mut limit = cmd("CONFIG");
    limit
        .arg("SET")
        .arg("maxmemory")
        .arg("1")
        .exec_async(&mut redis)
        .await
        .unwrap();
    talk(&wire.publisher, "o", 0..20);
    until("a refusal", async || {
        let info: redis::InfoDict = cmd("INFO").arg("errorstats").query_async(&mut redis).await.unwrap();
        info.get::<String>("errorstat_OOM")
    })
    .await;
    assert_eq!(stream(&mut redis, "o").await.len(), 1);
    cmd("CONFIG")
        .arg("SET")
        .arg("maxmemory")
        .arg("0")
        .exec_async(&mut redis)
        .await
        .unwrap();
    assert_whole(&mut redis, "o", 21).await;
    wire.stop().await;
}

#[tokio::test]
async fn one_call_that_is_refused_does_not_hold_up_the_others() {
    let server = Server::running("refused", false).await;
    let mut redis = server.connect().await;
    cmd("SET")
        .arg("sidetone:{bad}:events")
        .arg("x")
        .exec_async(&mut redis)
        .await
        .unwrap();
    let wire = Wire::start(&server);
    for call in ["bad", "good"] {
        wire.publisher.publish(started(call));
        talk(&wire.publisher, call, 0..5);
    }
    assert_whole(&mut redis, "good", 6).await;
    cmd("DEL")
        .arg("sidetone:{bad}:events")
        .exec_async(&mut redis)
        .await
        .unwrap();
    assert_whole(&mut redis, "bad", 6).await;
    wire.stop().await;
}

#[tokio::test]
async fn we_are_killed_and_go_on_where_we_were() {
    let mut server = Server::prepared("us", false);
    let wire = Wire::start(&server);
    wire.publisher.publish(started("r"));
    talk(&wire.publisher, "r", 0..9);
    [started("done"), ended("done")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    wire.abort().await;

    let wire = Wire::start(&server);
    assert_eq!(wire.publisher.open_calls(), [CallId::new("r")]);
    assert_eq!(wire.publisher.resume(&CallId::new("r")), Some(10));
    assert_eq!(wire.publisher.resume(&CallId::new("done")), None);
    wire.publisher.publish(partial("r", "s10"));
    server.start().await;
    let mut redis = server.connect().await;
    assert_whole(&mut redis, "r", 10).await;
    assert_whole(&mut redis, "done", 2).await;
    wire.abort().await;

    // Killed once more, with everything delivered: nothing is sent twice.
    let wire = Wire::start(&server);
    wire.publisher.publish(ended("r"));
    assert_whole(&mut redis, "r", 12).await;
    wire.stop().await;
}

#[tokio::test]
async fn a_stop_delivers_what_is_there() {
    let server = Server::running("stop", false).await;
    let wire = Wire::start(&server);
    wire.publisher.publish(started("s"));
    talk(&wire.publisher, "s", 0..1_000);
    wire.stop().await;
    let mut redis = server.connect().await;
    assert_eq!(stream(&mut redis, "s").await.len(), 1_001);
}

#[tokio::test]
async fn a_journal_is_kept_until_its_call_is_over_and_delivered() {
    let mut server = Server::prepared("retention", false);
    let outbox = OutboxConfig {
        retention: Duration::ZERO,
        ..server.outbox()
    };
    let journals = || std::fs::read_dir(server.dir.join("state/journal")).unwrap().count();
    let wire = Wire::with(outbox, server.config());
    [started("x"), ended("x"), started("y")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_eq!(journals(), 2);
    server.start().await;
    let journals = || std::fs::read_dir(server.dir.join("state/journal")).unwrap().count();
    until("one journal to go", async || (journals() == 1).then_some(())).await;
    assert_eq!(wire.publisher.open_calls(), [CallId::new("y")]);
    wire.stop().await;
}
