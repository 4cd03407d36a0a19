//! Configuration of the wire.

use std::path::PathBuf;
use std::time::Duration;

use jiff::fmt::serde::unsigned_duration::friendly::compact::required as friendly;
use serde::Deserialize;
use sidetone_base::{AgentId, CallId, LegId};
use sidetone_schema::Body;

/// Entries of the shortest stream: fewer are gone before a reader has seen them.
const FEWEST: u64 = 100;

/// `[redis]`. Durations are text: `"2h"`, `"90s"`, `"500ms"`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://[user[:password]@]host:port/[db]` or `redis+unix:///path/to/socket`. May hold a password:
    /// the app resolves it from the environment or a file.
    pub url: String,
    /// First part of every key and channel.
    pub prefix: String,
    /// Events that a call's stream keeps, about (`MAXLEN ~`).
    pub stream_maxlen: u64,
    /// Partials stay in the call's stream; else they are in a stream of their own, until the next final.
    pub keep_partials: bool,
    /// How long the stream, state and agent keys of a call that has not ended outlive the last event.
    #[serde(with = "friendly")]
    pub ttl: Duration,
    /// How long stream and state outlive `call.ended`.
    #[serde(with = "friendly")]
    pub ttl_after_end: Duration,
    /// How long the dialplan's hash outlives its last change.
    #[serde(with = "friendly")]
    pub ivr_ttl: Duration,
    /// Wrap-ups that their stream keeps, about.
    pub wrapups_maxlen: u64,
    /// Gaps of the knowledge base that their stream keeps, about.
    pub gaps_maxlen: u64,
    /// Days for which it keeps them.
    pub gaps_days: u32,
    /// Facts for metrics that their stream keeps, about.
    pub facts_maxlen: u64,
    /// How long short forms of a caller's wrap-ups are kept; not at all when `None`. Set by the app, from `[memory]`.
    #[serde(skip)]
    pub callers_keep: Option<Duration>,
    /// What goes to the stream of all calls.
    pub common_stream: CommonStream,
    /// Events that the stream of all calls keeps, about.
    pub common_maxlen: u64,
    /// An answer that takes longer counts as a lost connection.
    #[serde(with = "friendly")]
    pub timeout: Duration,
    /// Events older than this when they are delivered are not mirrored to pub/sub unless they are finals,
    /// wrap-ups or `call.*`: nobody wants yesterday's partials on the screen.
    #[serde(with = "friendly")]
    pub mirror_window: Duration,
}

/// What the stream of all calls holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommonStream {
    /// Nothing: there is none.
    #[default]
    Off,
    /// `call.*`.
    Calls,
    /// `call.*`, settled texts and final wrap-ups.
    Finals,
}

impl CommonStream {
    /// Whether an event goes there.
    pub(super) const fn holds(self, body: &Body) -> bool {
        match body {
            Body::CallStarted(_) | Body::CallUpdated(_) | Body::CallEnded(_) => !matches!(self, Self::Off),
            Body::TranscriptFinal(_) | Body::TranscriptRevised(_) | Body::WrapupFinal(_) => {
                matches!(self, Self::Finals)
            }
            _ => false,
        }
    }
}

impl Default for RedisConfig {
    fn default() -> Self {
        Self {
            url: "redis://127.0.0.1:6379/".into(),
            prefix: "sidetone".into(),
            stream_maxlen: 20_000,
            keep_partials: false,
            ttl: Duration::from_secs(2 * 3600),
            ttl_after_end: Duration::from_secs(15 * 60),
            ivr_ttl: Duration::from_secs(3600),
            wrapups_maxlen: 100_000,
            gaps_maxlen: 20_000,
            gaps_days: 90,
            facts_maxlen: 200_000,
            callers_keep: None,
            common_stream: CommonStream::Off,
            common_maxlen: 100_000,
            timeout: Duration::from_secs(5),
            mirror_window: Duration::from_secs(5),
        }
    }
}

