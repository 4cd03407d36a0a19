//! Which metric a part of a sentence is most like, where the words of the tables do not name one. Every way of asking that the
//! tables hold is an example; likeness is counted over concepts, characters and syllables.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::concepts::{Bag, METRICS, Named, may_leave, plain_name};
use super::cover::cover;
use super::lexicon::Vocabulary;
use super::read::read;
use super::sound::near_syllables;
use super::time::Clock;
use crate::registry::{MetricId, registry};

const PARAPHRASES: &str = include_str!("../../words/paraphrases.tsv");
/// The longest run of characters or syllables that is compared.
const LONGEST_RUN: usize = 3;
/// What is less like the nearest example than this is not known.
const LEAST: f64 = 0.46;
/// The same where only the sound is compared.
const LEAST_HEARD: f64 = 0.55;
/// By how much the nearest metric leads the next.
const LEAD: f64 = 0.07;

/// Sorts of features, and how much each counts: written, heard.
const WEIGHTS: [(f64, f64); 3] = [(0.4, 0.4), (0.35, 0.0), (0.25, 0.6)];

/// Features with their weights, of length 1 per sort.
type Features = [HashMap<String, f64>; 3];

#[derive(Debug)]
struct Example {
    id: MetricId,
    #[cfg(test)]
    text: String,
    concepts: BTreeSet<String>,
}

