//! A query back in words, so that who asked sees what was understood.

use super::time::{date_of, expected};
use crate::query::{Compare, Grain, Order, Query, Threshold};
use crate::registry::{Language, MetricId, WindowKind, registry};
use crate::window::Window;

const DEFINITIONS: &str = include_str!("../../words/definitions.tsv");
const SAY: &str = include_str!("../../words/say.tsv");

/// The Chinese text of a key; empty for one that the table lacks.
pub(super) fn phrase(key: &str) -> &'static str {
    phrase_in(Language::Chinese, key)
}

/// The text of a key in a language; empty for one that the table lacks.
pub(super) fn phrase_in(language: Language, key: &str) -> &'static str {
    let row = SAY.lines().map(|line| line.split('\t'));
    let mut texts = row
        .filter_map(|mut row| (row.next()? == key).then_some(row))
        .next()
        .unwrap_or_else(|| "".split('\t'));
    let place = match language {
        Language::Chinese => 0,
        Language::English => 1,
    };
    texts.nth(place).unwrap_or_default()
}

/// A text in both languages, each made by `text`.
pub(super) fn both(text: impl Fn(Language) -> String) -> (String, String) {
    (text(Language::Chinese), text(Language::English))
}

/// What parts the members of a list.
pub(super) const fn between(language: Language) -> &'static str {
    match language {
        Language::Chinese => "\u{3001}",
        Language::English => ", ",
    }
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

/// The query in words: metrics with unit of steps, groups, filters, window and the definitions; in English the formulas.
#[must_use]
pub fn say(query: &Query, language: Language) -> String {
    let phrase = |key: &str| phrase_in(language, key);
    let mut parts = head(query, language);
    for filter in &query.filters {
        let name = phrase(&format!("filter.{}", filter.key.name()));
        parts.push(format!("{name} {}", filter.values.join(between(language))));
    }
    if let Some(threshold) = query.threshold {
        let key = format!("threshold.{}", threshold.op.name());
        parts.push(phrase(&key).replace("{0}", &amount(query, threshold, language)));
    }
    if let Some(top) = query.top {
        let highest = top.order == Order::Highest;
        parts.push(match top.n {
            Some(n) => {
                let key = if highest { "top.highest" } else { "top.lowest" };
                phrase(key).replace("{0}", &n.to_string())
            }
            None => phrase(if highest { "order.highest" } else { "order.lowest" }).to_owned(),
        });
    }
    let present = query
        .metrics
        .iter()
        .all(|id| registry().get(*id).window == WindowKind::R);
    parts.push(match present {
        true => phrase("now").to_owned(),
        false => window_text(query.window, language),
    });
    if let Some(compare) = query.compare {
        let key = match compare {
            Compare::YearOnYear { .. } => "compare.yoy",
            Compare::PreviousPeriod { .. } => "compare.pop",
            Compare::Other { .. } => "compare",
        };
        parts.push(phrase(key).replace("{0}", &window_text(compare.window(), language)));
    }
    if let Some(year) = expected(query.window) {
        parts.push(phrase("season.expected").replace("{0}", &year.to_string()));
    }
    for id in &query.metrics {
        let text = match language {
            Language::Chinese => definition(*id),
            Language::English => registry().get(*id).formula,
        };
        parts.push(format!("{} {id} {text}", phrase("caliber")));
    }
    parts.join(comma(language))
}

/// What is shown, in Chinese: metrics, steps of time and grouping.
pub(super) fn summary(query: &Query) -> String {
    head(query, Language::Chinese).join(comma(Language::Chinese))
}

const fn comma(language: Language) -> &'static str {
    match language {
        Language::Chinese => "\u{ff0c}",
        Language::English => ", ",
    }
}

/// The names of the metrics, steps of time and grouping.
fn head(query: &Query, language: Language) -> Vec<String> {
    let names = query.metrics.iter().map(|id| registry().get(*id).name_in(language));
    let names = names.collect::<Vec<_>>().join(between(language));
    let grain = query.grain.map(|grain| format!("grain.{}", grain_name(grain)));
    let by = query.by.map(|by| format!("by.{}", by.name()));
    let keys = grain.into_iter().chain(by);
    let said = keys.map(|key| phrase_in(language, &key).to_owned());
    [names].into_iter().chain(said).collect()
}

/// The bound of a threshold as it is shown: a share as a percentage.
fn amount(query: &Query, threshold: Threshold, language: Language) -> String {
    let first = query.metrics.first().map(|id| registry().get(*id));
    let unit = first.map_or("", |metric| metric.unit_in(language));
    let times = if unit == "%" { 100 } else { 1 };
    let text = format!("{:.2}", threshold.num as f64 * f64::from(times) / threshold.den as f64);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if unit == "%" {
        format!("{text}%")
    } else {
        format!("{text} {unit}")
    }
}

fn window_text(window: Window, language: Language) -> String {
    phrase_in(language, "from_to")
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
        Grain::Minute => "minute",
        Grain::Hour => "hour",
        Grain::Day => "day",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}
