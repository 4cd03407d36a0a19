//! The grammar of periods.

use jiff::civil::Date;

use super::super::lexicon::Token;
use super::hours::{clock, in_part, of_part};
use super::parts::{end_days, end_months, filler, in_year, is, iso, offset, within};
use super::period::{DAY_MS, Length, MINUTE_MS, Period, date_of, dates, day, months, ms, plus_days, plus_months};
use crate::window::Window;

/// Reads words of time against the present.
#[derive(Clone, Copy)]
pub(in crate::ask) struct Clock {
    now: i64,
    today: Date,
}

impl Clock {
    /// Milliseconds UTC.
    pub(in crate::ask) fn new(now: i64) -> Option<Self> {
        Some(Self {
            now,
            today: date_of(now)?,
        })
    }

    /// The minute of now, for metrics of the present.
    pub(in crate::ask) fn present(&self) -> Option<Window> {
        let end = self.now - self.now.rem_euclid(MINUTE_MS);
        Window::new(end - MINUTE_MS, end).ok()
    }

    /// Today until an hour of the clock.
    pub(in crate::ask) fn today_until(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        let (minute, used) = day_clock(tokens)?;
        Some((self.capped(day(self.today)?.cut((0, minute))?), used))
    }

    /// From an hour of the clock of today until now.
    pub(in crate::ask) fn since(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        let (minute, used) = day_clock(tokens)?;
        tokens.get(used)?.word("sofar")?;
        let now = self.now - self.now.rem_euclid(MINUTE_MS);
        Some((Period::own(ms(self.today) + minute * MINUTE_MS, now)?, used + 1))
    }

    /// The day before today.
    pub(in crate::ask) fn yesterday(&self) -> Option<Period> {
        day(plus_days(self.today, -1)?)
    }

    /// The newest weekend that has begun.
    pub(in crate::ask) fn weekend(&self) -> Option<Period> {
        let saturday = plus_days(self.monday(self.today)?, 5)?;
        let saturday = if saturday > self.today {
            plus_days(saturday, -7)?
        } else {
            saturday
        };
        Some(self.capped(dates(saturday, plus_days(saturday, 2)?)?))
    }

    /// What has passed of a period.
    pub(in crate::ask) fn capped(&self, period: Period) -> Period {
        period.capped(self.now)
    }

    /// A period that begins at this token, and how many tokens it takes.
    pub(in crate::ask) fn period(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        let (first, used) = self.point(tokens, None)?;
        let rest = &tokens[used..];
        // "Last night from eight to ten".
        let part = tokens[0].word("dayparts").and_then(|v| of_part(v.split_once(':')?.1));
        if let Some(part) = part
            && let Some((minute, more)) = clock(rest, Some(part))
            && rest.get(more).is_some_and(|t| t.word("sofar").is_some())
        {
            let now = self.now - self.now.rem_euclid(MINUTE_MS);
            return Some((Period::own(ms(first.first) + minute * MINUTE_MS, now)?, used + more + 1));
        }
        if let Some(part) = part
            && let Some((hours, more)) = in_part(rest, Some(part))
        {
            let cut = day(first.first)?.cut((hours.from, hours.to))?;
            return Some((self.capped(cut), used + more));
        }
        if let Some((period, more)) = self.open_ended(first, tokens, rest) {
            return period.map(|period| (period, used + more));
        }
        if let Some((days, more)) = self.next_weekday(first, rest) {
            return Some((self.capped(days), used + more));
        }
        if let Some((period, more)) = self.clock_range(first, rest) {
            return Some((self.capped(period), used + more));
        }
        let (period, more) = self.reaching(first, rest)?;
        Some((self.capped(period), used + more))
    }

    /// "So far", "from October on", "before the eighth": one end is in words. No period where it would begin after now.
    fn open_ended(&self, first: Period, tokens: &[Token], rest: &[Token]) -> Option<(Option<Period>, usize)> {
        let until_now = || Period::own(first.window.from(), self.now - self.now.rem_euclid(MINUTE_MS));
        let skip = filler(rest);
        if rest.get(skip).is_some_and(|t| t.word("sofar").is_some()) {
            return Some((until_now(), skip + 1));
        }
        let next = rest.first()?;
        if next.word("since").is_some() && tokens[0].word("season").is_none() {
            return Some((until_now(), 1));
        }
        // From the month's begin.
        let begin = first.begin().filter(|_| next.word("edge") == Some("before"))?;
        Some((Some(self.capped(begin)), 1))
    }

