//! What a CTI team builds on: an agent's screen, an agent with two calls, answers to commands, the stream of all calls.

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_schema::{Body, Envelope, PausedBy, UpdateReason};
use sidetone_shell::wire::{CommonStream, Controls, Draft, RedisConfig};
use tokio::sync::mpsc;

use crate::support::{Server, Wire, assert_whole, ended, heard, joined, partial, started, until, wrapup};

async fn ask<T: redis::FromRedisValue>(redis: &mut MultiplexedConnection, words: &str) -> T {
    let mut words = words.split(' ');
    let mut command = cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.query_async(redis).await.unwrap()
}

async fn on(redis: &mut MultiplexedConnection, agent: &str) -> (Option<String>, Vec<String>) {
    let call = ask(redis, &format!("GET sidetone:agent:{agent}:call")).await;
    (
        call,
        ask(redis, &format!("ZREVRANGE sidetone:agent:{agent}:calls 0 -1")).await,
    )
}

/// Nobody knows the agent yet.
fn unmanned(draft: Draft) -> Draft {
    Draft { agent: None, ..draft }
}

#[tokio::test]
async fn an_agents_channel_begins_with_the_calls_beginning() {
    let server = Server::running("cti-screen", false).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut live = client.get_async_pubsub().await.unwrap();
    live.psubscribe("sidetone:agent:*").await.unwrap();
    let wire = Wire::start(&server);
    let mut both = joined("m", "8001");
    if let Body::CallUpdated(update) = &mut both.body {
        let mut second = update.legs[1].clone();
        second.agent_id = Some("8002".into());
        update.legs.push(second);
    }
    let drafts = [
        unmanned(started("m")),
        joined("m", "8001"),
        heard("m", "s1"),
        both,
        ended("m"),
    ];
    drafts.into_iter().for_each(|draft| wire.publisher.publish(draft));
    let mut seen = Vec::new();
    let mut messages = live.on_message();
    while seen.len() < 8 {
        let message = messages.next().await.unwrap();
        let event: Envelope = serde_json::from_slice(message.get_payload_bytes()).unwrap();
        let agent = message
            .get_channel_name()
            .trim_start_matches("sidetone:agent:")
            .to_owned();
        seen.push(format!("{agent} {} {}", event.seq, event.body.type_name()));
    }
    assert_eq!(
        seen,
        [
            "8001 1 call.started",
            "8001 2 call.updated",
            "8001 3 transcript.final",
            "8002 1 call.started",
            "8001 4 call.updated",
            "8002 4 call.updated",
            "8001 5 call.ended",
            "8002 5 call.ended",
        ]
    );
    wire.stop().await;
}

