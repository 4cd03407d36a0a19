//! Which metric a set of concepts names. What supervisors say of each metric is read as sets of concepts, so that a
//! sentence names it in any order and with any of the words of a concept.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::cover::cover;
use super::lexicon::{Token, Vocabulary, light};
use super::quantity::{Quantity, quantity};
use crate::registry::{Dimension, Metric, MetricId, WindowKind, registry};

pub(super) const METRICS: &str = include_str!("../../words/metrics.tsv");
/// More metrics than this are not offered at once.
const MOST_CANDIDATES: usize = 6;

/// Concepts of a part of a sentence.
#[derive(Debug, Clone, Default)]
pub(super) struct Bag {
    /// These must be explained.
    pub(super) strong: BTreeSet<String>,
    /// These may help.
    pub(super) weak: BTreeSet<String>,
    /// It only says what the calls were about.
    pub(super) framed: bool,
    /// It begins behind a word such as "and".
    pub(super) joined: bool,
    /// Names that may follow each other in it without a mark: of each what must, and what may, be explained.
    pub(super) names: Vec<(BTreeSet<String>, BTreeSet<String>)>,
    /// The last word says how something is measured, with which names end.
    pub(super) measured: bool,
    /// What was said, without what says nothing of a metric.
    pub(super) text: String,
    /// Of that, what no table explains.
    pub(super) unknown: String,
}

impl Bag {
    /// The concepts that a word of the tables stands for.
    pub(super) fn take(&mut self, token: &Token) {
        if token.word("concept").is_some() || token.word("weak").is_some() {
            self.text.push_str(&token.text);
        }
        let named = token.word("concept").is_some();
        if self.names.is_empty() || named && self.measured {
            self.names.push(Default::default());
        }
        self.measured = token
            .words("concept")
            .flat_map(|value| value.split('+'))
            .any(is_measure)
            || self.measured && !named;
        for (kind, weak) in [("concept", false), ("weak", true)] {
            for name in token.words(kind).flat_map(|value| value.split('+')) {
                let (name, weak) = name.strip_prefix('~').map_or((name, weak), |name| (name, true));
                if weak {
                    self.weak.insert(name.to_owned());
                } else {
                    self.strong.insert(name.to_owned());
                }
                if let Some((strong, may)) = self.names.last_mut() {
                    if weak { may } else { strong }.insert(name.to_owned());
                }
            }
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.strong.extend(other.strong.iter().cloned());
        self.weak.extend(other.weak.iter().cloned());
        self.text.push_str(&other.text);
        self.unknown.push_str(&other.unknown);
    }

    /// The names that follow each other in it without a mark.
    pub(super) fn parts(&self) -> Vec<Self> {
        let part = |(strong, weak): &(BTreeSet<String>, BTreeSet<String>)| Self {
            strong: strong.clone(),
            weak: weak.clone(),
            ..Self::default()
        };
        self.names.iter().map(part).collect()
    }

    /// Whether it says no more than "how much", "the calls", "the agents".
    pub(super) fn is_general(&self) -> bool {
        self.strong.iter().all(|name| is_general(name))
    }

    fn has(&self, name: &str) -> bool {
        self.strong.contains(name) || self.weak.contains(name)
    }
}

/// What does not tell one metric from another.
const GENERAL: [&str; 12] = [
    "call", "in", "caller", "human", "percall", "total", "work", "mood", "place", "count", "agent", "rate",
];

/// Whether names end with the concept.
fn is_measure(name: &str) -> bool {
    matches!(name, "rate" | "count" | "time" | "latency" | "score")
}

/// Whether the concept tells no metric from another.
pub(super) fn is_general(name: &str) -> bool {
    GENERAL.contains(&name)
}

/// Whether the concept is a length of time.
pub(super) fn is_length(name: &str) -> bool {
    name.strip_prefix('q')
        .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()))
}

/// Other metrics that share most of what names this one.
pub(super) fn related(id: MetricId) -> Vec<MetricId> {
    let of = |id: MetricId| PHRASES.iter().filter(move |phrase| phrase.id == id);
    let head = |id: MetricId| registry().get(id).key.split('.').next();
    let mut others: Vec<(usize, MetricId)> = Vec::new();
    for other in registry()
        .all()
        .iter()
        .map(|metric| metric.id)
        .filter(|other| *other != id)
    {
        let shared = |a: &Phrase, b: &Phrase| a.needs.iter().filter(|need| b.needs.contains(*need)).count();
        let most = of(id)
            .flat_map(|a| of(other).map(move |b| shared(a, b)))
            .max()
            .unwrap_or_default();
        if most > 0 {
            others.push((most * 2 + usize::from(head(id) == head(other)), other));
        }
    }
    others.sort_by_key(|(shared, id)| (std::cmp::Reverse(*shared), *id));
    others.into_iter().map(|(_, id)| id).collect()
}

