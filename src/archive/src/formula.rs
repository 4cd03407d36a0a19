//! The statements of the metrics, from their text (`sql/metrics.sql`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sidetone_metrics::MetricId;

use crate::limits::Limits;

const METRICS: &str = include_str!("../sql/metrics.sql");

/// How parts of days make the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Merge {
    /// Numerators and denominators are added.
    Sum,
    /// So are these, and so many weeks before a day have a part in it.
    Weeks(i64),
    /// The highest numerator.
    Max,
    /// The highest numerator, and the sum of denominators.
    Peak,
    /// The sum of numerators; the denominator is the window's length.
    Length,
    /// The sum of numerators; by topic the denominator is that of all groups.
    Share,
    /// The percentile of all values.
    Values,
    /// The number of all callers, or their calls over it: a caller of two days is one caller.
    Callers,
}

impl Merge {
    pub(crate) fn read(word: &str) -> Self {
        match word {
            "max" => Self::Max,
            "peak" => Self::Peak,
            "length" => Self::Length,
            "share" => Self::Share,
            "values" => Self::Values,
            "callers" => Self::Callers,
            _ => word
                .strip_prefix("weeks ")
                .and_then(|n| n.parse().ok())
                .map_or(Self::Sum, Self::Weeks),
        }
    }
}

/// One metric's statement.
pub(crate) struct Formula {
    /// Nothing there is 0, not nothing; and the denominator is always the same.
    pub(crate) counts: bool,
    pub(crate) merge: Merge,
    pub(crate) sql: &'static str,
}

static FORMULAS: LazyLock<BTreeMap<&'static str, Formula>> = LazyLock::new(|| {
    let parts = METRICS.split("\n-- M").skip(1);
    let read = |part: &'static str| {
        let (head, sql) = part.split_once('\n')?;
        let (id, kind) = head.split_once(' ')?;
        let (kind, merge) = kind.split_once(' ').unwrap_or((kind, ""));
        Some((
            id,
            Formula {
                counts: kind == "count",
                merge: Merge::read(merge),
                sql: sql.trim_end().trim_end_matches(';'),
            },
        ))
    };
    parts.filter_map(read).collect()
});

/// The formula of a metric.
pub(crate) fn formula(id: MetricId) -> Option<&'static Formula> {
    FORMULAS.get(&id.to_string()[1..])
}

/// A statement with the letter of a grouping, the present, the bounds of all windows together (ms UTC), and the site's bounds.
pub(crate) fn formula_text(sql: &str, letter: char, now: i64, (from, to): (i64, i64), limits: &Limits) -> String {
    limits
        .put(sql)
        .replace("{dim}", &letter.to_string())
        .replace("{now}", &now.to_string())
        .replace("{from}", &from.to_string())
        .replace("{to}", &to.to_string())
}

impl Formula {
    /// The percentile, and the statement with all values as a list in its place.
    pub(crate) fn listed(&self) -> Option<(&'static str, String)> {
        const CALL: &str = "pct(";
        if self.merge != Merge::Values {
            return None;
        }
        let (head, rest) = self.sql.split_once(CALL)?;
        let (percent, rest) = rest.split_once(", ")?;
        Some((percent, format!("{head}list({rest}")))
    }

    /// The column that counts callers, and the statement with all of them as a list in its place.
    pub(crate) fn called(&self) -> Option<(&'static str, String)> {
        const COUNT: &str = "count(distinct c.ani) as ";
        if self.merge != Merge::Callers {
            return None;
        }
        let (head, rest) = self.sql.split_once(COUNT)?;
        let column = if rest.starts_with("num") { "num" } else { "den" };
        Some((column, format!("{head}list(c.ani) as {rest}")))
    }

    /// How numerators and how denominators of parts come together, as the engine names it.
    pub(crate) fn sums(&self) -> (&'static str, &'static str) {
        match self.merge {
            Merge::Max => ("max", "max"),
            Merge::Peak => ("max", "sum"),
            _ if self.counts => ("sum", "max"),
            _ => ("sum", "sum"),
        }
    }

    /// Whether the statement reads one of these tables.
    pub(crate) fn reads(&self, tables: &[&str]) -> bool {
        tables.iter().any(|table| self.sql.contains(&format!(" {table} ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_has_its_formula() {
        let ids: Vec<String> = FORMULAS.keys().map(|id| format!("M{id}")).collect();
        let all: Vec<String> = sidetone_metrics::registry()
            .all()
            .iter()
            .map(|m| m.id.to_string())
            .collect();
        assert_eq!(ids, all);
    }

    #[test]
    fn a_percentile_is_of_values_that_can_be_listed() {
        for formula in FORMULAS.values() {
            assert_eq!(formula.listed().is_some(), formula.sql.contains("pct("));
            assert_eq!(
                formula.called().is_some(),
                formula.sql.contains("count(distinct c."),
                "{}",
                formula.sql
            );
        }
        let listed = FORMULAS
            .get("025")
            .and_then(Formula::listed)
            .map(|(percent, sql)| (percent, sql.contains("list(t1 - t0) as num")));
        assert_eq!(listed, Some(("95", true)));
    }
}
