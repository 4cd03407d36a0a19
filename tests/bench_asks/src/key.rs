//! What an author says that a question means, and how a query is compared with it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde_json::Value;
use sidetone_metrics::{
    Compare, Dimension, Filter, FilterKey, Grain, MetricId, Op, Order, Query, Top, Vocabulary, Window, WindowKind,
    registry,
};

/// One line of a file of questions.
#[derive(Debug, Deserialize)]
pub(crate) struct Key {
    pub id: String,
    pub text: String,
    now: Timestamp,
    /// The same as a recogniser heard it.
    pub heard: Option<String>,
    pub follows: Option<String>,
    /// `true`, or `"ask"` where the right reply is a question.
    #[serde(default)]
    refuse: Value,
    #[serde(default)]
    metrics: Vec<MetricId>,
    /// Lists that are as right.
    #[serde(default)]
    also: Vec<Vec<MetricId>>,
    from: Option<DateTime>,
    to: Option<DateTime>,
    #[serde(default)]
    windows_also: Vec<(DateTime, DateTime)>,
    /// One, or a list.
    #[serde(default)]
    by: Value,
    /// `yoy`, `pop` (also `mom`) or `other`.
    #[serde(default)]
    compare: String,
    top: Option<u32>,
    order: Option<String>,
    #[serde(default)]
    filter: BTreeMap<String, Value>,
    threshold: Option<Threshold>,
}

#[derive(Debug, Deserialize)]
struct Threshold {
    op: Op,
    value: f64,
}

pub(crate) fn read(text: &str) -> Result<Vec<Key>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(at, line)| serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1)))
        .collect()
}

/// The values that the questions' keys name: a site knows its queues, agents and topics.
pub(crate) fn vocabulary(keys: &[Key]) -> Vocabulary {
    let mut words = Vocabulary::default();
    for (name, value) in keys.iter().flat_map(|key| &key.filter) {
        let Some(key) = filter_key(name).filter(|key| key.dimension().is_some()) else {
            continue;
        };
        for value in strings(value) {
            words.add(key, &value, &value);
        }
    }
    words
}

fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(strings).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

fn filter_key(name: &str) -> Option<FilterKey> {
    Some(match name {
        "queue" | "q" => FilterKey::Queue,
        "agent" | "g" => FilterKey::Agent,
        "topic" | "t" => FilterKey::Topic,
        "node" | "n" => FilterKey::Node,
        "hour" | "h" => FilterKey::Hour,
        "weekday" | "weekdays" => FilterKey::Weekday,
        _ => return None,
    })
}

/// One spelling for a grouping: an hour of the day and a step of an hour are both `hour`.
fn grouping(name: &str) -> &str {
    match name {
        "q" => "queue",
        "g" => "agent",
        "t" => "topic",
        "n" => "node",
        "h" => "hour",
        other => other,
    }
}

fn grain(name: &str) -> Option<Grain> {
    serde_json::from_value(name.into()).ok()
}

fn ms(at: DateTime) -> i64 {
    let since = at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    since.as_millis() as i64 - Window::offset_ms()
}

/// Hours of `09:00-11:00`, weekdays of `1-5`, or the values themselves.
fn filter_values(key: FilterKey, value: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for text in strings(value) {
        let bounds = text.split_once('-').map(|(a, b)| (number(a), number(b)));
        match bounds {
            Some((Some(a), Some(b))) if key == FilterKey::Hour => all.extend((a..b).map(|n| n.to_string())),
            Some((Some(a), Some(b))) if key == FilterKey::Weekday => all.extend((a..=b).map(|n| n.to_string())),
            _ => {
                all.insert(text);
            }
        }
    }
    all
}

fn number(text: &str) -> Option<u32> {
    text.split(':').next()?.trim().parse().ok()
}

impl Key {
    pub(crate) fn now_ms(&self) -> i64 {
        self.now.as_millisecond()
    }

    /// None where it can be answered, else whether the right reply is a question.
    pub(crate) fn asks_back(&self) -> Option<bool> {
        match &self.refuse {
            Value::Null | Value::Bool(false) => None,
            Value::String(text) => Some(text == "ask"),
            _ => Some(false),
        }
    }

