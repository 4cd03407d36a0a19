//! Connections to Redis and what may go wrong with them.

use std::time::Duration;

use metrics::counter;
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult};

use super::config::RedisConfig;
use crate::metrics as names;

/// The first wait after a connection was lost.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
/// The longest.
const BACKOFF_MOST: Duration = Duration::from_secs(5);

/// Connects. `blocking`: the connection waits inside Redis (`XREAD BLOCK`), so answers have no time limit of
/// their own.
pub(super) async fn connect(config: &RedisConfig, blocking: bool) -> RedisResult<MultiplexedConnection> {
    let client = Client::open(config.url.as_str())?;
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(config.timeout))
        .set_response_timeout((!blocking).then_some(config.timeout));
    let connection = client.get_multiplexed_async_connection_with_config(&limits).await?;
    counter!(names::WIRE_CONNECTS).increment(1);
    Ok(connection)
}

/// Counts an error by its kind, and logs it once for each trouble: `quiet` says that it was said before.
pub(super) fn trouble(config: &RedisConfig, what: &str, error: &RedisError, quiet: bool) {
    counter!(names::WIRE_REDIS_ERRORS, "kind" => kind(error)).increment(1);
    let redis = config.address();
    if quiet {
        tracing::debug!(redis, what, %error, "Redis");
    } else {
        tracing::warn!(redis, what, %error, "Redis does not answer as it should; calls go on, events wait on disk");
    }
}

fn kind(error: &RedisError) -> String {
    if error.is_timeout() {
        return "timeout".into();
    }
    if error.is_io_error() {
        return "io".into();
    }
    if error.kind() == ErrorKind::AuthenticationFailed {
        return "auth".into();
    }
    error.code().map_or_else(|| "other".to_owned(), str::to_lowercase)
}

/// How long to wait before the next attempt.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub(super) const fn new() -> Self {
        Self(BACKOFF_FIRST)
    }

    /// Doubles with every call, up to a bound.
    pub(super) fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(BACKOFF_MOST);
        wait
    }
}