    /// "From March to May"; the first alone where no second follows.
    fn reaching(&self, first: Period, rest: &[Token]) -> Option<(Period, usize)> {
        let to = rest
            .first()
            .is_some_and(|t| t.word("to").is_some() && t.word("and").is_none());
        let second = if to {
            self.point(&rest[1..], Some(first.first))
        } else {
            None
        };
        let Some((last, more)) = second.filter(|(last, _)| last.window.to() > first.window.from()) else {
            return Some((first, same_length(first, rest)));
        };
        // "Until the end of February".
        let more = more + usize::from(rest.get(1 + more).is_some_and(|t| t.word("monthend").is_some()));
        let before = rest.get(1 + more).is_some_and(|t| t.word("edge") == Some("before"));
        let before = before && last.window.from() > first.window.from();
        let end = if before { last.window.from() } else { last.window.to() };
        let whole = Period::of(Window::new(first.window.from(), end).ok()?)?;
        Some((whole, 1 + more + usize::from(before)))
    }

    /// "Monday, Tuesday": two days that follow each other.
    fn next_weekday(&self, first: Period, rest: &[Token]) -> Option<(Period, usize)> {
        rest.first()?.word("weekday").filter(|_| first.is_day())?;
        let (second, used) = self.point(rest, Some(first.first))?;
        let next = second.window.from() == ms(plus_days(first.first, 1)?);
        let both = dates(first.first, plus_days(first.first, 2)?)?;
        next.then_some((both, used))
    }

    /// From an hour of one day to an hour of another.
    fn clock_range(&self, first: Period, rest: &[Token]) -> Option<(Period, usize)> {
        if !first.is_day() {
            return None;
        }
        let (from, a) = day_clock(rest)?;
        if rest.get(a)?.word("sofar").is_some() {
            let now = self.now - self.now.rem_euclid(MINUTE_MS);
            return Some((Period::own(ms(first.first) + from * MINUTE_MS, now)?, a + 1));
        }
        rest.get(a)?.word("to")?;
        let (second, b) = self.point(rest.get(a + 1..)?, Some(first.first))?;
        if !second.is_day() {
            return None;
        }
        let (to, c) = day_clock(&rest[a + 1 + b..])?;
        let at = |day: Date, minute: i64| ms(day) + minute * MINUTE_MS;
        Some((Period::own(at(first.first, from), at(second.first, to))?, a + 1 + b + c))
    }

    fn point(&self, tokens: &[Token], context: Option<Date>) -> Option<(Period, usize)> {
        let first = tokens.first()?;
        self.of_start(tokens)
            .or_else(|| self.of_day(first).map(|p| (p, 1)))
            .or_else(|| self.third(first))
            .or_else(|| self.of_week(tokens, context))
            .or_else(|| self.of_month(tokens))
            .or_else(|| self.last(tokens))
            .or_else(|| iso(tokens))
            .or_else(|| self.of_year(tokens))
            .or_else(|| self.numbered(tokens, context))
    }

    fn of_day(&self, first: &Token) -> Option<Period> {
        if let Some(n) = offset(first, "day") {
            return day(plus_days(self.today, n)?);
        }
        if let Some((n, hours)) = first.word("dayparts").and_then(|v| v.split_once(':')) {
            let hours = of_part(hours)?;
            return day(plus_days(self.today, n.parse().ok()?)?)?.cut((hours.from, hours.to));
        }
        let start = match first.word("start")? {
            "year" => self.today.first_of_year(),
            "month" => self.today.first_of_month(),
            _ => self.monday(self.today)?,
        };
        day(start)
    }

    /// The first so many days of this year, month or week.
    fn of_start(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        tokens[0].word("start")?;
        let skip = 1 + filler(&tokens[1..]);
        let n = tokens
            .get(skip)?
            .number()
            .filter(|n| (1..=28).contains(n) && is(tokens.get(skip + 1), "days"))?;
        let start = self.of_day(&tokens[0])?.first;
        Some((dates(start, plus_days(start, n)?)?, skip + 2))
    }

