//! Which chart an answer is drawn as: a rule, so that the same question always looks alike.

use serde::Serialize;

use crate::query::{Grain, Query};
use crate::registry::{Dimension, registry};

const MOST_BARS: usize = 12;
const MOST_SLICES: usize = 6;
/// The metric that is a share of a whole: its parts add up to 1.
const SHARE_KEY: &str = "topic.share";

/// The marks of a Vega-Lite chart that we use; `text` is a single number or a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Chart {
    /// Over time.
    Line,
    /// Groups, sorted by value.
    Bar,
    /// Parts of a whole.
    Arc,
    /// Hour of the day against days.
    Rect,
    /// A table or a single number.
    Text,
}

/// The chart for a query whose answer has so many rows.
#[must_use]
pub fn chart(query: &Query, rows: usize) -> Chart {
    let share = query.metrics.iter().all(|id| registry().get(*id).key == SHARE_KEY);
    match (query.grain, query.by) {
        (Some(Grain::Day), Some(Dimension::Hour)) => Chart::Rect,
        (Some(_), _) => Chart::Line,
        (None, Some(_)) if share && rows <= MOST_SLICES => Chart::Arc,
        (None, Some(_)) if rows <= MOST_BARS => Chart::Bar,
        _ => Chart::Text,
    }
}
