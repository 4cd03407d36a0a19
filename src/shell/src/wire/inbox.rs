//! Reads a stream that others write and we obey. Redis itself is the queue; nothing is lost while we are slow.

use std::collections::{HashSet, VecDeque};

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use redis::{RedisResult, cmd};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{BLOCK_MS, Backoff, Waits, connect, takes_writes, trouble};
use super::refusal::Refusal;

/// Entries fetched at once.
const COUNT: u64 = 64;
/// Entries whose ids are remembered, in case the stream is replaced by another one.
const KNOWN: usize = 4_096;

/// Where the reading begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// At the stream's end: what was written before does not matter.
    End,
    /// Behind this entry.
    Behind(String),
    /// With the newest entries that there are, this many.
    Newest(u64),
}

/// When an entry was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// It is one of [`Begin::Newest`].
    Earlier,
    /// Since the reading began, or since an earlier process stopped.
    Since,
}

/// The reader of one stream.
pub(super) struct Inbox<T, F> {
    pub(super) config: RedisConfig,
    pub(super) key: String,
    /// What an entry says; `None` for one that is to be passed over.
    pub(super) parse: F,
    pub(super) out: mpsc::Sender<T>,
}

/// How far it has read.
struct Place {
    begin: Begin,
    /// The last entry that was read; none before the stream was first reached.
    at: Option<String>,
    known: Known,
}

/// Nobody takes what is said any more.
struct Over;

impl<T, F: FnMut(&StreamId, Written) -> Option<T>> Inbox<T, F> {
    /// Reads until nobody takes what it says.
    pub(super) async fn read(mut self, begin: Begin) {
        let mut place = Place {
            begin,
            at: None,
            known: Known::default(),
        };
        let mut backoff = Backoff::new();
        let mut quiet = false;
        while !self.out.is_closed() {
            let mut well = false;
            let error = match connect(&self.config, Waits::InRedis).await {
                Ok(mut connection) => match self.follow(&mut connection, &mut place, &mut well).await {
                    Ok(Over) => return,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            if well {
                // It is another trouble.
                (backoff, quiet) = (Backoff::new(), false);
            }
            trouble(&self.config, "inbox", &error, quiet);
            quiet = true;
            tokio::select! {
                () = tokio::time::sleep(backoff.next()) => {}
                () = self.out.closed() => return,
            }
        }
    }

    async fn follow(
        &mut self,
        connection: &mut MultiplexedConnection,
        place: &mut Place,
        well: &mut bool,
    ) -> RedisResult<Over> {
        if self.find_place(connection, place).await?.is_some() {
            return Ok(Over);
        }
        loop {
            let mut read = cmd("XREAD");
            read.arg("COUNT")
                .arg(COUNT)
                .arg("BLOCK")
                .arg(BLOCK_MS)
                .arg("STREAMS")
                .arg(&self.key)
                .arg(place.at.as_deref().unwrap_or("0-0"));
            let reply: Option<StreamReadReply> = tokio::select! {
                reply = read.query_async(connection) => reply?,
                () = self.out.closed() => return Ok(Over),
            };
            *well = true;
            let Some(reply) = reply else {
                if self.nothing_new(connection, place).await?.is_some() {
                    return Ok(Over);
                }
                continue;
            };
            for entry in reply.keys.into_iter().flat_map(|key| key.ids) {
                if self.hand_out(entry, Written::Since, place).await.is_some() {
                    return Ok(Over);
                }
            }
        }
    }

    /// The first time: where to begin. After a lost connection: whether it is still the same stream.
    async fn find_place(
        &mut self,
        connection: &mut MultiplexedConnection,
        place: &mut Place,
    ) -> RedisResult<Option<Over>> {
        if place.at.is_some() {
            return self.nothing_new(connection, place).await;
        }
        match place.begin.clone() {
            Begin::End => place.at = Some(self.end(connection).await?),
            Begin::Behind(id) => place.at = Some(id),
            Begin::Newest(count) => {
                let newest = self.newest(connection, count).await?;
                for entry in newest.ids.into_iter().rev() {
                    if self.hand_out(entry, Written::Earlier, place).await.is_some() {
                        return Ok(Some(Over));
                    }
                }
            }
        }
        Ok(None)
    }

    /// A stream that says nothing may be one that says nothing to us: its server is a replica that nobody writes to
    /// any more, or the stream was lost and begins anew with lower ids.
    async fn nothing_new(
        &mut self,
        connection: &mut MultiplexedConnection,
        place: &mut Place,
    ) -> RedisResult<Option<Over>> {
        if let Err(error) = takes_writes(&self.config, connection).await
            && matches!(
                Refusal::of(&error),
                Some(Refusal::Replica | Refusal::MasterDown | Refusal::Moved | Refusal::ClusterDown)
            )
        {
            return Err(error);
        }
        let end = self.end(connection).await?;
        if place.at.as_deref().is_some_and(|at| order(&end) >= order(at)) {
            return Ok(None);
        }
        let newest = self.newest(connection, KNOWN as u64).await?;
        let mut read = end;
        for entry in newest.ids.into_iter().rev() {
            if order(&entry.id) > order(&read) {
                read.clone_from(&entry.id);
            }
            let known = place.known.holds(&entry.id);
            if !known && self.hand_out(entry, Written::Since, place).await.is_some() {
                return Ok(Some(Over));
            }
        }
        place.at = Some(read);
        Ok(None)
    }

    async fn newest(&self, connection: &mut MultiplexedConnection, count: u64) -> RedisResult<StreamRangeReply> {
        let mut newest = cmd("XREVRANGE");
        newest.arg(&self.key).arg("+").arg("-").arg("COUNT").arg(count);
        newest.query_async(connection).await
    }

    async fn end(&self, connection: &mut MultiplexedConnection) -> RedisResult<String> {
        let newest = self.newest(connection, 1).await?.ids.into_iter().next();
        Ok(newest.map_or_else(|| "0-0".to_owned(), |entry| entry.id))
    }

    async fn hand_out(&mut self, entry: StreamId, written: Written, place: &mut Place) -> Option<Over> {
        let item = (self.parse)(&entry, written);
        place.known.add(entry.id.clone());
        place.at = Some(entry.id);
        self.out.send(item?).await.err().map(|_| Over)
    }
}

/// The parts of an id `<ms>-<n>`, to compare.
fn order(id: &str) -> (u64, u64) {
    let (ms, n) = id.split_once('-').unwrap_or((id, "0"));
    (ms.parse().unwrap_or(0), n.parse().unwrap_or(0))
}

/// The ids of the last [`KNOWN`] entries.
#[derive(Default)]
struct Known {
    order: VecDeque<String>,
    ids: HashSet<String>,
}

impl Known {
    fn add(&mut self, id: String) {
        if self.ids.insert(id.clone()) {
            self.order.push_back(id);
        }
        if self.order.len() > KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
    }

    fn holds(&self, id: &str) -> bool {
        self.ids.contains(id)
    }
}
