//! Words of time as windows, read in Asia/Shanghai.

use std::ops::Range;

use jiff::civil::Date;
use jiff::{Span as Step, ToSpan as _};

use super::lexicon::Token;
use crate::window::Window;

const SEASONS: &str = include_str!("../../words/seasons.tsv");
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// A stretch of time and the kind of period it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) window: Window,
    /// So many calendar months; 0 for a length that is no month.
    months: i32,
    first: Date,
    /// Exactly one day: hours cut it.
    pub(super) day: bool,
    pub(super) year: bool,
}

fn ms(date: Date) -> i64 {
    i64::from(date.duration_since(Date::constant(1970, 1, 1)).as_hours() as i32) * HOUR_MS - Window::offset_ms()
}

/// The date in Asia/Shanghai of a time in milliseconds UTC.
pub(super) fn date_of(at: i64) -> Option<Date> {
    let days = (at + Window::offset_ms()).div_euclid(DAY_MS);
    Date::constant(1970, 1, 1)
        .checked_add(Step::new().try_days(days).ok()?)
        .ok()
}

fn plus(date: Date, step: Step) -> Option<Date> {
    date.checked_add(step).ok()
}

fn dates(first: Date, end: Date, months: i32) -> Option<Period> {
    let window = Window::new(ms(first), ms(end)).ok()?;
    Some(Period {
        window,
        months,
        first,
        day: window.length() == DAY_MS,
        year: months == 12,
    })
}

fn months(year: i64, month: i64, n: i32) -> Option<Period> {
    let first = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
    dates(first, plus(first, Step::new().try_months(n).ok()?)?, n)
}

impl Period {
    /// The same dates a year before.
    pub(super) fn year_before(self) -> Option<Window> {
        self.moved(12)
    }

    /// The period before: so many months for a calendar period, else the same length.
    pub(super) fn before(self) -> Option<Window> {
        if self.months > 0 {
            self.moved(self.months)
        } else {
            Some(self.window.shifted(-self.window.length()))
        }
    }

    fn moved(self, months: i32) -> Option<Window> {
        let back = |at: i64| {
            let date = date_of(at)?;
            let moved = date.checked_sub(Step::new().try_months(months).ok()?).ok()?;
            Some(at - ms(date) + ms(moved))
        };
        Window::new(back(self.window.from())?, back(self.window.to())?).ok()
    }

    /// Cut to these hours of its one day.
    pub(super) fn cut(self, hours: &Range<i64>) -> Option<Self> {
        let from = self.window.from();
        let window = Window::new(from + hours.start * HOUR_MS, from + hours.end * HOUR_MS).ok()?;
        Some(Self {
            window,
            months: 0,
            day: false,
            ..self
        })
    }

    /// A period of a former question. What kind it was is told by its bounds.
    pub(super) fn of(window: Window) -> Option<Self> {
        let (first, end) = (date_of(window.from())?, date_of(window.to())?);
        let whole = ms(first) == window.from() && ms(end) == window.to() && first.day() == 1 && end.day() == 1;
        let n = i32::from(end.year() - first.year()) * 12 + i32::from(end.month() - first.month());
        let months = if whole { n } else { 0 };
        Some(Self {
            window,
            months,
            first,
            day: window.length() == DAY_MS && ms(first) == window.from(),
            year: months == 12,
        })
    }
}

/// Reads words of time against the present.
pub(super) struct Clock {
    now: i64,
    today: Date,
}

impl Clock {
    /// Milliseconds UTC.
    pub(super) fn new(now: i64) -> Option<Self> {
        Some(Self {
            now,
            today: date_of(now)?,
        })
    }

    /// The minute of now, for metrics of the present.
    pub(super) fn present(&self) -> Option<Window> {
        let end = self.now - self.now.rem_euclid(MINUTE_MS);
        Window::new(end - MINUTE_MS, end).ok()
    }

    /// A period that begins at this token, and how many tokens it takes.
    pub(super) fn period(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        let (first, used) = self.point(tokens, None)?;
        let to = tokens.get(used).is_some_and(|t| t.word("to").is_some());
        let second = if to {
            self.point(&tokens[used + 1..], Some(first.first))
        } else {
            None
        };
        let Some((last, more)) = second else {
            return Some((first, used));
        };
        let window = Window::new(first.window.from(), last.window.to()).ok()?;
        Some((
            Period {
                window,
                months: 0,
                day: false,
                year: false,
                ..first
            },
            used + 1 + more,
        ))
    }

