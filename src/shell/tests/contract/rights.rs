//! The rights that `docs/EVENTS.md` gives to each side are enough for its work, and for nothing else.

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::{RedisError, cmd};
use sidetone_base::{AgentId, CallId, Severity};
use sidetone_schema::Body;
use sidetone_shell::clock::WallClock;
use sidetone_shell::wire::{
    CallerMemory, CommonStream, ControlAction, Controls, Facts, FeedbackAction, FeedbackLedger, RedisConfig, Target,
    Unmasked, diagnose, read_facts, read_feedback, read_gaps, subscribe,
};
use tokio::sync::mpsc;

use crate::support::{Server, Wire, ended, gap, heard, intent, joined, started, until, wrapup};

/// What nobody but an administrator may do to a Redis that others use, too.
const HARM: [&str; 16] = [
    "FLUSHALL",
    "FLUSHDB",
    "SWAPDB 0 1",
    "CLIENT KILL TYPE normal",
    "CLIENT LIST",
    "CLIENT PAUSE 1",
    "SCRIPT FLUSH",
    "FUNCTION FLUSH",
    "CONFIG GET *",
    "KEYS *",
    "ACL LIST",
    "MONITOR",
    "SHUTDOWN NOSAVE",
    "REPLICAOF NO ONE",
    "SET other:key x",
    "GET other:key",
];

/// Makes the user of this name as the contract says, and gives the way to be it.
async fn user(server: &Server, name: &str) -> RedisConfig {
    let contract = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/EVENTS.md")).unwrap();
    let head = format!("$ redis-cli ACL SETUSER {name} ");
    let rights: Vec<&str> = contract.lines().filter_map(|line| line.strip_prefix(&head)).collect();
    assert!(!rights.is_empty(), "no rights for {name}");
    for line in rights {
        let line = line.replace('\'', "").replace("PASSWORD", "s3cret");
        server.tell(&format!("ACL SETUSER {name} {line}")).await;
    }
    RedisConfig {
        url: format!("{}?user={name}&pass=s3cret", server.url()),
        ..server.config()
    }
}

