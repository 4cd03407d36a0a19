//! Streams that many calls write to, read back: what the knowledge base lacks, and final wrap-ups.

use std::collections::{HashMap, HashSet};
use std::io;

use redis::streams::StreamRangeReply;
use redis::{RedisResult, cmd};
use sidetone_schema::{Envelope, Timestamp};

use super::config::RedisConfig;
use super::connect::{Waits, connect};

/// Entries fetched at once.
const COUNT: usize = 500;

/// A stretch of time, without what has no bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// From this moment on.
    pub since: Option<Timestamp>,
    /// Until before this one.
    pub until: Option<Timestamp>,
}

/// The `knowledge.gap` events since a moment that are still there, oldest first; one that came twice is there once.
///
/// # Errors
/// When Redis does not answer or refuses; in plain words, without a password.
pub async fn read_gaps(config: &RedisConfig, since: Option<Timestamp>) -> Result<Vec<Envelope>, String> {
    let mut gaps = Vec::new();
    let span = Span { since, until: None };
    let key = config.gaps_key();
    let taken = each(config, &key, span, |event| {
        gaps.push(event);
        Ok(())
    });
    let _ = taken.await.map_err(|error| format!("{}: {error}", config.address()))?;
    Ok(gaps)
}

/// Gives the records of a stretch of time that are still there, oldest first, of each call its newest revision, until `take`
/// fails: that is the inner result. The stream is read twice, as a revision comes long after what it corrects.
///
/// # Errors
/// When Redis does not answer or refuses; in plain words, without a password.
pub async fn each_wrapup(
    config: &RedisConfig,
    span: Span,
    mut take: impl FnMut(Envelope) -> io::Result<()>,
) -> Result<io::Result<()>, String> {
    let key = config.wrapups_key();
    let mut newest: HashMap<String, u64> = HashMap::new();
    let noted = each(config, &key, span, |event| {
        let last = newest.entry(event.call_id).or_default();
        *last = event.seq.max(*last);
        Ok(())
    });
    let failed = |error| format!("{}: {error}", config.address());
    let _ = noted.await.map_err(failed)?;
    let taken = each(config, &key, span, |event| match newest.get(&event.call_id) {
        Some(last) if *last > event.seq => Ok(()),
        _ => take(event),
    });
    taken.await.map_err(failed)
}

async fn each(
    config: &RedisConfig,
    key: &str,
    span: Span,
    mut take: impl FnMut(Envelope) -> io::Result<()>,
) -> RedisResult<io::Result<()>> {
    let mut connection = connect(config, Waits::Here).await?;
    let id = |at: Timestamp| at.instant().as_millisecond().max(0).to_string();
    let mut from = span.since.map_or_else(|| "-".to_owned(), id);
    let until = span.until.map_or_else(|| "+".to_owned(), |at| format!("({}", id(at)));
    let mut seen = HashSet::new();
    loop {
        let mut range = cmd("XRANGE");
        range.arg(key).arg(&from).arg(&until).arg("COUNT").arg(COUNT);
        let reply: StreamRangeReply = range.query_async(&mut connection).await?;
        let Some(last) = reply.ids.last() else {
            return Ok(Ok(()));
        };
        from = format!("({}", last.id);
        let events = reply.ids.iter().filter_map(|entry| entry.get::<String>("event"));
        let events = events.filter_map(|json| serde_json::from_str::<Envelope>(&json).ok());
        for event in events {
            if seen.insert((event.call_id.clone(), event.seq))
                && let Err(error) = take(event)
            {
                return Ok(Err(error));
            }
        }
    }
}
