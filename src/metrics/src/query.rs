//! A question as a value: which metrics, of when, grouped, filtered and compared how.

use serde::{Deserialize, Serialize};

use crate::registry::{Dimension, MetricId, WindowKind, registry};
use crate::window::Window;

/// Milliseconds of a day: the longest window by minute.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// What asking makes and what the archive answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// At least one.
    pub metrics: Vec<MetricId>,
    /// Of when. Metrics of the present (`R`) take its end as now.
    pub window: Window,
    /// A row for each step of time within the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grain: Option<Grain>,
    /// A row for each value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Dimension>,
    /// All must hold; the values of one filter are alternatives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<Filter>,
    /// A second window to set beside the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare: Option<Compare>,
    /// Only rows whose value is such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<Threshold>,
    /// An order of the rows by value, and only so many of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top: Option<Top>,
}

/// A step of time; each begins at its natural bound in Asia/Shanghai (a week on Monday).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Grain {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Keeps what has one of the values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// What is looked at.
    pub key: FilterKey,
    /// Alternatives. A weekday is 1 (Monday) to 7, an hour 0 to 23, both in Asia/Shanghai.
    pub values: Vec<String>,
}

/// What a filter looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FilterKey {
    /// A queue; the metric must have this dimension.
    Queue,
    /// An agent; the metric must have this dimension.
    Agent,
    /// A topic; the metric must have this dimension.
    Topic,
    /// A node of the voice menu; the metric must have this dimension.
    Node,
    /// The hour of the day; any metric of a window.
    Hour,
    /// The day of the week; any metric of a window.
    Weekday,
}

impl FilterKey {
    /// The name in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Topic => "topic",
            Self::Node => "node",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
        }
    }

    /// The dimension that a metric must have for this filter; none for those of time.
    #[must_use]
    pub fn dimension(self) -> Option<Dimension> {
        match self {
            Self::Queue => Some(Dimension::Queue),
            Self::Agent => Some(Dimension::Agent),
            Self::Topic => Some(Dimension::Topic),
            Self::Node => Some(Dimension::Node),
            Self::Hour | Self::Weekday => None,
        }
    }
}

/// What the window is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Compare {
    /// The same period of the year before.
    YearOnYear {
        /// That period.
        window: Window,
    },
    /// The period before, of the same kind or length.
    PreviousPeriod {
        /// That period.
        window: Window,
    },
    /// Any other.
    Other {
        /// That period.
        window: Window,
    },
}

impl Compare {
    /// The other window.
    #[must_use]
    pub fn window(self) -> Window {
        match self {
            Self::YearOnYear { window } | Self::PreviousPeriod { window } | Self::Other { window } => window,
        }
    }
}

/// A bound that a row's value is compared with, as an exact fraction in the metric's unit; a share is a share of 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Threshold {
    /// How.
    pub op: Op,
    /// The bound.
    pub num: i64,
    /// See `num`; above 0.
    pub den: i64,
}

impl Threshold {
    /// Whether a value is such.
    #[must_use]
    pub fn holds(self, num: i64, den: i64) -> bool {
        let value = i128::from(num) * i128::from(self.den);
        let bound = i128::from(self.num) * i128::from(den);
        match self.op {
            Op::Above => value > bound,
            Op::AtLeast => value >= bound,
            Op::Below => value < bound,
            Op::AtMost => value <= bound,
        }
    }
}

/// How a value is compared with a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Op {
    /// More than it.
    #[serde(rename = ">")]
    Above,
    /// It or more.
    #[serde(rename = ">=")]
    AtLeast,
    /// Less than it.
    #[serde(rename = "<")]
    Below,
    /// It or less.
    #[serde(rename = "<=")]
    AtMost,
}

impl Op {
    /// The name in the tables of words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Above => "above",
            Self::AtLeast => "at_least",
            Self::Below => "below",
            Self::AtMost => "at_most",
        }
    }
}

/// An order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Top {
    /// How many; all, if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<u32>,
    /// From which end.
    pub order: Order,
}

/// An order by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The highest first.
    Highest,
    /// The lowest first.
    Lowest,
}

/// Why a query has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// It asks for nothing.
    #[error("a query names at least one metric")]
    NoMetric,
    /// Grouping or filtering by what the metric does not have.
    #[error("{metric} cannot be asked by {asked}; {}", allowed_text(allowed))]
    Dimension {
        /// The metric.
        metric: MetricId,
        /// What was asked.
        asked: &'static str,
        /// What is allowed.
        allowed: Vec<Dimension>,
    },
    /// A step of time, a comparison or a filter of time for a metric of the present.
    #[error("{metric} is of the present moment: it takes no grain, comparison or filter of time")]
    Present {
        /// The metric.
        metric: MetricId,
    },
    /// A filter without values.
    #[error("a filter names at least one value")]
    EmptyFilter,
    /// A filter of time with a value that is none.
    #[error("{value:?} is no {what}")]
    BadValue {
        /// `weekday (1 to 7)` or `hour (0 to 23)`.
        what: &'static str,
        /// The value.
        value: String,
    },
    /// An order of nothing.
    #[error("top needs a grouping or steps of time, and a number above 0")]
    Top,
    /// More steps than can be looked at.
    #[error("by minute a window of at most a day can be asked")]
    Steps,
    /// A threshold that is no number.
    #[error("a threshold's den is above 0")]
    Threshold,
}

fn allowed_text(allowed: &[Dimension]) -> String {
    if allowed.is_empty() {
        return "it is of the whole site only".to_owned();
    }
    format!(
        "it can be asked by {}",
        allowed.iter().map(|d| d.name()).collect::<Vec<_>>().join(", ")
    )
}