    fn point(&self, tokens: &[Token], context: Option<Date>) -> Option<(Period, usize)> {
        let first = tokens.first()?;
        let offset = |kind: &str| first.word(kind).and_then(|v| v.parse::<i64>().ok());
        if let Some(n) = offset("day") {
            return self.days(n).map(|p| (p, 1));
        }
        if let Some(n) = offset("week") {
            return self.week(n, tokens);
        }
        if let Some(n) = offset("weekday") {
            let base = context.unwrap_or(self.today);
            let first = plus(self.monday(base)?, (n - 1).days())?;
            return Some((dates(first, plus(first, 1.day())?, 0)?, 1));
        }
        if let Some(n) = offset("month") {
            let first = plus(self.today.first_of_month(), Step::new().try_months(n).ok()?)?;
            return self.day_of(first, &tokens[1..]).map(|(p, used)| (p, used + 1));
        }
        if let Some(n) = offset("quarter") {
            let start = i64::from((self.today.month() - 1) / 3 * 3 + 1) + n * 3;
            let year = i64::from(self.today.year()) + (start - 1).div_euclid(12);
            return Some((months(year, (start - 1).rem_euclid(12) + 1, 3)?, 1));
        }
        if let Some(what) = first.word("since") {
            return self.since(what).map(|p| (p, 1));
        }
        if first.word("last").is_some() {
            return self.last(tokens.get(1)?.number()?, tokens.get(2)?).map(|p| (p, 3));
        }
        if let Some((p, used)) = iso(tokens) {
            return Some((p, used));
        }
        if let Some(n) = offset("year") {
            return self
                .in_year(i64::from(self.today.year()) + n, &tokens[1..], true)
                .map(|(p, used)| (p, used + 1));
        }
        let unit = tokens.get(1).and_then(|t| t.word("unit"));
        match (first.number(), unit) {
            (Some(year), Some("year")) => {
                let year = if year < 100 { 2000 + year } else { year };
                self.in_year(year, &tokens[2..], true).map(|(p, used)| (p, used + 2))
            }
            (Some(day), Some("day")) => {
                let base = context.unwrap_or(self.today);
                let first = Date::new(base.year(), base.month(), i8::try_from(day).ok()?).ok()?;
                Some((dates(first, plus(first, 1.day())?, 0)?, 2))
            }
            _ => {
                let year = context.map_or(self.today.year(), Date::year);
                let (found, used) = self.in_year(i64::from(year), tokens, false)?;
                let ahead = context.is_none() && found.window.from() > self.now;
                if ahead {
                    self.in_year(i64::from(year) - 1, tokens, false)
                } else {
                    Some((found, used))
                }
            }
        }
    }

    /// A part of a year, or with `whole` the year itself where no part follows.
    fn in_year(&self, year: i64, tokens: &[Token], whole: bool) -> Option<(Period, usize)> {
        let [first, second, third] = [0, 1, 2].map(|i| tokens.get(i));
        if let Some(half) = first.and_then(|t| t.word("half")) {
            return Some((months(year, if half == "1" { 1 } else { 7 }, 6)?, 1));
        }
        if let Some(season) = first.and_then(|t| t.word("season")) {
            return season_of(season, year).map(|p| (p, 1));
        }
        let number = first.and_then(Token::number);
        match (number, second.and_then(|t| t.word("unit"))) {
            (Some(n @ 1..=4), Some("quarter")) => return Some((months(year, n * 3 - 2, 3)?, 2)),
            (Some(n @ 1..=12), Some("month")) => {
                let month = months(year, n, 1)?;
                return self.day_of(month.first, &tokens[2..]).map(|(p, used)| (p, used + 2));
            }
            _ => {}
        }
        let quarters = third.and_then(|t| t.word("unit")) == Some("quarter");
        if let (Some(n @ 1..=4), true) = (second.and_then(Token::number), quarters) {
            let ahead = first.is_some_and(|t| t.word("first").is_some());
            let found = if ahead {
                months(year, 1, i32::try_from(n * 3).ok()?)?
            } else {
                months(year, n * 3 - 2, 3)?
            };
            let ordinal = first.is_some_and(|t| t.word("noise").is_some());
            return (ahead || ordinal).then_some((found, 3));
        }
        if whole { Some((months(year, 1, 12)?, 0)) } else { None }
    }

    /// A day of the month where one follows, else the month.
    fn day_of(&self, first: Date, tokens: &[Token]) -> Option<(Period, usize)> {
        let (number, unit) = (
            tokens.first().and_then(Token::number),
            tokens.get(1).and_then(|t| t.word("unit")),
        );
        let Some(day) = number.filter(|_| unit == Some("day")) else {
            return Some((months(i64::from(first.year()), i64::from(first.month()), 1)?, 0));
        };
        let date = Date::new(first.year(), first.month(), i8::try_from(day).ok()?).ok()?;
        Some((dates(date, plus(date, 1.day())?, 0)?, 2))
    }

    fn days(&self, n: i64) -> Option<Period> {
        let first = plus(self.today, Step::new().try_days(n).ok()?)?;
        dates(first, plus(first, 1.day())?, 0)
    }

    fn monday(&self, date: Date) -> Option<Date> {
        plus(date, (-i64::from(date.weekday().to_monday_zero_offset())).days())
    }

