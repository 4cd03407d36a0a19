//! Cardinals, decimals, and what they count or measure.

use super::about;
use super::clock;
use super::lexicon::{self, Unit};
use super::reading::{Reading, Span};
use super::spot::{Spot, first_of, starts};
use super::value::{Number, any_digit, is_numeral, parse};

/// Before a number of years or days they name a certain one, or how often: 这两天, 每两年.
const DETERMINERS: &str = "这那哪每某同另头几过";
/// With 头 behind them they say where or when, and determine nothing: 前头八个月.
const SIDES: &str = "前后上下里外年开两";

/// 二十点六七天, 一点二万元: with its unit.
///
/// No decimal where a time of day is spoken of, or where 个 counts things: 下午三点五个人.
pub(super) fn decimal(spot: Spot<'_>) -> Option<Span> {
    if clock::cue(spot.before()) {
        return None;
    }
    let (number, len) = point(spot)?;
    let after = spot.skip(len).rest();
    match lexicon::unit(after) {
        Some(unit) => Some(count(number, unit.written, len + unit.len())),
        None => (!starts(after, "个") || starts(after, "个点")).then(|| count(number, "", len)),
    }
}

/// A number, 点, digits that are read out one by one, and 万 or 亿: the value and how many characters it is.
pub(super) fn point(spot: Spot<'_>) -> Option<(Number, usize)> {
    if !starts(spot.after(), "点") || about::pair(spot.numerals()) {
        return None;
    }
    let whole = match parse(spot.numerals())? {
        Number::Digits(digits) => digits,
        number => number.in_full(),
    };
    // 注意一点五险一金: what follows is a word.
    let rest = spot.skip(spot.run() + 1).rest();
    if lexicon::ends_number(rest) {
        return None;
    }
    let fraction = spot.skip(spot.run() + 1);
    let read_out = |c: &&char| any_digit(**c).is_some() && !matches!(c, '两' | '幺');
    let digits: Vec<u64> = fraction
        .numerals()
        .iter()
        .take_while(read_out)
        .filter_map(|&c| any_digit(c))
        .collect();
    let mut len = spot.run() + 1 + digits.len();
    let after = spot.skip(len).rest();
    // 一点一点 is a way of speaking; 八点十五 a time.
    if digits.is_empty() || after.first().is_some_and(|&c| "十百千点分些两幺".contains(c)) {
        return None;
    }
    let mut text = format!("{whole}.");
    text.extend(digits.iter().map(u64::to_string));
    if let Some(&scale @ ('万' | '亿')) = after.first() {
        text.push(scale);
        len += 1;
    }
    Some((Number::Decimal(text), len))
}

/// 两年零三个月: the 零 joins two durations, and a number begins after it.
pub(super) fn joining_zero(spot: Spot<'_>) -> Option<Span> {
    let joins =
        spot.run() >= 2 && spot.numerals()[0] == '零' && matches!(spot.last(), Some('年' | '月' | '天' | '岁' | '时'));
    (joins && measured(spot.skip(1)).is_some()).then(|| Span::as_said(spot, 1))
}

/// 六年, 两千四百块: a number and its unit.
pub(super) fn measured(spot: Spot<'_>) -> Option<Span> {
    let unit = lexicon::unit(spot.after())?;
    let number = parse(spot.numerals())?;
    match number {
        Number::Digits(_) | Number::Decimal(_) => return None,
        Number::Small(n) if n < 10 && !is_count(spot, unit) => return None,
        Number::Small(_) | Number::Cardinal(_) => {}
    }
    Some(count(number, unit.written, spot.run() + unit.len()))
}

/// Any number of more than ten.
pub(super) fn cardinal(spot: Spot<'_>) -> Option<Span> {
    match parse(spot.numerals())? {
        number @ Number::Cardinal(_) => Some(count(number, "", spot.run())),
        _ => None,
    }
}

/// 十个, 十次.
pub(super) fn ten(spot: Spot<'_>) -> Option<Span> {
    let number = parse(spot.numerals()).filter(|number| *number == Number::Small(10))?;
    lexicon::classifier(spot.after()).then(|| count(number, "", spot.run()))
}

/// 一到四级: the first of a range whose last becomes digits.
pub(super) fn range(spot: Spot<'_>) -> Option<Span> {
    let number = parse(spot.numerals()).filter(|number| matches!(number, Number::Small(_)))?;
    let to = first_of(spot.after(), &["到", "至"])?;
    let last = spot.skip(spot.run() + to);
    let digits = about::so_many(last).is_none() && (measured(last).is_some() || cardinal(last).is_some());
    digits.then(|| count(number, "", spot.run()))
}

fn count(number: Number, unit: &'static str, len: usize) -> Span {
    Span::new(Reading::Count { number, unit }, len)
}

/// Whether one numeral before this unit is a count: 这一年, 有一天 and 上一级 are words.
fn is_count(spot: Spot<'_>, unit: Unit) -> bool {
    let (before, one) = (spot.last(), spot.numerals() == ['一']);
    let next = spot.after().get(unit.len());
    let aside = matches!(spot.before(), [.., side, '头'] if SIDES.contains(*side));
    if before.is_some_and(|c| DETERMINERS.contains(c)) && !aside {
        return false;
    }
    let certain_one = one && matches!(before, Some('前' | '后' | '上' | '下'));
    match unit.said {
        // 一块儿, 两块: pieces, or together.
        "块" => false,
        "天" => !(certain_one || one && before == Some('有')),
        "级" => !matches!(before, Some('上' | '下' | '高' | '低' | '年')) && next != Some(&'别'),
        "年" => !certain_one && next != Some(&'级'),
        "周" => !certain_one && next != Some(&'边'),
        "度" => !one && before != Some('年'),
        // 一秒, 一米, 一斤 of speech are words as often as not.
        "秒" | "米" | "斤" | "克" => !one && !next.is_some_and(|&c| is_numeral(c)),
        _ => true,
    }
}
