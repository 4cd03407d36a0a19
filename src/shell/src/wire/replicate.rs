//! Copies the journals to Redis, in order, for as long as the process lives.

mod reconcile;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::streams::StreamRangeReply;
use redis::{Pipeline, RedisError, RedisResult, Value, pipe};
use sidetone_base::CallId;
use tokio::sync::watch;

use super::batch::{Batch, Verdict};
use super::config::RedisConfig;
use super::connect::{Backoff, Waits, connect, state, takes_writes, trouble};
use super::cursor::Cursor;
use super::publisher::Publisher;
use super::refusal::Refusal;
use crate::clock::WallClock;
use crate::http::Component;
use crate::{lock, metrics as names};

/// How often journals are swept and an idle connection is asked whether it lives.
const TICK: Duration = Duration::from_secs(1);
/// How long a call waits after Redis refused one of its events.
const HOLD: Duration = Duration::from_secs(1);
/// How long [`Replicator::run`] goes on after the stop, to deliver what is there.
const DRAIN: Duration = Duration::from_secs(3);
/// Streams asked for their last id in one round trip.
const ASK: usize = 256;

/// The task between the journals and Redis.
pub struct Replicator {
    publisher: Publisher,
    config: RedisConfig,
    clock: WallClock,
    redis: Component,
    cursors: HashMap<CallId, Cursor>,
    /// Calls whose stream holds something else than their journal; each is there once, and only until
    /// [`Self::reconcile`].
    suspects: Vec<CallId>,
}

impl std::fmt::Debug for Replicator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replicator({})", self.config.address())
    }
}

impl Replicator {
    /// A replicator of `publisher`'s journals. There must be one only.
    #[must_use]
    pub fn new(publisher: &Publisher, config: RedisConfig, clock: WallClock, redis: Component) -> Self {
        Self {
            publisher: publisher.clone(),
            config,
            clock,
            redis,
            cursors: HashMap::new(),
            suspects: Vec::new(),
        }
    }

