//! What the daemon writes to Redis, written by hand.

use redis::cmd;
use serde_json::{Value, json};

use crate::parts::Place;

/// The events that the contract shows, in the order in which they stand there.
pub(crate) fn examples() -> Vec<Value> {
    let contract = include_str!("../../../../docs/EVENTS.md");
    let blocks = contract
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    blocks
        .filter_map(|block| serde_json::from_str(block).ok())
        .filter(whole)
        .collect()
}

/// The envelope's own example has no content.
fn whole(event: &Value) -> bool {
    event["data"].as_object().is_some_and(|data| !data.is_empty())
}

/// Writes events to Redis as the daemon does.
pub(crate) struct Daemon {
    pub(crate) seq: u64,
    pub(crate) call: String,
    agent: String,
}

impl Daemon {
    pub(crate) async fn join(place: &mut Place, call: &str, agent: &str) -> Self {
        let mut pipe = redis::pipe();
        pipe.add_command(
            cmd("ZADD")
                .arg(format!("sidetone:agent:{agent}:calls"))
                .arg(1)
                .arg(call)
                .clone(),
        );
        let key = format!("sidetone:{{{call}}}:state");
        pipe.add_command(
            cmd("HSET")
                .arg(key)
                .arg(&["call_id", call, "status", "live", "agent_id", agent])
                .clone(),
        );
        pipe.exec_async(&mut place.redis).await.unwrap();
        Self {
            seq: 0,
            call: call.to_owned(),
            agent: agent.to_owned(),
        }
    }

    pub(crate) async fn publish(&mut self, place: &mut Place, kind: &str) {
        let event = examples()
            .into_iter()
            .find(|event| event["type"] == kind)
            .unwrap_or_else(|| panic!("no {kind}"));
        self.publish_event(place, event).await;
    }

    pub(crate) async fn publish_event(&mut self, place: &mut Place, mut event: Value) {
        self.seq += 1;
        event["ts"] = json!(jiff::Timestamp::now().to_string());
        event["seq"] = json!(self.seq);
        event["call_id"] = json!(self.call);
        event["agent_id"] = json!(self.agent);
        let text = event.to_string();
        let key = format!("sidetone:{{{}}}:events", self.call);
        let id = format!("{}-0", self.seq);
        let mut pipe = redis::pipe();
        pipe.add_command(cmd("XADD").arg(key).arg(id).arg("event").arg(&text).clone());
        pipe.add_command(
            cmd("PUBLISH")
                .arg(format!("sidetone:agent:{}", self.agent))
                .arg(&text)
                .clone(),
        );
        pipe.exec_async(&mut place.redis).await.unwrap();
    }

    /// Ends the call: it is no longer on its agent's list, and its state says who had it last.
    pub(crate) async fn end(&mut self, place: &mut Place) {
        let mut pipe = redis::pipe();
        let key = format!("sidetone:{{{}}}:state", self.call);
        let at = jiff::Timestamp::now().to_string();
        pipe.add_command(cmd("HSET").arg(key).arg(&["status", "ended", "ended_at", &at]).clone());
        pipe.add_command(
            cmd("ZREM")
                .arg(format!("sidetone:agent:{}:calls", self.agent))
                .arg(&self.call)
                .clone(),
        );
        pipe.exec_async(&mut place.redis).await.unwrap();
        self.publish(place, "wrapup.final").await;
        self.publish(place, "call.ended").await;
    }

    pub(crate) async fn say(&mut self, place: &mut Place, number: u64) {
        let mut event = examples()
            .into_iter()
            .find(|event| event["type"] == "transcript.final")
            .unwrap();
        event["data"]["segment_id"] = json!(format!("caller-{number}"));
        event["data"]["begin_ms"] = json!(number * 1_000);
        self.publish_event(place, event).await;
    }
}
