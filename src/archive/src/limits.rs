//! The bounds of metrics that a site may set: how short a short call is, within how many seconds an answer is in time.

use serde::{Deserialize, Serialize};

/// Bounds with the values that they have where nobody sets them. Times are in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// M019, M020, M022: an abandoned wait of at most this is short.
    pub short_abandon_ms: i64,
    /// M021: an answer within this is in time.
    pub answer_fast_ms: i64,
    /// M022.
    pub answer_served_ms: i64,
    /// M023.
    pub answer_late_ms: i64,
    /// M053: a part below this is short.
    pub short_call_ms: i64,
    /// M054: a part above this is long.
    pub long_call_ms: i64,
    /// M079: a silence of at least this is long.
    pub long_silence_ms: i64,
    /// M095: an emotion counts from this on, in thousandths.
    pub emotion_conf: i64,
    /// M083, M084: a final counts from so many characters on.
    pub rate_chars: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            short_abandon_ms: 5_000,
            answer_fast_ms: 15_000,
            answer_served_ms: 20_000,
            answer_late_ms: 30_000,
            short_call_ms: 10_000,
            long_call_ms: 600_000,
            long_silence_ms: 10_000,
            emotion_conf: 600,
            rate_chars: 5,
        }
    }
}

/// A bound as an answer echoes it: its name, the sign with which it is compared, and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Limit {
    /// As in [`Limits`].
    pub name: &'static str,
    /// `<=`, `<`, `>=` or `>`.
    pub sign: &'static str,
    /// Milliseconds, thousandths or characters.
    pub value: i64,
}

/// Why bounds are none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("limits: {0} is above 0")]
pub struct LimitsError(&'static str);

impl Limits {
    /// Whether every bound is above 0.
    pub fn check(&self) -> Result<(), LimitsError> {
        self.all()
            .into_iter()
            .find(|limit| limit.value <= 0)
            .map_or(Ok(()), |limit| Err(LimitsError(limit.name)))
    }

    fn all(&self) -> [Limit; 9] {
        let limit = |name, sign, value| Limit { name, sign, value };
        [
            limit("short_abandon_ms", "<=", self.short_abandon_ms),
            limit("answer_fast_ms", "<=", self.answer_fast_ms),
            limit("answer_served_ms", "<=", self.answer_served_ms),
            limit("answer_late_ms", "<=", self.answer_late_ms),
            limit("short_call_ms", "<", self.short_call_ms),
            limit("long_call_ms", ">", self.long_call_ms),
            limit("long_silence_ms", ">=", self.long_silence_ms),
            limit("emotion_conf", ">=", self.emotion_conf),
            limit("rate_chars", ">=", self.rate_chars),
        ]
    }

    /// Puts the bounds into a statement that names them.
    pub(crate) fn put(&self, sql: &str) -> String {
        self.all().iter().fold(sql.to_owned(), |sql, limit| {
            sql.replace(&format!("{{{}}}", limit.name), &limit.value.to_string())
        })
    }

    /// Those that a statement names.
    pub(crate) fn named(&self, sql: &str) -> Vec<Limit> {
        self.all()
            .into_iter()
            .filter(|limit| sql.contains(&format!("{{{}}}", limit.name)))
            .collect()
    }
}
