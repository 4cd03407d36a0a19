//! What the caller has said of their own case. Which words name what is the pack's data (`calc/slots.toml`).

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jiff::Span;
use jiff::civil::Date;
use sidetone_knowledge::RegionCode;
use sidetone_knowledge::calc::{Decimal, Facts, SlotDef, SlotKind, Value as Told};

use sidetone_language::{Mood, number};

use super::entity::{Found, Value, decimal};
use super::repair;
use super::text::{CUT, starts_with};

/// A word this near to a value says what it is, in characters.
const NEAR: usize = 10;
/// A number without a unit is money only with a word this near.
const BESIDE: usize = 3;
/// Nobody speaks of less as a wage or a base without a unit.
const LEAST_MONEY: f64 = 100.0;
/// What stands beside a bare answer, in characters: who says more tells something else.
const LITTLE: usize = 8;
/// Days of a month; two values of how long ago something was may be as far apart.
const MONTH: i32 = 31;
/// Of a long time, they may be this part of it apart.
const ROUGHLY: i32 = 6;
/// A pause between word and value weighs as much as this many characters.
const PAUSE: usize = 6;

/// Where a value stands, and the slots that it may fill.
type Named<'d> = (Range<usize>, Vec<(&'d SlotDef, Told)>);

/// Said by the caller over the whole call; the last word counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Slots {
    facts: Facts,
    /// Values that a later one replaced without a word of correction.
    before: Facts,
    /// Slots that the newest turn filled or changed.
    fresh: BTreeSet<String>,
    /// Slots whose value a word, or the agent's question, named.
    named: BTreeSet<String>,
    /// Years of birth that still lack their month.
    years: BTreeMap<String, i16>,
    /// The agent's last turn: what a bare answer answers.
    agent: Vec<char>,
    /// The agent's last turn tells: a value of it that the caller says again is no word of theirs.
    agent_told: bool,
    /// Where the matter is, GB/T 2260; `None` while nothing but the line's own place is spoken of.
    pub region: Option<RegionCode>,
}

impl Slots {
    /// What is known, by slot.
    #[must_use]
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What the caller told of a slot before they told another value; only of slots that the newest turn changed.
    #[must_use]
    pub fn told_before(&self, slot: &str) -> Option<&Told> {
        self.before.get(slot).filter(|_| self.fresh.contains(slot))
    }

    /// Whether the newest turn filled or changed it.
    #[must_use]
    pub fn is_fresh(&self, slot: &str) -> bool {
        self.fresh.contains(slot)
    }

    pub(crate) fn agent_said(&mut self, text: &[char], mood: Mood) {
        self.agent = text.to_vec();
        self.agent_told = mood == Mood::Tell;
    }

    /// Takes what a caller's turn says on the day `today`; tells whether something became known or changed.
    pub(crate) fn take(
        &mut self,
        defs: &[SlotDef],
        text: &[char],
        found: &[Found],
        (today, corrects): (Date, bool),
    ) -> bool {
        self.fresh.clear();
        for def in defs.iter().filter(|def| def.kind == SlotKind::Choice) {
            if let Some(choice) = chosen(def, text) {
                self.tell(def, Told::Choice(choice), corrects, true);
            }
        }
        let mut values: Vec<Named<'_>> = Vec::new();
        for entity in found {
            if !self.echoes(text, &entity.range) {
                values.push((entity.range.clone(), self.readings(defs, entity, today)));
            }
        }
        values.extend(measured(defs, text));
        for (range, readings) in unmarked(defs, text, found) {
            // Without a word beside it, such a number is nothing.
            for (def, told) in nearest(text, &range, readings, BESIDE).unwrap_or_default() {
                self.tell(def, told, corrects, true);
            }
        }
        if found.is_empty() && values.iter().all(|(_, readings)| readings.is_empty()) {
            values.extend(self.bare_answer(defs, text));
        }
        for (range, readings) in values {
            let (meant, is_named) = self.meant(text, &range, readings);
            for (def, told) in meant {
                self.tell(def, told, corrects, is_named);
            }
        }
        self.agent.clear();
        !self.fresh.is_empty()
    }

    /// Whether the agent has just told the value: 18个月，那倒是能顶一阵.
    fn echoes(&self, text: &[char], range: &Range<usize>) -> bool {
        let value = &text[range.clone()];
        self.agent_told && !value.is_empty() && self.agent.windows(value.len()).any(|said| said == value)
    }

    /// Two values contradict each other where each was named as this slot's, in turns of its own: a bare one may be of anything.
    fn tell(&mut self, def: &SlotDef, told: Told, corrects: bool, is_named: bool) {
        if !def.takes(&told) || self.facts.get(&def.id) == Some(&told) {
            return;
        }
        let same = self.facts.get(&def.id).is_some_and(|old| is_about(def, old, &told));
        let contradicts =
            is_named && !corrects && !same && self.named.contains(&def.id) && !self.fresh.contains(&def.id);
        match is_named {
            true => self.named.insert(def.id.clone()),
            false => self.named.remove(&def.id),
        };
        match self.facts.insert(def.id.clone(), told) {
            Some(old) if contradicts => drop(self.before.insert(def.id.clone(), old)),
            _ => drop(self.before.remove(&def.id)),
        }
        self.fresh.insert(def.id.clone());
    }