    /// The key as a query, for a question that follows one that was not understood.
    pub(crate) fn query(&self) -> Option<Query> {
        let window = match (self.from, self.to) {
            (Some(from), Some(to)) => Window::new(ms(from), ms(to)).ok()?,
            _ => Window::new(0, 60_000).ok()?,
        };
        let mut query = Query::new(self.metrics.clone(), window);
        for by in &strings(&self.by) {
            match grouping(by).parse::<Dimension>() {
                Ok(dimension) => query.by = Some(dimension),
                Err(_) => query.grain = grain(by),
            }
        }
        for (name, value) in &self.filter {
            let key = filter_key(name)?;
            let values = filter_values(key, value).into_iter().collect();
            query.filters.push(Filter { key, values });
        }
        query.top = self.top.map(|n| Top {
            n: Some(n),
            order: if self.order.as_deref() == Some("asc") {
                Order::Lowest
            } else {
                Order::Highest
            },
        });
        Some(query)
    }

    /// What of the query is not as the key has it.
    pub(crate) fn compare(&self, query: &Query) -> Result<(), String> {
        let same = query.metrics == self.metrics || self.also.contains(&query.metrics);
        wrong(same, "metrics", &query.metrics, &self.metrics)?;
        self.compare_window(query)?;
        let mut by: BTreeSet<String> = BTreeSet::new();
        by.extend(query.by.map(|by| by.name().to_owned()));
        by.extend(
            query
                .grain
                .and_then(|grain| Some(serde_json::to_value(grain).ok()?.as_str()?.to_owned())),
        );
        let wanted: BTreeSet<String> = strings(&self.by).iter().map(|by| grouping(by).to_owned()).collect();
        wrong(by == wanted, "by", &by, &wanted)?;
        let compare = match query.compare {
            None => "none",
            Some(Compare::YearOnYear { .. }) => "yoy",
            Some(Compare::PreviousPeriod { .. }) => "pop",
            Some(Compare::Other { .. }) => "other",
        };
        let expected = match &*self.compare {
            "" => "none",
            "mom" => "pop",
            other => other,
        };
        wrong(compare == expected, "compare", &compare, &expected)?;
        self.compare_top(query)?;
        self.compare_filters(query)?;
        self.compare_threshold(query)
    }

    fn compare_window(&self, query: &Query) -> Result<(), String> {
        let (Some(from), Some(to)) = (self.from, self.to) else {
            let present = query
                .metrics
                .iter()
                .all(|id| registry().get(*id).window == WindowKind::R);
            return wrong(present, "window", &query.window, &"now");
        };
        let window = (query.window.from(), query.window.to());
        let mut wanted = vec![(from, to)];
        wanted.extend(&self.windows_also);
        let fits = wanted.iter().any(|(from, to)| window == (ms(*from), ms(*to)));
        let local = |at: i64| {
            Timestamp::from_millisecond(at + Window::offset_ms())
                .map(|t| t.to_string())
                .unwrap_or_default()
        };
        wrong(fits, "window", &(local(window.0), local(window.1)), &wanted)
    }

    fn compare_top(&self, query: &Query) -> Result<(), String> {
        let n = query.top.and_then(|top| top.n);
        wrong(n == self.top, "top", &n, &self.top)?;
        let order = query
            .top
            .map(|top| if top.order == Order::Highest { "desc" } else { "asc" });
        let wanted = self.top.and(self.order.as_deref().or(order));
        wrong(self.top.is_none() || order == wanted, "order", &order, &wanted)
    }

    fn compare_filters(&self, query: &Query) -> Result<(), String> {
        let set = |filter: &Filter| (format!("{:?}", filter.key), filter.values.iter().cloned().collect());
        let got: BTreeMap<String, BTreeSet<String>> = query.filters.iter().map(set).collect();
        let wanted: BTreeMap<String, BTreeSet<String>> = self
            .filter
            .iter()
            .map(|(name, value)| match filter_key(name) {
                Some(key) => (format!("{key:?}"), filter_values(key, value)),
                None => (name.clone(), BTreeSet::new()),
            })
            .collect();
        wrong(got == wanted, "filters", &got, &wanted)
    }

    fn compare_threshold(&self, query: &Query) -> Result<(), String> {
        let got = query.threshold.map(|t| (t.op, t.num as f64 / t.den as f64));
        let wanted = self.threshold.as_ref().map(|t| (t.op, t.value));
        let same = match (got, wanted) {
            (Some((op, value)), Some((other, wanted))) => op == other && (value - wanted).abs() < 1e-9,
            (got, wanted) => got.is_none() && wanted.is_none(),
        };
        wrong(same, "threshold", &got, &wanted)
    }
}

fn wrong(right: bool, what: &str, got: &dyn std::fmt::Debug, wanted: &dyn std::fmt::Debug) -> Result<(), String> {
    if right {
        Ok(())
    } else {
        Err(format!("{what}: {got:?}, not {wanted:?}"))
    }
}