    /// Runs until `stop` turns true, and then up to three seconds longer to deliver the rest. What Redis does
    /// not take by then is on disk and follows after the next start.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut backoff = Backoff::new();
        let mut quiet = false;
        loop {
            let error = match self.session(&mut stop, &mut quiet, &mut backoff).await {
                Ok(()) => {
                    self.sweep();
                    return;
                }
                Err(error) => error,
            };
            gauge!(names::WIRE_REDIS_UP).set(0.0);
            trouble(&self.config, "outbox", &error, quiet);
            self.redis.not_ready(state(&self.config, &error));
            quiet = true;
            let wait = backoff.next();
            if stopped(&stop) {
                self.sweep();
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = stop.changed() => {}
            }
            self.sweep();
        }
    }

    /// One connection's life. `Ok` when there is nothing more to do.
    async fn session(
        &mut self,
        stop: &mut watch::Receiver<bool>,
        quiet: &mut bool,
        backoff: &mut Backoff,
    ) -> RedisResult<()> {
        let mut connection = connect(&self.config, Waits::Here).await?;
        takes_writes(&self.config, &mut connection).await?;
        self.resync(&mut connection).await?;
        let mut up = false;
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut swept = Instant::now();
        let mut give_up: Option<Instant> = None;
        loop {
            let idle = !self.deliver(&mut connection).await?;
            if !std::mem::replace(&mut up, true) {
                tracing::info!(redis = self.config.address(), "Redis answers");
                gauge!(names::WIRE_REDIS_UP).set(1.0);
                self.redis.ready();
                (*quiet, *backoff) = (false, Backoff::new());
            }
            let now = Instant::now();
            if now.duration_since(swept) >= TICK {
                self.sweep();
                swept = now;
            }
            if stopped(stop) && (idle || now > *give_up.get_or_insert(now + DRAIN)) {
                return Ok(());
            }
            if !idle {
                continue;
            }
            tokio::select! {
                () = self.publisher.outbox.rung() => {}
                _ = stop.changed() => {}
                _ = tick.tick() => {
                    takes_writes(&self.config, &mut connection).await?;
                }
            }
        }
    }

    /// Asks Redis how far each stream is. It may be behind what was delivered: it was killed and has lost its
    /// last second, or everything.
    async fn resync(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let calls = self.publisher.outbox.calls();
        self.ask(connection, &calls).await
    }

    /// Asks how far these calls' streams are.
    async fn ask(&mut self, connection: &mut MultiplexedConnection, calls: &[CallId]) -> RedisResult<()> {
        for calls in calls.chunks(ASK) {
            let mut ask = pipe();
            for call in calls {
                ask.cmd("XREVRANGE")
                    .arg(self.config.events_key(call))
                    .arg("+")
                    .arg("-")
                    .arg("COUNT")
                    .arg(1);
            }
            let answers = connection.req_packed_commands(&ask, 0, calls.len()).await?;
            for (call, answer) in calls.iter().zip(answers) {
                let stream_at = last_seq(answer)?;
                self.learn(call, stream_at);
            }
        }
        self.reconcile(connection).await
    }

    /// Takes in how far a call's stream is.
    fn learn(&mut self, call: &CallId, stream_at: u64) {
        let cursor = self
            .cursors
            .entry(call.clone())
            .or_insert_with(|| Cursor::adopted(stream_at));
        if cursor.rewind(stream_at) {
            counter!(names::WIRE_REWINDS).increment(1);
            tracing::warn!(%call, stream_at, "stream is behind what was delivered; filling up from the journal");
        }
        self.publisher.outbox.ring(call);
        if stream_at > self.known(call) {
            self.suspect(call);
        }
    }

    /// The last number in a call's journal.
    fn known(&self, call: &CallId) -> u64 {
        let journal = self.publisher.outbox.find(call);
        journal.map_or(0, |journal| lock(&journal).last_seq())
    }

    fn suspect(&mut self, call: &CallId) {
        if !self.suspects.contains(call) {
            self.suspects.push(call.clone());
        }
    }

    /// The next round trip's commands.
    fn collect(&mut self) -> Batch {
        let mut batch = Batch::default();
        while !batch.is_full()
            && let Some(call) = self.publisher.outbox.next_news()
        {
            self.gather(&call, &mut batch);
        }
        batch
    }

    /// A round trip failed and nobody knows what was done: the next connection asks.
    fn forget(&mut self, batch: &Batch) {
        for call in batch.calls() {
            if let Some(cursor) = self.cursors.get_mut(call) {
                cursor.restart();
            }
        }
    }

    /// One round trip for whatever is new. Gives `false` when nothing is.
    async fn deliver(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<bool> {
        // The stream may know a call that we believe to be new: the state folder was lost.
        let new = self.publisher.outbox.news_of(|call| !self.cursors.contains_key(call));
        self.ask(connection, &new).await?;
        let batch = self.collect();
        if batch.is_empty() {
            return Ok(batch.skimmed());
        }
        let asked = Instant::now();
        let answers = send(connection, batch.commands()).await;
        histogram!(names::WIRE_ROUND_TRIP_SECONDS).record(asked.elapsed().as_secs_f64());
        let answers = match answers {
            Ok(answers) => answers,
            Err(error) => {
                self.forget(&batch);
                return Err(error);
            }
        };
        let mut refused = None;
        for (call, verdict) in batch.judge(&answers) {
            refused = refused.or(self.settle(&call, verdict));
        }
        self.reconcile(connection).await?;
        // The whole server refuses: another connection may find one that does not.
        refused.map_or(Ok(true), Err)
    }

    /// Reads what a call's journal has beyond its cursor into the batch.
    fn gather(&mut self, call: &CallId, batch: &mut Batch) {
        let Some(journal) = self.publisher.outbox.find(call) else {
            return;
        };
        let cursor = self.cursors.entry(call.clone()).or_insert_with(|| Cursor::adopted(0));
        if cursor.held(Instant::now()) {
            return; // the sweep rings again
        }
        let (lines, more) = {
            let journal = lock(&journal);
            let lines = match journal.read(cursor.offset, Batch::READ) {
                Ok(lines) => lines,
                Err(error) => {
                    tracing::error!(%call, %error, "journal cannot be read back; trying again");
                    cursor.hold(Instant::now() + HOLD);
                    return;
                }
            };
            let more = cursor.offset + (lines.len() as u64) < journal.len();
            (lines, more)
        };
        let all = batch.add(&self.config, &self.clock, call, cursor, &lines, !more);
        if more || !all {
            self.publisher.outbox.ring(call);
        }
    }

    /// Takes in what became of a call's part; gives the error when it is of the whole server.
    fn settle(&mut self, call: &CallId, verdict: Verdict) -> Option<RedisError> {
        let known = self.known(call);
        let cursor = self.cursors.get_mut(call)?;
        match verdict {
            Verdict::Delivered { upto, kept, times } => {
                cursor.delivered(upto, kept);
                counter!(names::WIRE_DELIVERED).increment(times.len() as u64);
                for time in times {
                    histogram!(names::WIRE_DELIVERY_SECONDS).record(self.clock.age(time).as_secs_f64());
                }
            }
            Verdict::Behind { stream_at } => {
                counter!(names::WIRE_REWINDS).increment(1);
                tracing::warn!(%call, stream_at, "stream has lost events; filling up from the journal");
                cursor.rewind(stream_at);
                self.publisher.outbox.ring(call);
            }
            // Sent again in smaller pieces: what follows is compared when it is sent.
            Verdict::Ahead { upto, kept, stream_at } if stream_at <= known => {
                cursor.delivered(upto, kept);
                cursor.there = stream_at;
            }
            Verdict::Ahead { .. } | Verdict::Foreign => self.suspect(call),
            Verdict::Refused { error } => {
                cursor.restart();
                if Refusal::of(&error).is_some() {
                    return Some(error);
                }
                trouble(&self.config, "event refused", &error, cursor.refused_before());
                cursor.hold(Instant::now() + HOLD);
            }
        }
        None
    }

    /// Lets go of journals that are of no more use, rings for calls that were held.
    fn sweep(&mut self) {
        let outbox = &self.publisher.outbox;
        let now = Instant::now();
        // With little room left, a journal that has done its work makes room at once.
        let retention = if outbox.is_tight() {
            Duration::ZERO
        } else {
            outbox.config.retention
        };
        self.cursors.retain(|call, cursor| {
            let Some(journal) = outbox.find(call) else { return false };
            let done = {
                let journal = lock(&journal);
                journal.ended() && cursor.confirmed >= journal.last_seq()
            };
            if cursor.released(now) {
                outbox.ring(call);
            }
            if done && cursor.done_for(now) >= retention {
                outbox.delete(call);
                return false;
            }
            true
        });
        outbox.measure(|call| self.cursors.get(call).map_or(0, |cursor| cursor.confirmed));
    }
}

/// Whether the stop was asked for, or nobody is left to ask for it.
fn stopped(stop: &watch::Receiver<bool>) -> bool {
    *stop.borrow() || stop.has_changed().is_err()
}

async fn send(connection: &mut MultiplexedConnection, commands: &Pipeline) -> RedisResult<Vec<Value>> {
    connection.req_packed_commands(commands, 0, commands.len()).await
}

/// The `seq` of a stream's last entry; 0 when there is none or the answer is no stream.
///
/// # Errors
/// When the server answers nobody.
fn last_seq(answer: Value) -> RedisResult<u64> {
    if let Value::ServerError(error) = &answer
        && Refusal::of_answer(error).is_some()
    {
        return Err(error.clone().into());
    }
    let reply: Option<StreamRangeReply> = redis::from_redis_value(answer).ok();
    let entry = reply.and_then(|reply| reply.ids.into_iter().next());
    Ok(entry.map_or(0, |entry| seq_of(&entry.id)))
}

/// The number in a stream's id `<seq>-0`.
fn seq_of(id: &str) -> u64 {
    id.split('-').next().and_then(|seq| seq.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
#[path = "tests/replication.rs"]
mod tests;