    /// The slots that could hold what was named, each with its value.
    fn readings<'d>(&mut self, defs: &'d [SlotDef], entity: &Found, today: Date) -> Vec<(&'d SlotDef, Told)> {
        let mut out = Vec::new();
        for def in defs {
            let told = match (&entity.value, def.kind) {
                (Value::Months(months), SlotKind::Months) => Some(Told::Number(Decimal::from(*months))),
                (value, SlotKind::Elapsed) => elapsed(value, today).map(|days| Told::Number(Decimal::from(days))),
                (Value::Amount(amount), SlotKind::Money) => exact(*amount).map(Told::Number),
                (Value::Percent(percent), SlotKind::Percent) => {
                    exact(*percent).map(|percent| Told::Number(percent / Decimal::ONE_HUNDRED))
                }
                (Value::Date { year, month, .. }, SlotKind::Birth) => self.birth(def, *year, *month).map(Told::Date),
                (
                    Value::Date {
                        year: Some(year),
                        month: Some(month),
                        day,
                    },
                    SlotKind::Date,
                ) => Date::new(*year, *month, day.unwrap_or(1)).ok().map(Told::Date),
                _ => None,
            };
            out.extend(told.map(|told| (def, told)));
        }
        out
    }

    /// Year and month of birth, said together or one after the other.
    fn birth(&mut self, def: &SlotDef, year: Option<i16>, month: Option<i8>) -> Option<Date> {
        let (least, most) = def.range.unwrap_or((1900, 2100));
        let fits = |year: i16| (least..=most).contains(&i64::from(year));
        match (year, month) {
            (Some(year), None) if fits(year) => {
                self.years.insert(def.id.clone(), year);
                None
            }
            (Some(year), Some(month)) if fits(year) => Date::new(year, month, 1).ok(),
            (None, Some(month)) => Date::new(*self.years.get(&def.id)?, month, 1).ok(),
            _ => None,
        }
    }

    /// Of the slots that could hold a value, those that the words beside it name; else those that the agent asked for;
    /// else those that take a bare value. With it, whether they were named or asked for.
    fn meant<'d>(
        &self,
        text: &[char],
        range: &Range<usize>,
        readings: Vec<(&'d SlotDef, Told)>,
    ) -> (Vec<(&'d SlotDef, Told)>, bool) {
        if let Some(named) = nearest(text, range, readings.clone(), NEAR) {
            return (named, true);
        }
        let mut readings = readings;
        readings.retain(|(def, told)| fits(text, range, def, told));
        let asked = |def: &SlotDef| last_of(&self.agent, &def.near);
        if let Some(last) = readings.iter().filter_map(|(def, _)| asked(def)).max() {
            readings.retain(|(def, _)| asked(def) == Some(last));
            return (readings, true);
        }
        readings.retain(|(def, _)| def.bare);
        (readings, false)
    }

    /// A number alone, behind the agent's question for a slot.
    fn bare_answer<'d>(&self, defs: &'d [SlotDef], text: &[char]) -> Option<Named<'d>> {
        let begin = (0..text.len()).find(|&at| number(&text[at..]).is_some())?;
        let said = number(&text[begin..])?;
        let range = begin..begin + said.len;
        let rest = &text[range.end..];
        let beside = text
            .iter()
            .filter(|c| c.is_alphanumeric())
            .count()
            .saturating_sub(said.len);
        if beside > LITTLE || (0..rest.len()).any(|at| number(&rest[at..]).is_some()) {
            return None;
        }
        let told = Told::Number(exact(said.value)?);
        let plain = |def: &&SlotDef| match def.kind {
            SlotKind::Money => said.value >= LEAST_MONEY,
            kind => matches!(kind, SlotKind::Grade | SlotKind::Count),
        };
        let asked = defs
            .iter()
            .filter(plain)
            .filter(|def| last_of(&self.agent, &def.near).is_some());
        Some((range, asked.map(|def| (def, told.clone())).collect()))
    }
}

/// Days since something: of a length of time, or of a date. What was not said of a date is taken as late as it can be, so that no limit is
/// said to be over that is not; of last year alone that says nothing.
fn elapsed(value: &Value, today: Date) -> Option<i32> {
    let since = |day: Date| (day <= today).then(|| (today - day).get_days());
    match value {
        Value::Days(days) => i32::try_from(*days).ok(),
        Value::Months(months) => since(today.checked_sub(Span::new().try_months(*months).ok()?).ok()?),
        Value::Date {
            year,
            month: Some(month),
            day,
        } => {
            let of_year = |year: i16| {
                let first = Date::new(year, *month, 1).ok()?;
                match day {
                    Some(day) => Date::new(year, *month, *day).ok(),
                    None => Some(first.last_of_month().min(today)).filter(|_| first <= today),
                }
            };
            let this_year = || of_year(today.year()).filter(|day| *day <= today);
            since(year.map_or_else(|| this_year().or_else(|| of_year(today.year() - 1)), of_year)?)
        }
        Value::Date {
            year: Some(year),
            month: None,
            ..
        } if *year < today.year() - 1 => since(Date::new(*year, 12, 31).ok()?),
        _ => None,
    }
}

