//! What the metrics say: a query becomes the SQL of its metrics, and exact fractions come back.

use std::cmp::Ordering;

use serde::Serialize;
use sidetone_metrics::{Dimension, MetricId, Order, Query, QueryError, WindowKind, registry};

use crate::calendar::Calendar;
use crate::duck::DuckError;
use crate::formula::formula;
use crate::limits::Limit;
use crate::load::Archive;
use crate::pieces::{pieces, steps};
use crate::roll::Parts;

/// What comes later than this after a window's end changes nothing in it.
pub(crate) const WATERMARK_MS: i64 = 5_000;
/// The metric that asks for the hours of service.
pub(crate) const OFF_HOURS: u8 = 11;
const WEEK_MS: i64 = 7 * 86_400_000;

/// One number of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The metric.
    pub id: MetricId,
    /// Its key.
    pub key: &'static str,
    /// The step of time, `[from, to)` in ms UTC.
    pub from: i64,
    /// See `from`.
    pub to: i64,
    /// The value of the grouping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Whether this is of the window that the query compares with.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub compared: bool,
    /// Numerator and denominator in lowest terms; none where there is nothing to divide by.
    pub num: Option<i64>,
    /// See `num`.
    pub den: Option<i64>,
    /// The fraction as a decimal of six places at most, rounded half to even. M098 has the index itself.
    pub value: Option<String>,
    /// Facts may still come that change it.
    pub provisional: bool,
    /// The bounds that the metric was worked out with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// The hours of service, of M011.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calendar: Option<Calendar>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// The query is not allowed.
    #[error(transparent)]
    Query(#[from] QueryError),
    /// It filters by one dimension and groups by another, by several, or by several values at once.
    #[error("a filter takes one value of one dimension, and goes with a grouping by that dimension, by hour, or none")]
    Crossed,
    /// The engine failed.
    #[error("the archive cannot answer: {0}")]
    Duck(#[from] DuckError),
}

/// Answers a query as of `now` (ms UTC). Rows are in the order of metrics, steps and groups, or of the query's `top`.
pub fn answer(archive: &Archive, query: &Query, now: i64) -> Result<Vec<Row>, AnswerError> {
    query.check()?;
    let asked = Asked::of(query)?;
    let mut rows = asked.rows(archive, query, now, false)?;
    if let Some(compare) = query.compare {
        let other = Query {
            window: compare.window(),
            ..query.clone()
        };
        rows.extend(asked.rows(archive, &other, now, true)?);
    }
    Ok(rows)
}

/// How the SQL groups, and what of it is kept.
struct Asked {
    letter: char,
    only: Vec<String>,
    by_hour: bool,
    grouped: bool,
}

impl Asked {
    fn of(query: &Query) -> Result<Self, AnswerError> {
        let mut filters = query
            .filters
            .iter()
            .filter_map(|f| Some((f.key.dimension()?, &f.values)));
        let first = filters.next();
        // The values of one dimension add up to nothing: they stand side by side.
        let side_by_side = |dimension| query.by == Some(dimension);
        if filters.next().is_some() || first.is_some_and(|(of, values)| values.len() != 1 && !side_by_side(of)) {
            return Err(AnswerError::Crossed);
        }
        let by_hour = query.by == Some(Dimension::Hour);
        let by = query.by.filter(|by| *by != Dimension::Hour);
        if let (Some((dimension, _)), Some(by)) = (first, by)
            && dimension != by
        {
            return Err(AnswerError::Crossed);
        }
        let letter = by
            .or(first.map(|(dimension, _)| dimension))
            .map_or('-', Dimension::letter);
        Ok(Self {
            letter,
            only: first.map(|(_, values)| values.clone()).unwrap_or_default(),
            by_hour,
            grouped: query.by.is_some(),
        })
    }

    fn rows(&self, archive: &Archive, query: &Query, now: i64, compared: bool) -> Result<Vec<Row>, AnswerError> {
        let steps = steps(query.window, query.grain);
        let pieces = pieces(query, &steps, self.by_hour);
        let w = |step: usize, hour: u8| (step * 24 + usize::from(hour)) as i64;
        let windows: Vec<_> = pieces.iter().map(|p| (w(p.step, p.hour), p.from, p.to)).collect();
        let mut rows = Vec::new();
        for id in &query.metrics {
            let found = archive.parts(*id, self.letter, &windows, now)?;
            let mut of_metric = Vec::new();
            let limits = formula(*id).map(|formula| archive.limits().named(formula.sql));
            let calendar = (id.number() == OFF_HOURS).then(|| archive.calendar()).transpose()?;
            for (step, span) in steps.iter().copied().enumerate() {
                of_metric.extend(self.step(*id, &found, w(step, 0), span, now));
            }
            for row in &mut of_metric {
                row.limits = limits.clone().unwrap_or_default();
                row.calendar.clone_from(&calendar);
            }
            if let Some(threshold) = query.threshold {
                of_metric.retain(|row| row.num.zip(row.den).is_some_and(|(num, den)| threshold.holds(num, den)));
            }
            if let Some(top) = query.top {
                sort(&mut of_metric, top.order);
                of_metric.truncate(top.n.map_or(usize::MAX, |n| n as usize));
            }
            rows.extend(of_metric);
        }
        for row in &mut rows {
            row.compared = compared;
        }
        Ok(rows)
    }

    fn step(&self, id: MetricId, found: &Parts, w: i64, (from, to): (i64, i64), now: i64) -> Vec<Row> {
        let metric = registry().get(id);
        let empty = formula(id).filter(|f| f.counts).map(|_| (0, 1));
        let settled = if metric.window == WindowKind::D7 {
            to + WEEK_MS
        } else {
            to
        } + WATERMARK_MS;
        let make = |group: Option<String>, fraction: Option<(i64, i64)>| {
            let fraction = fraction.filter(|(_, den)| *den != 0 || id.number() == 98);
            let (num, den, value) = match fraction {
                Some((n, sum)) if id.number() == 98 => (Some(n), Some(sum), Some(heat(n, sum))),
                Some((num, den)) => {
                    let by = gcd(num, den);
                    (Some(num / by), Some(den / by), Some(decimal(num / by, den / by)))
                }
                None => (None, None, None),
            };
            let provisional = metric.window == WindowKind::R || now < settled;
            Row {
                id,
                key: metric.key,
                from,
                to,
                group,
                compared: false,
                num,
                den,
                value,
                provisional,
                limits: Vec::new(),
                calendar: None,
            }
        };
        let wanted = self.only.first().cloned().unwrap_or_default();
        if !self.grouped {
            return vec![make(
                self.only.first().cloned(),
                found.get(&(w, wanted)).copied().or(empty),
            )];
        }
        if self.by_hour {
            let hours = (0..24).filter(|hour| found.contains_key(&(w + hour, wanted.clone())));
            return hours
                .map(|hour| make(Some(hour.to_string()), found.get(&(w + hour, wanted.clone())).copied()))
                .collect();
        }
        let groups = found
            .iter()
            .filter(|((at, grp), _)| *at == w && (self.only.is_empty() || self.only.contains(grp)));
        groups
            .map(|((_, grp), fraction)| make(Some(grp.clone()), Some(*fraction)))
            .collect()
    }
}

fn sort(rows: &mut [Row], order: Order) {
    rows.sort_by(|a, b| {
        // An index that is no fraction of its two parts.
        let index = |row: &Row| row.value.as_ref().and_then(|value| value.parse::<f64>().ok());
        if a.id.number() == 98 {
            let low = index(a).partial_cmp(&index(b)).unwrap_or(Ordering::Equal);
            return if order == Order::Highest { low.reverse() } else { low };
        }
        let cross = |x: &Row, y: &Row| i128::from(x.num.unwrap_or(0)) * i128::from(y.den.unwrap_or(1));
        let low = cross(a, b).cmp(&cross(b, a));
        let by_value = if order == Order::Highest { low.reverse() } else { low };
        a.num.is_none().cmp(&b.num.is_none()).then(by_value)
    });
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// (n - m) / sqrt(max(m, 1)) with m a quarter of `sum`.
fn heat(n: i64, sum: i64) -> String {
    let m = sum as f64 / 4.0;
    format!("{:.6}", (n as f64 - m) / m.max(1.0).sqrt())
}

/// A fraction with six places at most, half to even.
fn decimal(num: i64, den: i64) -> String {
    let (num, den) = (i128::from(num) * 1_000_000, i128::from(den));
    let (mut whole, rest) = (num.div_euclid(den), num.rem_euclid(den));
    if rest * 2 > den || (rest * 2 == den && whole % 2 != 0) {
        whole += 1;
    }
    let sign = if whole < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:06}", whole.abs() / 1_000_000, whole.abs() % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl AnswerError {
    /// Whether the question, not the archive, is at fault.
    #[must_use]
    pub fn is_of_the_query(&self) -> bool {
        !matches!(self, Self::Duck(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_half_to_even() {
        assert_eq!(decimal(1, 2), "0.5");
        assert_eq!(decimal(1, 2_000_000), "0");
        assert_eq!(decimal(3, 2_000_000), "0.000002");
        assert_eq!(decimal(-1, 3), "-0.333333");
        assert_eq!(decimal(7, 1), "7");
    }
}
