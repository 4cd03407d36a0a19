//! Every key: what is in it, in which order, for how long.

use std::collections::HashMap;

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamReadReply;
use sidetone_schema::Envelope;

use crate::support::{
    Server, Wire, assert_whole, at, ended, heard, intent, joined, partial, started, stream, until, wrapup,
};

async fn hash(connection: &mut MultiplexedConnection, key: &str) -> HashMap<String, String> {
    cmd("HGETALL").arg(key).query_async(connection).await.unwrap()
}

async fn ttl(connection: &mut MultiplexedConnection, key: &str) -> i64 {
    cmd("TTL").arg(key).query_async(connection).await.unwrap()
}

async fn get(connection: &mut MultiplexedConnection, key: &str) -> Option<String> {
    cmd("GET").arg(key).query_async(connection).await.unwrap()
}

#[tokio::test]
async fn a_call_leaves_its_stream_its_state_and_its_wrapup() {
    let server = Server::running("keys", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for draft in [
        started("c1"),
        joined("c1", "8001"),
        partial("c1", "s1"),
        heard("c1", "s1"),
        intent("c1"),
    ] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "c1", 5).await;
    assert!(wire.readiness.missing().is_empty());

    assert_eq!(get(&mut redis, "sidetone:agent:8001:call").await.as_deref(), Some("c1"));
    let state = hash(&mut redis, "sidetone:{c1}:state").await;
    let state = |field: &str| state.get(field).map(String::as_str);
    assert_eq!(
        (state("status"), state("seq"), state("agent_id")),
        (Some("live"), Some("5"), Some("8001"))
    );
    assert_eq!(
        (state("caller_leg"), state("on_hold"), state("queue")),
        (Some("c1-caller"), Some("0"), Some("12333"))
    );
    let ivr = hash(&mut redis, "sidetone:ivr:c1-caller").await;
    assert_eq!(ivr["text"], "失业保险金怎么领 s1");
    assert_eq!(
        (ivr["intent"].as_str(), ivr["slot_duration"].as_str()),
        ("amount", "PT18M")
    );
    assert_eq!(ivr["slots"], r#"{"duration":"PT18M"}"#);

    wire.publisher.publish(wrapup("c1"));
    wire.publisher.publish(ended("c1"));
    wire.publisher.publish(heard("c1", "s2"));
    assert_whole(&mut redis, "c1", 7).await;
    assert_eq!(
        get(&mut redis, "sidetone:agent:8001:call").await,
        None,
        "the agent is free"
    );
    assert_eq!(hash(&mut redis, "sidetone:{c1}:state").await["status"], "ended");
    for key in ["sidetone:{c1}:events", "sidetone:{c1}:state", "sidetone:ivr:c1-caller"] {
        assert!(ttl(&mut redis, key).await > 600, "{key} has no TTL");
    }
    wire.stop().await;
}

#[tokio::test]
async fn a_wrapup_goes_to_each_consumer_group_once() {
    let server = Server::running("wrapups", false).await;
    let mut redis = server.connect().await;
    for group in ["crm", "analytics"] {
        let mut create = cmd("XGROUP");
        create
            .arg("CREATE")
            .arg("sidetone:wrapups")
            .arg(group)
            .arg("0")
            .arg("MKSTREAM");
        create.exec_async(&mut redis).await.unwrap();
    }
    let wire = Wire::start(&server);
    for call in ["a", "b"] {
        [started(call), wrapup(call), ended(call)]
            .into_iter()
            .for_each(|draft| wire.publisher.publish(draft));
        assert_whole(&mut redis, call, 3).await;
    }
    for group in ["crm", "analytics"] {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP")
            .arg(group)
            .arg("one")
            .arg("STREAMS")
            .arg("sidetone:wrapups")
            .arg(">");
        let reply: StreamReadReply = read.query_async(&mut redis).await.unwrap();
        let calls: Vec<String> = reply.keys[0]
            .ids
            .iter()
            .map(|entry| entry.get("call_id").unwrap())
            .collect();
        assert_eq!(calls, ["a", "b"], "{group}");
        let event: String = reply.keys[0].ids[0].get("event").unwrap();
        assert_eq!(
            serde_json::from_str::<Envelope>(&event).unwrap().body.type_name(),
            "wrapup.final"
        );
    }
    wire.stop().await;
}

#[tokio::test]
async fn live_screens_see_what_is_new_and_not_what_is_old() {
    let server = Server::running("mirror", false).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut live = client.get_async_pubsub().await.unwrap();
    live.subscribe("sidetone:agent:8001").await.unwrap();
    live.subscribe("sidetone:agent:8002").await.unwrap();
    live.subscribe("sidetone:calls").await.unwrap();
    let wire = Wire::start(&server);
    let old = "2026-01-01T00:00:00Z";
    let drafts = [
        at(started("m"), old),
        at(joined("m", "8001"), old),
        at(partial("m", "s0"), old),
        at(heard("m", "s0"), old),
        partial("m", "s1"),
        joined("m", "8002"),
        ended("m"),
    ];
    drafts.into_iter().for_each(|draft| wire.publisher.publish(draft));
    let mut seen = Vec::new();
    let mut messages = live.on_message();
    while seen.last().is_none_or(|line| line != "calls 7") {
        let message = messages.next().await.unwrap();
        let event: Envelope = serde_json::from_slice(message.get_payload_bytes()).unwrap();
        let channel = message
            .get_channel_name()
            .trim_start_matches("sidetone:")
            .trim_start_matches("agent:");
        seen.push(format!("{channel} {}", event.seq));
    }
    let of = |channel: &str| {
        let seqs = seen
            .iter()
            .filter_map(|line| line.strip_prefix(channel))
            .collect::<Vec<_>>();
        seqs.concat()
    };
    assert_eq!(
        of("8001"),
        " 1 2 4 5 6 7",
        "3 is an old partial; 6 is what took the agent away; 7 by agent_id"
    );
    assert_eq!(of("8002"), " 1 6 7", "1 tells who joins of the call");
    assert_eq!(of("calls"), " 1 2 6 7");
    wire.stop().await;
}

#[tokio::test]
async fn a_transfer_moves_the_agent_key() {
    let server = Server::running("transfer", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    [started("t"), joined("t", "8001"), joined("t", "8002")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "t", 3).await;
    assert_eq!(get(&mut redis, "sidetone:agent:8001:call").await, None);
    assert_eq!(get(&mut redis, "sidetone:agent:8002:call").await.as_deref(), Some("t"));
    // The next call of the agent is there already when the end of this one comes.
    [started("u"), joined("u", "8002"), ended("t")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    assert_whole(&mut redis, "t", 4).await;
    assert_whole(&mut redis, "u", 2).await;
    let key = until("u", async || get(&mut redis, "sidetone:agent:8002:call").await).await;
    assert_eq!(key, "u");
    assert_eq!(stream(&mut redis, "t").await.len(), 4);
    wire.stop().await;
}
