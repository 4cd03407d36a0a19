//! Finals as they were said reach who may read them, and nothing keeps them.

use futures_util::StreamExt;
use redis::cmd;
use redis::streams::StreamRangeReply;
use sidetone_base::{AgentId, CallId, LegId, Pii, Role, SegmentId};
use sidetone_shell::wire::{Unmasked, UnmaskedFinal};

use crate::support::{Server, until};

pub(crate) fn said(text: &str) -> UnmaskedFinal {
    UnmaskedFinal {
        call: CallId::new("c"),
        leg: LegId::new("c-caller"),
        role: Role::Caller,
        agent: Some(AgentId::new("8001")),
        segment: SegmentId::new("caller-1"),
        text: Pii::new(text.to_owned()),
    }
}

pub(crate) async fn audit(server: &Server) -> StreamRangeReply {
    let mut range = cmd("XRANGE");
    range.arg(&["sidetone:unmasked:audit", "-", "+"]);
    range.query_async(&mut server.connect().await).await.unwrap()
}

#[tokio::test]
async fn a_role_reads_what_is_covered_and_redis_keeps_who_was_sent_it() {
    let server = Server::running("unmasked", false).await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut live = client.get_async_pubsub().await.unwrap();
    live.subscribe("sidetone:unmasked:verifier").await.unwrap();
    let roles = ["verifier", "trainer"].map(str::to_owned).to_vec();
    let (unmasked, sending) = Unmasked::open(server.config(), roles);
    let sending = tokio::spawn(sending);
    unmasked.tell(said("电话15405460137"));
    let message: String = live.on_message().next().await.unwrap().get_payload().unwrap();
    let message: serde_json::Value = serde_json::from_str(&message).unwrap();
    assert_eq!(message["text"], "电话15405460137");
    assert_eq!(
        (&message["call_id"], &message["segment_id"]),
        (&"c".into(), &"caller-1".into())
    );
    let audit = until("an entry for each role", async || {
        let entries = audit(&server).await;
        (entries.ids.len() == 2).then_some(entries)
    })
    .await;
    let to: Vec<String> = audit.ids.iter().map(|entry| entry.get("to").unwrap()).collect();
    assert_eq!(to, ["verifier", "trainer"]);
    assert_eq!(audit.ids[0].get::<String>("segment_id").unwrap(), "caller-1");
    let keys: Vec<String> = cmd("KEYS")
        .arg("*")
        .query_async(&mut server.connect().await)
        .await
        .unwrap();
    assert_eq!(keys, ["sidetone:unmasked:audit"], "nothing else is kept");
    assert!(audit.ids.iter().all(|entry| !format!("{entry:?}").contains("0546")));
    sending.abort();
}

#[tokio::test]
async fn without_an_entry_of_the_audit_nothing_is_sent() {
    let server = Server::running("unmasked-audit", false).await;
    // What stands in the way of the audit.
    server.tell("SET sidetone:unmasked:audit x").await;
    let client = redis::Client::open(server.url()).unwrap();
    let mut live = client.get_async_pubsub().await.unwrap();
    live.psubscribe("sidetone:*").await.unwrap();
    let (unmasked, sending) = Unmasked::open(server.config(), vec!["verifier".to_owned()]);
    let sending = tokio::spawn(sending);
    unmasked.tell(said("15405460137"));
    drop(unmasked);
    sending.await.unwrap();
    server.tell("PUBLISH sidetone:end x").await;
    let first = live.on_message().next().await.unwrap();
    assert_eq!(first.get_channel_name(), "sidetone:end");
}
