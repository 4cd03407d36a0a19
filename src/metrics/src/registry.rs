//! The 126 metrics: ids, names, units, formulas, and what each may be grouped by. The data is `registry.tsv`.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

const DATA: &str = include_str!("../registry.tsv");
const UNITS: &str = include_str!("../words/units.tsv");

/// A language that people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// As questions are asked.
    Chinese,
    /// As the keys are.
    English,
}

/// The number of a metric: 21 of `M021`. Only numbers that the registry has can be parsed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct MetricId(u8);

impl MetricId {
    /// The number without its letter, from 1.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{:03}", self.0)
    }
}

impl fmt::Debug for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<MetricId> for String {
    fn from(id: MetricId) -> Self {
        id.to_string()
    }
}

/// The text names no metric of the registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no metric {0:?}")]
pub struct UnknownMetric(pub String);

impl FromStr for MetricId {
    type Err = UnknownMetric;

    /// Takes an id (`M021`) or a key (`queue.sl15`).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        registry()
            .find(text)
            .map(|metric| metric.id)
            .ok_or_else(|| UnknownMetric(text.to_owned()))
    }
}

impl TryFrom<String> for MetricId {
    type Error = UnknownMetric;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// What a metric can be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dimension {
    /// A queue of the switch.
    Queue,
    /// An agent; a team is a filter over several.
    Agent,
    /// A topic of the knowledge base.
    Topic,
    /// A node of the voice menu.
    Node,
    /// An hour of the day, 0 to 23, Asia/Shanghai.
    Hour,
}

impl Dimension {
    /// All, in the order of the registry's letters.
    pub const ALL: [Self; 5] = [Self::Queue, Self::Agent, Self::Topic, Self::Node, Self::Hour];

    /// The letter of the registry: q, g, t, n, h.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::Queue => 'q',
            Self::Agent => 'g',
            Self::Topic => 't',
            Self::Node => 'n',
            Self::Hour => 'h',
        }
    }

    /// The name on the command line and in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Agent => "agent",
            Self::Topic => "topic",
            Self::Node => "node",
            Self::Hour => "hour",
        }
    }
}

impl FromStr for Dimension {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of = |d: &Self| d.name() == text || text.chars().eq([d.letter()]);
        Self::ALL
            .into_iter()
            .find(of)
            .ok_or_else(|| format!("no dimension {text:?}: queue, agent, topic, node or hour"))
    }
}

/// Which times a metric can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WindowKind {
    /// Any window.
    T,
    /// The present moment.
    R,
    /// Any window; provisional until seven days after its end.
    D7,
}

/// By which of its times a thing belongs to a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cohort {
    /// By its end.
    End,
    /// By its begin: what callers demanded.
    Begin,
}

/// One metric.
#[derive(Debug, Clone, Serialize)]
pub struct Metric {
    /// `M001` to `M126`.
    pub id: MetricId,
    /// The stable English key, `queue.sl15`.
    pub key: &'static str,
    /// The name that supervisors read.
    pub name: &'static str,
    /// The same in English.
    pub english: &'static str,
    /// Its unit as supervisors write it: `%`, `s`, `h` and others.
    pub unit: &'static str,
    /// The same in English.
    pub english_unit: &'static str,
    /// What windows it takes.
    pub window: WindowKind,
    /// What it may be grouped by.
    pub dimensions: Vec<Dimension>,
    /// Which time of a thing counts.
    pub cohort: Cohort,
    /// The definition as text.
    pub formula: &'static str,
}

impl Metric {
    /// The name in a language.
    #[must_use]
    pub fn name_in(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.name,
            Language::English => self.english,
        }
    }

    /// The unit in a language.
    #[must_use]
    pub fn unit_in(&self, language: Language) -> &'static str {
        match language {
            Language::Chinese => self.unit,
            Language::English => self.english_unit,
        }
    }
}

/// All metrics in the order of their ids.
#[derive(Debug)]
pub struct Registry {
    metrics: Vec<Metric>,
}

impl Registry {
    /// All metrics.
    #[must_use]
    pub fn all(&self) -> &[Metric] {
        &self.metrics
    }

    /// The metric of an id.
    #[must_use]
    pub fn get(&self, id: MetricId) -> &Metric {
        &self.metrics[usize::from(id.0) - 1]
    }

    /// By id (`M021`) or key (`queue.sl15`).
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&Metric> {
        let number = text
            .strip_prefix('M')
            .filter(|n| n.len() == 3)
            .and_then(|n| n.parse::<usize>().ok());
        match number {
            Some(number) => self.metrics.get(number.checked_sub(1)?),
            None => self.metrics.iter().find(|metric| metric.key == text),
        }
    }
}

/// The registry that is built in.
pub fn registry() -> &'static Registry {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry {
        metrics: DATA.lines().filter_map(row).collect(),
    });
    &REGISTRY
}

/// One line of the data; `None` for a comment. The tests hold that all 126 lines are read.
fn row(line: &'static str) -> Option<Metric> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let [id, key, name, english, unit, window, dimensions, cohort, formula] = fields[..] else {
        return None;
    };
    Some(Metric {
        id: MetricId(id.strip_prefix('M')?.parse().ok()?),
        key,
        name,
        english,
        unit,
        english_unit: english_unit(unit),
        window: match window {
            "T" => WindowKind::T,
            "R" => WindowKind::R,
            "D7" => WindowKind::D7,
            _ => return None,
        },
        dimensions: Dimension::ALL
            .into_iter()
            .filter(|d| dimensions.contains(d.letter()))
            .collect(),
        cohort: if cohort == "demand" { Cohort::Begin } else { Cohort::End },
        formula,
    })
}

/// A unit in English; most are written alike.
fn english_unit(unit: &'static str) -> &'static str {
    let mut rows = UNITS.lines().filter_map(|line| line.split_once('\t'));
    rows.find(|(chinese, _)| *chinese == unit)
        .map_or(unit, |(_, english)| english)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_126_are_there_in_order() {
        let all = registry().all();
        assert_eq!(all.len(), 126);
        for (place, metric) in all.iter().enumerate() {
            assert_eq!(usize::from(metric.id.number()), place + 1);
            assert_eq!(registry().find(metric.key).map(|m| m.id), Some(metric.id));
            assert_eq!(metric.id.to_string().parse(), Ok(metric.id));
        }
        let names: std::collections::BTreeSet<_> = all.iter().map(|m| m.name).collect();
        assert_eq!(names.len(), 126, "two metrics of one name cannot be told apart");
        let names: std::collections::BTreeSet<_> = all.iter().map(|m| m.english).collect();
        assert_eq!(names.len(), 126, "nor in English");
        for metric in all {
            assert!(
                metric.english.len() > 3 && !metric.english.chars().any(is_han),
                "{metric:?}"
            );
            assert!(!metric.english_unit.chars().any(is_han), "{metric:?}");
        }
    }

    fn is_han(c: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&c)
    }

    #[test]
    fn what_is_not_there_is_refused() {
        for text in ["M000", "M127", "M1", "queue.none", ""] {
            assert!(text.parse::<MetricId>().is_err(), "{text}");
        }
    }
}
