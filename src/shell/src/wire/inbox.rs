//! Reads a stream that others write and we obey. Starts at the stream's end: what was asked of an earlier
//! process is not done again. Redis itself is the queue; nothing is lost while we are slow.

use redis::aio::MultiplexedConnection;
use redis::streams::{StreamId, StreamRangeReply, StreamReadReply};
use redis::{RedisResult, cmd};
use tokio::sync::mpsc;

use super::config::RedisConfig;
use super::connect::{Backoff, connect, trouble};

/// How long one `XREAD` waits inside Redis, in milliseconds.
const BLOCK_MS: u64 = 2_000;
/// Entries fetched at once.
const COUNT: u64 = 64;

/// Reads `key` until nobody takes what it says; `parse` gives `None` for an entry that is to be passed over.
pub(super) async fn read<T>(
    config: RedisConfig,
    key: String,
    parse: impl Fn(&StreamId) -> Option<T>,
    out: mpsc::Sender<T>,
) {
    let mut last: Option<String> = None;
    let mut backoff = Backoff::new();
    let mut quiet = false;
    while !out.is_closed() {
        let error = match connect(&config, true).await {
            Ok(mut connection) => match follow(&mut connection, &key, &mut last, &parse, &out).await {
                Ok(()) => return,
                Err(error) => {
                    backoff = Backoff::new();
                    error
                }
            },
            Err(error) => error,
        };
        trouble(&config, "inbox", &error, quiet);
        quiet = true;
        tokio::select! {
            () = tokio::time::sleep(backoff.next()) => {}
            () = out.closed() => return,
        }
    }
}

async fn follow<T>(
    connection: &mut MultiplexedConnection,
    key: &str,
    last: &mut Option<String>,
    parse: &impl Fn(&StreamId) -> Option<T>,
    out: &mpsc::Sender<T>,
) -> RedisResult<()> {
    let mut at = match last.take() {
        Some(at) => at,
        None => end_of(connection, key).await?,
    };
    loop {
        *last = Some(at.clone());
        let mut read = cmd("XREAD");
        read.arg("COUNT")
            .arg(COUNT)
            .arg("BLOCK")
            .arg(BLOCK_MS)
            .arg("STREAMS")
            .arg(key)
            .arg(&at);
        let reply: Option<StreamReadReply> = tokio::select! {
            reply = read.query_async(connection) => reply?,
            () = out.closed() => return Ok(()),
        };
        for entry in reply.into_iter().flat_map(|reply| reply.keys).flat_map(|key| key.ids) {
            if let Some(item) = parse(&entry)
                && out.send(item).await.is_err()
            {
                return Ok(());
            }
            at = entry.id;
        }
    }
}

async fn end_of(connection: &mut MultiplexedConnection, key: &str) -> RedisResult<String> {
    let mut newest = cmd("XREVRANGE");
    newest.arg(key).arg("+").arg("-").arg("COUNT").arg(1);
    let reply: StreamRangeReply = newest.query_async(connection).await?;
    Ok(reply
        .ids
        .into_iter()
        .next()
        .map_or_else(|| "0-0".to_owned(), |entry| entry.id))
}
