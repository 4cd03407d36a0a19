//! Times within a question: what they are of, and what is said of them beside.

use super::lexicon::Token;
use super::quantity::quantity;
use super::read::{Parts, Relative};
use super::time::{Clock, Hours, Length, Period, hours};
use super::values::step_of;
use crate::query::Grain;

/// Of a week.
const DAYS: u32 = 7;

impl Parts {
    /// A time that begins at this token, and how many tokens it takes.
    pub(super) fn time(&mut self, rest: &[Token], clock: &Clock) -> Option<usize> {
        let joins = rest[0].word("until").is_some() || rest[0].word("to").is_some();
        if joins && rest.get(1).is_some_and(|t| t.word("sameclock").is_some()) && !self.periods.is_empty() {
            self.until_clock = true;
            return Some(2);
        }
        // "Without today": what ends before is asked for as it is.
        if rest[0].word("without_today").is_some() {
            self.until = clock.yesterday();
            return Some(1);
        }
        if rest[0].word("until").is_some() {
            let (until, used) = clock.period(&rest[1..]).or_else(|| clock.today_until(&rest[1..]))?;
            self.until = Some(until);
            return Some(1 + used);
        }
        if let Some((period, used)) = clock.since(rest) {
            self.periods.push(period);
            return Some(used);
        }
        if let Some((found, used)) = each_days(rest) {
            self.hours = Some(found);
            return Some(used + same_hours(found, &rest[used..]));
        }
        if let Some((found, used)) = hours(rest) {
            self.hours = Some(found);
            return Some(used + same_hours(found, &rest[used..]));
        }
        if let Some(used) = self.dated(rest, clock) {
            return Some(used);
        }
        self.related(rest)
    }

    /// "Only Monday to Friday", "Saturday not": the days of the week that are kept, whatever the period.
    pub(super) fn days_alone(&mut self, rest: &[Token], clock: &Clock) -> Option<usize> {
        let negates = |t: &Token| t.word("refuse") == Some("negation") || t.word("drop").is_some();
        let ahead = rest[0].word("narrows").is_some() || negates(&rest[0]);
        let at = usize::from(ahead);
        let (days, used) = of_weekdays(&rest[at..], clock)?;
        let end = at + used;
        let skip = end + usize::from(rest.get(end).is_some_and(|t| t.word("parting").is_some()));
        if negates(&rest[0]) || !ahead && rest.get(skip).is_some_and(negates) {
            let kept = (1..=DAYS).map(|day| day.to_string()).filter(|day| !days.contains(day));
            self.weekdays = kept.collect();
            let end = if ahead { end } else { skip + 1 };
            return Some(end + rest[end..].iter().take_while(|t| silent(t)).count());
        }
        if !ahead {
            return None;
        }
        self.only_days = true;
        match clock.period(&rest[1..]).filter(|_| rest[1].word("weekdays").is_none()) {
            Some((period, _)) => {
                self.week_days.push((self.periods.len(), days));
                self.periods.push(period);
            }
            None => self.weekdays = days,
        }
        Some(end)
    }

    /// A period, by its name.
    fn dated(&mut self, rest: &[Token], clock: &Clock) -> Option<usize> {
        let (period, used) = clock.period(rest)?;
        // "From the fifteenth to the tenth".
        self.mistimed |= rest
            .get(used)
            .is_some_and(|t| t.word("to").is_some() && t.word("and").is_none())
            && clock
                .period(&rest[used + 1..])
                .is_some_and(|(last, _)| last.window.to() <= period.window.from());
        // "The same time of the year before last".
        let skip = used + usize::from(rest.get(used).is_some_and(|t| t.word("particle").is_some()));
        if period.is_year() && rest.get(skip).is_some_and(|t| t.word("sametime").is_some()) {
            self.relative = Some(Relative::InYear(period));
            return Some(skip + 1);
        }
        // "At the month's begin" has no end.
        let start = |at: usize| rest.get(at).is_some_and(|t| t.word("start").is_some());
        if start(0) && used == 1 || start(used) {
            self.vague = true;
            return Some(used + usize::from(start(used)));
        }
        if let Some(days) = days_of_week(&rest[..used]) {
            self.week_days.push((self.periods.len(), days));
        }
        self.periods.push(period);
        Some(used + self.told_again(period, &rest[used..]))
    }

