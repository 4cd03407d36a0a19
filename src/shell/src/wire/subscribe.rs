//! The reader's side, as `sidetone watch` uses it: what was before from the stream, then what comes, and
//! the stream again wherever a number is missing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use redis::{RedisError, RedisResult, Value, cmd};
use sidetone_base::{AgentId, CallId};
use sidetone_schema::{Body, Envelope};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{BLOCK_MS, Backoff, Waits, connect, listen, trouble, within};

/// Events that may wait for a slow viewer.
const WAITING: usize = 256;
/// Events fetched at once.
const COUNT: u64 = 256;
/// How often a subscription that says nothing is asked whether it lives.
const PING: Duration = Duration::from_secs(2);
/// Calls whose place is remembered; when there are more, those that are over are forgotten.
const CALLS: usize = 1_024;

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
    let connection = connect(&config, waits(&target)).await.map_err(fault)?;
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
    seen: HashMap<String, Seen>,
}

/// How far a call was handed out.
#[derive(Clone, Copy, Default)]
struct Seen {
    seq: u64,
    over: bool,
}

/// A call's stream is read by waiting in Redis for it, the others by messages.
const fn waits(target: &Target) -> Waits {
    match target {
        Target::Call(_) => Waits::InRedis,
        Target::Agent(_) | Target::Calls => Waits::Here,
    }
}