/// A length of time as a concept: "24 hours" is part of what some metrics are called.
pub(super) fn length_concept(quantity: &Quantity) -> Option<String> {
    quantity.seconds().map(|seconds| format!("q{seconds}"))
}

#[derive(Debug)]
struct Phrase {
    id: MetricId,
    needs: BTreeSet<String>,
}

/// What may be left over, by metric.
static LIGHT: LazyLock<BTreeMap<MetricId, BTreeSet<&'static str>>> = LazyLock::new(|| {
    let fits = |of: &str, metric: &Metric| {
        let head = metric.key.split('.').next().unwrap_or_default();
        of == "*" || of == metric.unit || of == head || of == metric.id.to_string()
    };
    let names = |metric: &Metric| {
        let rows = light().filter(|(of, _)| fits(of, metric));
        rows.flat_map(|(_, names)| names.split(' ')).collect()
    };
    registry()
        .all()
        .iter()
        .map(|metric| (metric.id, names(metric)))
        .collect()
});

static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let rows = METRICS.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.filter_map(|line| line.split_once('\t'));
    let said = rows.flat_map(|(id, phrases)| phrases.split(' ').map(move |phrase| (id, phrase.to_owned())));
    let mut phrases: Vec<Phrase> = Vec::new();
    for (id, text) in said.chain(registry().all().iter().map(|metric| (metric.key, plain_name(metric)))) {
        let needs = needs_of(&text);
        if let Ok(id) = id.parse()
            && !needs.is_empty()
            && !phrases.iter().any(|other| other.id == id && other.needs == needs)
        {
            phrases.push(Phrase { id, needs });
        }
    }
    // One word that several metrics are called by names none of them; of the present it does.
    let shared: Vec<bool> = phrases.iter().map(|phrase| is_shared(phrase, &phrases)).collect();
    let mut shared = shared.into_iter();
    phrases.retain(|_| !shared.next().unwrap_or_default());
    phrases
});

fn is_shared(phrase: &Phrase, all: &[Phrase]) -> bool {
    let mut needs = phrase.needs.iter();
    let (Some(only), None) = (needs.next(), needs.next()) else {
        return false;
    };
    let present = registry().get(phrase.id).window == WindowKind::R;
    !present
        && !is_general(only)
        && all
            .iter()
            .any(|other| other.id != phrase.id && other.needs.contains(only))
}

/// The name without what stands in brackets.
pub(super) fn plain_name(metric: &Metric) -> String {
    let name = metric.name.split('(').next().unwrap_or_default();
    name.chars().filter(|c| *c != ' ').collect()
}

/// All concepts of a phrase.
fn needs_of(text: &str) -> BTreeSet<String> {
    let tokens = cover(text, &Vocabulary::default(), false);
    let mut bag = Bag::default();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((found, used)) = quantity(&tokens[at..]) {
            bag.strong.extend(length_concept(&found));
            at += used;
        } else {
            bag.take(&tokens[at]);
            at += 1;
        }
    }
    bag.strong.append(&mut bag.weak);
    bag.strong
}

/// Whether the metric is also called by this concept.
pub(super) fn calls(id: MetricId, concept: &str) -> bool {
    PHRASES
        .iter()
        .any(|phrase| phrase.id == id && phrase.needs.contains(concept))
}

/// Whether a length of time is part of the metric's name.
pub(super) fn own_length(id: MetricId) -> bool {
    PHRASES
        .iter()
        .any(|phrase| phrase.id == id && phrase.needs.iter().any(|name| is_length(name)))
}

/// Whether one of the metrics is.
pub(super) fn calls_by(named: &[Named], concept: &str) -> bool {
    named.iter().any(|one| calls(one.id, concept))
}

/// The metric that is called as this one, with another length of time in the place of its own.
pub(super) fn with_length(former: MetricId, length: &str) -> Option<MetricId> {
    let own = PHRASES.iter().filter(|phrase| phrase.id == former);
    let others = own.filter_map(|phrase| {
        let kept: BTreeSet<String> = phrase.needs.iter().filter(|name| !is_length(name)).cloned().collect();
        let needs: BTreeSet<String> = kept.iter().cloned().chain([length.to_owned()]).collect();
        let found = PHRASES
            .iter()
            .find(|other| other.id != former && other.needs == needs)?;
        (kept.len() + 1 == phrase.needs.len()).then_some(found.id)
    });
    let ids: BTreeSet<MetricId> = others.collect();
    ids.first().copied().filter(|_| ids.len() == 1)
}

/// What was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) id: MetricId,
    /// The concepts that it took.
    pub(super) used: BTreeSet<String>,
}

