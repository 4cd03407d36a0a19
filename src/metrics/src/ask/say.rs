//! A query back in words, so that who asked sees what was understood.

use super::time::date_of;
use crate::query::{FilterKey, Grain, Order, Query};
use crate::registry::{WindowKind, registry};
use crate::window::Window;

const SAY: &str = include_str!("../../words/say.tsv");

/// The text of a key; empty for one that the table lacks.
pub(super) fn phrase(key: &str) -> &'static str {
    let rows = SAY.lines().filter_map(|line| line.split_once('\t'));
    rows.into_iter().find(|(k, _)| *k == key).map_or("", |(_, text)| text)
}

/// The query in Chinese: metrics with unit of steps, groups, filters, window and the ids of the definitions.
#[must_use]
pub fn say(query: &Query) -> String {
    let metrics: Vec<_> = query.metrics.iter().map(|id| registry().get(*id)).collect();
    let mut parts = vec![metrics.iter().map(|m| m.name).collect::<Vec<_>>().join("、")];
    if let Some(grain) = query.grain {
        parts.push(phrase(&format!("grain.{}", grain_name(grain))).to_owned());
    }
    if let Some(by) = query.by {
        parts.push(phrase(&format!("by.{}", by.name())).to_owned());
    }
    for filter in &query.filters {
        parts.push(format!(
            "{} {}",
            phrase(key_phrase(filter.key)),
            filter.values.join("、")
        ));
    }
    if let Some(top) = query.top {
        let key = if top.order == Order::Highest {
            "top.highest"
        } else {
            "top.lowest"
        };
        parts.push(phrase(key).replace("{0}", &top.n.to_string()));
    }
    if metrics.iter().all(|m| m.window == WindowKind::R) {
        parts.push(phrase("now").to_owned());
    } else {
        parts.push(window_text(query.window));
    }
    if let Some(compare) = query.compare {
        parts.push(phrase("compare").replace("{0}", &window_text(compare.window())));
    }
    let ids: Vec<String> = query.metrics.iter().map(ToString::to_string).collect();
    parts.push(format!("{} {}", phrase("caliber"), ids.join("、")));
    parts.join("，")
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

fn key_phrase(key: FilterKey) -> &'static str {
    match key {
        FilterKey::Queue => "filter.queue",
        FilterKey::Agent => "filter.agent",
        FilterKey::Topic => "filter.topic",
        FilterKey::Node => "filter.node",
        FilterKey::Hour => "filter.hour",
        FilterKey::Weekday => "filter.weekday",
    }
}
