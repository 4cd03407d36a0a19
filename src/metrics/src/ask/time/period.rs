//! A stretch of time and what kind of period it is, so that the one before can be told.

use jiff::civil::Date;
use jiff::{Span as Step, ToSpan as _};

pub(super) use crate::query::DAY_MS;
use crate::query::Grain;
use crate::window::Window;

const SEASONS: &str = include_str!("../../../words/seasons.tsv");
pub(super) const MINUTE_MS: i64 = 60_000;

/// How the period before is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ask) enum Length {
    /// So many calendar months back.
    Months(i32),
    /// So many days back.
    Days(i64),
    /// Its own length back.
    Own,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ask) struct Period {
    /// What has passed of it.
    pub(in crate::ask) window: Window,
    pub(super) length: Length,
    pub(super) first: Date,
    /// The holiday that it is.
    season: Option<&'static str>,
}

/// Milliseconds UTC of the begin of a day.
pub(super) fn ms(date: Date) -> i64 {
    date.duration_since(Date::constant(1970, 1, 1)).as_hours() * 3_600_000 - Window::offset_ms()
}

/// The date in Asia/Shanghai of a time in milliseconds UTC.
pub(in crate::ask) fn date_of(at: i64) -> Option<Date> {
    let days = at.saturating_add(Window::offset_ms()).div_euclid(DAY_MS);
    plus_days(Date::constant(1970, 1, 1), days)
}

pub(super) fn plus_days(date: Date, days: i64) -> Option<Date> {
    date.checked_add(Step::new().try_days(days).ok()?).ok()
}

pub(super) fn plus_months(date: Date, months: i64) -> Option<Date> {
    date.checked_add(Step::new().try_months(months).ok()?).ok()
}

/// Whole days from `first` to before `end`.
pub(super) fn dates(first: Date, end: Date) -> Option<Period> {
    let window = Window::new(ms(first), ms(end)).ok()?;
    Some(Period {
        window,
        length: Length::Days(window.length() / DAY_MS),
        first,
        season: None,
    })
}

/// One day.
pub(super) fn day(date: Date) -> Option<Period> {
    dates(date, plus_days(date, 1)?)
}

/// `n` calendar months from the first of one.
pub(super) fn months(year: i64, month: i64, n: i32) -> Option<Period> {
    let first = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, 1).ok()?;
    let period = dates(first, plus_months(first, i64::from(n))?)?;
    Some(Period {
        length: Length::Months(n),
        ..period
    })
}

/// A holiday of a year, as the table has it.
pub(super) fn season_of(name: &str, year: i64) -> Option<Period> {
    // Days of the first lunar month are counted from its first.
    if let Some(n) = name
        .strip_prefix("lunar")
        .and_then(|n| n.parse::<i64>().ok())
        .filter(|n| *n > 1)
    {
        return day(plus_days(season_of("lunar1", year)?.first, n - 1)?);
    }
    let rows = SEASONS.lines().filter(|line| !line.starts_with('#'));
    rows.into_iter().find_map(|line| {
        let mut fields = line.split('\t');
        let (season, first, last) = (fields.next()?, fields.next()?, fields.next()?);
        let first: Date = first.parse().ok()?;
        // The lunar year's last day can lie in the year before by the calendar.
        (season == name && i64::from(first.year()) == year).then_some(())?;
        let period = dates(first, last.parse::<Date>().ok()?.checked_add(1.day()).ok()?)?;
        Some(Period {
            season: Some(season),
            ..period
        })
    })
}

/// The year of a holiday whose days were not announced when the table was written, where the window is one.
pub(in crate::ask) fn expected(window: Window) -> Option<i16> {
    let rows = SEASONS.lines().filter(|line| line.ends_with("\texpected"));
    rows.into_iter().find_map(|line| {
        let (name, first) = line.split_once('\t')?;
        let year = first.get(..4)?.parse().ok()?;
        season_of(name, i64::from(year)).filter(|period| period.window == window)?;
        Some(year)
    })
}

/// The holiday that a window is.
fn season_at(window: Window) -> Option<&'static str> {
    let rows = SEASONS.lines().filter(|line| !line.starts_with('#'));
    rows.into_iter().find_map(|line| {
        let (name, first) = line.split_once('\t')?;
        let year = first.get(..4)?.parse().ok()?;
        season_of(name, year).filter(|period| period.window == window)?;
        Some(name)
    })
}

impl Period {
    /// A stretch that is no calendar period.
    pub(super) fn own(from: i64, to: i64) -> Option<Self> {
        Some(Self {
            window: Window::new(from, to).ok()?,
            length: Length::Own,
            first: date_of(from)?,
            season: None,
        })
    }

    /// Exactly one day, or what has passed of today: hours cut it.
    pub(in crate::ask) fn is_day(&self) -> bool {
        self.length == Length::Days(1) && self.window.from() == ms(self.first)
    }

    /// What of it lies before the end of the other; none where that is not within it.
    pub(in crate::ask) fn until(self, other: Self) -> Option<Self> {
        let end = other.window.to();
        let within = self.window.from() < end && end <= self.window.to();
        let cut = Self::of(Window::new(self.window.from(), end).ok()?)?;
        within.then_some(cut)
    }

