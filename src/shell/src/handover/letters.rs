//! Final wrap-ups as a consumer group reads them.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamAutoClaimReply, StreamId, StreamReadReply};
use redis::{RedisError, RedisResult, cmd};
use tokio::sync::mpsc;

use super::courier::{Letter, Verdict};
use crate::wire::{BLOCK_MS, Backoff, RedisConfig, Waits, connect, trouble};

/// The group that reads for the receiver.
pub const GROUP: &str = "sidetone-handover";
/// Entries fetched at once.
const COUNT: usize = 8;
/// Entries of a consumer that has not stirred for so long are taken over: its daemon is gone. In milliseconds.
const STALE_MS: u64 = 600_000;
/// How often stale entries are looked for, and our own are kept from becoming stale.
pub(super) const EVERY: Duration = Duration::from_secs(60);

/// Where wrap-ups are read, and as whom.
#[derive(Clone, Debug)]
pub(super) struct Letters {
    pub(super) redis: RedisConfig,
    /// Names this daemon among those that share the group.
    pub(super) consumer: String,
    pub(super) give_up_after: Duration,
    pub(super) dead_maxlen: u64,
}

impl Letters {
    /// Reads until nobody takes letters: first what an earlier run left, then what comes. A full queue stops the reading.
    pub(super) async fn read(self, out: mpsc::Sender<Letter>) {
        let (mut backoff, mut quiet) = (Backoff::new(), false);
        while !out.is_closed() {
            let mut well = false;
            let read = async {
                let mut connection = connect(&self.redis, Waits::InRedis).await?;
                self.follow(&mut connection, &out, &mut well).await
            };
            let Err(error) = read.await else { return };
            if std::mem::take(&mut well) {
                (backoff, quiet) = (Backoff::new(), false);
            }
            trouble(&self.redis, "handover", &error, quiet);
            quiet = true;
            tokio::select! {
                () = tokio::time::sleep(backoff.next()) => {}
                () = out.closed() => return,
            }
        }
    }

    /// `Ok` when nobody takes letters any more.
    async fn follow(
        &self,
        connection: &mut MultiplexedConnection,
        out: &mpsc::Sender<Letter>,
        well: &mut bool,
    ) -> RedisResult<()> {
        self.ensure_group(connection).await?;
        *well = true;
        let mut own = Some("0".to_owned());
        let mut claimed = Instant::now().checked_sub(EVERY);
        loop {
            if claimed.is_none_or(|at| at.elapsed() >= EVERY) {
                let stale = self.stale(connection).await?;
                claimed = Some(Instant::now());
                if self.hand_out(stale, out).await.is_none() {
                    return Ok(());
                }
            }
            let from = own.clone();
            let entries = tokio::select! {
                entries = self.next(connection, from.as_deref()) => entries?,
                () = out.closed() => return Ok(()),
            };
            if from.is_some() {
                own = entries.last().map(|entry| entry.id.clone());
            }
            if self.hand_out(entries, out).await.is_none() {
                return Ok(());
            }
        }
    }

    /// The group begins as far back as a wrap-up may be handed over: also in a Redis that came back empty.
    async fn ensure_group(&self, connection: &mut MultiplexedConnection) -> RedisResult<()> {
        let oldest = Timestamp::now().as_millisecond() - self.give_up_after.as_millis() as i64;
        let mut create = cmd("XGROUP");
        create
            .arg("CREATE")
            .arg(self.redis.wrapups_key())
            .arg(GROUP)
            .arg(format!("{}-0", oldest.max(0)))
            .arg("MKSTREAM");
        match create.exec_async(connection).await {
            Err(error) if error.code() == Some("BUSYGROUP") => Ok(()),
            done => done,
        }
    }