    /// A third of the newest month in which it has begun.
    fn third(&self, first: &Token) -> Option<(Period, usize)> {
        first.word("thirds")?;
        let month = self.today.first_of_month();
        let begun = |month: Date| {
            let (period, used) = within(month, std::slice::from_ref(first))?;
            (period.first <= self.today).then_some((period, used))
        };
        begun(month).or_else(|| begun(plus_months(month, -1)?))
    }

    fn of_week(&self, tokens: &[Token], context: Option<Date>) -> Option<(Period, usize)> {
        let first = &tokens[0];
        // "This Monday".
        let weekday = tokens.get(1).and_then(|t| offset(t, "weekday"));
        if let Some(n) = weekday.filter(|_| first.word("this").is_some()) {
            return Some((day(plus_days(self.monday(self.today)?, n - 1)?)?, 2));
        }
        if let Some(n) = offset(first, "weekend") {
            let monday = plus_days(self.monday(self.today)?, n * 7)?;
            return Some((dates(plus_days(monday, 5)?, plus_days(monday, 7)?)?, 1));
        }
        if let Some(n) = offset(first, "weekday") {
            let mut date = plus_days(self.monday(context.unwrap_or(self.today))?, n - 1)?;
            if context.is_none() && date > self.today {
                date = plus_days(date, -7)?;
            }
            return Some((day(date)?, 1));
        }
        let n = offset(first, "week")?;
        let monday = plus_days(self.monday(self.today)?, n * 7)?;
        let next = tokens.get(1);
        let unit = tokens
            .get(2)
            .is_some_and(|t| t.word("unit").is_some() || t.word("count").is_some());
        let number = next.and_then(Token::number).filter(|d| (1..=6).contains(d) && !unit);
        let skip = filler(&tokens[1..]);
        let behind = tokens.get(1 + skip).and_then(|t| offset(t, "weekday"));
        if let Some(n) = behind.filter(|_| skip > 0) {
            return Some((day(plus_days(monday, n - 1)?)?, 2 + skip));
        }
        let weekday = next.and_then(|t| offset(t, "weekday"));
        let sunday = (is(next, "day") || is(next, "days")).then_some(7);
        match number.or(weekday).or(sunday) {
            Some(n) => Some((day(plus_days(monday, n - 1)?)?, 2)),
            None => {
                let end = plus_days(monday, 7)?;
                let (period, used) = end_days((monday, end), &tokens[1..]).unwrap_or((dates(monday, end)?, 0));
                Some((period, used + 1))
            }
        }
    }

    fn of_month(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        let first = &tokens[0];
        if let Some(n) = offset(first, "month") {
            let month = plus_months(self.today.first_of_month(), n)?;
            return within(month, &tokens[1..]).map(|(p, used)| (p, used + 1));
        }
        let n = offset(first, "quarter")?;
        let start = i64::from((self.today.month() - 1) / 3 * 3 + 1) + n * 3;
        let year = i64::from(self.today.year()) + (start - 1).div_euclid(12);
        let month = (start - 1).rem_euclid(12) + 1;
        match end_months((year, month), &tokens[1..]) {
            Some((period, used)) => Some((period, used + 1)),
            None => Some((months(year, month, 3)?, 1)),
        }
    }

    fn of_year(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        if let Some(n) = offset(&tokens[0], "year") {
            let skip = filler(&tokens[1..]);
            let year = i64::from(self.today.year()) + n;
            // "Last year, this month".
            let same = tokens
                .get(1 + skip)
                .filter(|t| ["day", "month", "quarter"].iter().any(|kind| t.word(kind) == Some("0")));
            if same.is_some()
                && let Some((period, used)) = self.point(&tokens[1 + skip..], None)
            {
                return Some((period.in_year_of(months(year, 1, 12)?)?, used + skip + 1));
            }
            if let Some((p, used)) = in_year(year, &tokens[1 + skip..], None) {
                return Some((p, used + skip + 1));
            }
            return Some((months(year, 1, 12)?, 1));
        }
        // "One year" is a length.
        let year = tokens[0].number().filter(|n| *n > 9 && is(tokens.get(1), "year"))?;
        let year = if year < 100 { 2000 + year } else { year };
        let skip = filler(&tokens[2..]);
        match in_year(year, &tokens[2 + skip..], None) {
            Some((p, used)) => Some((p, used + skip + 2)),
            None => Some((months(year, 1, 12)?, 2)),
        }
    }

