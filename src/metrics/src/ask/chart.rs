//! Which chart an answer is drawn as: a rule, so that the same question always looks alike.

use serde::Serialize;

use super::say::summary;
use crate::query::{Grain, Query};
use crate::registry::{Dimension, registry};

const MOST_BARS: usize = 12;
const MOST_SLICES: usize = 6;
/// The metric that is a share of a whole: its parts add up to 1.
const SHARE_KEY: &str = "topic.share";

/// How the rows of an answer are drawn. `x`, `y`, `color` and `series` name fields of a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// What is drawn.
    pub kind: ChartKind,
    /// Metrics and grouping in Chinese.
    pub title: String,
    /// `from` (ms UTC) or `group`; none for a number and a table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<&'static str>,
    /// `value`, or `group` for a heat map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<&'static str>,
    /// `value` for a heat map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<&'static str>,
    /// Rows that differ in one of these belong to different lines or rows of bars.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub series: Vec<&'static str>,
    /// The metrics' units, in the order of the query; `%` is drawn as a hundred times the value.
    pub units: Vec<&'static str>,
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Over time.
    Line,
    /// Groups, or a window beside another.
    Bar,
    /// Parts of a whole.
    Share,
    /// Hour of the day against days.
    Heat,
    /// Too many groups for a picture.
    Table,
    /// One number for each metric.
    Number,
}

/// The chart for a query whose answer has so many rows.
#[must_use]
pub fn chart(query: &Query, rows: usize) -> Chart {
    let kind = kind(query, rows);
    let (x, y, color) = match kind {
        ChartKind::Heat => (Some("from"), Some("group"), Some("value")),
        ChartKind::Line => (Some("from"), Some("value"), None),
        ChartKind::Bar | ChartKind::Share => (
            Some(if query.by.is_some() { "group" } else { "from" }),
            Some("value"),
            None,
        ),
        ChartKind::Table | ChartKind::Number => (None, None, None),
    };
    let mut series = Vec::new();
    if query.metrics.len() > 1 {
        series.push("id");
    }
    if kind == ChartKind::Line && query.by.is_some() {
        series.push("group");
    }
    if query.compare.is_some() {
        series.push("compared");
    }
    Chart {
        kind,
        title: summary(query),
        x,
        y,
        color,
        series,
        units: query.metrics.iter().map(|id| registry().get(*id).unit).collect(),
    }
}

fn kind(query: &Query, rows: usize) -> ChartKind {
    let share = query.metrics.iter().all(|id| registry().get(*id).key == SHARE_KEY);
    match (query.grain, query.by) {
        (Some(Grain::Day), Some(Dimension::Hour)) => ChartKind::Heat,
        (Some(_), _) if query.top.is_none() => ChartKind::Line,
        (None, Some(_)) if share && rows <= MOST_SLICES && query.compare.is_none() => ChartKind::Share,
        (Some(_), _) | (None, Some(_)) if rows <= MOST_BARS => ChartKind::Bar,
        (None, None) if query.compare.is_some() => ChartKind::Bar,
        (None, None) => ChartKind::Number,
        _ => ChartKind::Table,
    }
}
