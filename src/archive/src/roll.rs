//! Parts of days: what each metric says of each whole day, kept, so that a year is asked of days and not of contacts.
//!
//! A part is made by the metric's own statement, by each grouping: numerator and denominator, the values that a percentile is of, or
//! who called. It
//! stands until a fact changes what it says (`stale`). A day that lacks its part is asked of the facts. So an answer is the same with parts and without.

use std::collections::{BTreeMap, BTreeSet};

use sidetone_metrics::{Dimension, Metric, MetricId, WindowKind, registry};

use crate::answer::WATERMARK_MS;
use crate::duck::{Connection, DuckError, Value};
use crate::formula::{Formula, Merge, formula, formula_text};
use crate::load::Archive;

/// A part is named by its metric and by the day's begin, ms UTC.
pub(crate) const TABLES: &str =
    "create table if not exists part (metric bigint, dim varchar, day bigint, grp varchar, num bigint, den bigint);
    create table if not exists part_value (metric bigint, dim varchar, day bigint, grp varchar, x bigint, den bigint);
    create table if not exists part_day (metric bigint, day bigint);
    create table if not exists caller (id bigint, ani varchar);
    create or replace temp table whole (w bigint, day bigint)";
pub(crate) const DAY_MS: i64 = 86_400_000;
const OFFSET_MS: i64 = 8 * 3_600_000;
/// Facts that are older are a switch's wrong clock, not a day to be asked for.
const DAYS_MAX: i64 = 3_700;
/// What a metric of seven days waits for.
const SETTLED_DAYS: i64 = 7;

/// By row of the answer and group: numerator and denominator.
pub(crate) type Parts = BTreeMap<(i64, String), (i64, i64)>;

fn day_of(t: i64) -> i64 {
    (t + OFFSET_MS).div_euclid(DAY_MS) * DAY_MS - OFFSET_MS
}

/// The metrics that have parts of days.
pub(crate) fn parted() -> impl Iterator<Item = (&'static Metric, &'static Formula)> {
    let all = registry().all().iter().filter(|metric| metric.window != WindowKind::R);
    all.filter_map(|metric| Some((metric, formula(metric.id)?)))
}

fn letters(metric: &Metric) -> impl Iterator<Item = char> {
    let dimensions = metric.dimensions.iter().filter(|by| **by != Dimension::Hour);
    ['-'].into_iter().chain(dimensions.map(|by| by.letter()))
}

fn pair(row: &[Value]) -> Option<(i64, i64)> {
    Some((row.first()?.int()?, row.get(1)?.int()?))
}

