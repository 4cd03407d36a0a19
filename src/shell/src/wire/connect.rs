//! Connections to Redis and what may go wrong with them.

use std::time::Duration;

use metrics::counter;
use redis::aio::{MultiplexedConnection, PubSub};
use redis::{AsyncConnectionConfig, Client, ErrorKind, IntoConnectionInfo, RedisError, RedisResult, cmd};

use super::config::RedisConfig;
use super::refusal::Refusal;
use crate::metrics as names;

/// The first wait after a connection was lost.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
/// The longest.
const BACKOFF_MOST: Duration = Duration::from_secs(5);

/// How long one `XREAD` waits inside Redis, in milliseconds.
pub(crate) const BLOCK_MS: u64 = 2_000;

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waits {
    /// Only we.
    Here,
    /// Redis, too, for up to [`BLOCK_MS`] (`XREAD BLOCK`).
    InRedis,
}

/// Where and as whom. Sends no name of this library: the rights in `docs/EVENTS.md` do not hold `CLIENT`.
fn client(config: &RedisConfig) -> RedisResult<Client> {
    let info = config.url.as_str().into_connection_info()?;
    let redis = info.redis_settings().clone().set_skip_set_lib_name();
    Client::open(info.set_redis_settings(redis))
}

/// Connects; the name in the URL is resolved anew each time. No answer is waited for without a limit: a
/// connection that a firewall or a failover has cut without a word is found out by it.
pub(crate) async fn connect(config: &RedisConfig, waits: Waits) -> RedisResult<MultiplexedConnection> {
    let blocked = match waits {
        Waits::Here => Duration::ZERO,
        Waits::InRedis => Duration::from_millis(BLOCK_MS),
    };
    let limits = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(config.timeout))
        .set_response_timeout(Some(config.timeout + blocked));
    let connection = client(config)?
        .get_multiplexed_async_connection_with_config(&limits)
        .await?;
    counter!(names::WIRE_CONNECTS).increment(1);
    Ok(connection)
}

/// Subscribes to a channel, within the time limit.
pub(super) async fn listen(config: &RedisConfig, channel: &str) -> RedisResult<PubSub> {
    within(config, async {
        let mut live = client(config)?.get_async_pubsub().await?;
        live.subscribe(channel).await?;
        Ok(live)
    })
    .await
}

/// What takes longer than the time limit has failed.
pub(super) async fn within<T>(config: &RedisConfig, work: impl Future<Output = RedisResult<T>>) -> RedisResult<T> {
    let late = || Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into());
    tokio::time::timeout(config.timeout, work)
        .await
        .unwrap_or_else(|_| late())
}

/// Asks whether this server takes writes from us, without writing: `XADD` to a stream that is not there and is not
/// to be made. A replica, a full Redis and one that cannot save refuse it; a `PING` they answer.
pub(super) async fn takes_writes(config: &RedisConfig, connection: &mut MultiplexedConnection) -> RedisResult<()> {
    let key = config.probe_key();
    let mut probe = cmd("XADD");
    probe.arg(key).arg("NOMKSTREAM").arg("*").arg("probe").arg(1);
    probe.exec_async(connection).await
}

/// The state of Redis that an error tells of, for `/ready`.
pub(super) fn state(config: &RedisConfig, error: &RedisError) -> String {
    let found = Refusal::of(error).map_or("does not answer", Refusal::found);
    format!("{} {found}", config.address())
}

/// Counts an error by its kind, and logs it once for each trouble: `quiet` says that it was said before.
pub(crate) fn trouble(config: &RedisConfig, what: &str, error: &RedisError, quiet: bool) {
    counter!(names::WIRE_REDIS_ERRORS, "kind" => kind(error)).increment(1);
    let redis = config.address();
    if quiet {
        tracing::debug!(redis, what, %error, "Redis");
    } else {
        let cure = Refusal::of(error).map_or("", Refusal::cure);
        tracing::warn!(redis, what, %error, cure, "Redis does not answer as it should; calls go on, events wait on disk");
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
pub(crate) struct Backoff(Duration);

impl Backoff {
    pub(crate) const fn new() -> Self {
        Self(BACKOFF_FIRST)
    }

    /// Doubles with every call, up to a bound.
    pub(crate) fn next(&mut self) -> Duration {
        let wait = self.0;
        self.0 = (wait * 2).min(BACKOFF_MOST);
        wait
    }
}
