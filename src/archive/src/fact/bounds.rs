//! What no fact can say, whatever its symbol: a time before 1970, a count below nothing, a share above all, a number in clear.

use std::ops::RangeInclusive;

use serde_json::Value as Json;

use super::body::Body;
use super::{Asked, FactError};

/// Thousandths of a share.
const WHOLE: i64 = 1000;
/// What a caller may say in a survey.
const SCORES: RangeInclusive<i64> = 1..=5;

/// Refuses a line of which a metric would be made that cannot be.
pub(super) fn check(f: &Asked<'_>, seq: i64, rev: i64, b: &Body) -> Result<(), FactError> {
    let latency = b.latency.as_ref().and_then(|latency| latency.total);
    let counts = [
        ("seq", Some(seq)),
        ("rev", Some(rev)),
        ("t0", b.t0),
        ("t1", b.t1),
        ("t", b.t),
        ("begin", b.begin),
        ("end", b.end),
        ("ts", b.ts),
        ("a", b.a),
        ("chars", b.chars),
        ("answers", b.answers),
        ("fails_after_last_answer", b.fails_after_last_answer),
        ("latency.total", latency),
        ("tier", b.tier),
        ("age", b.age),
    ];
    for (field, value) in counts {
        if let Some(value) = value.filter(|value| *value < 0) {
            return Err(f.wrong(field, format!("{value} is below 0")));
        }
    }
    for (field, spans) in [("H", &b.holds), ("gaps", &b.gaps)] {
        if let Some((from, to)) = spans.iter().flatten().find(|(from, to)| to < from || *from < 0) {
            return Err(f.wrong(
                field,
                format!("[{from}, {to}] ends before it begins, or begins below 0"),
            ));
        }
    }
    if let Some(score) = b.score.filter(|score| f.sym == "Y" && !SCORES.contains(score)) {
        return Err(f.wrong(
            "score",
            format!("{score} is not from {} to {}", SCORES.start(), SCORES.end()),
        ));
    }
    if let Some(conf) = b.conf.as_ref().filter(|conf| !is_share(conf)) {
        return Err(f.wrong(
            "conf",
            format!("{conf} is neither thousandths from 0 to {WHOLE} nor a share from 0.0 to 1.0"),
        ));
    }
    match &b.ani {
        Some(ani) if is_mobile(ani) => Err(f.wrong("ani", "it is a telephone number; give its salted hash".to_owned())),
        _ => Ok(()),
    }
}

fn is_share(conf: &Json) -> bool {
    match conf {
        Json::Null => true,
        Json::Number(n) => match n.as_i64() {
            Some(thousandths) => (0..=WHOLE).contains(&thousandths),
            None => n.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)),
        },
        _ => false,
    }
}

/// A mobile number of the mainland, with or without the country's code: that no hash looks like.
fn is_mobile(ani: &str) -> bool {
    /// Digits of one.
    const LONG: usize = 11;
    let bare = ani.trim_start_matches('+');
    let bare = bare
        .strip_prefix("86")
        .filter(|rest| rest.len() == LONG)
        .unwrap_or(bare);
    let digits = bare.len() == LONG && bare.bytes().all(|byte| byte.is_ascii_digit());
    digits && bare.starts_with('1') && !bare.starts_with("10")
}
