//! What agents correct in a wrap-up is the record: `XADD sidetone:feedback * action corrected segment_id wrapup.advice text …`.
//!
//! ```text
//! sidetone:feedback ──group──▶ the record's next revision ──▶ sidetone:{call}:wrapup, sidetone:wrapups, the agent's channel
//! ```
//!
//! All daemons of one Redis share the entries as a consumer group. An entry is acknowledged when its revision stands, so one that
//! a daemon died over is done again: the revision is found there, and only told again, under the same number. A correction of a
//! call that is still running waits for its final wrap-up.

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use redis::{RedisResult, cmd};
use sidetone_base::{AgentId, CallId};
use sidetone_schema::{Body, CorrectedWrapup, Correction, Envelope};

use super::config::RedisConfig;
use super::connect::{BLOCK_MS, Backoff, Waits, connect, trouble};
use crate::clock::WallClock;
use crate::metrics as names;

const GROUP: &str = "sidetone-corrections";
/// What names an element: `wrapup.advice`.
const ELEMENT: &str = "wrapup.";
/// Entries fetched at once.
const COUNT: u64 = 64;
/// A final wrap-up is among so many events from a call's end.
const NEAR_END: u64 = 16;
/// Characters of one element; what is longer is cut before anything is done with it.
const LONGEST: usize = 4_000;
/// Corrections of one record; each is kept with what stood there before.
const MOST: usize = 200;
/// Writes the record `ARGV[2]` of revision `ARGV[1]` + 1 to the hash `KEYS[1]`, for `ARGV[3]` s, unless its revision is not `ARGV[1]` any more.
const RECORD: &str = "if (redis.call('HGET',KEYS[1],'rev') or '0')~=ARGV[1] then return 0 end
redis.call('HSET',KEYS[1],'rev',tonumber(ARGV[1])+1,'event',ARGV[2])
redis.call('EXPIRE',KEYS[1],ARGV[3])
return 1";

/// Follows the feedback stream for corrections.
pub struct Corrections {
    /// Where Redis is.
    pub config: RedisConfig,
    /// Names this daemon among those that share the stream.
    pub reader: String,
    /// When a revision was made.
    pub clock: WallClock,
    /// Covers personal data in what an agent typed.
    pub mask: fn(&str) -> String,
    /// What a list says that has no entry.
    pub none: String,
}

/// What becomes of an entry.
enum Outcome {
    Recorded,
    /// The call runs, or its end is on the way.
    Waits,
    /// The call is long over, or has no wrap-up.
    NoRecord,
    /// The record has [`MOST`].
    TooMany,
    NotUnderstood,
}

impl Corrections {
    /// Runs for ever.
    pub async fn run(self) {
        let (mut backoff, mut quiet) = (Backoff::new(), false);
        loop {
            let mut well = false;
            let failed = match connect(&self.config, Waits::InRedis).await {
                Ok(mut redis) => self.follow(&mut redis, &mut well).await.err(),
                Err(error) => Some(error),
            };
            if well {
                (backoff, quiet) = (Backoff::new(), false);
            }
            if let Some(error) = failed {
                trouble(&self.config, "corrections", &error, quiet);
                quiet = true;
            }
            tokio::time::sleep(backoff.next()).await;
        }
    }

    async fn follow(&self, redis: &mut MultiplexedConnection, well: &mut bool) -> RedisResult<()> {
        let key = self.config.feedback_key();
        let mut make = cmd("XGROUP");
        make.arg("CREATE").arg(&key).arg(GROUP).arg("0").arg("MKSTREAM");
        match make.exec_async(redis).await {
            Err(error) if error.code() != Some("BUSYGROUP") => return Err(error),
            _ => {}
        }
        loop {
            // What waits is looked at again whenever nothing new has come for a while.
            let entries = self.next(redis, ">").await?;
            *well = true;
            if !entries.is_empty() {
                self.settle(redis, entries).await?;
                continue;
            }
            let mut from = "0".to_owned();
            loop {
                let entries = self.next(redis, &from).await?;
                let Some(last) = entries.last() else { break };
                from.clone_from(&last.id);
                self.settle(redis, entries).await?;
            }
        }
    }

