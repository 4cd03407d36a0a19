//! Parts of a year, a month or a week that is known: months, quarters, holidays, their first and last days.

use jiff::civil::Date;

use super::super::lexicon::Token;
use super::period::{DAY_MS, Period, date_of, dates, day, months, plus_days, plus_months, season_of};

pub(super) fn is(token: Option<&Token>, unit: &str) -> bool {
    token.is_some_and(|t| t.words("unit").any(|other| other == unit))
}

pub(super) fn offset(token: &Token, kind: &str) -> Option<i64> {
    token.word(kind)?.parse().ok()
}

/// How many of these tokens say nothing: "of", "in".
pub(super) fn filler(tokens: &[Token]) -> usize {
    tokens
        .iter()
        .take_while(|t| t.word("noise").is_some() && t.number().is_none())
        .count()
}

/// A part of a year.
pub(super) fn in_year(year: i64, tokens: &[Token], context: Option<Date>) -> Option<(Period, usize)> {
    let [first, second, third] = [0, 1, 2].map(|i| tokens.get(i));
    if let Some(half) = first.and_then(|t| t.word("half")) {
        return Some((months(year, if half == "1" { 1 } else { 7 }, 6)?, 1));
    }
    if let Some(n) = first.and_then(|t| offset(t, "quarters")) {
        return Some((months(year, n * 3 - 2, 3)?, 1));
    }
    if let Some(season) = first.and_then(|t| t.word("season")) {
        return of_season(season, year, &tokens[1..]);
    }
    let number = first.and_then(Token::number);
    if let Some(n) = number.filter(|n| (1..=4).contains(n) && is(second, "quarter")) {
        return Some((months(year, n * 3 - 2, 3)?, 2));
    }
    if let Some(n) = number.filter(|n| (1..=12).contains(n)) {
        if is(second, "month") {
            let month = months(year, n, 1)?;
            return within(month.first, &tokens[2..]).map(|(p, used)| (p, used + 2));
        }
        let ranged = context.is_some() || tokens.get(3).is_some_and(|t| t.word("to").is_some());
        let slash = second.is_some_and(|t| t.word("slash").is_some() || t.word("dot").is_some() && ranged);
        if let Some(date) = third.and_then(Token::number).filter(|_| slash) {
            let date = Date::new(
                i16::try_from(year).ok()?,
                i8::try_from(n).ok()?,
                i8::try_from(date).ok()?,
            )
            .ok()?;
            return Some((day(date)?, 3));
        }
        let last = third.and_then(Token::number).filter(|last| (n + 1..=12).contains(last));
        let to = second.is_some_and(|t| t.word("to").is_some());
        if let Some(last) = last.filter(|_| to && is(tokens.get(3), "month") && context.is_none()) {
            return Some((months(year, n, i32::try_from(last - n + 1).ok()?)?, 4));
        }
    }
    ahead(year, tokens)
}

/// "The first three months", "the third quarter".
fn ahead(year: i64, tokens: &[Token]) -> Option<(Period, usize)> {
    let [first, second, third] = [0, 1, 2].map(|i| tokens.get(i));
    let n = second.and_then(Token::number).filter(|n| (1..=12).contains(n))?;
    let quarter = is(third, "quarter") || is(third, "quarters");
    let (head, tail) = ["first", "behind"]
        .map(|kind| first.is_some_and(|t| t.word(kind).is_some()))
        .into();
    if head || tail {
        let each = match (quarter, is(third, "months") || is(third, "month")) {
            (true, _) => 3,
            (_, true) => 1,
            _ => return None,
        };
        let length = Some(n * each).filter(|length| *length <= 12)?;
        let from = if head { 1 } else { 13 - length };
        return Some((months(year, from, i32::try_from(length).ok()?)?, 3));
    }
    let ordinal = first.is_some_and(|t| t.word("ordinal").is_some());
    (ordinal && quarter && n <= 4).then_some(())?;
    Some((months(year, n * 3 - 2, 3)?, 3))
}

/// A holiday, or its first so many days.
fn of_season(name: &str, year: i64, tokens: &[Token]) -> Option<(Period, usize)> {
    let period = season_of(name, year)?;
    if let Some(n) = tokens.first().and_then(|t| offset(t, "ahead")) {
        return Some((dates(plus_days(period.first, -n)?, period.first)?, 2));
    }
    let end = date_of(period.window.to())?;
    let of_end = tokens.first().is_some_and(|t| t.word("monthend").is_some());
    if let Some((found, used)) = end_days((period.first, end), tokens).filter(|_| of_end) {
        return Some((found, used + 1));
    }
    if tokens
        .first()
        .is_some_and(|t| t.word("behind").is_some() || t.word("edge") == Some("after"))
    {
        return behind_season(period, &tokens[1..]).map(|(found, used)| (found, used + 2));
    }
    if tokens.first().is_some_and(|t| t.word("firstday").is_some()) {
        return Some((day(period.first)?, 2));
    }
    // "The third day".
    if let [ordinal, number, unit, ..] = tokens
        && ordinal.word("ordinal").is_some()
        && is(Some(unit), "days")
        && let Some(n) = number
            .number()
            .filter(|n| (1..=period.window.length() / DAY_MS).contains(n))
    {
        return Some((day(plus_days(period.first, n - 1)?)?, 4));
    }
    let ahead = usize::from(tokens.first().is_some_and(|t| t.word("first").is_some()));
    if let Some((found, used)) = Some(&tokens[ahead..])
        .filter(|_| ahead > 0)
        .and_then(|rest| of_season(name, year, rest))
        && used > 1
    {
        return Some((found, used + ahead));
    }
    let skip = filler(tokens);
    let n = tokens.get(skip).and_then(Token::number);
    match n.filter(|n| (1..=period.window.length() / DAY_MS).contains(n) && is(tokens.get(skip + 1), "days")) {
        Some(n) if n < period.window.length() / DAY_MS => {
            Some((dates(period.first, plus_days(period.first, n)?)?, skip + 3))
        }
        Some(_) => Some((period, skip + 3)),
        None => Some((period, 1)),
    }
}