impl Reader {
    async fn run(mut self, target: Target, connection: MultiplexedConnection, live: Option<PubSub>) {
        let mut first = Some((connection, live));
        let mut backoff = Backoff::new();
        let mut quiet = false;
        loop {
            let begun = Instant::now();
            let error = match self.session(&target, first.take()).await {
                Ok(Over) => return,
                Err(error) => error,
            };
            if begun.elapsed() > PING * 2 {
                // It was well for a while: this is another trouble.
                (quiet, backoff) = (false, Backoff::new());
            }
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
        first: Option<(MultiplexedConnection, Option<PubSub>)>,
    ) -> RedisResult<Over> {
        let (mut connection, live) = match first {
            Some(first) => first,
            None => (connect(&self.config, waits(target)).await?, None),
        };
        if let Target::Call(call) = target {
            return self.follow(&mut connection, call).await;
        }
        let live = match live {
            Some(live) => live,
            None => self.live(target).await?,
        };
        if let Target::Agent(agent) = target
            && self.read_up(&mut connection, agent).await?.is_some()
        {
            return Ok(Over);
        }
        self.listen(&mut connection, live, *target != Target::Calls).await
    }

    /// What was missed: of the call that the agent is on, and of those that were not over when the last connection was
    /// lost.
    async fn read_up(&mut self, connection: &mut MultiplexedConnection, agent: &AgentId) -> RedisResult<Option<Over>> {
        let mut get = cmd("GET");
        get.arg(self.config.agent_call_key(agent));
        let now: Option<String> = get.query_async(connection).await?;
        let running = self.seen.iter().filter(|(_, seen)| !seen.over);
        let mut calls: Vec<String> = running.map(|(call, _)| call.clone()).collect();
        calls.extend(now.filter(|call| !self.seen.contains_key(call)));
        for call in calls {
            if self.catch_up(connection, &call).await?.is_some() {
                return Ok(Some(Over));
            }
        }
        Ok(None)
    }

    /// Hands out what is sent live; `whole`: with what is missing between two events.
    async fn listen(&mut self, connection: &mut MultiplexedConnection, live: PubSub, whole: bool) -> RedisResult<Over> {
        let (mut sink, mut messages) = live.split();
        let mut tick = tokio::time::interval(PING);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let message = tokio::select! {
                message = messages.next() => message,
                _ = tick.tick() => {
                    within(&self.config, sink.ping::<Value>()).await?;
                    continue;
                }
                () = self.out.closed() => return Ok(Over),
            };
            let Some(message) = message else {
                return Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into());
            };
            let Ok(event) = serde_json::from_slice::<Envelope>(message.get_payload_bytes()) else {
                continue;
            };
            let seen = self.seen(&event.call_id);
            if whole && event.seq > seen + 1 && self.catch_up(connection, &event.call_id).await?.is_some() {
                return Ok(Over);
            }
            if self.hand_out(event).await.is_some() {
                return Ok(Over);
            }
        }
    }

    async fn live(&self, target: &Target) -> RedisResult<PubSub> {
        let channel = match target {
            Target::Agent(agent) => self.config.agent_channel(agent),
            _ => self.config.calls_channel(),
        };
        listen(&self.config, &channel).await
    }

    /// The last event of a call that was handed out; 0 when none was.
    fn seen(&self, call: &str) -> u64 {
        self.seen.get(call).map_or(0, |seen| seen.seq)
    }

    /// Reads a call's stream, and that of its partials, to `call.ended`.
    async fn follow(&mut self, connection: &mut MultiplexedConnection, call: &CallId) -> RedisResult<Over> {
        let keys = [self.config.events_key(call), self.config.partials_key(call)];
        let mut at = [(); 2].map(|()| format!("{}-0", self.seen(call.as_str())));
        loop {
            let mut read = cmd("XREAD");
            read.arg("COUNT")
                .arg(COUNT)
                .arg("BLOCK")
                .arg(BLOCK_MS)
                .arg("STREAMS")
                .arg(&keys)
                .arg(&at);
            let reply: Option<StreamReadReply> = tokio::select! {
                reply = read.query_async(connection) => reply?,
                () = self.out.closed() => return Ok(Over),
            };
            let mut events: Vec<Envelope> = Vec::new();
            for stream in reply.into_iter().flat_map(|reply| reply.keys) {
                if let (Some(last), Some(place)) = (stream.ids.last(), keys.iter().position(|key| *key == stream.key)) {
                    at[place].clone_from(&last.id);
                }
                events.extend(stream.ids.iter().filter_map(event_of));
            }
            events.sort_by_key(|event| event.seq);
            for event in events {
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

    /// Hands out what a call's stream has beyond what was seen, and the partials since its last final in their place.
    async fn catch_up(&mut self, connection: &mut MultiplexedConnection, call: &str) -> RedisResult<Option<Over>> {
        let call_id = CallId::new(call);
        let (key, mut from) = (self.config.events_key(&call_id), format!("({}-0", self.seen(call)));
        let partials = range(connection, &self.config.partials_key(&call_id), &from).await?;
        let mut partials = partials.iter().filter_map(event_of).peekable();
        loop {
            let entries = range(connection, &key, &from).await?;
            if let Some(last) = entries.last() {
                from = format!("({}", last.id);
            }
            let whole = entries.is_empty();
            let mut events: Vec<Envelope> = entries.iter().filter_map(event_of).collect();
            let upto = events.last().map_or(0, |last| last.seq);
            while let Some(partial) = partials.next_if(|partial| whole || partial.seq < upto) {
                events.push(partial);
            }
            events.sort_by_key(|event| event.seq);
            for event in events {
                if self.hand_out(event).await.is_some() {
                    return Ok(Some(Over));
                }
            }
            if whole {
                return Ok(None);
            }
        }
    }

    /// Hands an event out unless it was before.
    async fn hand_out(&mut self, event: Envelope) -> Option<Over> {
        if self.seen.len() >= CALLS {
            self.seen.retain(|_, seen| !seen.over);
        }
        let seen = self.seen.entry(event.call_id.clone()).or_default();
        if event.seq <= seen.seq {
            return None;
        }
        *seen = Seen {
            seq: event.seq,
            over: matches!(event.body, Body::CallEnded(_)),
        };
        self.out.send(event).await.err().map(|_| Over)
    }
}

/// The event of an entry.
fn event_of(entry: &StreamId) -> Option<Envelope> {
    serde_json::from_str(&entry.get::<String>("event")?).ok()
}

/// The next entries of a stream.
async fn range(connection: &mut MultiplexedConnection, key: &str, from: &str) -> RedisResult<Vec<StreamId>> {
    let mut range = cmd("XRANGE");
    range.arg(key).arg(from).arg("+").arg("COUNT").arg(COUNT);
    let reply: StreamRangeReply = range.query_async(connection).await?;
    Ok(reply.ids)
}
