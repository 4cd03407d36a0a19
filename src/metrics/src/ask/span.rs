//! The window that a question is about.

use super::compose::{Asked, present, question, refusal};
use super::read::{Parts, Relative};
use super::time::{Hours, Period};
use super::{Answer, Reason};
use crate::query::{Grain, Query};
use crate::registry::MetricId;
use crate::window::Window;

/// Saturday and Sunday, as filters have them.
const WEEKEND: [&str; 2] = ["6", "7"];
const WEEK_MS: i64 = 604_800_000;
const HOUR_MS: i64 = 3_600_000;
/// What ended so shortly before the present ended at the present of its own question.
const JUST_MS: i64 = 1_800_000;

impl Asked<'_> {
    /// The window that is asked about: the first said, else that of the former question, else the present.
    pub(super) fn period(&self, parts: &mut Parts, metrics: &[MetricId]) -> Result<Period, Answer> {
        let missing = || question("question.window");
        let former = self.before.and_then(|query| Period::of(self.continued(query)?));
        let now = self.clock.present().filter(|_| present(metrics)).and_then(Period::of);
        self.tell_apart(parts, former)?;
        let mut said = parts.periods.first().copied();
        // "Compared with last May", and nothing else: the former question's time, compared.
        if parts.compares() && self.before.is_some() && parts.periods.len() == 1 && parts.compare == Some("-") {
            parts.periods.insert(0, former.ok_or_else(missing)?);
            said = former;
        }
        if let (Some(now), Some(said)) = (now, said)
            && !(said.window.from()..=said.window.to()).contains(&now.window.to())
        {
            return Err(refusal(Reason::Query, "refuse.present", ""));
        }
        if now.is_some() && (parts.hours.is_some() || !parts.weekdays.is_empty()) {
            return Err(refusal(Reason::Query, "refuse.present", ""));
        }
        // "And last year", after a question about a holiday: the same of that year.
        if let (Some(year), Some(former)) = (said.filter(Period::is_year), former)
            && parts.follows
            && parts.periods.len() == 1
            && !parts.compares()
            && former.window.length() < year.window.length()
        {
            said = former.in_year_of(year);
        }
        let shifted = match (parts.relative, former) {
            (Some(Relative::Before), Some(former)) if said.is_none() && !parts.compares() => former.before(),
            (Some(Relative::Back(length)), Some(former)) if said.is_none() && !parts.compares() => {
                former.back_by(length)
            }
            (Some(Relative::YearBefore), Some(former)) if said.is_none() && !parts.compares() => former.year_before(),
            (Some(Relative::InYear(year)), Some(former)) if said.is_none() && !parts.compares() => {
                former.in_year_of(year)
            }
            _ => None,
        };
        let period = now.or(said).or(shifted).or(former).ok_or_else(missing)?;
        if parts.vague && said.is_none() && now.is_none() {
            return Err(missing());
        }
        if parts.relative == Some(Relative::SameHours) {
            parts.hours = former.and_then(hours_of).or(parts.hours);
        }
        self.cut(parts, period).ok_or_else(missing)
    }

    /// The former question's window; what ended at its present ends at this one.
    fn continued(&self, query: &Query) -> Option<Window> {
        let window = query.window;
        let late = self.now - self.now.rem_euclid(60_000) - window.to();
        let past = (window.to() + Window::offset_ms()) % HOUR_MS == 0;
        if past || !(1..=JUST_MS).contains(&late) {
            return Some(window);
        }
        // "The last hour" moves; "since midnight" grows.
        let moves = window.from() % HOUR_MS != 0;
        Window::new(window.from() + if moves { late } else { 0 }, window.to() + late).ok()
    }

    /// Days of the week within a longer period, and periods that follow each other step by step.
    fn joined(&self, parts: &mut Parts, former: Option<Period>) -> Option<()> {
        while let Some((at, days)) = parts.week_days.pop() {
            let long = parts.periods.iter().enumerate();
            let week = |(other, period): (usize, &Period)| other != at && period.window.length() >= WEEK_MS;
            let of_former = parts.periods.len() == 1 && former.is_some_and(|p| p.window.length() >= WEEK_MS);
            if parts.only_days && (of_former || long.into_iter().any(week)) {
                parts.periods.remove(at);
                parts.weekdays = days;
                continue;
            }
            // "Last week from Tuesday to Thursday": days of that week.
            if let Some(found) = at.checked_sub(1).and_then(|week| parts.periods[week].days(&days)) {
                parts.periods[at] = self.clock.capped(found);
                parts.periods.remove(at - 1);
                continue;
            }
            let mut others = parts.periods.iter().enumerate().filter(|(other, _)| *other != at);
            if others.any(|(_, other)| other.window.length() > WEEK_MS) {
                parts.periods.remove(at);
                parts.weekdays = days;
            }
        }
        parts.step_apart();
        while let [first, second, ..] = parts.periods[..]
            && parts.grain.is_some()
            && !parts.compares()
            && first.window.to() == second.window.from()
        {
            parts.periods[0] = Period::of(Window::new(first.window.from(), second.window.to()).ok()?)?;
            parts.periods.remove(1);
        }
        if parts.until_clock
            && let Some(first) = parts.periods.first_mut().filter(|first| first.is_day())
        {
            let minute = (self.now + Window::offset_ms()).rem_euclid(24 * HOUR_MS) / 60_000;
            *first = self.clock.capped(first.cut((0, minute))?);
        }
        // "Each day from nine to eleven, taken together": one number.
        if parts.whole && parts.hours.is_some() && parts.grain == Some(Grain::Day) {
            parts.grain = None;
        }
        Some(())
    }

    /// What the periods that were said mean together.
    fn tell_apart(&self, parts: &mut Parts, former: Option<Period>) -> Result<(), Answer> {
        self.joined(parts, former).ok_or_else(|| question("question.window"))?;
        // Of a period and the same of the year before, the later is asked about, in whatever order they are said.
        if let [first, second, ..] = parts.periods[..]
            && parts.compares()
            && second
                .year_before()
                .is_some_and(|p| p.window.from() == first.window.from())
        {
            parts.periods.swap(0, 1);
        }
        if parts.weekdays == WEEKEND && parts.periods.is_empty() && former.is_none_or(|p| p.window.length() <= WEEK_MS)
        {
            parts.weekdays.clear();
            parts.periods.extend(self.clock.weekend());
        }
        // "Of the holiday the first to the third day": the time within the other.
        if let [first, second] = parts.periods[..]
            && !parts.compares()
            && (first.window.from()..first.window.to()).contains(&second.window.from())
            && second.window.to() <= first.window.to()
        {
            parts.periods.remove(0);
        }
        // "This year's and last year's holiday": of the first, the same is meant.
        if let [first, second, ..] = parts.periods[..]
            && first.is_year()
            && !second.is_year()
            && second.window.to() <= first.window.from()
            && let Some(same) = second.in_year_of(first)
        {
            parts.periods[0] = self.clock.capped(same);
        }
        if let Some(until) = parts.until {
            match parts.periods.first_mut() {
                Some(first) => *first = first.until(until).ok_or_else(|| question("question.window"))?,
                None => parts.periods.push(until),
            }
        }
        Ok(())
    }

    /// The period, cut to the hours where it is one day.
    fn cut(&self, parts: &mut Parts, period: Period) -> Option<Period> {
        let Some(hours) = parts.hours else {
            return Some(period);
        };
        let day = if period.is_day() {
            Some(period)
        } else if parts.periods.is_empty() {
            // Other hours of the former question's day.
            period.day().filter(|day| day.window.to() >= period.window.to())
        } else {
            None
        };
        let Some(day) = day else {
            return Some(period);
        };
        parts.hours = None;
        let cut = day.cut((hours.from, hours.to))?;
        Some(self.clock.capped(cut))
    }
}

impl Parts {
    /// "The third quarter and the fourth, apart": steps of that length, also within a longer period that was said before.
    fn step_apart(&mut self) {
        let whole = usize::from(match self.periods[..] {
            [whole, first, .., last] => {
                whole.window.from() <= first.window.from() && last.window.to() <= whole.window.to()
            }
            _ => false,
        });
        let steps = &self.periods[whole..];
        let of = |step: Grain| steps.iter().all(|period| period.holds(1, step));
        let follow = steps.windows(2).all(|two| two[0].window.to() == two[1].window.from());
        if !self.apart || self.grain.is_some() || self.compares() || steps.len() < 2 || !follow {
            return;
        }
        self.grain = [Grain::Quarter, Grain::Month, Grain::Day]
            .into_iter()
            .find(|step| of(*step));
        if self.grain.is_some() && whole == 1 {
            self.periods.truncate(1);
        }
    }
}

/// The hours of a window within one day.
fn hours_of(period: Period) -> Option<Hours> {
    let day = period.day()?;
    let minute = |at: i64| (at - day.window.from()) / 60_000;
    let (from, to) = (minute(period.window.from()), minute(period.window.to()));
    (to <= 24 * 60).then_some(Hours { from, to })
}