impl Archive {
    /// Makes parts that lack, of one metric and of `days` days at most. Answers whether there may be more to do.
    pub fn roll_up(&self, now: i64, days: usize) -> Result<bool, DuckError> {
        let begin = self
            .duck()
            .ints("select min(t0) from (select t0 from c union all select t0 from s)")?;
        let Some(begin) = begin.first() else {
            return Ok(false);
        };
        let last = day_of(now - WATERMARK_MS);
        let first = day_of(*begin).max(last - DAYS_MAX * DAY_MS);
        let made = self.duck().query(&format!(
            "select metric, day from part_day where day >= {first} and day < {last}"
        ))?;
        let made: BTreeSet<(i64, i64)> = made.iter().filter_map(|row| pair(row)).collect();
        for (metric, formula) in parted() {
            let number = i64::from(metric.id.number());
            let settled = if metric.window == WindowKind::D7 {
                SETTLED_DAYS
            } else {
                0
            };
            let span = (first..last - settled * DAY_MS).step_by(DAY_MS as usize);
            let lacking: Vec<i64> = span.filter(|day| !made.contains(&(number, *day))).take(days).collect();
            if !lacking.is_empty() {
                self.duck()
                    .all_or_nothing(|duck| self.make(duck, metric, formula, &lacking, now))?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn make(
        &self,
        duck: &Connection,
        metric: &Metric,
        formula: &Formula,
        days: &[i64],
        now: i64,
    ) -> Result<(), DuckError> {
        let number = i64::from(metric.id.number());
        let (Some(first), Some(last)) = (days.first(), days.last()) else {
            return Ok(());
        };
        let windows: Vec<_> = days.iter().map(|day| (*day, *day, day + DAY_MS)).collect();
        ask_of(duck, &windows)?;
        let span = (*first, last + DAY_MS);
        if formula.called().is_some() {
            number_callers(duck, span)?;
        }
        for letter in letters(metric) {
            let put = |sql: &str| formula_text(sql, letter, now, span, self.limits());
            duck.execute(&match (formula.listed(), formula.called()) {
                (Some((_, listed)), _) => format!(
                    "insert into part_value select {number}, '{letter}', w, grp, unnest(num), den from ({}) as day",
                    put(&listed)
                ),
                (_, Some((column, listed))) => format!(
                    "insert into part_value select {number}, '{letter}', w, grp, id, count(*) from
                      (select w, grp, unnest({column}) as ani from ({}) as day) as one join caller on caller.ani = one.ani group by w, grp, id",
                    put(&listed)
                ),
                _ => format!(
                    "insert into part select {number}, '{letter}', w, grp, num, den from ({}) as day",
                    put(formula.sql)
                ),
            })?;
        }
        let made: Vec<_> = days.iter().map(|day| vec![number.into(), (*day).into()]).collect();
        duck.append("part_day", &made)
    }

    /// Days whose parts stand, among those of the pieces that had ended.
    fn parts_there(
        &self,
        id: MetricId,
        letter: char,
        pieces: &[Windowed],
        now: i64,
    ) -> Result<BTreeSet<i64>, DuckError> {
        let bounds = pieces.iter().map(|p| p.1).min().zip(pieces.iter().map(|p| p.2).max());
        let Some((from, to)) = bounds.filter(|_| letters(registry().get(id)).any(|known| known == letter)) else {
            return Ok(BTreeSet::new());
        };
        let last = to.min(now - WATERMARK_MS) - DAY_MS;
        let days = self.duck().ints(&format!(
            "select day from part_day where metric = {} and day >= {from} and day <= {last}",
            id.number()
        ))?;
        Ok(days.into_iter().collect())
    }

    /// A metric's rows of windows: from the parts of the days that have one, and from the facts for the rest.
    pub(crate) fn parts(&self, id: MetricId, letter: char, pieces: &[Windowed], now: i64) -> Result<Parts, DuckError> {
        let Some(formula) = formula(id) else {
            return Ok(Parts::new());
        };
        let there = self.parts_there(id, letter, pieces, now)?;
        let (whole, rest) = split(pieces, &there);
        ask_of(self.duck(), &rest)?;
        let span = (
            rest.iter().map(|p| p.1).min().unwrap_or_default(),
            rest.iter().map(|p| p.2).max().unwrap_or_default(),
        );
        let put = |sql: &str| formula_text(sql, letter, now, span, self.limits());
        if whole.is_empty() {
            return rows(self.duck(), &put(formula.sql));
        }
        self.duck().execute("delete from whole")?;
        let days: Vec<_> = whole.iter().map(|(w, day)| vec![(*w).into(), (*day).into()]).collect();
        self.duck().append("whole", &days)?;
        let of = format!("metric = {} and dim = '{letter}'", id.number());
        if let Some((percent, listed)) = formula.listed() {
            return rows(
                self.duck(),
                &format!(
                    "select w, grp, pct({percent}, x) as num, min(den) as den from (
                      select w, grp, x, den from part_value join whole on whole.day = part_value.day where {of}
                      union all select w, grp, unnest(num), den from ({}) as rest) as every group by w, grp",
                    put(&listed)
                ),
            );
        }
        if let Some((column, listed)) = formula.called() {
            return rows(self.duck(), &of_callers(&of, column, &put(&listed)));
        }
        let (num, den) = formula.sums();
        let kept = rows(
            self.duck(),
            &format!(
                "select w, grp, {num}(num) as num, {den}(den) as den from part join whole on whole.day = part.day where {of} group by w, grp"
            ),
        )?;
        let rest = if rest.is_empty() {
            Parts::new()
        } else {
            rows(self.duck(), &put(formula.sql))?
        };
        let den = match formula.merge {
            Merge::Share if letter == 't' => Some(self.of_all(&of, &rest)?),
            Merge::Length => Some(lengths(pieces)),
            _ => None,
        };
        let mut parts = together(formula, kept, rest);
        if let Some(den) = den {
            parts
                .iter_mut()
                .for_each(|((w, _), (_, of))| *of = den.get(w).copied().unwrap_or_default());
        }
        Ok(parts)
    }

    /// By row of the answer: the denominator that all groups share, of the kept days and of the rest.
    fn of_all(&self, of: &str, rest: &Parts) -> Result<BTreeMap<i64, i64>, DuckError> {
        let days = self.duck().query(&format!(
            "select w, cast(sum(den) as bigint) from (select day, max(den) as den from part where {of} group by day) as days
              join whole on whole.day = days.day group by w"
        ))?;
        let mut of_all: BTreeMap<i64, i64> = days.iter().filter_map(|row| pair(row)).collect();
        let of_rest: BTreeMap<i64, i64> = rest.iter().map(|((w, _), (_, den))| (*w, *den)).collect();
        of_rest
            .into_iter()
            .for_each(|(w, den)| *of_all.entry(w).or_default() += den);
        Ok(of_all)
    }
}

/// Callers of the kept days and of the rest together. `column` of the rest's statement lists them.
fn of_callers(of: &str, column: &str, rest: &str) -> String {
    let (num, den) = if column == "num" {
        ("count(*)", "1")
    } else {
        ("sum(n)", "count(*)")
    };
    // A caller whom no part knows has a number for this once.
    format!(
        "select w, grp, {num} as num, {den} as den from (select w, grp, x, sum(n) as n from (
          select w, grp, x, den as n from part_value join whole on whole.day = part_value.day where {of}
          union all select w, grp, coalesce(id, -dense_rank() over (order by one.ani)), 1 from
           (select w, grp, unnest({column}) as ani from ({rest}) as rest) as one left join caller on caller.ani = one.ani)
         as every group by w, grp, x) as each_caller group by w, grp"
    )
}

