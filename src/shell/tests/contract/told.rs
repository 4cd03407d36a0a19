//! Facts that others tell.

use redis::aio::MultiplexedConnection;
use redis::cmd;
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::{Facts, read_facts};
use tokio::task::JoinHandle;

use crate::support::{Server, Wire, until};

const KEY: &str = "sidetone:facts:in";

fn reader(server: &Server, wire: &Wire, name: &str) -> JoinHandle<()> {
    let facts = Facts::new(wire.publisher.clone(), &format!("told-{name}"));
    tokio::spawn(read_facts(server.config(), name.to_owned(), facts, WallClock::start()))
}

async fn tell(redis: &mut MultiplexedConnection, fields: &[(&str, &str)]) {
    cmd("XADD")
        .arg(KEY)
        .arg("*")
        .arg(fields)
        .exec_async(redis)
        .await
        .unwrap();
}

/// The tickets that were published, in the order of their names.
async fn tickets(redis: &mut MultiplexedConnection) -> Vec<String> {
    let range: redis::streams::StreamRangeReply = cmd("XRANGE")
        .arg("sidetone:facts")
        .arg("-")
        .arg("+")
        .query_async(redis)
        .await
        .unwrap();
    let events = range.ids.iter().filter_map(|entry| entry.get::<String>("event"));
    let events = events.map(|event| serde_json::from_str::<serde_json::Value>(&event).unwrap());
    let mut tickets: Vec<String> = events
        .filter_map(|event| Some(event["data"]["ticket"].as_str()?.to_owned()))
        .collect();
    tickets.sort();
    tickets
}

async fn pending(redis: &mut MultiplexedConnection) -> u64 {
    let reply: (u64, redis::Value, redis::Value, redis::Value) = cmd("XPENDING")
        .arg(KEY)
        .arg("sidetone")
        .query_async(redis)
        .await
        .unwrap();
    reply.0
}

#[tokio::test]
async fn each_entry_is_published_by_one_of_the_daemons_also_after_one_has_died() {
    let server = Server::running("told", false).await;
    let mut redis = server.connect().await;
    let wire = Wire::start(&server);
    tell(&mut redis, &[("type", "ticket.closed"), ("ticket", "T-000")]).await;
    // A daemon that was told of it and died.
    for command in [
        "XGROUP CREATE sidetone:facts:in sidetone 0",
        "XREADGROUP GROUP sidetone east STREAMS sidetone:facts:in >",
    ] {
        server.tell(command).await;
    }
    for n in 1..100 {
        tell(
            &mut redis,
            &[("type", "ticket.closed"), ("ticket", &format!("T-{n:03}"))],
        )
        .await;
    }
    tell(&mut redis, &[("type", "ticket.closed")]).await;
    let readers = [reader(&server, &wire, "east"), reader(&server, &wire, "west")];
    let all: Vec<String> = (0..100).map(|n| format!("T-{n:03}")).collect();
    until("every ticket once", async || {
        (tickets(&mut redis).await == all).then_some(())
    })
    .await;
    until("nothing undone", async || {
        (pending(&mut redis).await == 0).then_some(())
    })
    .await;

    // The stream is lost, with its group.
    server.tell("DEL sidetone:facts:in").await;
    until("the group anew", async || {
        let kind: String = cmd("TYPE").arg(KEY).query_async(&mut redis).await.unwrap();
        (kind == "stream").then_some(())
    })
    .await;
    tell(&mut redis, &[("type", "ticket.closed"), ("ticket", "T-100")]).await;
    until("the next", async || {
        (tickets(&mut redis).await.len() == 101).then_some(())
    })
    .await;
    for reader in readers {
        reader.abort();
    }
    wire.stop().await;
}