/// Whether two values of a slot are as good as the same: nobody counts how long ago something was to the day.
fn is_about(def: &SlotDef, old: &Told, new: &Told) -> bool {
    let (SlotKind::Elapsed, Told::Number(old), Told::Number(new)) = (def.kind, old, new) else {
        return false;
    };
    (old - new).abs() <= Decimal::from(MONTH).max(old.max(new) / Decimal::from(ROUGHLY))
}

fn fits(text: &[char], range: &Range<usize>, def: &SlotDef, told: &Told) -> bool {
    def.takes(told) && distance(text, range, &def.not_near, NEAR).is_none()
}

/// The slots whose words are nearest to a value; `None` where no word is within `reach`.
fn nearest<'d>(
    text: &[char],
    range: &Range<usize>,
    mut readings: Vec<(&'d SlotDef, Told)>,
    reach: usize,
) -> Option<Vec<(&'d SlotDef, Told)>> {
    readings.retain(|(def, told)| fits(text, range, def, told));
    let far = |def: &SlotDef| distance(text, range, &def.near, reach);
    let least = readings.iter().filter_map(|(def, _)| far(def)).min()?;
    readings.retain(|(def, _)| far(def) == Some(least));
    Some(readings)
}

/// Numbers that nothing was made of, and that no unit follows: 按6000的基数. They may be money.
fn unmarked<'d>(defs: &'d [SlotDef], text: &[char], found: &[Found]) -> Vec<Named<'d>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(said) = number(&text[at..]) else {
            at += 1;
            continue;
        };
        let range = at..at + said.len;
        let taken = found
            .iter()
            .any(|entity| entity.range.start < range.end && range.start < entity.range.end);
        let money = defs.iter().filter(|def| def.kind == SlotKind::Money);
        if let Some(value) = exact(said.value).filter(|_| !taken && said.value >= LEAST_MONEY) {
            out.push((range.clone(), money.map(|def| (def, Told::Number(value))).collect()));
        }
        at = range.end.max(at + 1);
    }
    out
}

/// Numbers with the measure word of a slot behind them: 七级, 3个人, 8小时.
fn measured<'d>(defs: &'d [SlotDef], text: &[char]) -> Vec<Named<'d>> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let Some(said) = number(&text[at..]) else {
            at += 1;
            continue;
        };
        let end = at + said.len;
        let mut readings = Vec::new();
        for def in defs {
            let here = def.measures.iter().any(|word| starts_with(&text[end..], word));
            if let Some(value) = exact(said.value).filter(|_| here) {
                readings.push((def, Told::Number(value)));
            }
        }
        if !readings.is_empty() {
            out.push((at..end, readings));
        }
        at = end.max(at + 1);
    }
    out
}

/// The choice with the longest words that are said and not denied.
fn chosen(def: &SlotDef, text: &[char]) -> Option<String> {
    let mut best: Option<(usize, &str)> = None;
    for choice in &def.choices {
        if choice
            .not_words
            .iter()
            .any(|word| last_of(text, std::slice::from_ref(word)).is_some())
        {
            continue;
        }
        for word in &choice.words {
            let len = word.chars().count();
            let said = (0..text.len()).any(|at| starts_with(&text[at..], word) && !repair::denied(text, at, at + len));
            if said && best.is_none_or(|(longest, _)| len > longest) {
                best = Some((len, &choice.id));
            }
        }
    }
    best.map(|(_, id)| id.to_owned())
}

/// How far the nearest of `words` is from a value; `None` beyond `reach`.
fn distance(text: &[char], range: &Range<usize>, words: &[String], reach: usize) -> Option<usize> {
    let from = range.start.saturating_sub(reach);
    let to = (range.end + reach).min(text.len());
    let pauses = |span: Range<usize>| text[span].iter().filter(|c| **c == CUT).count() * PAUSE;
    let mut least: Option<usize> = None;
    for at in from..to {
        for word in words.iter().filter(|word| starts_with(&text[at..], word)) {
            let end = at + word.chars().count();
            let far = if end <= range.start {
                range.start - end + pauses(end..range.start)
            } else if at >= range.end {
                at - range.end + pauses(range.end..at)
            } else {
                0
            };
            if far <= reach {
                least = Some(least.map_or(far, |least| least.min(far)));
            }
        }
    }
    least
}

/// Where the last of `words` stands.
fn last_of(text: &[char], words: &[String]) -> Option<usize> {
    (0..text.len())
        .rev()
        .find(|&at| words.iter().any(|word| starts_with(&text[at..], word)))
}

/// As it was said: two digits behind the point at most.
fn exact(value: f64) -> Option<Decimal> {
    decimal(value).parse().ok()
}