    /// The tokens that say the length of the period once more: "in the year's four quarters, each".
    fn told_again(&mut self, period: Period, rest: &[Token]) -> usize {
        let skip = rest.iter().take_while(|t| silent(t)).count();
        let Some(n) = rest.get(skip).and_then(Token::number).filter(|n| *n > 1) else {
            return 0;
        };
        let unit = |name: &str| {
            rest.get(skip + 1)
                .is_some_and(|t| t.words("unit").any(|unit| unit == name))
        };
        let steps = [
            ("quarters", Grain::Quarter),
            ("months", Grain::Month),
            ("days", Grain::Day),
        ];
        let Some((_, grain)) = steps
            .into_iter()
            .find(|(name, grain)| unit(name) && period.holds(n, *grain))
        else {
            return 0;
        };
        if rest.iter().any(|t| t.word("apart").is_some()) {
            self.grain = Some(grain);
        }
        skip + 2
    }

    /// "The four quarters one by one".
    pub(super) fn one_by_one(&mut self, rest: &[Token]) -> Option<usize> {
        let [number, unit, apart, ..] = rest else { return None };
        number.number().filter(|n| *n > 1)?;
        apart.word("apart")?;
        let step = unit.words("unit").find_map(step_of)?;
        self.step(step);
        Some(3)
    }

    /// "Group by month": the mark of a table with two heads.
    pub(super) fn crossed(&mut self, rest: &[Token]) -> Option<usize> {
        let [one, mark, other, ..] = rest else { return None };
        mark.word("cross")?;
        (self.groups_by(one) && self.groups_by(other)).then_some(3)
    }

    /// A time that is told from another.
    fn related(&mut self, rest: &[Token]) -> Option<usize> {
        if let Some(relative) = rest[0].word("relative") {
            self.relative = Some(match relative {
                "prev" => Relative::Before,
                "M1" => Relative::Back(Length::Months(1)),
                "M3" => Relative::Back(Length::Months(3)),
                "d7" => Relative::Back(Length::Days(7)),
                "d1" => Relative::Back(Length::Days(1)),
                "yoy" => Relative::YearBefore,
                _ => Relative::SameHours,
            });
            return Some(1);
        }
        None
    }
}

fn silent(token: &Token) -> bool {
    token.word("noise").is_some() || token.word("particle").is_some()
}

/// "Every day from nine to eleven": the hours of all days together, where no list or line is wanted.
fn each_days(rest: &[Token]) -> Option<(Hours, usize)> {
    let day = rest[0].word("grain") == Some("day");
    let apart = rest
        .iter()
        .any(|t| t.word("apart").is_some() || t.word("trend").is_some());
    let skip = 1 + usize::from(rest.get(1).is_some_and(|t| t.word("parting").is_some()));
    let (found, used) = hours(rest.get(skip..).filter(|rest| day && !apart && !rest.is_empty())?)?;
    Some((found, skip + used))
}

/// The tokens that say the length of the hours once more: "at noon, the two hours".
fn same_hours(hours: Hours, rest: &[Token]) -> usize {
    let skip = rest.iter().take_while(|t| t.word("noise").is_some()).count();
    let same = quantity(&rest[skip..]).filter(|(found, _)| found.seconds() == Some((hours.to - hours.from) * 60));
    same.map_or(0, |(_, used)| skip + used)
}

/// Days of the week by their names, without a word of which week, and how many tokens name them.
fn of_weekdays(rest: &[Token], clock: &Clock) -> Option<(Vec<String>, usize)> {
    let first = rest.first()?;
    if let Some(days) = first.word("weekdays") {
        return Some((days.split(',').map(str::to_owned).collect(), 1));
    }
    first.word("weekday")?;
    let (_, used) = clock.period(rest)?;
    Some((days_of_week(&rest[..used])?, used))
}

/// The days of the week from the first that the tokens name to the last; none where they begin with something else.
fn days_of_week(tokens: &[Token]) -> Option<Vec<String>> {
    let day = |token: &Token| token.word("weekday")?.parse::<u32>().ok();
    let first = day(tokens.first()?)?;
    let last = tokens.iter().filter_map(day).next_back()?;
    (first <= last).then(|| (first..=last).map(|day| day.to_string()).collect())
}