impl Query {
    /// A query of these metrics and this window, and nothing else.
    #[must_use]
    pub fn new(metrics: Vec<MetricId>, window: Window) -> Self {
        Self {
            metrics,
            window,
            grain: None,
            by: None,
            filters: Vec::new(),
            compare: None,
            threshold: None,
            top: None,
        }
    }

    /// Whether every metric may be asked this way.
    pub fn check(&self) -> Result<(), QueryError> {
        if self.metrics.is_empty() {
            return Err(QueryError::NoMetric);
        }
        for filter in &self.filters {
            filter.check()?;
        }
        if self.grain == Some(Grain::Minute) && self.window.length() > DAY_MS {
            return Err(QueryError::Steps);
        }
        let single = self.by.is_none() && self.grain.is_none();
        if self.top.is_some_and(|top| top.n == Some(0) || single) {
            return Err(QueryError::Top);
        }
        if self.threshold.is_some_and(|threshold| threshold.den <= 0) {
            return Err(QueryError::Threshold);
        }
        self.metrics.iter().try_for_each(|metric| self.check_metric(*metric))
    }

    fn check_metric(&self, id: MetricId) -> Result<(), QueryError> {
        let metric = registry().get(id);
        let filters = self.filters.iter().filter_map(|filter| filter.key.dimension());
        for asked in self.by.into_iter().chain(filters) {
            if !metric.dimensions.contains(&asked) {
                return Err(QueryError::Dimension {
                    metric: id,
                    asked: asked.name(),
                    allowed: metric.dimensions.clone(),
                });
            }
        }
        let of_time = self.filters.iter().any(|filter| filter.key.dimension().is_none());
        if metric.window == WindowKind::R && (of_time || self.grain.is_some() || self.compare.is_some()) {
            return Err(QueryError::Present { metric: id });
        }
        Ok(())
    }
}

impl Filter {
    fn check(&self) -> Result<(), QueryError> {
        if self.values.is_empty() {
            return Err(QueryError::EmptyFilter);
        }
        let (what, range) = match self.key {
            FilterKey::Weekday => ("weekday (1 to 7)", 1..=7),
            FilterKey::Hour => ("hour (0 to 23)", 0..=23),
            _ => return Ok(()),
        };
        match self
            .values
            .iter()
            .find(|value| !value.parse().is_ok_and(|n: u8| range.contains(&n)))
        {
            Some(value) => Err(QueryError::BadValue {
                what,
                value: value.clone(),
            }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(metric: &str, by: Option<Dimension>) -> Query {
        let window = Window::new(0, 60_000).unwrap_or_else(|e| unreachable!("{e}"));
        let id = metric.parse().unwrap_or_else(|e| unreachable!("{e}"));
        Query {
            by,
            ..Query::new(vec![id], window)
        }
    }

    #[test]
    fn the_error_names_what_is_allowed() {
        assert_eq!(query("queue.sl15", Some(Dimension::Hour)).check(), Ok(()));
        let error = query("queue.sl15", Some(Dimension::Agent))
            .check()
            .map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("M021 cannot be asked by agent; it can be asked by queue, hour".to_owned())
        );
        let error = query("M094", Some(Dimension::Queue)).check().map_err(|e| e.to_string());
        assert_eq!(
            error,
            Err("M094 cannot be asked by queue; it is of the whole site only".to_owned())
        );
    }

    #[test]
    fn the_present_has_no_steps() {
        let mut query = query("queue.now", None);
        assert_eq!(query.check(), Ok(()));
        query.grain = Some(Grain::Day);
        assert!(matches!(query.check(), Err(QueryError::Present { .. })));
    }

    #[test]
    fn a_day_at_most_is_asked_by_minute() {
        let of = |length| {
            let window = Window::new(0, length).unwrap_or_else(|e| unreachable!("{e}"));
            let grain = Some(Grain::Minute);
            Query {
                window,
                grain,
                ..query("M001", None)
            }
        };
        assert_eq!(of(DAY_MS).check(), Ok(()));
        assert_eq!(of(DAY_MS + 60_000).check(), Err(QueryError::Steps));
    }

    #[test]
    fn a_filter_of_time_is_a_filter_of_any_metric() {
        let mut query = query("M094", None);
        query.filters.push(Filter {
            key: FilterKey::Weekday,
            values: vec!["1".into(), "7".into()],
        });
        assert_eq!(query.check(), Ok(()));
        query.filters[0].values.push("8".into());
        assert!(matches!(query.check(), Err(QueryError::BadValue { .. })));
    }

    #[test]
    fn a_threshold_compares_exactly() {
        let at_least = |num, den| {
            Threshold {
                op: Op::AtLeast,
                num: 4,
                den: 5,
            }
            .holds(num, den)
        };
        assert!(at_least(80, 100) && at_least(81, 100) && !at_least(79_999, 100_000));
        let mut query = query("M021", None);
        query.threshold = Some(Threshold {
            op: Op::Below,
            num: 1,
            den: 0,
        });
        assert_eq!(query.check(), Err(QueryError::Threshold));
    }

    #[test]
    fn a_query_survives_json() {
        let mut query = query("M021", Some(Dimension::Queue));
        query.compare = Some(Compare::PreviousPeriod {
            window: query.window.shifted(-60_000),
        });
        query.top = Some(Top {
            n: Some(3),
            order: Order::Highest,
        });
        let text = serde_json::to_string(&query).unwrap_or_default();
        assert_eq!(serde_json::from_str::<Query>(&text).ok(), Some(query));
    }
}