impl std::fmt::Debug for RedisConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisConfig")
            .field("url", &self.address())
            .field("prefix", &self.prefix)
            .field("stream_maxlen", &self.stream_maxlen)
            .field("keep_partials", &self.keep_partials)
            .field("ttl", &self.ttl)
            .field("ttl_after_end", &self.ttl_after_end)
            .field("ivr_ttl", &self.ivr_ttl)
            .field("wrapups_maxlen", &self.wrapups_maxlen)
            .field("gaps_maxlen", &self.gaps_maxlen)
            .field("gaps_days", &self.gaps_days)
            .field("facts_maxlen", &self.facts_maxlen)
            .field("callers_keep", &self.callers_keep)
            .field("common_stream", &self.common_stream)
            .field("common_maxlen", &self.common_maxlen)
            .field("timeout", &self.timeout)
            .field("mirror_window", &self.mirror_window)
            .finish()
    }
}

impl RedisConfig {
    /// The URL without user, password and query, to print.
    #[must_use]
    pub fn address(&self) -> String {
        let (scheme, rest) = self.url.split_once("://").unwrap_or(("", &self.url));
        let rest = rest.split_once('?').map_or(rest, |(head, _)| head);
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        if scheme.is_empty() {
            "(not a URL)".to_owned()
        } else {
            format!("{scheme}://{host}")
        }
    }

    /// What is wrong with the URL, without repeating it: it may hold a password.
    ///
    /// # Errors
    /// When it cannot be used at all, whatever runs at its address.
    pub fn usable(&self) -> Result<(), String> {
        let form = "write redis://user:password@host:port/ or redis+unix:///path/to/socket";
        let Some((scheme, _)) = self.url.split_once("://") else {
            return Err(format!("it does not begin with redis://; {form}"));
        };
        if scheme.starts_with("rediss") || scheme.starts_with("valkeys") {
            return Err("TLS (rediss://) is not built in; lead to Redis through a tunnel such as stunnel".to_owned());
        }
        let behind = self.url.find(['?', '#']).map_or("", |at| &self.url[at..]);
        if behind.contains('#') || behind.contains('@') {
            return Err("`#`, `?`, `/` and `@` in a password are written %23, %3F, %2F and %40".to_owned());
        }
        // What the library says is about the form, never the values.
        let parsed = redis::IntoConnectionInfo::into_connection_info(self.url.as_str());
        parsed.map(drop).map_err(|error| match error.detail() {
            Some(detail) => format!("{error} ({detail}); {form}"),
            None => format!("{error}; {form}"),
        })
    }

    /// What is wrong with the rest: key below `redis`, reason.
    #[must_use]
    pub fn faults(&self) -> Vec<(&'static str, String)> {
        const MONTH: u64 = 30 * 86_400;
        let seconds = |low, high| Duration::from_secs(low)..=Duration::from_secs(high);
        let quick = Duration::from_millis(100)..=Duration::from_secs(60);
        let times = [
            ("ttl", self.ttl, seconds(60, MONTH), "1m to 30d; 2h is usual"),
            (
                "ttl_after_end",
                self.ttl_after_end,
                seconds(1, MONTH),
                "1s to 30d; 15m is usual",
            ),
            ("ivr_ttl", self.ivr_ttl, seconds(1, MONTH), "1s to 30d; 1h is usual"),
            ("timeout", self.timeout, quick, "100ms to 1m; 5s is usual"),
            (
                "mirror_window",
                self.mirror_window,
                seconds(1, 3_600),
                "1s to 1h; 5s is usual",
            ),
        ];
        let outside = times
            .into_iter()
            .filter(|(_, value, bounds, _)| !bounds.contains(value));
        let lengths = [
            ("stream_maxlen", self.stream_maxlen, "20000 is usual"),
            ("wrapups_maxlen", self.wrapups_maxlen, "100000 is usual"),
            ("gaps_maxlen", self.gaps_maxlen, "20000 is usual"),
            ("facts_maxlen", self.facts_maxlen, "200000 is usual"),
            ("common_maxlen", self.common_maxlen, "100000 is usual"),
        ];
        let few = lengths.into_iter().filter(|(_, value, _)| *value < FEWEST);
        let days = (!(1..=3_650).contains(&self.gaps_days)).then(|| {
            (
                "gaps_days",
                format!("{} is outside 1 to 3650; 90 is usual", self.gaps_days),
            )
        });
        outside
            .map(|(key, value, _, bounds)| (key, format!("{}ms is outside {bounds}", value.as_millis())))
            .chain(few.map(|(key, value, usual)| (key, format!("{value} is fewer than {FEWEST}; {usual}"))))
            .chain(days)
            .collect()
    }

