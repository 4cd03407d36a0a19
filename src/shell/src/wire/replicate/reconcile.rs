//! A stream that holds what we did not write: our state folder was lost while Redis was kept, or somebody else wrote to
//! the stream. The numbers of the call then go on from what the stream has, and the call says so.

use std::collections::HashMap;
use std::time::Instant;

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamInfoStreamReply, StreamRangeReply};
use redis::{RedisResult, cmd};
use sidetone_base::CallId;
use sidetone_schema::{Body, Envelope, Fault, FaultSeverity, VERSION};

use super::super::batch::args;
use super::super::project::release;
use super::{HOLD, Replicator, seq_of};
use crate::{lock, metrics as names};

/// Numbers from here on cannot be counted on from: the script and JavaScript know integers up to 2^53.
const TOO_FAR: u64 = 1 << 52;
/// Entries fetched at once.
const COUNT: u64 = 256;

/// What a stream holds.
struct Found {
    /// The last number that is ours; 0 when none is.
    kept: u64,
    /// The highest number that was ever in the stream.
    top: u64,
}

impl Replicator {
    /// Looks what the stream of each call holds and makes the journal fit.
    pub(super) async fn reconcile(&mut self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        while let Some(call) = self.suspects.first().cloned() {
            let Some(journal) = self.publisher.outbox.find(&call) else {
                self.suspects.remove(0);
                continue;
            };
            let lines = lock(&journal).lines();
            match lines {
                Ok(lines) => {
                    let lines: HashMap<u64, String> = lines.into_iter().collect();
                    self.clear_far(connection, &call).await?;
                    let found = self.look(connection, &call, &lines).await?;
                    if found.kept == 0 {
                        self.free_agents(connection, &call).await?;
                    }
                    self.adapt(&call, &found);
                }
                Err(error) => self.put_off(&call, &error),
            }
            self.suspects.remove(0);
        }
        Ok(())
    }

    /// Takes entries out of the stream that numbers cannot go on from.
    async fn clear_far(&self, connection: &mut MultiplexedConnection, call: &CallId) -> RedisResult<()> {
        let key = self.config.events_key(call);
        if self.last_id(connection, call).await? < TOO_FAR {
            return Ok(());
        }
        tracing::error!(%call, "another writer's entries are taken out of the stream: no number can follow theirs");
        loop {
            let mut range = cmd("XRANGE");
            range.arg(&key).arg(TOO_FAR).arg("+").arg("COUNT").arg(COUNT);
            let far: StreamRangeReply = range.query_async(connection).await?;
            if far.ids.is_empty() {
                break;
            }
            let ids: Vec<&str> = far.ids.iter().map(|entry| entry.id.as_str()).collect();
            cmd("XDEL").arg(&key).arg(ids).exec_async(connection).await?;
        }
        let mut newest = cmd("XREVRANGE");
        newest.arg(&key).arg("+").arg("-").arg("COUNT").arg(1);
        let left: StreamRangeReply = newest.query_async(connection).await?;
        let last = left.ids.first().map_or("0-0", |entry| entry.id.as_str());
        cmd("XSETID").arg(&key).arg(last).exec_async(connection).await
    }

    /// The highest number that was ever in the call's stream; 0 when there is no stream.
    async fn last_id(&self, connection: &mut MultiplexedConnection, call: &CallId) -> RedisResult<u64> {
        let mut info = cmd("XINFO");
        info.arg("STREAM").arg(self.config.events_key(call));
        let info: RedisResult<StreamInfoStreamReply> = info.query_async(connection).await;
        match info {
            Ok(info) => Ok(seq_of(&info.last_generated_id)),
            Err(error) if error.detail().is_some_and(|words| words.contains("no such key")) => Ok(0),
            Err(error) => Err(error),
        }
    }

    /// Compares the stream with the journal, from the journal's end backwards.
    async fn look(
        &self,
        connection: &mut MultiplexedConnection,
        call: &CallId,
        lines: &HashMap<u64, String>,
    ) -> RedisResult<Found> {
        let top = self.last_id(connection, call).await?;
        let mut from = lines.keys().copied().max().unwrap_or(0).to_string();
        loop {
            let mut range = cmd("XREVRANGE");
            range.arg(self.config.events_key(call)).arg(&from).arg("-");
            range.arg("COUNT").arg(COUNT);
            let page: StreamRangeReply = range.query_async(connection).await?;
            for entry in &page.ids {
                let seq = seq_of(&entry.id);
                let ours = lines.get(&seq).map(String::as_str);
                if ours.is_some() && entry.get::<String>("event").as_deref() == ours {
                    return Ok(Found { kept: seq, top });
                }
            }
            let Some(last) = page.ids.last() else {
                return Ok(Found { kept: 0, top });
            };
            from = format!("({}", last.id);
        }
    }

    /// Frees the agents that the stream's earlier events put on the call: those who are still on it are claimed again
    /// by the events that follow.
    async fn free_agents(&self, connection: &mut MultiplexedConnection, call: &CallId) -> RedisResult<()> {
        let mut get = cmd("HGET");
        get.arg(self.config.state_key(call)).arg("agent_id");
        let agents: Option<String> = get.query_async(connection).await?;
        let agents = agents.unwrap_or_default();
        let named = agents.split(',').filter(|agent| !agent.is_empty());
        for command in release(&self.config, call, named) {
            args(&command).exec_async(connection).await?;
        }
        Ok(())
    }

    /// Makes the journal's numbers follow the stream's.
    fn adapt(&mut self, call: &CallId, found: &Found) {
        let Some(journal) = self.publisher.outbox.find(call) else {
            return;
        };
        let mut journal = lock(&journal);
        let (last, &Found { kept, top }) = (journal.last_seq(), found);
        // Everything of ours is there, and nothing more may follow; or nothing of another writer is in the way.
        let settled = top <= kept || (kept == last && journal.ended());
        if !settled {
            let (before, waited) = (journal.len(), journal.waiting());
            if let Err(error) = journal.renumber(kept, top, self.notice(call, top)) {
                drop(journal);
                return self.put_off(call, &error);
            }
            self.publisher.outbox.resized(before, journal.len());
            self.publisher.outbox.remembers(waited, journal.waiting());
            counter!(names::WIRE_RENUMBERED).increment(1);
            tracing::error!(%call, kept, top, "the stream holds what this journal does not: numbers go on behind it");
        }
        drop(journal);
        let cursor = self.cursors.entry(call.clone()).or_default();
        cursor.restart();
        cursor.confirm(if settled { kept } else { top });
        self.publisher.outbox.ring(call);
    }

    fn notice(&self, call: &CallId, top: u64) -> Envelope {
        let first = top + 1;
        Envelope {
            v: VERSION,
            body: Body::Error(Fault {
                code: "renumbered".to_owned(),
                message: format!(
                    "the stream held entries up to {top} that this daemon does not know; the call goes on from {first}"
                ),
                severity: FaultSeverity::Degraded,
            }),
            call_id: call.to_string(),
            seq: first,
            ts: self.clock.now(),
            leg_id: None,
            role: None,
            agent_id: None,
        }
    }

    /// The disk does not do what it should: the sweep rings for the call again.
    fn put_off(&mut self, call: &CallId, error: &std::io::Error) {
        counter!(names::WIRE_JOURNAL_ERRORS).increment(1);
        tracing::error!(%call, %error, "journal cannot be made to follow its stream; trying again");
        let cursor = self.cursors.entry(call.clone()).or_default();
        cursor.restart();
        cursor.hold(Instant::now() + HOLD);
    }
}
