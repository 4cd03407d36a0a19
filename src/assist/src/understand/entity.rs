//! What a turn names, with values: durations, dates, ages, amounts, percents, places.

use std::ops::Range;

use jiff::Span;
use jiff::civil::Date;
use sidetone_knowledge::RegionCode;
use sidetone_language::{Number, Regions, number, zh};
use sidetone_schema::Entity;

use super::text::{CUT, slice};

/// Something named, with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Where in the folded text, in characters.
    pub range: Range<usize>,
    /// As spoken.
    pub text: String,
    /// What it is worth.
    pub value: Value,
}

/// The value of something named.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Years and months, as months.
    Months(u32),
    /// Days; working days count as days.
    Days(u32),
    /// Money, in CNY.
    Amount(f64),
    /// A year, a month or a day; what was not said is `None`.
    Date {
        /// `1975`.
        year: Option<i16>,
        /// 1 to 12.
        month: Option<i8>,
        /// 1 to 31.
        day: Option<i8>,
    },
    /// Years of age.
    Age(u32),
    /// As said: `20` for 20 %.
    Percent(f64),
    /// A GB/T 2260 code.
    Region(RegionCode),
    /// A topic's term: the topic's id.
    Term(String),
}

impl Found {
    /// As it travels on the wire.
    #[must_use]
    pub fn to_wire(&self) -> Entity {
        let (kind, value) = match &self.value {
            Value::Months(months) => ("duration", iso_months(*months)),
            Value::Days(days) => ("duration", format!("P{days}D")),
            Value::Amount(amount) => ("amount", format!("{} CNY", decimal(*amount))),
            Value::Date { year, month, day } => ("date", iso_date(*year, *month, *day)),
            Value::Age(years) => ("age", years.to_string()),
            Value::Percent(percent) => ("percent", decimal(*percent)),
            Value::Region(code) => ("region", code.clone()),
            Value::Term(topic) => ("term", topic.clone()),
        };
        Entity {
            kind: kind.to_owned(),
            text: self.text.clone(),
            value: Some(value),
        }
    }
}

fn iso_months(months: u32) -> String {
    match (months / 12, months % 12) {
        (0, m) => format!("P{m}M"),
        (y, 0) => format!("P{y}Y"),
        (y, m) => format!("P{y}Y{m}M"),
    }
}

fn iso_date(year: Option<i16>, month: Option<i8>, day: Option<i8>) -> String {
    let year = year.map_or_else(|| "-".to_owned(), |y| format!("{y:04}"));
    let month = month.map(|m| format!("-{m:02}")).unwrap_or_default();
    let day = day.map(|d| format!("-{d:02}")).unwrap_or_default();
    format!("{year}{month}{day}")
}

/// Without trailing zeros.
pub(crate) fn decimal(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Everything named in folded text, in order, terms excepted; 去年 is the year before `today`'s.
pub(crate) fn entities(text: &[char], today: Date, regions: &Regions) -> Vec<Found> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < text.len() {
        match at(text, i, today, regions) {
            Some((len, value)) => {
                let range = i..(i + len).min(text.len());
                found.push(Found {
                    text: slice(text, range.clone()),
                    range,
                    value,
                });
                i += len.max(1);
            }
            None => i += number(&text[i..]).map_or(1, |n| n.len),
        }
    }
    found
}

fn at(text: &[char], i: usize, today: Date, regions: &Regions) -> Option<(usize, Value)> {
    let here = &text[i..];
    if let Some((len, code)) = regions.head(here) {
        return Some((len, Value::Region(code.to_owned())));
    }
    let units = &zh().measures;
    if let Some(len) = units.percent_before.head(here) {
        let n = number(&here[len..])?;
        return Some((len + n.len, Value::Percent(n.value)));
    }
    if let Some(len) = units.half_year.head(here) {
        return Some((len, Value::Months(6)));
    }
    if let Some(len) = units.half_month.head(here) {
        return Some((len, Value::Days(15)));
    }
    if let Some(named) = relative(here, today) {
        return Some(named);
    }
    let n = number(here)?;
    dated(text, i, n, today)
        .or_else(|| lasting(here, n))
        .or_else(|| counted(text, i, n))
}