    /// What lies before it of the month that its day is in, or of the year that its month is in.
    pub(in crate::ask) fn begin(&self) -> Option<Self> {
        let begin = match self.length {
            Length::Days(1) => self.first.first_of_month(),
            Length::Months(_) => self.first.first_of_year(),
            _ => return None,
        };
        (begin < self.first).then(|| dates(begin, self.first))?
    }

    /// Days of the week of it, where it is one week: from the first to the last of them.
    pub(in crate::ask) fn days(&self, days: &[String]) -> Option<Self> {
        let week = self.length == Length::Days(7) && self.first.weekday() == jiff::civil::Weekday::Monday;
        let number = |day: Option<&String>| day?.parse::<i64>().ok();
        let (from, to) = (number(days.first())?, number(days.last())?);
        (week && from <= to).then_some(())?;
        dates(plus_days(self.first, from - 1)?, plus_days(self.first, to)?)
    }

    /// Whether both have some time in common.
    pub(in crate::ask) fn meets(&self, other: &Self) -> bool {
        self.window.from() < other.window.to() && other.window.from() < self.window.to()
    }

    /// Whether it is so many steps long.
    pub(in crate::ask) fn holds(&self, n: i64, step: Grain) -> bool {
        match (self.length, step) {
            (Length::Months(months), Grain::Month) => i64::from(months) == n,
            (Length::Months(months), Grain::Quarter) => i64::from(months) == n * 3,
            (Length::Days(days), Grain::Day) => days == n,
            (_, Grain::Day) => self.window.length() == n * DAY_MS,
            _ => false,
        }
    }

    /// A calendar year.
    pub(in crate::ask) fn is_year(&self) -> bool {
        self.length == Length::Months(12)
    }

    /// The day it begins with.
    pub(in crate::ask) fn day(&self) -> Option<Self> {
        day(self.first)
    }

    /// The same dates, or the same holiday, a year before.
    pub(in crate::ask) fn year_before(self) -> Option<Self> {
        let season = self
            .season
            .and_then(|name| season_of(name, i64::from(self.first.year()) - 1));
        season.or_else(|| self.moved(12))
    }

    /// The same dates, or the same holiday, of the year that `year` is.
    pub(in crate::ask) fn in_year_of(self, year: Self) -> Option<Self> {
        let back = i32::from(self.first.year() - year.first.year());
        let named = season_at(self.window);
        let season = named.and_then(|name| season_of(name, i64::from(year.first.year())));
        season.or_else(|| self.moved(back * 12))
    }

    /// The period before: so many months for a calendar period, else the same length.
    pub(in crate::ask) fn before(self) -> Option<Self> {
        self.back_by(self.length)
    }

    /// The same so many months or days before.
    pub(in crate::ask) fn back_by(self, length: Length) -> Option<Self> {
        match length {
            Length::Months(n) => self.moved(n),
            Length::Days(n) => self.back(n.checked_mul(DAY_MS)?),
            Length::Own => self.back(self.window.length()),
        }
    }

    fn back(self, ms: i64) -> Option<Self> {
        let window = self.window.shifted(-ms);
        Some(Self {
            window,
            first: date_of(window.from())?,
            ..self
        })
    }

    fn moved(self, months: i32) -> Option<Self> {
        let back = |at: i64| {
            let date = date_of(at)?;
            Some(at - ms(date) + ms(plus_months(date, -i64::from(months))?))
        };
        let window = Window::new(back(self.window.from())?, back(self.window.to())?).ok()?;
        Some(Self {
            window,
            first: date_of(window.from())?,
            season: None,
            ..self
        })
    }

    /// Cut to these minutes of the day that it begins with.
    pub(in crate::ask) fn cut(self, minutes: (i64, i64)) -> Option<Self> {
        let from = ms(self.first);
        let window = Window::new(from + minutes.0 * MINUTE_MS, from + minutes.1 * MINUTE_MS).ok()?;
        Some(Self { window, ..self })
    }

    /// What has passed of it; all of it where it lies ahead.
    pub(super) fn capped(self, now: i64) -> Self {
        let to = self.window.to().min(now - now.rem_euclid(MINUTE_MS));
        match Window::new(self.window.from(), to) {
            Ok(window) => Self { window, ..self },
            Err(_) => self,
        }
    }

    /// A period of a former question. What kind it was is told by its bounds; one that was not over ends at the present.
    pub(in crate::ask) fn of(window: Window) -> Option<Self> {
        let (first, end) = (date_of(window.from())?, date_of(window.to())?);
        let open = ms(end) != window.to();
        let begins = ms(first) == window.from();
        let n = i32::from(end.year() - first.year()) * 12 + i32::from(end.month() - first.month());
        let length = match (begins, open) {
            (true, false) if first.day() == 1 && end.day() == 1 && n > 0 => Length::Months(n),
            (true, true) if first.day() == 1 && end.day() > 1 => Length::Months(n + 1),
            (_, true) if first == end => Length::Days(1),
            (true, true) => Length::Days((ms(end) - ms(first)) / DAY_MS + 1),
            (true, false) => Length::Days(window.length() / DAY_MS),
            _ => Length::Own,
        };
        Some(Self {
            window,
            length,
            first,
            season: None,
        })
    }
}