    /// What has no year: the newest that has begun, or the year and month of what it ends.
    fn numbered(&self, tokens: &[Token], context: Option<Date>) -> Option<(Period, usize)> {
        let number = tokens[0].number();
        if let Some(n) = number.filter(|_| is(tokens.get(1), "day")) {
            let base = context.unwrap_or(self.today);
            let mut date = Date::new(base.year(), base.month(), i8::try_from(n).ok()?).ok()?;
            if context.is_none() && date > self.today {
                date = plus_months(date, -1)?;
            }
            return Some((day(date)?, 2));
        }
        let year = i64::from(context.map_or(self.today.year(), Date::year));
        let (found, used) = in_year(year, tokens, context)?;
        if context.is_none() && found.window.from() > self.now {
            return in_year(year - 1, tokens, context);
        }
        Some((found, used))
    }

    fn monday(&self, date: Date) -> Option<Date> {
        plus_days(date, -i64::from(date.weekday().to_monday_zero_offset()))
    }

    /// The last so many: days and longer are whole ones before today, hours and minutes end now.
    fn last(&self, tokens: &[Token]) -> Option<(Period, usize)> {
        tokens[0].word("last")?;
        let skip = 1 + filler(&tokens[1..]);
        let end = self.now - self.now.rem_euclid(MINUTE_MS);
        let next = tokens.get(skip)?;
        if let Some(value) = next.word("duration") {
            let n: i64 = value.get(1..)?.parse().ok()?;
            return Some((self.before_now(value.get(..1)?, n, end)?, skip + 1));
        }
        let n = next.number()?;
        let unit = tokens.get(skip + 1)?;
        // "The first three quarters".
        if tokens[0].word("first").is_some() && unit.words("unit").any(|unit| unit.starts_with("quarter")) {
            return None;
        }
        let (letter, n) = unit.words("unit").find_map(|unit| {
            Some(match unit {
                "minutes" => ("m", n),
                "hours" => ("m", n.checked_mul(60)?),
                "halfhours" => ("m", n.checked_mul(60)?.checked_add(30)?),
                "days" | "day" => ("d", n),
                "weeks" | "week" => ("d", n.checked_mul(7)?),
                "months" | "month" => ("M", n),
                "quarters" | "quarter" => ("M", n.checked_mul(3)?),
                "year" | "years" => ("M", n.checked_mul(12)?),
                _ => return None,
            })
        })?;
        Some((self.before_now(letter, n, end)?, skip + 2))
    }

    fn before_now(&self, letter: &str, n: i64, end: i64) -> Option<Period> {
        match letter {
            "m" => Period::own(end.checked_sub(n.checked_mul(MINUTE_MS)?)?, end),
            "d" => dates(plus_days(self.today, n.checked_neg()?)?, self.today),
            _ => dates(plus_months(self.today, n.checked_neg()?)?, self.today),
        }
    }
}

/// The tokens that say the length of a period once more: "last weekend, the two days".
fn same_length(period: Period, rest: &[Token]) -> usize {
    let skip = filler(rest);
    let next = rest.get(skip);
    if next.is_some_and(|t| t.word("duration") == Some("d1")) && period.is_day() {
        return skip + 1;
    }
    let n = next
        .and_then(Token::number)
        .and_then(|n| Some((n, rest.get(skip + 1)?)));
    let same = n.is_some_and(|(n, unit)| match period.length {
        Length::Months(12) => n == 1 && is(Some(unit), "year"),
        Length::Months(1) => n == 1 && is(Some(unit), "months"),
        Length::Months(3) => n == 1 && is(Some(unit), "quarters") || n == 3 && is(Some(unit), "months"),
        Length::Days(7) if n == 1 => is(Some(unit), "weeks"),
        _ => n == period.window.length() / DAY_MS && is(Some(unit), "days"),
    });
    if same { skip + 2 } else { 0 }
}

/// An hour of the day behind a word for a part of it, as a minute.
fn day_clock(tokens: &[Token]) -> Option<(i64, usize)> {
    let part = tokens.first().and_then(|t| t.word("part")).and_then(of_part);
    let start = usize::from(part.is_some());
    let (minute, used) = clock(&tokens[start..], part)?;
    Some((minute, start + used))
}
