//! What the base lacks, what agents did with hints, and what callers called for before.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use sidetone_base::CallId;
use sidetone_schema::{Body, KnowledgeGap};
use sidetone_shell::wire::{
    CallerMemory, Draft, FeedbackAction, FeedbackLedger, NodeFeedback, RedisConfig, forget_caller, read_gaps,
};

use crate::support::{Server, Wire, assert_whole, ended, gap, hint, joined, started, wrapup};

const HASH: &str = "e0918b7edde57193c32044a83c4539af";
const DAY: Duration = Duration::from_secs(86_400);

async fn ask<T: redis::FromRedisValue>(redis: &mut MultiplexedConnection, words: &str) -> T {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.query_async(redis).await.unwrap()
}

/// A caller who is known by a hash.
fn known(mut draft: Draft, hash: &str) -> Draft {
    if let Body::CallStarted(start) = &mut draft.body {
        start.caller_hash = Some(hash.to_owned());
    }
    draft
}

#[tokio::test]
async fn gaps_outlive_redis_and_are_in_their_stream_once() {
    let mut server = Server::running("gaps", true).await;
    let wire = Wire::start(&server);
    wire.publisher.publish(started("g"));
    assert_whole(&mut server.connect().await, "g", 1).await;
    server.kill();
    wire.publisher.publish(gap("g", "s1", "公司的平板能不能借回家"));
    wire.publisher.publish(gap("g", "s2", "门口的柜子怎么开"));
    server.start().await;
    assert_whole(&mut server.connect().await, "g", 3).await;
    let events = read_gaps(&server.config(), None).await.unwrap();
    let gaps: Vec<&KnowledgeGap> = events
        .iter()
        .filter_map(|event| match &event.body {
            Body::KnowledgeGap(gap) => Some(&**gap),
            _ => None,
        })
        .collect();
    assert_eq!(
        gaps.iter().map(|gap| gap.segment_id.as_str()).collect::<Vec<_>>(),
        ["s1", "s2"]
    );
    assert_eq!((events[0].call_id.as_str(), events[0].seq), ("g", 2));
    let later = events[1].ts.instant() + jiff::SignedDuration::from_hours(1);
    let none = read_gaps(&server.config(), Some(sidetone_schema::Timestamp::new(later))).await;
    assert_eq!(none.unwrap(), []);
    wire.stop().await;
}

#[tokio::test]
async fn old_gaps_are_taken_out_when_one_comes() {
    let server = Server::running("gaps-old", true).await;
    let mut redis = server.connect().await;
    // Two of a year ago; a stream is trimmed in whole nodes of a hundred.
    for number in 0..100 {
        let _: String = ask(
            &mut redis,
            &format!("XADD sidetone:knowledge:gaps 1000-{number} event old"),
        )
        .await;
    }
    let wire = Wire::start(&server);
    wire.publisher.publish(started("o"));
    wire.publisher.publish(gap("o", "s1", "公司的平板能不能借回家"));
    assert_whole(&mut redis, "o", 2).await;
    let left: u64 = ask(&mut redis, "XLEN sidetone:knowledge:gaps").await;
    assert_eq!(left, 1);
    wire.stop().await;
}