/// The first so many days behind a holiday.
fn behind_season(season: Period, tokens: &[Token]) -> Option<(Period, usize)> {
    let skip = filler(tokens);
    let next = tokens.get(skip)?;
    let ahead = next.word("first").is_some() || next.word("ordinal").is_some();
    let number = tokens.get(skip + usize::from(ahead)).and_then(Token::number);
    let unit = tokens.get(skip + usize::from(ahead) + 1);
    let (n, used) = match number.filter(|n| (1..=31).contains(n)) {
        _ if next.word("firstday").is_some() => (1, 1),
        Some(n) if is(unit, "days") => (n, 2 + usize::from(ahead)),
        Some(n) if is(unit, "week") || is(unit, "weeks") => (n * 7, 2 + usize::from(ahead)),
        _ => return None,
    };
    let first = date_of(season.window.to())?;
    Some((dates(first, plus_days(first, n)?)?, skip + used))
}

/// A day or a third of the month where one follows, else the month.
pub(super) fn within(first: Date, tokens: &[Token]) -> Option<(Period, usize)> {
    let (year, month) = (i64::from(first.year()), i64::from(first.month()));
    let skip = filler(tokens);
    let next = tokens.get(skip);
    if let Some((from, to)) = next.and_then(|t| t.word("thirds")).and_then(|v| v.split_once('-')) {
        let (from, to): (i8, i8) = (from.parse().ok()?, to.parse().ok()?);
        let last = to.min(first.days_in_month());
        let begin = Date::new(first.year(), first.month(), from).ok()?;
        let end = plus_days(Date::new(first.year(), first.month(), last).ok()?, 1)?;
        return Some((dates(begin, end)?, skip + 1));
    }
    if let Some((period, used)) = end_days((first, plus_months(first, 1)?), &tokens[skip..]) {
        return Some((period, skip + used));
    }
    let date = |n: i64| Date::new(first.year(), first.month(), i8::try_from(n).ok()?).ok();
    let Some(n) = tokens.first().and_then(Token::number) else {
        return Some((months(year, month, 1)?, 0));
    };
    // "From the first to the seventh", the word for a day said once.
    let to = tokens.get(1).is_some_and(|t| t.word("to").is_some());
    let last = tokens.get(2).and_then(Token::number);
    if let Some(last) = last.filter(|last| to && *last > n && is(tokens.get(3), "day")) {
        return Some((dates(date(n)?, plus_days(date(last)?, 1)?)?, 4));
    }
    if is(tokens.get(1), "day") {
        return Some((day(date(n)?)?, 2));
    }
    // "March the fifth" without the word for a day.
    let bare = tokens
        .get(1)
        .is_none_or(|t| t.word("particle").is_some() && t.word("count").is_none() || t.word("to").is_some());
    if bare && (1..=31).contains(&n) {
        return Some((day(date(n)?)?, 1));
    }
    Some((months(year, month, 1)?, 0))
}

/// The first, or the last, months of a quarter.
pub(super) fn end_months((year, month): (i64, i64), tokens: &[Token]) -> Option<(Period, usize)> {
    let skip = filler(tokens);
    let [head, number, unit, ..] = tokens.get(skip..)? else {
        return None;
    };
    let n = number
        .number()
        .filter(|n| (1..=3).contains(n) && is(Some(unit), "months"))?;
    let last = head.word("behind").is_some() || head.word("monthend").is_some();
    if !last {
        head.word("first").or(head.word("start"))?;
    }
    let from = if last { month + 3 - n } else { month };
    Some((months(year, from, i32::try_from(n).ok()?)?, skip + 3))
}

/// The first, or the last, so many days of a week or month.
pub(super) fn end_days((first, end): (Date, Date), tokens: &[Token]) -> Option<(Period, usize)> {
    let last = |head: &Token| head.word("behind").is_some() || head.word("monthend").is_some();
    if let [head, one, ..] = tokens
        && one.word("duration") == Some("d1")
        && last(head)
    {
        return Some((dates(plus_days(end, -1)?, end)?, 2));
    }
    let [head, number, unit, ..] = tokens else { return None };
    let each = match (
        is(Some(unit), "days"),
        is(Some(unit), "weeks") || is(Some(unit), "week"),
    ) {
        (true, _) => 1,
        (_, true) => 7,
        _ => return None,
    };
    let n = number.number().filter(|n| (1..=28 / each).contains(n))? * each;
    plus_days(first, n).filter(|last| *last <= end)?;
    let period = if last(head) {
        dates(plus_days(end, -n)?, end)?
    } else {
        head.word("first").or(head.word("start"))?;
        dates(first, plus_days(first, n)?)?
    };
    Some((period, 3))
}

/// A written date, `2026-11-01`, `2026/11/1`, `2026.11.1`.
pub(super) fn iso(tokens: &[Token]) -> Option<(Period, usize)> {
    let [year, a, month, b, date, ..] = tokens else {
        return None;
    };
    let mark = |t: &Token| ["to", "slash", "dot"].iter().any(|kind| t.word(kind).is_some());
    (mark(a) && mark(b)).then_some(())?;
    let year = year.number().filter(|year| *year > 1900)?;
    let date = Date::new(
        year.try_into().ok()?,
        month.number()?.try_into().ok()?,
        date.number()?.try_into().ok()?,
    )
    .ok()?;
    Some((day(date)?, 5))
}
