//! A query back in words, so that who asked sees what was understood.

use super::time::{date_of, expected};
use crate::query::{Compare, Grain, Order, Query, Threshold};
use crate::registry::{MetricId, WindowKind, registry};
use crate::window::Window;

const DEFINITIONS: &str = include_str!("../../words/definitions.tsv");
const SAY: &str = include_str!("../../words/say.tsv");

/// The text of a key; empty for one that the table lacks.
pub(super) fn phrase(key: &str) -> &'static str {
    let rows = SAY.lines().filter_map(|line| line.split_once('\t'));
    rows.into_iter().find(|(k, _)| *k == key).map_or("", |(_, text)| text)
}

/// A metric's definition in one Chinese sentence.
#[must_use]
pub fn definition(id: MetricId) -> &'static str {
    let row = DEFINITIONS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .nth(usize::from(id.number()) - 1);
    row.and_then(|line| line.split_once('\t')).map_or("", |(_, text)| text)
}

/// The query in Chinese: metrics with unit of steps, groups, filters, window and the definitions.
#[must_use]
pub fn say(query: &Query) -> String {
    let mut text = title(query) + &grouped(query);
    let mut add = |part: &str| {
        text.push('，');
        text.push_str(part);
    };
    for filter in &query.filters {
        add(&format!(
            "{} {}",
            phrase(&format!("filter.{}", filter.key.name())),
            filter.values.join("、")
        ));
    }
    if let Some(threshold) = query.threshold {
        let key = format!("threshold.{}", threshold.op.name());
        add(&phrase(&key).replace("{0}", &amount(query, threshold)));
    }
    if let Some(top) = query.top {
        let highest = top.order == Order::Highest;
        match top.n {
            Some(n) => {
                let key = if highest { "top.highest" } else { "top.lowest" };
                add(&phrase(key).replace("{0}", &n.to_string()));
            }
            None => add(phrase(if highest { "order.highest" } else { "order.lowest" })),
        }
    }
    let present = query
        .metrics
        .iter()
        .all(|id| registry().get(*id).window == WindowKind::R);
    if present {
        add(phrase("now"));
    } else {
        add(&window_text(query.window));
    }
    if let Some(compare) = query.compare {
        let key = match compare {
            Compare::YearOnYear { .. } => "compare.yoy",
            Compare::PreviousPeriod { .. } => "compare.pop",
            Compare::Other { .. } => "compare",
        };
        add(&phrase(key).replace("{0}", &window_text(compare.window())));
    }
    if let Some(year) = expected(query.window) {
        add(&phrase("season.expected").replace("{0}", &year.to_string()));
    }
    for id in &query.metrics {
        add(&format!("{} {id} {}", phrase("caliber"), definition(*id)));
    }
    text
}

/// The names of the metrics.
pub(super) fn title(query: &Query) -> String {
    let names: Vec<&str> = query.metrics.iter().map(|id| registry().get(*id).name).collect();
    names.join("、")
}

/// Steps of time and grouping, each behind a comma.
pub(super) fn grouped(query: &Query) -> String {
    let grain = query.grain.map(|grain| phrase(&format!("grain.{}", grain_name(grain))));
    let by = query.by.map(|by| phrase(&format!("by.{}", by.name())));
    grain.into_iter().chain(by).map(|part| format!("，{part}")).collect()
}

/// The bound of a threshold as it is shown: a share as a percentage.
fn amount(query: &Query, threshold: Threshold) -> String {
    let unit = query.metrics.first().map_or("", |id| registry().get(*id).unit);
    let times = if unit == "%" { 100 } else { 1 };
    let text = format!("{:.2}", threshold.num as f64 * f64::from(times) / threshold.den as f64);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if unit == "%" {
        format!("{text}%")
    } else {
        format!("{text} {unit}")
    }
}

fn window_text(window: Window) -> String {
    phrase("from_to")
        .replace("{0}", &minute_text(window.from()))
        .replace("{1}", &minute_text(window.to()))
}

fn minute_text(at: i64) -> String {
    let minutes = (at + Window::offset_ms()).div_euclid(60_000).rem_euclid(1440);
    let date = date_of(at).map(|date| date.to_string()).unwrap_or_default();
    format!("{date} {:02}:{:02}", minutes / 60, minutes % 60)
}

fn grain_name(grain: Grain) -> &'static str {
    match grain {
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}
