//! What the desk reads from Redis and writes to it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::streams::StreamRangeReply;
use redis::{RedisResult, cmd};
use sidetone_base::{AgentId, CallId};
use sidetone_shell::wire::RedisConfig;

use super::calls::End;

/// Events fetched at once.
const COUNT: usize = 512;
/// Calls that a supervisor's screen may hold.
pub(super) const CALLS: usize = 1_024;
/// Entries of the audit that are kept, about.
const AUDIT: usize = 100_000;

/// An event as it is in a call's stream.
#[derive(Clone, Debug)]
pub(super) struct Stored {
    /// Its number in the call.
    pub seq: u64,
    /// The number that it follows in the stream, the partials between left out; none for a partial.
    pub after: Option<u64>,
    /// The event, as JSON.
    pub json: String,
}

/// A call's `state` hash.
pub(super) type State = BTreeMap<String, String>;

/// How the call of a state ended: when, and who was on it last.
fn end(state: &State) -> Option<End> {
    if state.get("status").is_none_or(|status| status != "ended") {
        return None;
    }
    let ended_at: Option<Timestamp> = state.get("ended_at").and_then(|at| at.parse().ok());
    let age = ended_at.and_then(|at| Duration::try_from(Timestamp::now().duration_since(at)).ok());
    let now = Instant::now();
    Some(End {
        at: age.and_then(|age| now.checked_sub(age)).unwrap_or(now),
        agents: agents(state).map(str::to_owned).collect(),
    })
}

/// The agents that a state names.
pub(super) fn agents(state: &State) -> impl Iterator<Item = &str> {
    let named = state.get("agent_id").map(String::as_str).unwrap_or_default();
    named.split(',').map(str::trim).filter(|agent| !agent.is_empty())
}

/// A connection that is made anew when it is lost.
#[derive(Clone)]
pub(super) struct Store {
    pub(super) config: RedisConfig,
    connection: ConnectionManager,
}

impl Store {
    /// Opens without waiting for Redis.
    pub(super) fn open(config: RedisConfig) -> RedisResult<Self> {
        let limits = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(config.timeout))
            .set_response_timeout(Some(config.timeout))
            .set_number_of_retries(1);
        let client = redis::Client::open(config.url.as_str())?;
        let connection = ConnectionManager::new_lazy_with_config(client, limits)?;
        Ok(Self { config, connection })
    }

    pub(super) fn connection(&self) -> ConnectionManager {
        self.connection.clone()
    }

    /// What a call's stream has behind `seq`, at most [`COUNT`] events, and the partials since its last final in their place; behind
    /// its end, the record as agents have corrected it.
    pub(super) async fn events(&self, call: &str, seq: u64) -> RedisResult<Vec<Stored>> {
        let id = CallId::new(call);
        let mut stored = self.range(&self.config.events_key(&id), seq, false).await?;
        let last = stored.last().map_or(seq, |stored| stored.seq);
        let whole = stored.len() < COUNT;
        let partials = self.range(&self.config.partials_key(&id), seq, true).await?;
        stored.extend(partials.into_iter().filter(|partial| whole || partial.seq < last));
        stored.sort_by_key(|stored| stored.seq);
        if whole {
            stored.extend(self.corrected(call).await?.filter(|stored| stored.seq > last));
        }
        Ok(stored)
    }

    async fn range(&self, key: &str, seq: u64, partials: bool) -> RedisResult<Vec<Stored>> {
        let mut range = cmd("XRANGE");
        range.arg(key).arg(format!("({seq}-0")).arg("+").arg("COUNT").arg(COUNT);
        let reply: StreamRangeReply = range.query_async(&mut self.connection()).await?;
        let stored = reply.ids.into_iter().filter_map(|entry| {
            let seq: u64 = entry.id.split_once('-')?.0.parse().ok()?;
            let left_out = entry.get::<u64>("partials").unwrap_or(0);
            Some(Stored {
                seq,
                after: (!partials).then(|| seq.saturating_sub(1 + left_out)),
                json: entry.get("event")?,
            })
        });
        Ok(stored.collect())
    }

    async fn corrected(&self, call: &str) -> RedisResult<Option<Stored>> {
        #[derive(serde::Deserialize)]
        struct Numbered {
            seq: u64,
        }
        let mut get = cmd("HGETALL");
        get.arg(self.config.corrected_key(&CallId::new(call)));
        let mut kept: BTreeMap<String, String> = get.query_async(&mut self.connection()).await?;
        Ok(kept.remove("event").and_then(|json| {
            let Numbered { seq } = serde_json::from_str(&json).ok()?;
            Some(Stored { seq, after: None, json })
        }))
    }

    /// The calls that an agent is on.
    pub(super) async fn agent_calls(&self, agent: &str) -> RedisResult<Vec<String>> {
        let key = self.config.agent_calls_key(&AgentId::new(agent));
        cmd("ZRANGE")
            .arg(key)
            .arg(0)
            .arg(-1)
            .query_async(&mut self.connection())
            .await
    }

    /// A call at a glance; empty when there is no such call.
    pub(super) async fn state(&self, call: &str) -> RedisResult<State> {
        let key = self.config.state_key(&CallId::new(call));
        cmd("HGETALL").arg(key).query_async(&mut self.connection()).await
    }

    /// How a call ended; `None` while it runs.
    pub(super) async fn end(&self, call: &str) -> RedisResult<Option<End>> {
        Ok(end(&self.state(call).await?))
    }

    /// The calls whose state is kept: those that run, and those that ended a short time ago, with how. Walks over all keys.
    pub(super) async fn find_calls(&self) -> RedisResult<Vec<(String, Option<End>)>> {
        let calls = self.named().await?;
        let mut states = redis::pipe();
        for call in calls.iter().map(String::as_str) {
            states.cmd("HGETALL").arg(self.config.state_key(&CallId::new(call)));
        }
        let states: Vec<State> = match calls.is_empty() {
            true => Vec::new(),
            false => states.query_async(&mut self.connection()).await?,
        };
        Ok(calls.into_iter().zip(states.iter().map(end)).collect())
    }

    async fn named(&self) -> RedisResult<Vec<String>> {
        let (head, tail) = (format!("{}:{{", self.config.prefix), "}:state");
        let pattern = format!("{head}*{tail}");
        let (mut calls, mut at) = (Vec::new(), 0_u64);
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(at).arg("MATCH").arg(&pattern).arg("COUNT").arg(1_000);
            let (next, keys): (u64, Vec<String>) = scan.query_async(&mut self.connection()).await?;
            let named = keys
                .iter()
                .filter_map(|key| key.strip_prefix(&head)?.strip_suffix(tail));
            calls.extend(named.map(str::to_owned));
            at = next;
            if at == 0 || calls.len() >= CALLS {
                return Ok(calls);
            }
        }
    }

    /// Writes who read which call.
    pub(super) async fn audit(&self, user: &str, call: &str, what: &str) -> RedisResult<()> {
        let key = format!("{}:audit", self.config.prefix);
        let mut add = cmd("XADD");
        add.arg(key).arg("MAXLEN").arg("~").arg(AUDIT).arg("*");
        add.arg("user").arg(user).arg("call_id").arg(call).arg("what").arg(what);
        add.exec_async(&mut self.connection()).await?;
        tracing::info!(call, what, "a call was read");
        Ok(())
    }
}