/// `去年8月`, `今年`, `上个月`.
fn relative(text: &[char], today: Date) -> Option<(usize, Value)> {
    let dates = &zh().measures.dates;
    if let Some((len, back)) = dates.month_back(text) {
        let day = today.first_of_month().saturating_sub(Span::new().months(back));
        let (year, month) = (Some(day.year()), Some(day.month()));
        let (taken, day) = with_day(text, len);
        return Some((taken, Value::Date { year, month, day }));
    }
    let (len, back) = dates.year_back(text)?;
    let gap = dates.of.head(&text[len..]).unwrap_or(0);
    let month = month_at(&text[len + gap..]);
    let (taken, day) = month.map_or((len, None), |(_, taken)| with_day(text, len + gap + taken));
    Some((
        taken,
        Value::Date {
            year: Some(today.year() - back),
            month: month.map(|(m, _)| m),
            day,
        },
    ))
}

/// `1975年8月`, `9月15号`, `85年出生`, `22年的时候`.
fn dated(whole: &[char], i: usize, n: Number, today: Date) -> Option<(usize, Value)> {
    let (before, text) = whole.split_at(i);
    let after = |at: usize| text.get(at..).unwrap_or_default();
    let dates = &zh().measures.dates;
    let rest = after(n.len);
    let unit = dates.year.head(rest);
    let year = match unit {
        Some(unit) if n.len == 2 && (40.0..100.0).contains(&n.value) && born(rest, unit) => n.value + 1900.0,
        Some(unit) if n.len == 2 && is_recent(before, after(n.len + unit), n.value, today) => n.value + 2000.0,
        _ => n.value,
    };
    if let Some(unit) = unit.filter(|_| (1900.0..2100.0).contains(&year)) {
        let mut len = n.len + unit;
        let (mut month, mut day) = (None, None);
        if let Some((m, taken)) = month_at(after(len)) {
            month = Some(m);
            (len, day) = with_day(text, len + taken);
        }
        let year = Some(year as i16);
        return Some((len, Value::Date { year, month, day }));
    }
    let (month, taken) = month_at(text)?;
    let (len, day) = with_day(text, taken);
    let month = Some(month);
    Some((len, Value::Date { year: None, month, day }))
}

/// Whether what stands behind the two digits of a year says that somebody was born then.
fn born(rest: &[char], unit: usize) -> bool {
    let month = rest.get(unit).is_some_and(|c| matches!(c, '1'..='9'));
    month || zh().measures.dates.born.head(rest).is_some()
}

/// Whether two digits of years are a year of this century that has come: what stands behind them says so, and nothing before them
/// that they are a length of time.
fn is_recent(before: &[char], behind: &[char], value: f64, today: Date) -> bool {
    let dates = &zh().measures.dates;
    let clause = behind.split(|c| *c == CUT).next().unwrap_or_default();
    let is_named = month_at(behind).is_some()
        || dates.at.head(behind).is_some()
        || dates.that_time.head(behind).is_some()
        || dates.at.tail(clause).is_some();
    let has_come = (10.0..=f64::from(today.year() % 100)).contains(&value);
    has_come && is_named && dates.lasts.tail(before).is_none()
}

fn month_at(text: &[char]) -> Option<(i8, usize)> {
    let n = number(text)?;
    let unit = zh().measures.dates.month.head(&text[n.len..])?;
    (1.0..=12.0).contains(&n.value).then_some((n.value as i8, n.len + unit))
}

/// What `len` characters of a date and the day behind them come to: 3月20号, and 3月20 where no other unit follows.
fn with_day(text: &[char], len: usize) -> (usize, Option<i8>) {
    let behind = text.get(len..).unwrap_or_default();
    let day = number(behind).filter(|n| (1.0..=31.0).contains(&n.value) && n.value.fract() == 0.0);
    let units = &zh().measures;
    let taken = day.and_then(|n| {
        let rest = &behind[n.len..];
        let counts = || {
            units
                .stressed
                .units
                .head(rest)
                .or_else(|| units.money.head(rest))
                .or_else(|| units.about.head(rest))
        };
        let unit = units.dates.day.head(rest).or_else(|| counts().is_none().then_some(0))?;
        Some((len + n.len + unit, Some(n.value as i8)))
    });
    taken.unwrap_or((len, None))
}