#[derive(Debug)]
struct Examples {
    all: Vec<Example>,
    /// The examples that have a feature, and its weight there, by sort.
    having: [HashMap<String, Vec<(usize, f64)>>; 3],
    /// How rare each feature is, by sort.
    rarity: [HashMap<String, f64>; 3],
    /// The concepts that each metric's examples have.
    concepts: BTreeMap<MetricId, BTreeSet<String>>,
    /// By the head of the metric's key, the characters and the syllables that follow each other.
    characters: BTreeSet<(&'static str, [String; 2])>,
    sounds: BTreeSet<(&'static str, [String; 2])>,
}

/// Each unit with the one before it and the one behind it; nothing stands before the first and behind the last.
fn pairs(units: &[String]) -> impl Iterator<Item = [String; 2]> {
    let at = |i: usize| units.get(i).cloned().unwrap_or_default();
    (0..=units.len()).map(move |i| [i.checked_sub(1).map(at).unwrap_or_default(), at(i)])
}

fn head(id: MetricId) -> &'static str {
    registry().get(id).key.split('.').next().unwrap_or_default()
}

fn characters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

static EXAMPLES: LazyLock<Examples> = LazyLock::new(|| {
    let rows = METRICS.lines().chain(PARAPHRASES.lines());
    let rows = rows
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'));
    let said = rows.flat_map(|(id, phrases)| phrases.split(' ').map(move |phrase| (id, phrase.to_owned())));
    let names = registry().all().iter().map(|metric| (metric.key, plain_name(metric)));
    let clock = Clock::new(0);
    let bags: Vec<(MetricId, Bag)> = said
        .chain(names)
        .filter_map(|(id, text)| Some((id.parse().ok()?, bag_of(&text, clock.as_ref()?))))
        .collect();
    let mut rarity: [HashMap<String, f64>; 3] = Default::default();
    for (_, bag) in &bags {
        for (sort, counts) in rarity.iter_mut().enumerate() {
            for name in counted(bag, sort).into_keys() {
                *counts.entry(name).or_default() += 1.0;
            }
        }
    }
    let of = bags.len() as f64;
    rarity
        .iter_mut()
        .flat_map(HashMap::values_mut)
        .for_each(|n| *n = (1.0 + of / *n).ln());
    let mut concepts: BTreeMap<MetricId, BTreeSet<String>> = BTreeMap::new();
    for (id, bag) in &bags {
        let known = concepts.entry(*id).or_default();
        known.extend(bag.strong.iter().chain(&bag.weak).cloned());
    }
    let beside = |of: fn(&str) -> Vec<String>| {
        let each = bags
            .iter()
            .map(|(id, bag)| (head(*id), pairs(&of(&bag.text)).collect::<Vec<_>>()));
        each.flat_map(|(head, pairs)| pairs.into_iter().map(move |pair| (head, pair)))
            .collect()
    };
    let (characters, sounds) = (beside(characters), beside(near_syllables));
    let mut having: [HashMap<String, Vec<(usize, f64)>>; 3] = Default::default();
    for (at, (_, bag)) in bags.iter().enumerate() {
        for (of, weighed) in having.iter_mut().zip(features(bag, &rarity)) {
            for (name, weight) in weighed {
                of.entry(name).or_default().push((at, weight));
            }
        }
    }
    let all = bags
        .into_iter()
        .map(|(id, bag)| Example {
            id,
            #[cfg(test)]
            text: bag.text.clone(),
            concepts: bag.strong.into_iter().chain(bag.weak).collect(),
        })
        .collect();
    Examples {
        all,
        having,
        rarity,
        concepts,
        characters,
        sounds,
    }
});

/// Reads the examples, which takes a moment, before the first question wants them.
pub(super) fn ready() {
    LazyLock::force(&EXAMPLES);
}

/// What an example says, read as a question is.
fn bag_of(text: &str, clock: &Clock) -> Bag {
    let parts = read(&cover(text, &Vocabulary::default(), false), clock);
    let mut whole = Bag::default();
    parts.groups.iter().for_each(|bag| whole.extend(bag));
    whole
}

/// The features of a sort, and how often each is there.
fn counted(bag: &Bag, sort: usize) -> HashMap<String, f64> {
    let mut counts = HashMap::new();
    let mut add = |name: String| *counts.entry(name).or_insert(0.0) += 1.0;
    match sort {
        0 => bag.strong.iter().chain(&bag.weak).for_each(|name| add(name.clone())),
        1 => runs(&characters(&bag.text), &mut add),
        _ => runs(&near_syllables(&bag.text), &mut add),
    }
    counts
}

fn runs(units: &[String], add: &mut impl FnMut(String)) {
    for length in 1..=LONGEST_RUN {
        units.windows(length).for_each(|run| add(run.join(" ")));
    }
}

fn features(bag: &Bag, rarity: &[HashMap<String, f64>; 3]) -> Features {
    // What no example has is as rare as can be.
    let most = rarity.each_ref().map(|of| of.values().copied().fold(1.0, f64::max));
    [0, 1, 2].map(|sort| {
        let mut weighed = counted(bag, sort);
        for (name, n) in &mut weighed {
            *n *= rarity[sort].get(name).copied().unwrap_or(most[sort]);
        }
        let length = weighed.values().map(|n| n * n).sum::<f64>().sqrt().max(1e-9);
        weighed.values_mut().for_each(|n| *n /= length);
        weighed
    })
}

impl Examples {
    /// How like each example is.
    fn likeness(&self, bag: &Bag, by_ear: bool) -> Vec<f64> {
        let mut all = vec![0.0; self.all.len()];
        let wanted = features(bag, &self.rarity);
        for ((weighed, having), (written, heard)) in wanted.iter().zip(&self.having).zip(WEIGHTS) {
            let weight = if by_ear { heard } else { written };
            for (name, n) in weighed {
                for (at, there) in having.get(name).into_iter().flatten() {
                    all[*at] += weight * n * there;
                }
            }
        }
        all
    }
}

/// The metric that the bag is most like, where the likeness is plain, no other is nearly as like, and its examples explain
/// what the bag says.
pub(super) fn like(bag: &Bag, by_ear: bool) -> Option<Named> {
    nearest(bag, by_ear, |_| true)
}

/// The same among some examples.
fn nearest(bag: &Bag, by_ear: bool, among: impl Fn(&Example) -> bool) -> Option<Named> {
    let examples = &*EXAMPLES;
    let likeness = examples.likeness(bag, by_ear);
    let mut best: BTreeMap<MetricId, (f64, &Example)> = BTreeMap::new();
    let fits = |example: &Example| measured_alike(bag, example.id) && among(example);
    let each = examples.all.iter().zip(likeness);
    for (example, found) in each.filter(|(example, _)| fits(example)) {
        let entry = best.entry(example.id).or_insert((found, example));
        if found > entry.0 {
            *entry = (found, example);
        }
    }
    let mut order: Vec<(f64, &Example)> = best.into_values().collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let [(first, example), (second, _), ..] = order[..] else {
        return None;
    };
    let least = if by_ear { LEAST_HEARD } else { LEAST };
    (first >= least && first - second >= LEAD && explained(bag, example.id, by_ear)).then(|| Named {
        id: example.id,
        used: example.concepts.clone(),
    })
}

/// Whether the metric is of the kind that the bag asks for: a share, a length of time, a percentile.
fn measured_alike(bag: &Bag, id: MetricId) -> bool {
    let metric = registry().get(id);
    let says = |name: &str| bag.strong.contains(name);
    let of_time = matches!(metric.unit, "s" | "ms" | "h");
    let percentile = ["p50", "p90", "p95"].into_iter().find(|name| says(name));
    (!says("rate") || metric.unit == "%")
        && (!says("time") || says("rate") || of_time)
        && percentile.is_none_or(|name| metric.key.ends_with(name) || metric.name.contains(&name[1..]) && of_time)
}

/// Whether the metric's examples have each concept of the bag, and those of its family each unknown character beside its
/// neighbours.
fn explained(bag: &Bag, id: MetricId, by_ear: bool) -> bool {
    let Some(known) = EXAMPLES.concepts.get(&id) else {
        return false;
    };
    let concept = |name: &String| known.contains(name) || may_leave(id, name);
    let units = if by_ear {
        near_syllables(&bag.text)
    } else {
        characters(&bag.text)
    };
    let pairs_known = if by_ear { &EXAMPLES.sounds } else { &EXAMPLES.characters };
    let met: Vec<bool> = pairs(&units)
        .map(|pair| pairs_known.contains(&(head(id), pair)))
        .collect();
    let mut unknown = bag.text.chars().enumerate().filter(|(_, c)| bag.unknown.contains(*c));
    // By ear many characters are alike: there both neighbours are wanted.
    bag.strong.iter().all(concept)
        && unknown.all(|(at, _)| {
            if by_ear {
                met[at] && met[at + 1]
            } else {
                met[at] || met[at + 1]
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every 24th example is asked as if it had not been written: of those that are taken at all, nearly all are named right.
    #[test]
    fn an_example_that_was_left_out_is_named_by_the_others() {
        let clock = Clock::new(0).unwrap_or_else(|| unreachable!());
        let rows = PARAPHRASES.lines().filter_map(|line| line.split_once('\t'));
        let said = rows.flat_map(|(id, phrases)| phrases.split(' ').map(move |phrase| (id, phrase)));
        let (mut all, mut taken, mut right) = (0, 0, 0);
        let mut wrong = Vec::new();
        for (id, text) in said.filter_map(|(id, text)| Some((id.parse().ok()?, text))).step_by(24) {
            let bag = bag_of(text, &clock);
            all += 1;
            let Some(named) = nearest(&bag, false, |example| example.text != bag.text) else {
                continue;
            };
            taken += 1;
            right += usize::from(named.id == id);
            if named.id != id {
                wrong.push(format!("{text} {id} {}", named.id));
            }
        }
        assert!(
            taken * 100 >= all * 60 && right * 100 >= taken * 90,
            "{right} of {taken} taken of {all}: {wrong:?}"
        );
    }

    /// Each paraphrase of the table names its metric, or is asked back.
    #[test]
    fn what_is_known_is_named() {
        let clock = Clock::new(0).unwrap_or_else(|| unreachable!());
        let rows = PARAPHRASES.lines().filter_map(|line| line.split_once('\t'));
        for (id, phrases) in rows.filter(|(id, _)| !id.starts_with('#')) {
            assert!(phrases.split(' ').count() >= 11, "{id}");
            for phrase in phrases.split(' ').step_by(4) {
                let named = like(&bag_of(phrase, &clock), false).map(|named| named.id.to_string());
                assert!(
                    named.as_deref().is_none_or(|named| named == id),
                    "{phrase}: {named:?}, not {id}"
                );
            }
        }
    }
}