    /// How long a call's keys outlive an event.
    pub(super) const fn lifetime(&self, ended: bool) -> Duration {
        if ended { self.ttl_after_end } else { self.ttl }
    }

    /// What a call's own keys begin with, before its id.
    pub(super) fn call_head(&self) -> String {
        format!("{}:{{", self.prefix)
    }

    /// The stream of a call's events.
    #[must_use]
    pub fn events_key(&self, call: &CallId) -> String {
        format!("{}:{{{call}}}:events", self.prefix)
    }

    /// The stream of a call's partials since its last final.
    #[must_use]
    pub fn partials_key(&self, call: &CallId) -> String {
        format!("{}:{{{call}}}:partials", self.prefix)
    }

    /// The hash of a call's state.
    #[must_use]
    pub fn state_key(&self, call: &CallId) -> String {
        format!("{}:{{{call}}}:state", self.prefix)
    }

    /// The channel of an agent's live events.
    #[must_use]
    pub fn agent_channel(&self, agent: &AgentId) -> String {
        format!("{}:agent:{agent}", self.prefix)
    }

    /// The sorted set of the calls that an agent is on, by when they joined.
    #[must_use]
    pub fn agent_calls_key(&self, agent: &AgentId) -> String {
        format!("{}:agent:{agent}:calls", self.prefix)
    }

    /// The key that names the call that an agent joined last, of those that they are on.
    #[must_use]
    pub fn agent_call_key(&self, agent: &AgentId) -> String {
        format!("{}:agent:{agent}:call", self.prefix)
    }

    /// The channel of every call's `call.*`.
    #[must_use]
    pub fn calls_channel(&self) -> String {
        format!("{}:calls", self.prefix)
    }

    /// The stream of final wrap-ups.
    #[must_use]
    pub fn wrapups_key(&self) -> String {
        format!("{}:wrapups", self.prefix)
    }

    /// The hash of a call's record as agents have corrected it.
    #[must_use]
    pub fn corrected_key(&self, call: &CallId) -> String {
        format!("{}:{{{call}}}:wrapup", self.prefix)
    }

    /// The stream of final wrap-ups that nobody took.
    #[must_use]
    pub fn dead_wrapups_key(&self) -> String {
        format!("{}:wrapups:dead", self.prefix)
    }

    /// The channel of finals as they were said, for one role.
    #[must_use]
    pub fn unmasked_channel(&self, role: &str) -> String {
        format!("{}:unmasked:{role}", self.prefix)
    }

    /// The stream of who was sent which of them.
    #[must_use]
    pub fn unmasked_audit_key(&self) -> String {
        format!("{}:unmasked:audit", self.prefix)
    }

    /// The stream of what the knowledge base lacks.
    #[must_use]
    pub fn gaps_key(&self) -> String {
        format!("{}:knowledge:gaps", self.prefix)
    }

    /// The stream of all facts for metrics.
    #[must_use]
    pub fn facts_key(&self) -> String {
        format!("{}:facts", self.prefix)
    }

