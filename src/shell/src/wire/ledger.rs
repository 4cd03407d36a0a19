//! What agents did with the hints of each node, counted in a hash that all daemons of a deployment share.
//!
//! `sidetone:feedback:nodes`: node → JSON. The counts fade with a half-life, so that what was thought of a node that has
//! been mended since is forgotten; `opinions` does not fade.

use std::collections::BTreeMap;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, cmd};
use serde::{Deserialize, Serialize};

use super::config::RedisConfig;
use super::connect::{Waits, connect};
use super::feedback::FeedbackAction;

/// Seconds after which a count is half of what it was: 30 days.
const HALF_LIFE: f64 = 30.0 * 86_400.0;
/// Seconds after the last entry at which all is forgotten: 180 days.
const FORGET: u64 = 180 * 86_400;

/// Adds one `ARGV[2]` to the node `ARGV[1]` of `KEYS[1]` at `ARGV[3]` (s), after what was counted before has faded with
/// the half-life `ARGV[4]` (s). `ARGV[5]` is 1 for an opinion. The hash lives `ARGV[6]` s from now.
const COUNT: &str = "local row={shown=0,clicked=0,copied=0,dismissed=0,corrected=0,opinions=0,at=tonumber(ARGV[3])}
local kept=redis.call('HGET',KEYS[1],ARGV[1])
if kept then
local read,old=pcall(cjson.decode,kept)
if read then for name,_ in pairs(row) do row[name]=tonumber(old[name]) or row[name] end end
end
local now=math.max(row.at,tonumber(ARGV[3]))
local share=0.5^((now-row.at)/tonumber(ARGV[4]))
for _,name in ipairs({'shown','clicked','copied','dismissed','corrected'}) do row[name]=row[name]*share end
row[ARGV[2]]=row[ARGV[2]]+1
row.opinions=row.opinions+tonumber(ARGV[5])
row.at=now
redis.call('HSET',KEYS[1],ARGV[1],cjson.encode(row))
redis.call('EXPIRE',KEYS[1],ARGV[6])
return 1";

/// What was done with one node's hints.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NodeFeedback {
    /// Came on a screen.
    pub shown: f64,
    /// Was opened.
    pub clicked: f64,
    /// Its words were used.
    pub copied: f64,
    /// Was put away.
    pub dismissed: f64,
    /// Was wrong.
    pub corrected: f64,
    /// Of the last four, how many there ever were.
    pub opinions: f64,
    /// When it was counted last, in seconds since 1970.
    pub at: f64,
}

impl NodeFeedback {
    /// As it has faded at `now`, in seconds since 1970.
    #[must_use]
    pub fn faded(self, now: f64) -> Self {
        let share = 0.5_f64.powf((now - self.at).max(0.0) / HALF_LIFE);
        Self {
            shown: self.shown * share,
            clicked: self.clicked * share,
            copied: self.copied * share,
            dismissed: self.dismissed * share,
            corrected: self.corrected * share,
            opinions: self.opinions,
            at: self.at.max(now),
        }
    }
}

/// The hash; keeps its connection.
#[derive(Debug)]
pub struct FeedbackLedger {
    config: RedisConfig,
    connection: Option<MultiplexedConnection>,
}

impl FeedbackLedger {
    /// Connects when it is first used.
    #[must_use]
    pub const fn new(config: RedisConfig) -> Self {
        Self {
            config,
            connection: None,
        }
    }

    /// Counts what an agent did with a node's hint at `now`, in seconds since 1970.
    ///
    /// # Errors
    /// When Redis does not answer or refuses; in plain words, without a password.
    pub async fn count(&mut self, node: &str, action: FeedbackAction, now: i64) -> Result<(), String> {
        let mut count = cmd("EVAL");
        count
            .arg(COUNT)
            .arg(1)
            .arg(self.config.feedback_nodes_key())
            .arg(node)
            .arg(action.as_str())
            .arg(now)
            .arg(HALF_LIFE)
            .arg(u8::from(action != FeedbackAction::Shown))
            .arg(FORGET);
        self.ask::<i64>(&count).await.map(drop)
    }

    /// Every node's row, as it was counted last.
    ///
    /// # Errors
    /// When Redis does not answer or refuses; in plain words, without a password.
    pub async fn read(&mut self) -> Result<BTreeMap<String, NodeFeedback>, String> {
        let mut all = cmd("HGETALL");
        all.arg(self.config.feedback_nodes_key());
        let rows: BTreeMap<String, String> = self.ask(&all).await?;
        let read = rows
            .into_iter()
            .filter_map(|(node, row)| Some((node, serde_json::from_str(&row).ok()?)));
        Ok(read.collect())
    }

    async fn ask<T: redis::FromRedisValue>(&mut self, command: &redis::Cmd) -> Result<T, String> {
        let answered: RedisResult<T> = async {
            let open = match &mut self.connection {
                Some(open) => open,
                None => {
                    let made = connect(&self.config, Waits::Here).await?;
                    self.connection.insert(made)
                }
            };
            command.query_async(open).await
        }
        .await;
        answered.map_err(|error| {
            self.connection = None;
            format!("{}: {error}", self.config.address())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_fade_by_half_in_thirty_days_and_opinions_do_not() {
        let row = NodeFeedback {
            dismissed: 8.0,
            opinions: 8.0,
            at: 1_000.0,
            ..NodeFeedback::default()
        };
        let later = row.faded(1_000.0 + HALF_LIFE);
        assert_eq!((later.dismissed, later.opinions), (4.0, 8.0));
        assert_eq!(row.faded(0.0).dismissed, 8.0, "a clock that was set back");
    }
}