/// `6年`, `一年半`, `6年3个月`, `18个月`, `15天`.
fn lasting(text: &[char], n: Number) -> Option<(usize, Value)> {
    let units = &zh().measures;
    let at = n.len + units.about.head(&text[n.len..]).unwrap_or(0);
    let tail = &text[at..];
    if let Some(unit) = units.dates.year.head(tail) {
        let mut len = at + unit;
        let mut months = (n.value * 12.0).round() as u32;
        if let Some(half) = units.half.head(&text[len..]) {
            return Some((len + half, Value::Months(months + 6)));
        }
        let gap = units.and.head(&text[len..]).unwrap_or(0);
        if let Some(extra) = months_at(&text[len + gap..]) {
            months += extra.0;
            len += gap + extra.1;
        }
        return (n.value < 100.0).then_some((len, Value::Months(months)));
    }
    if let Some((months, len)) = months_at(text) {
        // 一个月5000 is a rate, 干了一个月了 a duration.
        if months == 1 && units.month_lasts.head(&text[len..]).is_none() {
            return None;
        }
        return Some((len, Value::Months(months)));
    }
    let unit = units.days.head(tail)?;
    Some((at + unit, Value::Days(n.value as u32)))
}

fn months_at(text: &[char]) -> Option<(u32, usize)> {
    let units = &zh().measures;
    let n = number(text)?;
    let at = n.len + units.about.head(&text[n.len..]).unwrap_or(0);
    let unit = units.months.head(&text[at..])?;
    Some((n.value as u32, at + unit))
}

/// Ages, percents and money.
fn counted(text: &[char], i: usize, n: Number) -> Option<(usize, Value)> {
    /// So many characters before it say what a number is.
    const NEAR: usize = 7;
    let units = &zh().measures;
    let at = i + n.len;
    let at = at + units.about.head(&text[at..]).unwrap_or(0);
    let tail = &text[at..];
    let taken = at - i;
    if let Some(unit) = units.age.head(tail) {
        return Some((taken + unit, Value::Age(n.value as u32)));
    }
    if let Some(unit) = units.percent_behind.head(tail) {
        return Some((taken + unit, Value::Percent(n.value)));
    }
    if let Some(unit) = units.money.head(tail) {
        return Some((taken + unit, Value::Amount(n.value)));
    }
    let bare = n.value >= 500.0 && units.money_near.within(&text[i.saturating_sub(NEAR)..i]);
    bare.then_some((taken, Value::Amount(n.value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::fold;

    fn named(text: &str) -> String {
        let wire: Vec<String> = entities(&fold(text), jiff::civil::date(2026, 3, 2), &zh().regions)
            .iter()
            .map(|found| {
                let entity = found.to_wire();
                format!("{}={}", entity.text, entity.value.unwrap_or_default())
            })
            .collect();
        wire.join(" ")
    }

    #[test]
    fn values_of_what_is_named() {
        for (text, want) in [
            ("我缴了6年失业保险", "6年=P6Y"),
            ("交了六年多", "六年=P6Y"),
            ("干了3年半", "3年半=P3Y6M"),
            ("6年零3个月", "6年零3个月=P6Y3M"),
            ("等18个月", "18个月=P1Y6M"),
            ("半年", "半年=P6M"),
            ("我是1975年8月出生的", "1975年8月=1975-08"),
            ("我85年的", "85年=1985"),
            ("22年的时候最低多少", "22年=2022"),
            ("24年年底办的", "24年=2024"),
            ("23年10月去世的", "23年10月=2023-10"),
            ("那22年那会儿呢", "22年=2022"),
            ("交了22年的时候断了", "22年=P22Y"),
            ("干了12年", "12年=P12Y"),
            ("30年的时候再退", "30年=P30Y"),
            ("9月15号去的", "9月15号=--09-15"),
            ("2025年", "2025年=2025"),
            ("今年52岁了", "今年=2026 52岁=52"),
            ("一个月工资5000", "5000=5000 CNY"),
            ("每月883.20元", "883.20元=883.2 CNY"),
            ("一万两千块钱", "一万两千块钱=12000 CNY"),
            ("百分之20，还是8%", "百分之20=20 8%=8"),
            ("在东营市交的，从济南转过来", "东营市=370500 济南=370100"),
            ("那去年8月份的时候", "去年8月份=2025-08"),
            ("去年3月20走的", "去年3月20=2025-03-20"),
            ("上个月16号寄到", "上个月16号=2026-02-16"),
            ("2月13拿到手", "2月13=--02-13"),
            ("3月5个人", "3月=--03"),
            ("15天内，20个工作日", "15天=P15D 20个工作日=P20D"),
            ("没有数字", ""),
        ] {
            assert_eq!(named(text), want, "{text}");
        }
    }
}