    async fn next(&self, redis: &mut MultiplexedConnection, from: &str) -> RedisResult<Vec<StreamId>> {
        let mut read = cmd("XREADGROUP");
        read.arg("GROUP").arg(GROUP).arg(&self.reader).arg("COUNT").arg(COUNT);
        if from == ">" {
            read.arg("BLOCK").arg(BLOCK_MS);
        }
        read.arg("STREAMS").arg(self.config.feedback_key()).arg(from);
        let reply: Option<StreamReadReply> = read.query_async(redis).await?;
        let streams = reply.into_iter().flat_map(|reply| reply.keys);
        Ok(streams.flat_map(|stream| stream.ids).collect())
    }

    async fn settle(&self, redis: &mut MultiplexedConnection, entries: Vec<StreamId>) -> RedisResult<()> {
        let mut done = cmd("XACK");
        done.arg(self.config.feedback_key()).arg(GROUP);
        let mut any = false;
        for entry in &entries {
            let outcome = match asked(entry) {
                Some(asked) => self.correct(redis, asked).await?,
                None => None,
            };
            let label = match outcome {
                Some(Outcome::Waits) => continue,
                Some(Outcome::Recorded) => Some("recorded"),
                Some(Outcome::NoRecord) => Some("no_record"),
                Some(Outcome::TooMany) => Some("too_many"),
                Some(Outcome::NotUnderstood) => Some("not_understood"),
                None => None,
            };
            if let Some(label) = label {
                counter!(names::CORRECTIONS, "outcome" => label).increment(1);
            }
            done.arg(&entry.id);
            any = true;
        }
        if any { done.exec_async(redis).await } else { Ok(()) }
    }

    /// None when another daemon is quicker: then it is done again.
    async fn correct(&self, redis: &mut MultiplexedConnection, asked: Asked) -> RedisResult<Option<Outcome>> {
        loop {
            let (mut event, mut record) = match self.record(redis, &asked.call).await? {
                Ok(found) => found,
                Err(outcome) => return Ok(Some(outcome)),
            };
            let known = record.corrections.iter().any(|done| done.feedback_id == asked.id);
            if !known {
                let rev = record.rev;
                if record.corrections.len() >= MOST {
                    return Ok(Some(Outcome::TooMany));
                }
                if !self.change(&mut record, &asked) {
                    return Ok(Some(Outcome::NotUnderstood));
                }
                event.seq += 1;
                event.ts = self.clock.now();
                event.agent_id = asked.agent.clone().or(event.agent_id);
                event.body = Body::WrapupCorrected(Box::new(record));
                if !self.write(redis, &asked.call, rev, &event).await? {
                    continue;
                }
            }
            self.tell(redis, &event).await?;
            return Ok(Some(Outcome::Recorded));
        }
    }

    fn change(&self, record: &mut CorrectedWrapup, asked: &Asked) -> bool {
        let text = (self.mask)(&asked.text);
        let elements = &mut record.wrapup.elements;
        let Some((before, after)) = elements.correct(&asked.element, &text, &self.none) else {
            return false;
        };
        // A check tells how a value was found that stands there no more.
        record.wrapup.checks.retain(|check| check.element != asked.element);
        record.rev += 1;
        record.corrections.push(Correction {
            feedback_id: asked.id.clone(),
            agent_id: asked.agent.clone(),
            element: asked.element.clone(),
            before,
            after,
        });
        true
    }

