//! From Redis into the archive: at least once from there, once in effect here.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use sidetone_archive::DuckError;
use sidetone_shell::wire::RedisConfig;
use tokio::time::{Instant, sleep, timeout};

use super::Keeper;
use super::streams::Streams;
use crate::config::DeskConfig;

/// Between two rounds that brought little.
const PAUSE: Duration = Duration::from_millis(500);
/// Between two looks for new calls.
const LOOK: Duration = Duration::from_secs(1);
/// After all parts of days were made.
const REST: Duration = Duration::from_secs(60);
/// After a fault: at first, and at most.
const AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(10));

/// Why reading stopped.
#[derive(Debug, thiserror::Error)]
enum Stop {
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("the archive: {0}")]
    Archive(#[from] DuckError),
}

/// Reads for ever. A Redis that is away, an archive that another program holds and a full disk are waited for.
pub(crate) async fn read(config: DeskConfig, keeper: Keeper) {
    let mut wait = AGAIN.0;
    loop {
        let began = Instant::now();
        let Err(stop) = follow(&config, &keeper).await;
        let why = stop.to_string();
        tracing::warn!(why, "the archive takes nothing for the moment");
        keeper.stopped(&why);
        wait = if began.elapsed() > AGAIN.1 {
            AGAIN.0
        } else {
            (wait * 2).min(AGAIN.1)
        };
        sleep(wait).await;
    }
}

async fn follow(config: &DeskConfig, keeper: &Keeper) -> Result<std::convert::Infallible, Stop> {
    let name = keeper.name().await?;
    let mut streams = Streams::new(config.redis.clone(), &name);
    let mut redis = connect(&config.redis).await?;
    let mut day = None;
    streams.join(&mut redis).await?;
    let (mut looked, mut rested): (Option<Instant>, Option<Instant>) = (None, None);
    loop {
        if looked.is_none_or(|at| at.elapsed() > LOOK) {
            streams.look(&mut redis).await?;
            looked = Some(Instant::now());
        }
        let mut round = streams.round(&mut redis).await?;
        let full = round.is_full();
        let entries = std::mem::take(&mut round.entries);
        if !entries.is_empty() {
            keeper.take(entries).await?;
        }
        streams.stood(&mut redis, round).await?;
        let today = midnight(jiff::Timestamp::now().as_millisecond());
        if day != Some(today) {
            keeper.day_ended(today, config.parquet.clone()).await?;
            day = Some(today);
        }
        if !full {
            let began = Instant::now();
            while rested.is_none_or(|at| at.elapsed() > REST) && began.elapsed() < PAUSE {
                if !keeper.roll_up().await? {
                    rested = Some(Instant::now());
                }
            }
            sleep(PAUSE).await;
        }
    }
}

/// When the day of Shanghai began, ms UTC. Its end waits for what was told late.
fn midnight(now: i64) -> i64 {
    const OFFSET_MS: i64 = 8 * 3_600_000;
    const LATE_MS: i64 = 10 * 60_000;
    const DAY_MS: i64 = 86_400_000;
    (now - LATE_MS + OFFSET_MS).div_euclid(DAY_MS) * DAY_MS - OFFSET_MS
}

async fn connect(config: &RedisConfig) -> Result<MultiplexedConnection, redis::RedisError> {
    let late = |_| redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let limits = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(config.timeout))
        .set_response_timeout(Some(config.timeout));
    let client = redis::Client::open(config.url.as_str())?;
    timeout(
        config.timeout,
        client.get_multiplexed_async_connection_with_config(&limits),
    )
    .await
    .map_err(late)?
}
