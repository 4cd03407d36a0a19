//! The stream of what the knowledge base lacks, read back.

use redis::streams::StreamRangeReply;
use redis::{RedisResult, cmd};
use sidetone_schema::{Envelope, Timestamp};

use super::config::RedisConfig;
use super::connect::{Waits, connect};

/// Entries fetched at once.
const COUNT: usize = 500;

/// The `knowledge.gap` events since a moment that are still there, oldest first; one that came twice is there once.
///
/// # Errors
/// When Redis does not answer or refuses; in plain words, without a password.
pub async fn read_gaps(config: &RedisConfig, since: Option<Timestamp>) -> Result<Vec<Envelope>, String> {
    let read: RedisResult<Vec<Envelope>> = all(config, since).await;
    read.map_err(|error| format!("{}: {error}", config.address()))
}

async fn all(config: &RedisConfig, since: Option<Timestamp>) -> RedisResult<Vec<Envelope>> {
    let mut connection = connect(config, Waits::Here).await?;
    let mut from = since.map_or_else(|| "-".to_owned(), |at| at.instant().as_millisecond().max(0).to_string());
    let mut seen = std::collections::HashSet::new();
    let mut gaps = Vec::new();
    loop {
        let mut range = cmd("XRANGE");
        range.arg(config.gaps_key()).arg(&from).arg("+").arg("COUNT").arg(COUNT);
        let reply: StreamRangeReply = range.query_async(&mut connection).await?;
        let Some(last) = reply.ids.last() else { return Ok(gaps) };
        from = format!("({}", last.id);
        let events = reply.ids.iter().filter_map(|entry| entry.get::<String>("event"));
        let events = events.filter_map(|json| serde_json::from_str::<Envelope>(&json).ok());
        gaps.extend(events.filter(|event| seen.insert((event.call_id.clone(), event.seq))));
    }
}
