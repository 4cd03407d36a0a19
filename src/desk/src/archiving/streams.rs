//! Which streams there are, and how far each is read.
//!
//! Each call has a stream whose entries have the numbers of its events: how far it was read is known from the events that
//! stand in the archive. Streams that hold events of all calls are read by a consumer group, which has the archive's
//! own name: an archive that is new reads them from their beginning.

use std::collections::{HashMap, HashSet};

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamReadReply};
use redis::{RedisResult, cmd};
use sidetone_archive::{Entry, Feedback};
use sidetone_base::CallId;
use sidetone_shell::wire::RedisConfig;

/// Entries of one batch, about; what is more waits in Redis.
pub(super) const BATCH: usize = 4_000;
/// Streams of calls that are asked for at once.
const AT_ONCE: usize = 256;
const CONSUMER: &str = "archive";

/// What one round brought.
#[derive(Default)]
pub(super) struct Round {
    pub(super) entries: Vec<Entry>,
    /// To be acknowledged when they stand, by stream.
    pub(super) ids: Vec<(String, Vec<String>)>,
    /// How far calls' streams were read.
    ahead: Vec<(String, i64)>,
    /// Calls whose last event is among them.
    ended: Vec<String>,
}

impl Round {
    /// Whether there may be more at once.
    pub(super) fn is_full(&self) -> bool {
        self.entries.len() >= BATCH / 4
    }
}

/// The streams of one Redis.
pub(super) struct Streams {
    config: RedisConfig,
    group: String,
    /// Call → the number of the last entry of its stream that stands in the archive. A new run reads each stream from its begin: an event may
    /// have come by a shared stream before its predecessors, so the last one that stands says nothing of those.
    positions: HashMap<String, i64>,
    /// Calls whose stream is there and may have more.
    open: Vec<String>,
    /// Calls whose last event was read.
    ended: HashSet<String>,
    /// What an earlier run took and did not acknowledge is read first.
    again: bool,
}

impl Streams {
    pub(super) fn new(config: RedisConfig, name: &str) -> Self {
        Self {
            group: format!("archive-{name}"),
            config,
            positions: HashMap::new(),
            open: Vec::new(),
            ended: HashSet::new(),
            again: true,
        }
    }

    fn shared(&self) -> [String; 5] {
        let config = &self.config;
        [
            config.facts_key(),
            config.wrapups_key(),
            config.gaps_key(),
            config.common_key(),
            config.feedback_key(),
        ]
    }