#[tokio::test]
async fn an_agents_key_names_the_newest_of_their_calls_and_falls_back() {
    let mut server = Server::running("cti-two", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for call in ["a", "b"] {
        [started(call), joined(call, "8001")]
            .into_iter()
            .for_each(|draft| wire.publisher.publish(draft));
        assert_whole(&mut redis, call, 2).await;
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let two = (Some("b".to_owned()), vec!["b".to_owned(), "a".to_owned()]);
    assert_eq!(on(&mut redis, "8001").await, two);
    // Whatever happens on the older call, the key does not flip.
    wire.publisher.publish(heard("a", "s1"));
    assert_whole(&mut redis, "a", 3).await;
    assert_eq!(on(&mut redis, "8001").await, two);
    let ttl: i64 = ask(&mut redis, "TTL sidetone:agent:8001:calls").await;
    assert!((7_000..=7_200).contains(&ttl), "{ttl}");

    // A Redis that came back empty is filled up again.
    drop(redis);
    server.kill();
    server.start().await;
    let mut redis = server.connect().await;
    let again = until("both calls", async || {
        let now = on(&mut redis, "8001").await;
        (now.1.len() == 2).then_some(now)
    })
    .await;
    assert_eq!(again, two);

    // A call of which nothing is left is taken off, and the newest that ends gives way to the other.
    ask::<i64>(&mut redis, "ZADD sidetone:agent:8001:calls 9999999999999 gone").await;
    wire.publisher.publish(ended("b"));
    assert_whole(&mut redis, "b", 3).await;
    assert_eq!(
        on(&mut redis, "8001").await,
        (Some("a".to_owned()), vec!["a".to_owned()])
    );
    wire.publisher.publish(ended("a"));
    assert_whole(&mut redis, "a", 4).await;
    assert_eq!(on(&mut redis, "8001").await, (None, Vec::new()));
    wire.stop().await;
}

#[tokio::test]
async fn a_call_that_has_ended_is_kept_for_a_shorter_time() {
    let server = Server::running("cti-ttl", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for draft in [started("t"), joined("t", "8001"), heard("t", "s1")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "t", 3).await;
    for (drafts, last, range) in [(Vec::new(), 3, 7_100..=7_200), (vec![ended("t")], 4, 800..=900)] {
        drafts.into_iter().for_each(|draft| wire.publisher.publish(draft));
        assert_whole(&mut redis, "t", last).await;
        for key in ["sidetone:{t}:events", "sidetone:{t}:state"] {
            let ttl: i64 = ask(&mut redis, &format!("TTL {key}")).await;
            assert!(range.contains(&ttl), "{key} lives {ttl} s");
        }
    }
    wire.stop().await;
}

#[tokio::test]
async fn paused_and_masked_are_fields_of_the_state() {
    let server = Server::running("cti-state", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    let mut told = joined("p", "8001");
    if let Body::CallUpdated(update) = &mut told.body {
        (update.reason, update.masked) = (UpdateReason::Control, true);
        update.paused_by = vec![PausedBy::Operator];
    }
    let steps = [
        (started("p"), "0"),
        (joined("p", "8001"), "0"),
        (told, "1"),
        (joined("p", "8001"), "0"),
    ];
    for (seq, (draft, expected)) in (1..).zip(steps) {
        wire.publisher.publish(draft);
        assert_whole(&mut redis, "p", seq).await;
        for field in ["paused", "masked"] {
            let value: String = ask(&mut redis, &format!("HGET sidetone:{{p}}:state {field}")).await;
            assert_eq!(value, expected, "{field} after {seq}");
        }
    }
    wire.stop().await;
}

#[tokio::test]
async fn every_command_gets_an_answer() {
    let server = Server::running("cti-control", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    for draft in [started("live"), started("over"), ended("over")] {
        wire.publisher.publish(draft);
    }
    let controls = Controls::open(server.config(), &wire.publisher);
    let answers = controls.answers();
    let (out, mut commands) = mpsc::channel(4);
    let reader = tokio::spawn(controls.read(out));
    let obey = tokio::spawn(async move {
        while let Some(command) = commands.recv().await {
            answers.told(&command);
        }
    });
    for entry in [
        "command pause call_id live by 8001",
        "command mask call_id later by supervisor",
        "command resume call_id over",
        "command explode call_id live by 8002",
        "command pause",
        "x y",
    ] {
        server.tell(&format!("XADD sidetone:control * {entry}")).await;
    }
    let given = until("six answers", async || {
        let given: StreamRangeReply = ask(&mut redis, "XRANGE sidetone:control:answers - +").await;
        (given.ids.len() >= 6).then_some(given)
    })
    .await;
    let asked: StreamRangeReply = ask(&mut redis, "XRANGE sidetone:control - +").await;
    let mut lines = Vec::new();
    for entry in &asked.ids {
        let answer = given
            .ids
            .iter()
            .find(|answer| answer.get::<String>("id").as_ref() == Some(&entry.id));
        let fields = ["command", "call_id", "by", "result", "why"];
        lines.push(
            fields
                .map(|name| answer.unwrap().get::<String>(name).unwrap())
                .join(" "),
        );
    }
    assert_eq!(
        lines,
        [
            "pause live 8001 done ",
            "mask later supervisor waiting unknown_call",
            "resume over  refused call_ended",
            "explode live 8002 refused unknown_command",
            "pause   refused no_call_id",
            "   refused no_command",
        ]
    );
    reader.abort();
    let _ = (reader.await, obey.await);
    wire.stop().await;
}

#[tokio::test]
async fn one_stream_of_fixed_name_holds_what_was_asked_for() {
    for (wanted, expected) in [
        (CommonStream::Off, ""),
        (CommonStream::Calls, "call.started call.updated call.ended"),
        (
            CommonStream::Finals,
            "call.started call.updated transcript.final wrapup.final call.ended",
        ),
    ] {
        let server = Server::running(&format!("cti-common-{wanted:?}"), false).await;
        let mut redis = server.connect().await;
        let config = RedisConfig {
            common_stream: wanted,
            ..server.config()
        };
        let wire = Wire::with(server.outbox(), config);
        let drafts = [
            started("c"),
            joined("c", "8001"),
            partial("c", "s1"),
            heard("c", "s1"),
            wrapup("c"),
            ended("c"),
        ];
        drafts.into_iter().for_each(|draft| wire.publisher.publish(draft));
        assert_whole(&mut redis, "c", 6).await;
        let held: StreamRangeReply = ask(&mut redis, "XRANGE sidetone:events - +").await;
        let mut types = Vec::new();
        for entry in &held.ids {
            let event: Envelope = serde_json::from_str(&entry.get::<String>("event").unwrap()).unwrap();
            let field = |name: &str| entry.get::<String>(name).unwrap();
            assert_eq!((field("call_id"), field("seq")), ("c".into(), event.seq.to_string()));
            assert_eq!(
                (field("type"), field("agent_id")),
                (event.body.type_name().into(), "8001".into())
            );
            types.push(field("type"));
        }
        assert_eq!(types.join(" "), expected);
        wire.stop().await;
    }
}