    /// Entries behind `own` that were given to us before, or, when `None`, new ones.
    async fn next(&self, connection: &mut MultiplexedConnection, own: Option<&str>) -> RedisResult<Vec<StreamId>> {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(GROUP).arg(&self.consumer).arg("COUNT").arg(COUNT);
        if own.is_none() {
            read.arg("BLOCK").arg(BLOCK_MS);
        }
        read.arg("STREAMS")
            .arg(self.redis.wrapups_key())
            .arg(own.unwrap_or(">"));
        let reply: Option<StreamReadReply> = read.query_async(connection).await?;
        Ok(reply
            .into_iter()
            .flat_map(|reply| reply.keys)
            .flat_map(|key| key.ids)
            .collect())
    }

    /// Takes over what daemons that are gone have left.
    async fn stale(&self, connection: &mut MultiplexedConnection) -> RedisResult<Vec<StreamId>> {
        let mut claim = cmd("XAUTOCLAIM");
        claim
            .arg(self.redis.wrapups_key())
            .arg(GROUP)
            .arg(&self.consumer)
            .arg(STALE_MS)
            .arg("0-0")
            .arg("COUNT")
            .arg(COUNT);
        let reply: StreamAutoClaimReply = claim.query_async(connection).await?;
        Ok(reply.claimed)
    }

    async fn hand_out(&self, entries: Vec<StreamId>, out: &mpsc::Sender<Letter>) -> Option<()> {
        for entry in entries {
            // An entry that was trimmed away since it was given to us has no fields.
            let letter = self.letter(&entry).unwrap_or_else(|| self.blank(entry.id));
            out.send(letter).await.ok()?;
        }
        Some(())
    }

    fn letter(&self, entry: &StreamId) -> Option<Letter> {
        Some(Letter {
            id: entry.id.clone(),
            call_id: entry.get("call_id")?,
            seq: entry.get("seq")?,
            event: entry.get("event")?,
            expires: self.expires(&entry.id),
        })
    }

    /// Expires at once, so that its entry is acknowledged.
    fn blank(&self, id: String) -> Letter {
        Letter {
            id,
            call_id: String::new(),
            seq: String::new(),
            event: String::new(),
            expires: Instant::now(),
        }
    }

    /// By the time in the entry's id.
    fn expires(&self, id: &str) -> Instant {
        let written: i64 = id.split('-').next().and_then(|ms| ms.parse().ok()).unwrap_or(0);
        let age = Timestamp::now().as_millisecond().saturating_sub(written).max(0);
        let left = self.give_up_after.saturating_sub(Duration::from_millis(age as u64));
        Instant::now() + left
    }

    /// Keeps entries from becoming stale.
    pub(super) async fn keep(&self, connection: &mut MultiplexedConnection, ids: &[String]) -> RedisResult<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let mut claim = cmd("XCLAIM");
        claim
            .arg(self.redis.wrapups_key())
            .arg(GROUP)
            .arg(&self.consumer)
            .arg(0)
            .arg(ids)
            .arg("JUSTID");
        claim.exec_async(connection).await
    }

    /// Acknowledges a letter; a dead one is in its stream first.
    pub(super) async fn settle(
        &self,
        connection: &mut MultiplexedConnection,
        letter: &Letter,
        verdict: Verdict,
        attempts: u32,
    ) -> RedisResult<()> {
        if let (Verdict::Dead(why, status), false) = (verdict, letter.is_blank()) {
            let mut add = cmd("XADD");
            add.arg(self.redis.dead_wrapups_key())
                .arg("MAXLEN")
                .arg("~")
                .arg(self.dead_maxlen)
                .arg("*");
            add.arg(&[("call_id", &letter.call_id), ("seq", &letter.seq)]);
            add.arg("why")
                .arg(why)
                .arg("status")
                .arg(status)
                .arg("attempts")
                .arg(attempts);
            add.arg("event").arg(&letter.event);
            add.exec_async(connection).await?;
        }
        let mut ack = cmd("XACK");
        ack.arg(self.redis.wrapups_key()).arg(GROUP).arg(&letter.id);
        ack.exec_async(connection).await
    }

    /// A connection to settle letters on.
    pub(super) async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        connect(&self.redis, Waits::Here).await
    }
}