    /// The group is there, for every stream that it reads.
    pub(super) async fn join(&self, redis: &mut MultiplexedConnection) -> RedisResult<()> {
        for key in self.shared() {
            let mut create = cmd("XGROUP");
            create.arg("CREATE").arg(&key).arg(&self.group).arg(0).arg("MKSTREAM");
            match create.exec_async(redis).await {
                Err(error) if error.code() != Some("BUSYGROUP") => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Looks which calls have a stream.
    pub(super) async fn look(&mut self, redis: &mut MultiplexedConnection) -> RedisResult<()> {
        let (head, tail) = (format!("{}:{{", self.config.prefix), "}:events");
        let (mut found, mut at) = (Vec::new(), 0_u64);
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(at)
                .arg("MATCH")
                .arg(format!("{head}*{tail}"))
                .arg("COUNT")
                .arg(1_000);
            let (next, keys): (u64, Vec<String>) = scan.query_async(redis).await?;
            let named = keys
                .iter()
                .filter_map(|key| key.strip_prefix(&head)?.strip_suffix(tail));
            found.extend(named.map(str::to_owned));
            at = next;
            if at == 0 {
                break;
            }
        }
        found.sort_unstable();
        found.dedup();
        self.ended.retain(|call| found.binary_search(call).is_ok());
        found.retain(|call| !self.ended.contains(call));
        self.open = found;
        Ok(())
    }

    /// What is new, a batch at most.
    pub(super) async fn round(&mut self, redis: &mut MultiplexedConnection) -> RedisResult<Round> {
        let mut round = Round::default();
        self.shared_entries(redis, &mut round).await?;
        for calls in self.open.chunks(AT_ONCE) {
            if round.entries.len() >= BATCH {
                break;
            }
            let each = (BATCH / calls.len()).max(64);
            let mut read = cmd("XREAD");
            read.arg("COUNT").arg(each).arg("STREAMS");
            let keys: Vec<String> = calls
                .iter()
                .map(|call| self.config.events_key(&CallId::new(call.as_str())))
                .collect();
            let after = |call| format!("{}-0", self.positions.get(call).copied().unwrap_or(0));
            read.arg(&keys[..]).arg(calls.iter().map(after).collect::<Vec<_>>());
            let reply: Option<StreamReadReply> = read.query_async(redis).await?;
            for stream in reply.into_iter().flat_map(|reply| reply.keys) {
                let place = keys.iter().position(|key| *key == stream.key);
                let call = place.and_then(|place| calls.get(place));
                let last = stream
                    .ids
                    .last()
                    .and_then(|entry| entry.id.split_once('-')?.0.parse().ok());
                round.ahead.extend(call.cloned().zip(last));
                if stream.ids.last().is_some_and(is_last) {
                    round.ended.extend(call.cloned());
                }
                round.entries.extend(stream.ids.iter().filter_map(event));
            }
        }
        Ok(round)
    }

    async fn shared_entries(&mut self, redis: &mut MultiplexedConnection, round: &mut Round) -> RedisResult<()> {
        let keys = self.shared();
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP")
            .arg(&self.group)
            .arg(CONSUMER)
            .arg("COUNT")
            .arg(BATCH / 2)
            .arg("STREAMS");
        read.arg(&keys[..]);
        let from = if self.again { "0" } else { ">" };
        read.arg(vec![from; keys.len()]);
        let reply: Option<StreamReadReply> = read.query_async(redis).await?;
        let mut any = false;
        for stream in reply.into_iter().flat_map(|reply| reply.keys) {
            any |= !stream.ids.is_empty();
            let of_feedback = stream.key == self.config.feedback_key();
            let read = |entry| if of_feedback { feedback(entry) } else { event(entry) };
            round.entries.extend(stream.ids.iter().filter_map(read));
            round
                .ids
                .push((stream.key, stream.ids.into_iter().map(|entry| entry.id).collect()));
        }
        self.again &= any;
        Ok(())
    }

    /// What the round brought stands: it is not asked for again.
    pub(super) async fn stood(&mut self, redis: &mut MultiplexedConnection, round: Round) -> RedisResult<()> {
        for (call, seq) in round.ahead {
            self.positions.insert(call, seq);
        }
        for call in round.ended {
            self.open.retain(|open| *open != call);
            self.positions.remove(&call);
            self.ended.insert(call);
        }
        for (key, ids) in round.ids.iter().filter(|(_, ids)| !ids.is_empty()) {
            cmd("XACK")
                .arg(key)
                .arg(&self.group)
                .arg(&ids[..])
                .exec_async(redis)
                .await?;
        }
        Ok(())
    }
}

/// Nothing follows these under a key.
fn is_last(entry: &StreamId) -> bool {
    #[derive(serde::Deserialize)]
    struct Head {
        #[serde(rename = "type")]
        kind: String,
    }
    let json: Option<String> = entry.get("event");
    let head = json.and_then(|json| serde_json::from_str::<Head>(&json).ok());
    head.is_some_and(|head| head.kind == "call.ended" || head.kind == "facts.ended")
}

fn event(entry: &StreamId) -> Option<Entry> {
    entry.get("event").map(Entry::Event)
}

fn feedback(entry: &StreamId) -> Option<Entry> {
    let (ms, number) = entry.id.split_once('-')?;
    Some(Entry::Feedback {
        ms: ms.parse().ok()?,
        number: number.parse().ok()?,
        feedback: Feedback {
            action: entry.get("action")?,
            call_id: entry.get("call_id")?,
            hint_id: entry.get("hint_id"),
            segment_id: entry.get("segment_id"),
        },
    })
}
