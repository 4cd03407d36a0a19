//! A look at one call's stream.

use redis::{RedisResult, cmd};
use sidetone_base::CallId;

use super::config::RedisConfig;
use super::connect::{Waits, connect};

/// How many events of the call are in Redis.
///
/// # Errors
/// When Redis does not answer or refuses; in plain words, without a password.
pub async fn stream_length(config: &RedisConfig, call: &CallId) -> Result<u64, String> {
    let asked = async {
        let mut connection = connect(config, Waits::Here).await?;
        cmd("XLEN")
            .arg(config.events_key(call))
            .query_async(&mut connection)
            .await
    };
    let answered: RedisResult<u64> = asked.await;
    answered.map_err(|error| format!("{}: {error}", config.address()))
}
