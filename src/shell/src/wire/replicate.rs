//! Copies the journals to Redis, in order, for as long as the process lives.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use metrics::{counter, gauge, histogram};
use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::streams::StreamRangeReply;
use redis::{Pipeline, RedisResult, Value, cmd, pipe};
use sidetone_base::CallId;
use tokio::sync::watch;

use super::batch::{Batch, Verdict};
use super::config::RedisConfig;
use super::connect::{Backoff, connect, trouble};
use super::cursor::Cursor;
use super::publisher::Publisher;
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
            self.redis
                .not_ready(format!("{} does not answer", self.config.address()));
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
        let mut connection = connect(&self.config, false).await?;
        self.resync(&mut connection).await?;
        tracing::info!(redis = self.config.address(), "Redis answers");
        gauge!(names::WIRE_REDIS_UP).set(1.0);
        self.redis.ready();
        (*quiet, *backoff) = (false, Backoff::new());
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut swept = Instant::now();
        let mut give_up: Option<Instant> = None;
        loop {
            let idle = !self.deliver(&mut connection).await?;
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
                    cmd("PING").exec_async(&mut connection).await?;
                }
            }
        }
    }

    /// Asks Redis how far each stream is. It may be behind what was delivered: it was killed and has lost its
    /// last second, or everything.
    async fn resync(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let calls = self.publisher.outbox.calls();
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
                let stream_at = last_seq(answer);
                self.learn(call, stream_at);
            }
        }
        Ok(())
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
        for (call, verdict) in batch.judge(&answers) {
            self.settle(&call, verdict);
        }
        Ok(true)
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
        batch.add(&self.config, &self.clock, call, cursor, &lines, !more);
        if more {
            self.publisher.outbox.ring(call);
        }
    }

    fn settle(&mut self, call: &CallId, verdict: Verdict) {
        let Some(cursor) = self.cursors.get_mut(call) else {
            return;
        };
        match verdict {
            Verdict::Delivered { upto, times } => {
                cursor.delivered(upto);
                counter!(names::WIRE_DELIVERED).increment(times.len() as u64);
                for time in times {
                    histogram!(names::WIRE_DELIVERY_SECONDS).record(self.clock.age(time).as_secs_f64());
                }
            }
            Verdict::Behind { stream_at } => {
                counter!(names::WIRE_REWINDS).increment(1);
                tracing::warn!(%call, stream_at, "stream has lost events; filling up from the journal");
                cursor.restart();
                cursor.confirm(stream_at);
                self.publisher.outbox.ring(call);
            }
            Verdict::Ahead { stream_at } => {
                // Sent again in smaller pieces, or the journal was deleted under a call that goes on.
                let journal = self.publisher.outbox.find(call);
                let known = journal.map_or(0, |journal| lock(&journal).last_seq());
                if stream_at > known {
                    tracing::error!(%call, stream_at, known, "stream holds events that the journal does not");
                }
                cursor.delivered(stream_at);
            }
            Verdict::Refused { error } => {
                trouble(&self.config, "event refused", &error, cursor.refused_before());
                cursor.restart();
                cursor.hold(Instant::now() + HOLD);
            }
        }
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
fn last_seq(answer: Value) -> u64 {
    let reply: Option<StreamRangeReply> = redis::from_redis_value(answer).ok();
    let entry = reply.and_then(|reply| reply.ids.into_iter().next());
    entry
        .and_then(|entry| entry.id.split('-').next()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
#[path = "tests/replication.rs"]
mod tests;