    /// A week, or one of its days: the number of the day follows, or the word for Sunday, or a whole weekday.
    fn week(&self, n: i64, tokens: &[Token]) -> Option<(Period, usize)> {
        let monday = plus(self.monday(self.today)?, Step::new().try_weeks(n).ok()?)?;
        let next = tokens.get(1);
        let unit = tokens.get(2).is_some_and(|t| t.word("unit").is_some());
        let day = next.and_then(Token::number).filter(|d| (1..=6).contains(d) && !unit);
        let weekday = next.and_then(|t| t.word("weekday")).and_then(|v| v.parse().ok());
        let sunday = next
            .and_then(|t| t.word("unit"))
            .filter(|u| matches!(*u, "day" | "days"))
            .map(|_| 7);
        let Some(day) = day.or(weekday).or(sunday) else {
            return Some((dates(monday, plus(monday, 7.days())?, 0)?, 1));
        };
        let first = plus(monday, (day - 1).days())?;
        Some((dates(first, plus(first, 1.day())?, 0)?, 2))
    }

    fn since(&self, what: &str) -> Option<Period> {
        let first = match what {
            "year" => self.today.first_of_year(),
            "month" => self.today.first_of_month(),
            "week" => self.monday(self.today)?,
            _ => self.today,
        };
        let end = self.now - self.now.rem_euclid(MINUTE_MS);
        let window = Window::new(ms(first), end).ok()?;
        Some(Period {
            window,
            months: 0,
            first,
            day: false,
            year: false,
        })
    }

    /// The last so many: days and longer end with today, hours end now.
    fn last(&self, n: i64, unit: &Token) -> Option<Period> {
        let end = plus(self.today, 1.day())?;
        let first = match unit.word("unit")? {
            "hours" | "hour" => {
                let end = self.now - self.now.rem_euclid(MINUTE_MS);
                let window = Window::new(end.checked_sub(n.checked_mul(HOUR_MS)?)?, end).ok()?;
                return Some(Period {
                    window,
                    months: 0,
                    first: self.today,
                    day: false,
                    year: false,
                });
            }
            "days" | "day" => plus(end, Step::new().try_days(n.checked_neg()?).ok()?)?,
            "weeks" | "week" => plus(end, Step::new().try_weeks(n.checked_neg()?).ok()?)?,
            "months" | "month" => plus(end, Step::new().try_months(n.checked_neg()?).ok()?)?,
            "year" => plus(end, Step::new().try_years(n.checked_neg()?).ok()?)?,
            _ => return None,
        };
        dates(first, end, 0)
    }
}

/// A written date, `2026-11-01`.
fn iso(tokens: &[Token]) -> Option<(Period, usize)> {
    let [year, a, month, b, day, ..] = tokens else {
        return None;
    };
    a.word("to").and(b.word("to"))?;
    let year = year.number().filter(|y| *y > 1900)?;
    let date = Date::new(
        year.try_into().ok()?,
        month.number()?.try_into().ok()?,
        day.number()?.try_into().ok()?,
    )
    .ok()?;
    Some((dates(date, plus(date, 1.day())?, 0)?, 5))
}

fn season_of(name: &str, year: i64) -> Option<Period> {
    SEASONS.lines().find_map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let [season, first, last] = fields[..] else { return None };
        let first: Date = first.parse().ok()?;
        (season == name && i64::from(first.year()) == year).then_some(())?;
        dates(first, plus(last.parse().ok()?, 1.day())?, 0)
    })
}

/// Hours of the day that begin at this token, and how many tokens they take.
pub(super) fn hours(tokens: &[Token]) -> Option<(Range<i64>, usize)> {
    let part = tokens.first()?.word("part").and_then(|v| v.split_once('-'));
    let part = part.and_then(|(a, b)| Some(a.parse::<i64>().ok()?..b.parse::<i64>().ok()?));
    let start = usize::from(part.is_some());
    let hour = |at: usize| {
        let unit = tokens.get(at + 1).and_then(|t| t.word("unit"));
        tokens
            .get(at)
            .and_then(Token::number)
            .filter(|n| (0..=24).contains(n) && unit == Some("hour"))
    };
    let late = |n: i64, part: &Option<Range<i64>>| {
        if part.as_ref().is_some_and(|p| p.start >= 12) && n < 12 {
            n + 12
        } else {
            n
        }
    };
    let Some(from) = hour(start) else {
        return part.map(|p| (p, 1));
    };
    let from = late(from, &part);
    let mut at = start + 2;
    if tokens.get(at).and_then(|t| t.word("to")).is_none() {
        return Some((from..from + 1, at));
    }
    at += 1;
    let own = tokens
        .get(at)
        .and_then(|t| t.word("part"))
        .and_then(|v| v.split_once('-'));
    let own = own.and_then(|(a, b)| Some(a.parse::<i64>().ok()?..b.parse::<i64>().ok()?));
    at += usize::from(own.is_some());
    let to = late(hour(at)?, &own.or(part));
    (from < to).then_some((from..to, at + 2))
}