async fn kept(redis: &mut MultiplexedConnection) -> Vec<String> {
    let rows: Vec<String> = ask(redis, &format!("LRANGE sidetone:caller:{HASH} 0 -1")).await;
    let call = |row: &String| serde_json::from_str::<serde_json::Value>(row).unwrap()["call_id"].clone();
    rows.iter().map(|row| call(row).as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_callers_last_three_calls_are_kept_for_their_next_and_forgotten_on_demand() {
    let server = Server::running("callers", true).await;
    let config = RedisConfig {
        callers_keep: Some(30 * DAY),
        ..server.config()
    };
    let wire = Wire::with(server.outbox(), config.clone());
    let mut redis = server.connect().await;
    for call in ["a", "b", "c", "d"] {
        wire.publisher.publish(known(started(call), HASH));
        wire.publisher.publish(joined(call, "8001"));
        wire.publisher.publish(wrapup(call));
        wire.publisher.publish(ended(call));
        assert_whole(&mut redis, call, 4).await;
    }
    assert_eq!(kept(&mut redis).await, ["d", "c", "b"]);
    let ttl: u64 = ask(&mut redis, &format!("TTL sidetone:caller:{HASH}")).await;
    assert!((29 * 86_400..=30 * 86_400).contains(&ttl), "{ttl}");
    let mut memory = CallerMemory::new(config.clone());
    memory.connect().await.unwrap();
    let calls = memory.recall(HASH, Duration::from_secs(5)).await.unwrap();
    assert_eq!((calls.len(), calls[0].call_id.as_str()), (3, "d"));
    assert_eq!(
        (calls[0].request_type.as_str(), calls[0].summary.as_str()),
        ("咨询", "无")
    );
    assert_eq!(
        memory
            .recall(&HASH.replace('e', "f"), Duration::from_secs(5))
            .await
            .unwrap(),
        []
    );
    assert_eq!(forget_caller(&config, HASH).await, Ok(true));
    assert_eq!(forget_caller(&config, HASH).await, Ok(false));
    assert_eq!(memory.recall(HASH, Duration::from_secs(5)).await.unwrap(), []);
    wire.stop().await;
}

#[tokio::test]
async fn a_redis_that_comes_back_empty_gets_a_callers_call_once_and_nothing_where_it_is_off() {
    let mut server = Server::running("callers-again", false).await;
    let config = RedisConfig {
        callers_keep: Some(DAY),
        ..server.config()
    };
    let wire = Wire::with(server.outbox(), config);
    for draft in [known(started("a"), HASH), wrapup("a"), ended("a")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut server.connect().await, "a", 3).await;
    server.kill();
    server.start().await;
    let mut redis = server.connect().await;
    assert_whole(&mut redis, "a", 3).await;
    assert_eq!(kept(&mut redis).await, ["a"]);
    wire.stop().await;

    let off = Server::running("callers-off", false).await;
    let wire = Wire::start(&off);
    for draft in [known(started("a"), HASH), wrapup("a"), ended("a")] {
        wire.publisher.publish(draft);
    }
    let mut redis = off.connect().await;
    assert_whole(&mut redis, "a", 3).await;
    assert_eq!(kept(&mut redis).await, Vec::<String>::new());
    wire.stop().await;
}

#[tokio::test]
async fn a_redis_that_hangs_is_not_waited_for_when_a_caller_is_looked_for() {
    let server = Server::running("callers-slow", false).await;
    let mut memory = CallerMemory::new(server.config());
    memory.connect().await.unwrap();
    server.tell("CLIENT PAUSE 5000 ALL").await;
    let began = tokio::time::Instant::now();
    let late = memory.recall(HASH, Duration::from_millis(100)).await;
    assert!(late.is_err(), "{late:?}");
    assert!(began.elapsed() < Duration::from_secs(4), "it waited for Redis");
}

#[tokio::test]
async fn what_agents_did_is_counted_for_the_node_behind_the_hint() {
    let server = Server::running("ledger", false).await;
    let wire = Wire::start(&server);
    wire.publisher.publish(started("n"));
    wire.publisher.publish(hint("n", "h1", Some("prn.jam")));
    wire.publisher.publish(hint("n", "h10", Some("prn.add")));
    wire.publisher.publish(hint("n", "h2", None));
    let node = |hint: &str| wire.publisher.node_of(&CallId::new("n"), hint);
    assert_eq!(
        ["h1", "h10", "h2", "h3"].map(node),
        [Some("prn.jam".into()), Some("prn.add".into()), None, None]
    );
    assert_eq!(wire.publisher.node_of(&CallId::new("other"), "h1"), None);

    let mut ledger = FeedbackLedger::new(server.config());
    let now = 1_790_000_000;
    for action in [
        FeedbackAction::Shown,
        FeedbackAction::Dismissed,
        FeedbackAction::Dismissed,
    ] {
        ledger.count("prn.jam", action, now).await.unwrap();
    }
    ledger
        .count("prn.jam", FeedbackAction::Copied, now + 30 * 86_400)
        .await
        .unwrap();
    ledger.count("prn.add", FeedbackAction::Shown, now).await.unwrap();
    let rows = ledger.read().await.unwrap();
    let expected = NodeFeedback {
        shown: 0.5,
        clicked: 0.0,
        copied: 1.0,
        dismissed: 1.0,
        corrected: 0.0,
        opinions: 3.0,
        at: (now + 30 * 86_400) as f64,
    };
    assert_eq!((rows.len(), rows["prn.jam"]), (2, expected));
    assert_eq!(
        (rows["prn.add"].shown, rows["prn.add"].opinions),
        (1.0, 0.0),
        "to be shown is no opinion"
    );
    wire.stop().await;
}