/// Gives the callers of a span (ms UTC) numbers that have none.
fn number_callers(duck: &Connection, (from, to): (i64, i64)) -> Result<(), DuckError> {
    duck.execute(&format!(
        "insert into caller select (select coalesce(max(id), 0) from caller) + row_number() over (order by ani), ani from (
          select distinct ani from c where ani is not null and t0 >= {from} and t0 < {to} and not exists (select 1 from caller where caller.ani = c.ani)) as new"
    ))
}

/// By row of the answer: how long its pieces are together (ms).
fn lengths(pieces: &[Windowed]) -> BTreeMap<i64, i64> {
    let mut lengths = BTreeMap::new();
    for (w, from, to) in pieces {
        *lengths.entry(*w).or_default() += to - from;
    }
    lengths
}

/// Rows of the answer that a window is of, from, to (ms UTC).
pub(crate) type Windowed = (i64, i64, i64);

/// The windows that the next statement is asked of.
fn ask_of(duck: &Connection, windows: &[Windowed]) -> Result<(), DuckError> {
    duck.execute("delete from win")?;
    let rows: Vec<_> = windows
        .iter()
        .map(|(w, from, to)| vec![(*w).into(), (*from).into(), (*to).into()])
        .collect();
    duck.append("win", &rows)
}

fn rows(duck: &Connection, sql: &str) -> Result<Parts, DuckError> {
    let read = |row: Vec<Value>| match <[Value; 4]>::try_from(row) {
        Ok([Value::Int(w), Value::Text(grp), Value::Int(num), Value::Int(den)]) => Some(((w, grp), (num, den))),
        _ => None,
    };
    let sql = format!("select w, grp, cast(num as bigint), cast(den as bigint) from ({sql}) as metric");
    Ok(duck.query(&sql)?.into_iter().filter_map(read).collect())
}

/// The days that have a part, each with its row of the answer; and what is left of the windows.
fn split(windows: &[Windowed], there: &BTreeSet<i64>) -> (Vec<(i64, i64)>, Vec<Windowed>) {
    let (mut whole, mut rest) = (Vec::new(), Vec::new());
    for (w, from, to) in windows.iter().copied() {
        let mut left = from;
        for day in there.range(from..to).copied().filter(|day| day + DAY_MS <= to) {
            if left < day {
                rest.push((w, left, day));
            }
            whole.push((w, day));
            left = day + DAY_MS;
        }
        if left < to {
            rest.push((w, left, to));
        }
    }
    (whole, rest)
}

fn together(formula: &Formula, mut parts: Parts, rest: Parts) -> Parts {
    for (row, (num, den)) in rest {
        parts
            .entry(row)
            .and_modify(|(n, d)| {
                let (highest, added) = ((*n).max(num), *n + num);
                (*n, *d) = match formula.sums() {
                    ("max", "max") => (highest, den),
                    ("max", _) => (highest, *d + den),
                    (_, "max") => (added, den),
                    _ => (added, *d + den),
                };
            })
            .or_insert((num, den));
    }
    parts
}