/// Why no metric is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unnamed {
    /// No metric has such concepts.
    Nothing,
    /// These fit alike.
    Alike(Vec<MetricId>),
    /// These need a word more.
    Several(Vec<MetricId>),
}

/// Which kinds of metrics come first where both fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prefer {
    Present,
    Past,
    Either,
}

/// The metric that a bag names.
pub(super) fn name(bag: &Bag, prefer: Prefer) -> Result<Named, Unnamed> {
    let fits = |phrase: &&Phrase| {
        (prefer != Prefer::Past || phrase.needs.len() > 1 || registry().get(phrase.id).window != WindowKind::R)
            && phrase.needs.iter().all(|need| bag.has(need))
            && phrase.needs.iter().any(|need| bag.strong.contains(need))
            && left_over(bag, phrase)
    };
    let mut found: Vec<&Phrase> = PHRASES.iter().filter(fits).collect();
    let wanted = |phrase: &&Phrase| {
        let present = registry().get(phrase.id).window == WindowKind::R;
        present == (prefer == Prefer::Present)
    };
    if prefer != Prefer::Either && found.iter().any(wanted) {
        found.retain(wanted);
    }
    // A length of time stands for a name that holds it.
    let weight = |phrase: &&Phrase| {
        let lengths = phrase.needs.iter().filter(|name| is_length(name)).count();
        phrase.needs.len() + lengths
    };
    let Some(most) = found.iter().map(weight).max() else {
        return Err(missing(bag));
    };
    found.retain(|phrase| weight(phrase) == most);
    let ids: BTreeSet<MetricId> = found.iter().map(|phrase| phrase.id).collect();
    match found.as_slice() {
        [first, ..] if ids.len() == 1 => Ok(Named {
            id: first.id,
            used: first.needs.clone(),
        }),
        _ => Err(Unnamed::Alike(ids.into_iter().collect())),
    }
}

/// Whether the metric may leave over what the phrase does not need.
fn left_over(bag: &Bag, phrase: &Phrase) -> bool {
    let light = LIGHT.get(&phrase.id);
    // "The topic with the highest rate": a dimension.
    let dimensions = &registry().get(phrase.id).dimensions;
    let grouped = |name: &str| {
        name == "topic" && dimensions.contains(&Dimension::Topic)
            || name == "queue" && dimensions.contains(&Dimension::Queue)
    };
    let mut rest = bag.strong.iter().filter(|name| !phrase.needs.contains(*name));
    rest.all(|name| light.is_some_and(|light| light.contains(name.as_str())) || grouped(name))
}

/// The metrics of which the bag says a part.
fn missing(bag: &Bag) -> Unnamed {
    let says = |name: &&String| !is_general(name);
    if bag.is_general() {
        return Unnamed::Nothing;
    }
    let part = |phrase: &&Phrase| {
        let light = LIGHT.get(&phrase.id);
        let fits =
            |name: &String| phrase.needs.contains(name) || light.is_some_and(|light| light.contains(name.as_str()));
        bag.strong.iter().all(fits) && bag.strong.iter().filter(says).any(|name| phrase.needs.contains(name))
    };
    let ids: BTreeSet<MetricId> = PHRASES.iter().filter(part).map(|phrase| phrase.id).collect();
    if ids.is_empty() {
        Unnamed::Nothing
    } else {
        Unnamed::Several(ids.into_iter().take(MOST_CANDIDATES).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every phrase of the table consists of known words and names its own metric.
    #[test]
    fn every_phrase_names_its_metric() {
        let mut wrong = Vec::new();
        for line in METRICS.lines().filter(|line| !line.starts_with('#')) {
            let (id, phrases) = line.split_once('\t').unwrap_or_default();
            for phrase in phrases.split(' ') {
                let unknown: String = cover(phrase, &Vocabulary::default(), false)
                    .iter()
                    .filter(|token| token.means.is_empty())
                    .map(|token| token.text.as_str())
                    .collect();
                let bag = Bag {
                    strong: needs_of(phrase),
                    ..Bag::default()
                };
                let prefer = match id.parse().map(|id| registry().get(id).window) {
                    Ok(WindowKind::R) => Prefer::Present,
                    _ => Prefer::Past,
                };
                let got = name(&bag, prefer).map(|named| named.id.to_string());
                // What fits several is asked back, and offers this one.
                let offered = match &got {
                    Ok(named) => named == id,
                    Err(Unnamed::Several(ids) | Unnamed::Alike(ids)) => ids.iter().any(|other| other.to_string() == id),
                    Err(Unnamed::Nothing) => bag.strong.len() == 1,
                };
                if !unknown.is_empty() || !offered {
                    wrong.push(format!("{id} {phrase}: {unknown} {got:?} {:?}", bag.strong));
                }
            }
        }
        assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n"));
    }
}