    /// The newest revision, in the event that has it.
    async fn record(
        &self,
        redis: &mut MultiplexedConnection,
        call: &CallId,
    ) -> RedisResult<Result<(Envelope, CorrectedWrapup), Outcome>> {
        let mut kept = cmd("HGET");
        kept.arg(self.config.corrected_key(call)).arg("event");
        let kept: Option<String> = kept.query_async(redis).await?;
        if let Some(event) = kept.and_then(|json| serde_json::from_str::<Envelope>(&json).ok())
            && let Body::WrapupCorrected(record) = &event.body
        {
            let record = (**record).clone();
            return Ok(Ok((event, record)));
        }
        let mut last = cmd("XREVRANGE");
        last.arg(self.config.events_key(call)).arg("+").arg("-");
        last.arg("COUNT").arg(NEAR_END);
        let reply: StreamRangeReply = last.query_async(redis).await?;
        let jsons = reply.ids.iter().filter_map(|entry| entry.get::<String>("event"));
        let events: Vec<Envelope> = jsons.filter_map(|json| serde_json::from_str(&json).ok()).collect();
        let Some(newest) = events.first() else {
            return Ok(Err(Outcome::NoRecord));
        };
        // Until the call has ended its numbers are its own.
        if !newest.body.is_last() {
            return Ok(Err(Outcome::Waits));
        }
        let last = newest.seq;
        let found = events.into_iter().find_map(|event| match &event.body {
            Body::WrapupFinal(wrapup) => {
                let record = CorrectedWrapup {
                    rev: 0,
                    wrapup: (**wrapup).clone(),
                    corrections: Vec::new(),
                };
                Some((Envelope { seq: last, ..event }, record))
            }
            _ => None,
        });
        Ok(found.ok_or(Outcome::NoRecord))
    }

    /// Whether the record was still of that revision.
    async fn write(
        &self,
        redis: &mut MultiplexedConnection,
        call: &CallId,
        rev: u32,
        event: &Envelope,
    ) -> RedisResult<bool> {
        let Ok(json) = serde_json::to_string(event) else {
            return Ok(true);
        };
        let mut write = cmd("EVAL");
        write.arg(RECORD).arg(1).arg(self.config.corrected_key(call));
        write.arg(rev).arg(json).arg(self.config.ttl_after_end.as_secs().max(1));
        write.query_async(redis).await
    }

    /// To whoever takes wrap-ups, and to the agent's screen.
    async fn tell(&self, redis: &mut MultiplexedConnection, event: &Envelope) -> RedisResult<()> {
        let Ok(json) = serde_json::to_string(event) else {
            return Ok(());
        };
        let agent = event.agent_id.as_deref().unwrap_or_default();
        let mut add = cmd("XADD");
        add.arg(self.config.wrapups_key())
            .arg("MAXLEN")
            .arg("~")
            .arg(self.config.wrapups_maxlen)
            .arg("*");
        add.arg("call_id").arg(&event.call_id).arg("seq").arg(event.seq);
        add.arg("agent_id").arg(agent).arg("event").arg(&json);
        add.exec_async(redis).await?;
        if !agent.is_empty() {
            let channel = self.config.agent_channel(&AgentId::new(agent));
            cmd("PUBLISH").arg(channel).arg(&json).exec_async(redis).await?;
        }
        Ok(())
    }
}

/// A correction of an element of a wrap-up.
struct Asked {
    id: String,
    call: CallId,
    element: String,
    agent: Option<String>,
    text: String,
}

fn asked(entry: &StreamId) -> Option<Asked> {
    let field = |name: &str| entry.get::<String>(name).filter(|text| !text.is_empty());
    let element = field("segment_id")?.strip_prefix(ELEMENT)?.to_owned();
    (field("action")? == "corrected").then_some(())?;
    Some(Asked {
        id: entry.id.clone(),
        call: CallId::new(field("call_id")?),
        element,
        agent: field("agent_id"),
        text: field("text").unwrap_or_default().chars().take(LONGEST).collect(),
    })
}

#[cfg(test)]
mod tests {
    use redis::Value;

    use super::*;

    #[test]
    fn what_is_longer_than_an_element_is_cut_before_it_is_masked() {
        let text = "\u{4e00}".repeat(100_000);
        let fields = [
            ("action", "corrected"),
            ("segment_id", "wrapup.advice"),
            ("call_id", "c"),
            ("text", &text),
        ];
        let mut entry = StreamId::default();
        for (name, value) in fields {
            let value = Value::BulkString(value.as_bytes().to_vec());
            entry.map.insert(name.to_owned(), value);
        }
        assert_eq!(asked(&entry).unwrap().text.chars().count(), LONGEST);
    }
}