    /// The stream of facts that others tell.
    #[must_use]
    pub fn facts_in_key(&self) -> String {
        format!("{}:facts:in", self.prefix)
    }

    /// The list of a caller's last calls, by the hash of their number.
    #[must_use]
    pub fn caller_key(&self, hash: &str) -> String {
        format!("{}:caller:{hash}", self.prefix)
    }

    /// The hash of what agents did with each node's hints.
    #[must_use]
    pub fn feedback_nodes_key(&self) -> String {
        format!("{}:feedback:nodes", self.prefix)
    }

    /// The stream of all calls.
    #[must_use]
    pub fn common_key(&self) -> String {
        format!("{}:events", self.prefix)
    }

    /// The hash that a dialplan reads.
    #[must_use]
    pub fn ivr_key(&self, leg: &LegId) -> String {
        format!("{}:ivr:{leg}", self.prefix)
    }

    /// A stream that is never there: a server is asked with it whether it takes writes.
    pub(super) fn probe_key(&self) -> String {
        format!("{}:probe", self.prefix)
    }

    /// The stream of commands to us.
    #[must_use]
    pub fn control_key(&self) -> String {
        format!("{}:control", self.prefix)
    }

    /// The stream of what became of commands.
    #[must_use]
    pub fn answers_key(&self) -> String {
        format!("{}:control:answers", self.prefix)
    }

    /// The stream of what agents did with hints.
    #[must_use]
    pub fn feedback_key(&self) -> String {
        format!("{}:feedback", self.prefix)
    }
}

/// The journal on disk. Durations as in [`RedisConfig`].
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OutboxConfig {
    /// Journals lie in `journal/` below it. On a local disk: events are written there as they happen.
    pub state_dir: PathBuf,
    /// All journals together. From half of it partials are shed, from five eighths second passes, from three
    /// quarters hints; finals and wrap-ups only beyond the whole.
    pub max_bytes: u64,
    /// How long the journal of a call that has ended and is delivered is kept, for a Redis that is killed
    /// and comes back without its last seconds.
    #[serde(with = "friendly")]
    pub retention: Duration,
}

impl Default for OutboxConfig {
    fn default() -> Self {
        Self {
            state_dir: "/var/lib/sidetone".into(),
            max_bytes: 256 << 20,
            retention: Duration::from_secs(600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_prints() {
        for url in [
            "redis://user:s3cret@db.example:6379/2",
            "redis://:s3cret@db.example/",
            "redis+unix:///run/redis.sock?pass=s3cret",
            "s3cret",
        ] {
            let config = RedisConfig {
                url: url.into(),
                ..RedisConfig::default()
            };
            assert!(!format!("{config:?} {}", config.address()).contains("s3cret"), "{url}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_named_with_what_is_usual() {
        let faults = |text: &str| serde_json::from_str::<RedisConfig>(text).unwrap().faults();
        assert!(faults("{}").is_empty());
        let found = faults(r#"{"ttl":"0s","ivr_ttl":"0s","timeout":"2h","gaps_days":0,"facts_maxlen":0}"#);
        let keys: Vec<&str> = found.iter().map(|(key, _)| *key).collect();
        assert_eq!(keys, ["ttl", "ivr_ttl", "timeout", "facts_maxlen", "gaps_days"]);
        assert!(found.iter().all(|(_, reason)| reason.contains("usual")), "{found:?}");
    }

    #[test]
    fn durations_carry_their_unit_and_unknown_keys_are_refused() {
        let read = |text: &str| serde_json::from_str::<RedisConfig>(text);
        assert_eq!(
            read(r#"{"ttl":"90m","timeout":"500ms"}"#).unwrap().ttl,
            Duration::from_secs(5400)
        );
        assert!(read(r#"{"ttl":"-1s"}"#).is_err());
        assert!(read(r#"{"ttl":90}"#).is_err());
        assert!(read(r#"{"tll":"90m"}"#).unwrap_err().to_string().contains("tll"));
    }
}
