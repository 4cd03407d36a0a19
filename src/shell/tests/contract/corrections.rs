//! What an agent corrects in a wrap-up is the record.

use redis::aio::MultiplexedConnection;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_base::AgentId;
use sidetone_schema::{Body, CorrectedWrapup, Envelope};
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::{Corrections, Span, Target, each_wrapup, subscribe};
use tokio::task::JoinHandle;

use crate::support::{Server, Wire, assert_whole, ended, joined, started, until, wrapup};

fn corrections(server: &Server, reader: &str) -> JoinHandle<()> {
    let corrections = Corrections {
        config: server.config(),
        reader: reader.to_owned(),
        clock: WallClock::start(),
        mask: |text| text.replace("secret", "******"),
        none: "无".to_owned(),
    };
    tokio::spawn(corrections.run())
}

async fn correct(redis: &mut MultiplexedConnection, call: &str, element: &str, text: &str) {
    let segment = format!("wrapup.{element}");
    let fields = [
        ("action", "corrected"),
        ("call_id", call),
        ("segment_id", &segment),
        ("agent_id", "8001"),
        ("text", text),
    ];
    let mut add = cmd("XADD");
    add.arg("sidetone:feedback").arg("*").arg(&fields[..]);
    add.exec_async(redis).await.unwrap();
}

/// What is handed over of all calls, in order.
async fn handed_over(redis: &mut MultiplexedConnection) -> Vec<Envelope> {
    let mut range = cmd("XRANGE");
    range.arg("sidetone:wrapups").arg("-").arg("+");
    let reply: StreamRangeReply = range.query_async(redis).await.unwrap();
    let jsons = reply.ids.iter().filter_map(|entry| entry.get::<String>("event"));
    jsons.map(|json| serde_json::from_str(&json).unwrap()).collect()
}

async fn revisions(redis: &mut MultiplexedConnection, count: usize) -> Vec<(u64, CorrectedWrapup)> {
    until("the revisions", async || {
        let events = handed_over(redis).await.into_iter();
        let records: Vec<_> = events
            .filter_map(|event| match event.body {
                Body::WrapupCorrected(record) => Some((event.seq, *record)),
                _ => None,
            })
            .collect();
        (records.len() >= count).then_some(records)
    })
    .await
}

async fn waiting(redis: &mut MultiplexedConnection) -> u64 {
    let mut pending = cmd("XPENDING");
    pending.arg("sidetone:feedback").arg("sidetone-corrections");
    let reply: (u64, redis::Value, redis::Value, redis::Value) = pending.query_async(redis).await.unwrap();
    reply.0
}

#[tokio::test]
async fn a_correction_is_the_records_next_revision_for_everyone() {
    let server = Server::running("corrected", true).await;
    let (mut redis, wire) = (server.connect().await, Wire::start(&server));
    for draft in [started("c"), joined("c", "8001")] {
        wire.publisher.publish(draft);
    }
    // While the call runs a correction waits for its wrap-up.
    correct(&mut redis, "c", "todos", " 坐席周五前回电\n\n来电人带身份证 ").await;
    let following = [corrections(&server, "one"), corrections(&server, "two")];
    let mut screen = subscribe(server.config(), Target::Agent(AgentId::new("8001")))
        .await
        .unwrap();
    for draft in [wrapup("c"), ended("c")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "c", 4).await;
    revisions(&mut redis, 1).await;
    correct(&mut redis, "c", "subject", "secret先生").await;
    correct(&mut redis, "c", "satisfaction", "satisfied").await;
    // None of these is a correction of a record.
    correct(&mut redis, "c", "satisfaction", "very").await;
    correct(&mut redis, "c", "colour", "red").await;
    correct(&mut redis, "nobody", "subject", "red").await;

    let records = revisions(&mut redis, 3).await;
    let numbers: Vec<(u64, u32)> = records.iter().map(|(seq, record)| (*seq, record.rev)).collect();
    assert_eq!(numbers, [(5, 1), (6, 2), (7, 3)]);
    let (_, record) = records.last().unwrap();
    assert_eq!(record.wrapup.elements.todos.value, ["坐席周五前回电", "来电人带身份证"]);
    assert_eq!(record.wrapup.elements.subject.value, "******先生");
    let changes: Vec<String> = record
        .corrections
        .iter()
        .map(|done| format!("{} {} > {}", done.element, done.before, done.after.replace('\n', "|")))
        .collect();
    assert_eq!(
        changes,
        [
            "todos 无 > 坐席周五前回电|来电人带身份证",
            "subject 个人 > ******先生",
            "satisfaction neutral > satisfied"
        ]
    );
    // The call's own stream is closed; its record is beside it, on the agent's screen and in what is exported.
    assert_whole(&mut redis, "c", 4).await;
    let kept: String = cmd("HGET")
        .arg("sidetone:{c}:wrapup")
        .arg("rev")
        .query_async(&mut redis)
        .await
        .unwrap();
    assert_eq!(kept, "3");
    let seen = async {
        while let Some(event) = screen.next().await {
            if matches!(&event.body, Body::WrapupCorrected(record) if record.rev == 3) {
                return;
            }
        }
        panic!("the screen was not told");
    };
    seen.await;
    let mut exported = Vec::new();
    let config = server.config();
    let taken = each_wrapup(&config, Span::default(), |event| {
        exported.push(event.seq);
        Ok(())
    });
    taken.await.unwrap().unwrap();
    assert_eq!(exported, [7]);
    until("nothing to wait", async || {
        (waiting(&mut redis).await == 0).then_some(())
    })
    .await;
    following.iter().for_each(JoinHandle::abort);
    wire.stop().await;
}

#[tokio::test]
async fn a_correction_that_a_daemon_died_over_is_made_once() {
    let server = Server::running("corrected-again", true).await;
    let (mut redis, wire) = (server.connect().await, Wire::start(&server));
    for draft in [started("c"), wrapup("c"), ended("c")] {
        wire.publisher.publish(draft);
    }
    assert_whole(&mut redis, "c", 3).await;
    correct(&mut redis, "c", "subject", "用人单位").await;
    let first = corrections(&server, "one");
    revisions(&mut redis, 1).await;
    until("the acknowledgement", async || {
        (waiting(&mut redis).await == 0).then_some(())
    })
    .await;
    first.abort();
    // As if it had died before it said so: the group begins again.
    let mut again = cmd("XGROUP");
    again
        .arg("SETID")
        .arg("sidetone:feedback")
        .arg("sidetone-corrections")
        .arg("0");
    again.exec_async(&mut redis).await.unwrap();
    let second = corrections(&server, "one");
    let records = revisions(&mut redis, 2).await;
    assert_eq!(records[0], records[1], "told again, under the same number");
    assert_eq!((records[1].0, records[1].1.rev), (4, 1));
    second.abort();
    wire.stop().await;
}
