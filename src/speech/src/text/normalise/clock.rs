//! Times of day.

use super::calendar::ends_in_weekday;
use super::reading::{Reading, Span};
use super::spot::{Spot, ends, first_of, starts};
use super::value::{Number, any_digit, is_numeral, parse};

/// What is said before a time of day.
const CUES: &[&str] = &[
    "上午",
    "下午",
    "早上",
    "早晨",
    "晚上",
    "中午",
    "凌晨",
    "傍晚",
    "今晚",
    "明早",
    "今早",
    "半夜",
    "夜里",
    "点到",
    "点半到",
    "点至",
    "点半至",
    "点钟到",
];

/// 八点三十, 下午两点, 三点半. The word 点 stays, the numbers become digits.
///
/// An hour alone needs a word before it that is said of times, or 半, 钟, 整, 到 after it: 两点建议 are two.
pub(super) fn time(spot: Spot<'_>) -> Option<Span> {
    if !starts(spot.after(), "点") {
        return None;
    }
    let hour = match parse(spot.numerals())? {
        Number::Small(n) | Number::Cardinal(n) if n <= 24 => n,
        _ => return None,
    };
    let upto_hour = spot.run() + 1;
    let next = spot.skip(upto_hour);
    let cued = cue(spot.before());
    let hour_only = || {
        Span::new(
            Reading::Time {
                hour,
                minute: String::new(),
            },
            upto_hour,
        )
    };
    if next.run() == 0 {
        let plain = match first_of(next.rest(), &["半", "钟", "整", "到", "至"]) {
            Some(_) => hour != 1 || starts(next.rest(), "钟") || starts(next.rest(), "半"),
            None => false,
        };
        return (cued || plain).then(hour_only);
    }
    if starts(next.after(), "刻") {
        return Some(hour_only());
    }
    match minute(next, cued) {
        Some(minute) => Some(Span::new(Reading::Time { hour, minute }, upto_hour + next.run())),
        None => cued.then(hour_only),
    }
}

fn minute(spot: Spot<'_>, cued: bool) -> Option<String> {
    let minutes = starts(spot.after(), "分") && !starts(spot.after(), "分之");
    if let ['零' | '〇', b] = spot.numerals() {
        return (minutes || cued).then_some(format!("0{}", any_digit(*b)?));
    }
    match parse(spot.numerals())? {
        Number::Cardinal(n) if (10..60).contains(&n) => Some(n.to_string()),
        Number::Small(n) if n == 10 || minutes => Some(n.to_string()),
        _ => None,
    }
}

/// Whether what was said just before makes 两点 a time of day.
pub(super) fn cue(before: &[char]) -> bool {
    let after_minutes = matches!(before, [.., '点', a, b, '到' | '至'] if is_numeral(*a) && is_numeral(*b))
        || matches!(before, [.., '点', a, b, '分', '到' | '至'] if is_numeral(*a) && is_numeral(*b));
    after_minutes || CUES.iter().any(|cue| ends(before, cue)) || ends_in_weekday(before)
}