async fn open(config: &RedisConfig) -> MultiplexedConnection {
    let client = redis::Client::open(config.url.as_str()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

async fn tries(connection: &mut MultiplexedConnection, words: &str) -> Result<redis::Value, RedisError> {
    let mut words = words.split(' ');
    let mut command = cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.query_async(connection).await
}

async fn assert_refused(config: &RedisConfig, commands: &[&str]) {
    let mut connection = open(config).await;
    for command in commands {
        let refused = tries(&mut connection, command).await;
        assert_eq!(
            refused.map_err(|error| error.code().map(str::to_owned)),
            Err(Some("NOPERM".into())),
            "{command}"
        );
    }
}

async fn refusals(server: &Server) -> Option<String> {
    let mut redis = server.connect().await;
    let stats: redis::InfoDict = cmd("INFO").arg("errorstats").query_async(&mut redis).await.unwrap();
    stats.get("errorstat_NOPERM")
}

#[tokio::test]
async fn the_daemons_rights_are_enough_for_all_that_it_does_and_no_more() {
    let server = Server::running("acl-daemon", true).await;
    let config = user(&server, "sidetone").await;
    let findings = diagnose(&config).await;
    assert!(
        findings.iter().all(|finding| finding.severity == Severity::Fine),
        "{findings:#?}"
    );
    let finals = RedisConfig {
        common_stream: CommonStream::Finals,
        callers_keep: Some(std::time::Duration::from_secs(86_400)),
        ..config.clone()
    };
    let wire = Wire::with(server.outbox(), finals);
    let mut began = started("c");
    if let Body::CallStarted(start) = &mut began.body {
        start.caller_hash = Some("00ff".into());
    }
    for draft in [
        began,
        joined("c", "8001"),
        heard("c", "s1"),
        intent("c"),
        joined("c", "8002"),
    ] {
        wire.publisher.publish(draft);
    }
    let mut redis = server.connect().await;
    until("five events", async || {
        let count: u64 = cmd("XLEN")
            .arg("sidetone:{c}:events")
            .query_async(&mut redis)
            .await
            .unwrap();
        (count == 5).then_some(())
    })
    .await;
    // Another writer, once as far as can be and once in the way: the repairs need rights, too.
    for id in ["18446744073709551615-0", "90-0"] {
        server.tell(&format!("XADD sidetone:{{c}}:events {id} x y")).await;
        wire.publisher.publish(heard("c", "s2"));
        until("the repair", async || {
            let mut range = cmd("XREVRANGE");
            range.arg("sidetone:{c}:events").arg("+").arg("-").arg("COUNT").arg(1);
            let newest: redis::streams::StreamRangeReply = range.query_async(&mut redis).await.unwrap();
            newest.ids[0].contains_key("event").then_some(())
        })
        .await;
    }
    let facts = Facts::new(wire.publisher.clone(), "told");
    let told = tokio::spawn(read_facts(config.clone(), "a".to_owned(), facts, WallClock::start()));
    server
        .tell("XADD sidetone:facts:in * type survey.offered contact c")
        .await;
    until("a fact that was told", async || {
        let count: u64 = cmd("XLEN").arg("sidetone:facts").query_async(&mut redis).await.unwrap();
        (count == 1).then_some(())
    })
    .await;
    told.abort();
    let (out, mut commands) = mpsc::channel(4);
    let controls = Controls::open(config.clone(), &wire.publisher);
    let answers = controls.answers();
    let control = tokio::spawn(controls.read(out));
    let (out, mut feedback) = mpsc::channel(4);
    let reader = tokio::spawn(read_feedback(config.clone(), out));
    server.tell("XADD sidetone:control * command mask call_id c").await;
    let command = commands.recv().await.unwrap();
    assert_eq!(command.action, ControlAction::Mask);
    answers.told(&command);
    until("an answer", async || {
        let mut count = cmd("XLEN");
        let count: u64 = count
            .arg("sidetone:control:answers")
            .query_async(&mut redis)
            .await
            .unwrap();
        (count == 1).then_some(())
    })
    .await;
    let said = until("feedback", async || {
        server
            .tell("XADD sidetone:feedback * action clicked call_id c hint_id h")
            .await;
        feedback.try_recv().ok()
    })
    .await;
    assert_eq!(said.call, CallId::new("c"));
    // Longer than one wait inside Redis, after which the readers look around.
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    let mut call = subscribe(config.clone(), Target::Call(CallId::new("c"))).await.unwrap();
    let agent = subscribe(config.clone(), Target::Agent(AgentId::new("8001")))
        .await
        .unwrap();
    let calls = subscribe(config.clone(), Target::Calls).await.unwrap();
    let (mut ledger, mut memory) = (FeedbackLedger::new(config.clone()), CallerMemory::new(config.clone()));
    ledger.count("n", FeedbackAction::Shown, 1).await.unwrap();
    assert_eq!(ledger.read().await.unwrap().len(), 1);
    [gap("c", "s3", "平板能借吗"), wrapup("c"), ended("c")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    let taking = crate::handover::hand_over(&config, "http://127.0.0.1:31498/", "one");
    until("the group", async || {
        crate::handover::pending(&server).await.filter(|count| *count == 1)
    })
    .await;
    let (unmasked, sending) = Unmasked::open(config.clone(), vec!["verifier".to_owned()]);
    let sending = tokio::spawn(sending);
    unmasked.tell(crate::unmasked::said("154 0546 0137"));
    until("an entry of the audit", async || {
        (crate::unmasked::audit(&server).await.ids.len() == 1).then_some(())
    })
    .await;
    while call.next().await.is_some() {}
    taking.abort();
    sending.abort();
    let past = memory.recall("00ff", std::time::Duration::from_secs(5)).await.unwrap();
    assert_eq!(past.len(), 1);
    assert_eq!(read_gaps(&config, None).await.unwrap().len(), 1);
    drop((agent, calls, commands, feedback));
    control.await.unwrap();
    reader.await.unwrap();
    wire.stop().await;
    assert_eq!(refusals(&server).await, None, "something of the work was refused");
    assert_refused(&config, &HARM).await;
}

#[tokio::test]
async fn a_soft_phones_rights_are_enough_for_the_contracts_code_and_no_more() {
    let server = Server::running("acl-softphone", true).await;
    let config = user(&server, "softphone").await;
    let wire = Wire::start(&server);
    let client = redis::Client::open(config.url.as_str()).unwrap();
    let mut live = client.get_async_pubsub().await.unwrap();
    live.subscribe("sidetone:agent:8001").await.unwrap();
    live.subscribe("sidetone:calls").await.unwrap();
    [started("c"), joined("c", "8001"), wrapup("c")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    live.on_message().next().await.unwrap();
    live.unsubscribe("sidetone:calls").await.unwrap();
    let mut phone = open(&config).await;
    for command in [
        "PING",
        "GET sidetone:agent:8001:call",
        "ZREVRANGE sidetone:agent:8001:calls 0 -1",
        "ZRANGE sidetone:agent:8001:calls 0 -1 WITHSCORES",
        "XREAD BLOCK 10 STREAMS sidetone:control:answers 0-0",
        "XREVRANGE sidetone:control:answers + - COUNT 10",
        "XRANGE sidetone:{c}:events (0-0 +",
        "XREVRANGE sidetone:{c}:events + - COUNT 1",
        "XREAD BLOCK 10 STREAMS sidetone:{c}:events 0-0",
        "HGETALL sidetone:{c}:state",
        "XADD sidetone:feedback MAXLEN ~ 10000 * action clicked call_id c hint_id h7 agent_id 8001",
        "XADD sidetone:control MAXLEN ~ 1000 * command mask call_id c",
    ] {
        tries(&mut phone, command)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"));
    }
    assert_refused(&config, &HARM).await;
    let forged = [
        "XADD sidetone:{c}:events 99999-0 event {}",
        "XADD sidetone:wrapups * call_id c",
        "XTRIM sidetone:control MAXLEN 0",
        "XADD sidetone:control:answers * result done",
        "ZADD sidetone:agent:8001:calls 1 d",
        "DEL sidetone:{c}:events",
        "SET sidetone:agent:8001:call d",
        "HSET sidetone:{c}:state status ended",
        "PUBLISH sidetone:agent:8001 {}",
        "EVAL return 0",
    ];
    assert_refused(&config, &forged).await;
    assert!(
        client
            .get_async_pubsub()
            .await
            .unwrap()
            .subscribe("other")
            .await
            .is_err()
    );
    wire.stop().await;
}

#[tokio::test]
async fn the_crms_rights_are_enough_for_its_consumer_group_and_no_more() {
    let server = Server::running("acl-crm", true).await;
    let config = user(&server, "crm").await;
    let mut crm = open(&config).await;
    let group = "XGROUP CREATE sidetone:wrapups crm 0 MKSTREAM";
    tries(&mut crm, group).await.unwrap();
    let config_of_all = RedisConfig {
        common_stream: CommonStream::Calls,
        ..server.config()
    };
    let wire = Wire::with(server.outbox(), config_of_all);
    [started("c"), wrapup("c"), ended("c")]
        .into_iter()
        .for_each(|draft| wire.publisher.publish(draft));
    tries(&mut crm, "XGROUP CREATE sidetone:events crm 0 MKSTREAM")
        .await
        .unwrap();
    for command in [
        "XREADGROUP GROUP crm worker-1 COUNT 10 BLOCK 5000 STREAMS sidetone:wrapups >",
        "XREADGROUP GROUP crm worker-1 COUNT 10 BLOCK 5000 STREAMS sidetone:events >",
        "XACK sidetone:events crm 1-0",
        "XPENDING sidetone:wrapups crm",
        "XAUTOCLAIM sidetone:wrapups crm worker-2 0 0-0",
        "XACK sidetone:wrapups crm 1-0",
    ] {
        tries(&mut crm, command)
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"));
    }
    assert_refused(&config, &HARM).await;
    assert_refused(
        &config,
        &[
            "XADD sidetone:wrapups * a b",
            "XADD sidetone:events * a b",
            "XRANGE sidetone:{c}:events - +",
            "DEL sidetone:wrapups",
        ],
    )
    .await;
    wire.stop().await;
}
