//! The reader's side, as `sidetone watch` uses it: what was before from the stream, then what comes, and
//! the stream again wherever a number is missing.

use std::collections::HashMap;

use futures_util::StreamExt;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamRangeReply, StreamReadReply};
use redis::{Client, RedisError, RedisResult, cmd};
use sidetone_base::{AgentId, CallId};
use sidetone_schema::{Body, Envelope};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{Backoff, connect, trouble};

/// Events that may wait for a slow viewer.
const WAITING: usize = 256;
/// Events fetched at once.
const COUNT: u64 = 256;
/// How long one `XREAD` waits inside Redis, in milliseconds.
const BLOCK_MS: u64 = 2_000;

/// Whose events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One call's, from its first event to `call.ended`.
    Call(CallId),
    /// Of the calls that an agent is on, beginning with the one they are on now.
    Agent(AgentId),
    /// `call.*` of every call, from now on.
    Calls,
}

/// Why nothing can be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// Redis cannot be reached, or does not let us in.
    #[error("{address} cannot be watched: {source}")]
    Redis {
        /// Without the password.
        address: String,
        /// What Redis or the way to it said.
        source: RedisError,
    },
}

/// Events as they come. Dropping it ends the reading.
#[derive(Debug)]
pub struct Subscription {
    events: mpsc::Receiver<Envelope>,
}

impl Subscription {
    /// The next event, each once and in the order of its call; `None` after a watched call's `call.ended`.
    pub async fn next(&mut self) -> Option<Envelope> {
        self.events.recv().await
    }
}

/// Begins to watch. A connection that is lost later is made again, and what was missed is read up.
///
/// # Errors
/// When Redis cannot be reached now.
pub async fn subscribe(config: RedisConfig, target: Target) -> Result<Subscription, WatchError> {
    let fault = |source| WatchError::Redis {
        address: config.address(),
        source,
    };
    let connection = connect(&config, true).await.map_err(fault)?;
    let (out, events) = mpsc::channel(WAITING);
    let reader = Reader {
        config,
        out,
        seen: HashMap::new(),
    };
    let live = match &target {
        Target::Call(_) => None,
        _ => Some(reader.live(&target).await.map_err(|source| WatchError::Redis {
            address: reader.config.address(),
            source,
        })?),
    };
    tokio::spawn(async move { reader.run(target, connection, live).await });
    Ok(Subscription { events })
}

/// Nobody takes the events any more, or the call is over.
struct Over;

struct Reader {
    config: RedisConfig,
    out: mpsc::Sender<Envelope>,
    /// The last event of each call that was handed out; calls that have ended are forgotten.
    seen: HashMap<String, u64>,
}

impl Reader {
    async fn run(mut self, target: Target, connection: MultiplexedConnection, live: Option<redis::aio::PubSub>) {
        let mut first = Some((connection, live));
        let mut backoff = Backoff::new();
        let mut quiet = false;
        loop {
            let error = match self.session(&target, first.take()).await {
                Ok(Over) => return,
                Err(error) => error,
            };
            trouble(&self.config, "watch", &error, quiet);
            quiet = true;
            tokio::select! {
                () = tokio::time::sleep(backoff.next()) => {}
                () = self.out.closed() => return,
            }
        }
    }

    async fn session(
        &mut self,
        target: &Target,
        first: Option<(MultiplexedConnection, Option<redis::aio::PubSub>)>,
    ) -> RedisResult<Over> {
        let (mut connection, live) = match first {
            Some(first) => first,
            None => (connect(&self.config, true).await?, None),
        };
        if let Target::Call(call) = target {
            return self.follow(&mut connection, call).await;
        }
        let mut live = match live {
            Some(live) => live,
            None => self.live(target).await?,
        };
        if let Target::Agent(agent) = target {
            let call: Option<String> = cmd("GET")
                .arg(self.config.agent_call_key(agent))
                .query_async(&mut connection)
                .await?;
            if let Some(call) = call
                && self.catch_up(&mut connection, &call).await?.is_some()
            {
                return Ok(Over);
            }
        }
        let mut messages = live.on_message();
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                () = self.out.closed() => return Ok(Over),
            };
            let Some(message) = message else {
                return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into());
            };
            let Ok(event) = serde_json::from_slice::<Envelope>(message.get_payload_bytes()) else {
                continue;
            };
            let whole = *target != Target::Calls;
            let seen = self.seen.get(&event.call_id).copied().unwrap_or(0);
            if whole && event.seq > seen + 1 && self.catch_up(&mut connection, &event.call_id).await?.is_some() {
                return Ok(Over);
            }
            if self.hand_out(event).await.is_some() {
                return Ok(Over);
            }
        }
    }

    async fn live(&self, target: &Target) -> RedisResult<redis::aio::PubSub> {
        let channel = match target {
            Target::Agent(agent) => self.config.agent_channel(agent),
            _ => self.config.calls_channel(),
        };
        let mut live = Client::open(self.config.url.as_str())?.get_async_pubsub().await?;
        live.subscribe(channel).await?;
        Ok(live)
    }

    /// Reads a call's stream to `call.ended`.
    async fn follow(&mut self, connection: &mut MultiplexedConnection, call: &CallId) -> RedisResult<Over> {
        let key = self.config.events_key(call);
        loop {
            let seen = self.seen.get(call.as_str()).copied().unwrap_or(0);
            let mut read = cmd("XREAD");
            read.arg("COUNT")
                .arg(COUNT)
                .arg("BLOCK")
                .arg(BLOCK_MS)
                .arg("STREAMS")
                .arg(&key)
                .arg(format!("{seen}-0"));
            let reply: Option<StreamReadReply> = tokio::select! {
                reply = read.query_async(connection) => reply?,
                () = self.out.closed() => return Ok(Over),
            };
            for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids) {
                let Some(event) = entry
                    .get::<String>("event")
                    .and_then(|json| serde_json::from_str(&json).ok())
                else {
                    continue;
                };
                let ended = matches!(
                    event,
                    Envelope {
                        body: Body::CallEnded(_),
                        ..
                    }
                );
                if self.hand_out(event).await.is_some() || ended {
                    return Ok(Over);
                }
            }
        }
    }

    /// Hands out what a call's stream has beyond what was seen.
    async fn catch_up(&mut self, connection: &mut MultiplexedConnection, call: &str) -> RedisResult<Option<Over>> {
        let key = self.config.events_key(&CallId::new(call));
        let mut from = self.seen.get(call).copied().unwrap_or(0);
        loop {
            let mut range = cmd("XRANGE");
            range
                .arg(&key)
                .arg(format!("({from}-0"))
                .arg("+")
                .arg("COUNT")
                .arg(COUNT);
            let reply: StreamRangeReply = range.query_async(connection).await?;
            let Some(last) = reply.ids.last() else { return Ok(None) };
            from = last
                .id
                .split('-')
                .next()
                .and_then(|seq| seq.parse().ok())
                .unwrap_or(u64::MAX);
            for entry in reply.ids {
                let Some(json) = entry.get::<String>("event") else {
                    continue;
                };
                let Ok(event) = serde_json::from_str(&json) else {
                    continue;
                };
                if self.hand_out(event).await.is_some() {
                    return Ok(Some(Over));
                }
            }
        }
    }

    /// Hands an event out unless it was before.
    async fn hand_out(&mut self, event: Envelope) -> Option<Over> {
        let seen = self.seen.entry(event.call_id.clone()).or_default();
        if event.seq <= *seen {
            return None;
        }
        *seen = event.seq;
        self.out.send(event).await.err().map(|_| Over)
    }
}
