//! What callers called for before: short forms of their last wrap-ups, under the hash of their number.

use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, cmd};
use sidetone_schema::{PastCall, PastTopic, Timestamp, Wrapup};

use super::config::RedisConfig;
use super::connect::{Waits, connect};

/// Calls that are kept of one caller.
pub(super) const KEPT: usize = 3;

/// Puts `ARGV[1]` before the others of `KEYS[1]`, unless one of the call `ARGV[2]` is there; keeps `ARGV[3]` of them, for
/// `ARGV[4]` s from now.
pub(super) const REMEMBER: &str = "for _,kept in ipairs(redis.call('LRANGE',KEYS[1],0,-1)) do
local read,call=pcall(cjson.decode,kept)
if read and call.call_id==ARGV[2] then return 0 end
end
redis.call('LPUSH',KEYS[1],ARGV[1])
redis.call('LTRIM',KEYS[1],0,ARGV[3]-1)
redis.call('EXPIRE',KEYS[1],ARGV[4])
return 1";

/// A wrap-up as it is kept.
pub(super) fn short(call_id: &str, at: Timestamp, wrapup: &Wrapup) -> PastCall {
    let topics = wrapup.topics.iter().map(|topic| PastTopic {
        topic: topic.topic.clone(),
        name: topic.name.clone(),
        resolved: topic.resolved,
    });
    PastCall {
        call_id: call_id.to_owned(),
        at,
        request_type: wrapup.elements.request_type.value.clone(),
        topics: topics.collect(),
        todos: wrapup.elements.todos.value.clone(),
        summary: wrapup.summary.clone(),
    }
}

/// Reads what callers called for before; keeps its connection.
#[derive(Debug)]
pub struct CallerMemory {
    config: RedisConfig,
    connection: Option<MultiplexedConnection>,
}

impl CallerMemory {
    /// Connects when it is first asked.
    #[must_use]
    pub const fn new(config: RedisConfig) -> Self {
        Self {
            config,
            connection: None,
        }
    }

    /// Connects if there is no connection.
    ///
    /// # Errors
    /// When Redis does not answer or refuses; in plain words, without a password.
    pub async fn connect(&mut self) -> Result<(), String> {
        if self.connection.is_none() {
            let made = connect(&self.config, Waits::Here).await;
            self.connection = Some(made.map_err(|error| self.said(&error))?);
        }
        Ok(())
    }

    /// The last calls of the caller with this hash, newest first. What takes longer than `within` is given up.
    ///
    /// # Errors
    /// When Redis does not answer in time or refuses; in plain words, without a password.
    pub async fn recall(&mut self, hash: &str, within: Duration) -> Result<Vec<PastCall>, String> {
        let key = self.config.caller_key(hash);
        let asked = async {
            let open = match &mut self.connection {
                Some(open) => open,
                None => {
                    let made = connect(&self.config, Waits::Here).await?;
                    self.connection.insert(made)
                }
            };
            let mut range = cmd("LRANGE");
            range.arg(key).arg(0).arg(KEPT - 1);
            range.query_async::<Vec<String>>(open).await
        };
        let answered: RedisResult<Vec<String>> = match tokio::time::timeout(within, asked).await {
            Ok(answered) => answered,
            Err(_) => Err(std::io::Error::from(std::io::ErrorKind::TimedOut).into()),
        };
        match answered {
            Ok(rows) => Ok(rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect()),
            Err(error) => {
                self.connection = None;
                Err(self.said(&error))
            }
        }
    }

    fn said(&self, error: &redis::RedisError) -> String {
        format!("{}: {error}", self.config.address())
    }
}

/// Forgets a caller; gives whether anything was kept.
///
/// # Errors
/// When Redis does not answer or refuses; in plain words, without a password.
pub async fn forget_caller(config: &RedisConfig, hash: &str) -> Result<bool, String> {
    let asked = async {
        let mut connection = connect(config, Waits::Here).await?;
        cmd("DEL")
            .arg(config.caller_key(hash))
            .query_async::<u64>(&mut connection)
            .await
    };
    let gone = asked.await.map_err(|error| format!("{}: {error}", config.address()))?;
    Ok(gone > 0)
}
