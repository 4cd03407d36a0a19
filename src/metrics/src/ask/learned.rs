//! Which metric a question means, as learned from the ways in which many people ask. The whole text is read, by runs of its
//! characters and of its syllables, so that a word that no table has counts, too, and what a recogniser wrote is read as it sounds.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use super::concepts::{METRICS, plain_name};
use super::cover::numerals;
use super::softmax::{Input, Lesson, Softmax};
use super::sound::near_syllables;
use crate::registry::{MetricId, registry};

const PARAPHRASES: &str = include_str!("../../words/paraphrases.tsv");
const WAYS: &str = include_str!("../../words/ways.tsv");
const QUESTIONS: &str = include_str!("../../words/questions.tsv");
const FRAMES: &str = include_str!("../../words/frames.tsv");
/// The longest run of characters or syllables that is a feature.
const LONGEST_RUN: usize = 3;
/// A run that fewer texts have is not learned.
const RARE: usize = 2;
/// What a whole question weighs beside a way of naming: there are few. One that has no answer weighs more: nothing else teaches it.
const WHOLE: f32 = 5.0;
const UNANSWERED: f32 = 8.0;
/// Above this, none is meant.
const NONE: f32 = 0.5;
/// How much likelier than the next a metric is that is not asked back.
const LEAD: f32 = 3.0;
/// A smaller share is offered only beside a larger one.
const NEAR: f32 = 0.25;
/// More metrics are not offered.
const MOST_OFFERED: usize = 4;
/// What a run that is unknown adds to the square of a text's length.
const UNKNOWN: f32 = 12.0;
/// What syllables count beside characters.
const SOUNDS: f32 = 0.7;

/// An author of questions from whom nothing is learned.
static LEFT_OUT: OnceLock<String> = OnceLock::new();

/// How likely each metric is meant, and how likely none.
#[derive(Debug, Clone)]
pub(super) struct Shares {
    /// In falling order, beside each other they are 1.
    pub(super) metrics: Vec<(MetricId, f32)>,
    /// Of all.
    pub(super) none: f32,
}

impl Shares {
    pub(super) fn of(&self, id: MetricId) -> f32 {
        let found = self.metrics.iter().find(|(other, _)| *other == id);
        found.map_or(0.0, |(_, share)| *share)
    }

    /// The metric that is likeliest, and how much likelier than the next it is; none where hardly any is meant.
    pub(super) fn likeliest(&self) -> Option<(MetricId, f32)> {
        let [(first, most), (_, next), ..] = self.metrics[..] else {
            return None;
        };
        (self.none < NONE && most >= next * LEAD).then_some((first, most))
    }

    /// The likeliest, where it has at least this share.
    pub(super) fn sure(&self, least: f32) -> Option<MetricId> {
        self.likeliest().filter(|(_, share)| *share >= least).map(|(id, _)| id)
    }

    /// Those of which each may be meant, where one is.
    pub(super) fn near(&self) -> Vec<MetricId> {
        let most = self.metrics.first().map_or(0.0, |(_, share)| *share);
        let near = self
            .metrics
            .iter()
            .filter(|(_, share)| share * LEAD >= most && most >= NEAR);
        near.map(|(id, _)| *id).take(MOST_OFFERED).collect()
    }

    /// Weighs each metric, so that together they are 1 again.
    pub(super) fn weigh(&mut self, of: impl Fn(MetricId) -> f32) {
        self.metrics.iter_mut().for_each(|(id, share)| *share *= of(*id));
        let all: f32 = self.metrics.iter().map(|(_, share)| share).sum();
        self.metrics
            .iter_mut()
            .for_each(|(_, share)| *share /= all.max(f32::MIN_POSITIVE));
        self.metrics.sort_by(|a, b| b.1.total_cmp(&a.1));
    }

    /// The mean of both.
    fn with(&self, other: &Self) -> Self {
        let mean = |(id, share): &(MetricId, f32)| (*id, (share + other.of(*id)) / 2.0);
        let mut metrics: Vec<_> = self.metrics.iter().map(mean).collect();
        metrics.sort_by(|a, b| b.1.total_cmp(&a.1));
        Self {
            metrics,
            none: (self.none + other.none) / 2.0,
        }
    }
}

/// What the words of a text are taken for.
#[derive(Debug)]
struct Chooser {
    /// The row of each run, and how rare it is.
    rows: HashMap<u64, (u32, f32)>,
    head: Softmax,
}

static CHOOSER: LazyLock<Chooser> = LazyLock::new(|| Chooser::learn(LEFT_OUT.get().map(String::as_str)));

/// Learns before the first question; nothing of what the author wrote, where one is named, so that it may measure.
pub(super) fn ready(left_out: Option<&str>) {
    if let Some(author) = left_out {
        LEFT_OUT.get_or_init(|| author.to_owned());
    }
    LazyLock::force(&CHOOSER);
}

/// What the text means, of which `rest` says nothing of time, groups or filters.
pub(super) fn shares(text: &str, rest: &str) -> Shares {
    CHOOSER.shares(text).with(&CHOOSER.shares(rest))
}

/// The class of what means no metric.
fn none() -> usize {
    registry().all().len()
}

fn class(id: MetricId) -> usize {
    usize::from(id.number()) - 1
}

/// A text, and the metrics that it may mean.
type Example = (String, Vec<MetricId>);

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| line.split_once('\t'))
}

/// The ways of naming each metric.
fn ways() -> Vec<Example> {
    let short = rows(METRICS).chain(rows(PARAPHRASES)).map(|row| (row, ' '));
    let said = short.chain(rows(WAYS).map(|row| (row, '\t')));
    let said = said.flat_map(|((id, ways), mark)| ways.split(mark).map(move |way| (id, way.to_owned())));
    let names = registry().all().iter().map(|metric| (metric.key, plain_name(metric)));
    said.chain(names)
        .filter_map(|(id, way)| Some((way, vec![id.parse().ok()?])))
        .collect()
}

/// Whole questions; those that no metric answers, too.
fn questions(left_out: Option<&str>) -> Vec<Example> {
    let all = rows(QUESTIONS).filter(move |&(author, _)| left_out != Some(author));
    let read = |(_, row): (&str, &str)| {
        let (ids, text) = row.split_once('\t')?;
        Some((
            text.to_owned(),
            ids.split('+').filter_map(|id| id.parse().ok()).collect(),
        ))
    };
    all.filter_map(read).collect()
}

/// Ways once more within a sentence, so that nothing is learned of the sentence.
fn framed(ways: &[Example]) -> Vec<Example> {
    let of = |kind: &str| {
        rows(FRAMES)
            .filter(|row| row.0 == kind)
            .map(|row| row.1)
            .collect::<Vec<_>>()
    };
    let (whens, sentences, befores, behinds) = (of("when"), of("sentence"), of("before"), of("behind"));
    let sentence = |(at, (way, ids)): (usize, &Example)| {
        let one = |all: &[&'static str]| all.get(at % all.len().max(1)).copied().unwrap_or_default();
        let mut ids = ids.clone();
        let mut text = one(&sentences).replace("{when}", one(&whens)).replace("{way}", way);
        if text.contains("{other}") {
            let (other, more) = &ways[(at + ways.len() / 2) % ways.len()];
            text = text.replace("{other}", other);
            ids.extend(more);
        }
        (format!("{}{text}{}", one(&befores), one(&behinds)), ids)
    };
    ways.iter().enumerate().map(sentence).collect()
}

/// The runs of a text, in order, and how often each is there: of characters, of syllables.
type Runs = [Vec<(u64, f32)>; 2];

fn runs(text: &str) -> Runs {
    let kept: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let plain = numerals(&kept);
    let characters: Vec<u64> = plain.chars().map(u64::from).collect();
    let syllables = near_syllables(&plain);
    let sound = |syllable: &String| syllable.bytes().fold(SOUND, |sum, byte| mixed(sum, byte.into()));
    let syllables: Vec<u64> = syllables.iter().map(sound).collect();
    [characters, syllables].map(|units| {
        let each = (1..=LONGEST_RUN).flat_map(|length| units.windows(length));
        let mut all: Vec<u64> = each.map(|run| run.iter().copied().fold(1, mixed)).collect();
        all.sort_unstable();
        let same = all.chunk_by(|a, b| a == b);
        same.map(|run| (run[0], run.len() as f32)).collect()
    })
}

/// Mark of syllables, so that none is taken for a character.
const SOUND: u64 = 1 << 32;

/// A number of all that was mixed into it, in its order.
fn mixed(sum: u64, unit: u64) -> u64 {
    let sum = (sum ^ unit).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    sum ^ (sum >> 29)
}

impl Chooser {
    /// Learns nothing of what one author wrote, where one is to measure.
    fn learn(left_out: Option<&str>) -> Self {
        let mut examples = ways();
        let framed = framed(&examples);
        let named = examples.len();
        examples.extend(questions(left_out));
        let counted: Vec<Runs> = examples.iter().map(|(text, _)| runs(text)).collect();
        let mut texts: Vec<u64> = counted.iter().flatten().flatten().map(|(run, _)| *run).collect();
        texts.sort_unstable();
        let of = examples.len() as f32;
        let known = texts.chunk_by(|a, b| a == b).filter(|same| same.len() >= RARE);
        let rows: HashMap<u64, (u32, f32)> = known
            .enumerate()
            .map(|(row, same)| (same[0], (row as u32, (1.0 + of / same.len() as f32).ln())))
            .collect();
        let counted = counted.into_iter().chain(framed.iter().map(|(text, _)| runs(text)));
        let lesson = |(at, (counts, (_, ids))): (usize, (Runs, &Example))| Lesson {
            input: input(&rows, &counts),
            shares: match &ids[..] {
                [] => vec![(none(), 1.0)],
                ids => ids.iter().map(|id| (class(*id), 1.0 / ids.len() as f32)).collect(),
            },
            weight: match &ids[..] {
                [] => UNANSWERED,
                _ if (named..examples.len()).contains(&at) => WHOLE,
                _ => 1.0,
            },
        };
        let lessons = counted.zip(examples.iter().chain(&framed)).enumerate().map(lesson);
        let head = Softmax::learn(none() + 1, rows.len(), &lessons.collect::<Vec<_>>());
        Self { rows, head }
    }

    fn shares(&self, text: &str) -> Shares {
        let all = self.head.shares(&input(&self.rows, &runs(text)));
        let none = all[none()];
        let rest = (1.0 - none).max(f32::MIN_POSITIVE);
        let ids = registry().all().iter().map(|metric| metric.id);
        let mut metrics: Vec<(MetricId, f32)> = ids.zip(all.into_iter().map(|share| share / rest)).collect();
        metrics.sort_by(|a, b| b.1.total_cmp(&a.1));
        Shares { metrics, none }
    }
}

/// Both sorts of runs with their weights, of length 1 together.
fn input(rows: &HashMap<u64, (u32, f32)>, counts: &Runs) -> Input {
    let mut all = Input::new();
    for (counts, share) in counts.iter().zip([1.0, SOUNDS]) {
        let known = counts.iter().filter_map(|(run, n)| {
            let (row, rarity) = rows.get(run)?;
            Some((*row, (1.0 + n.ln()) * rarity))
        });
        let weighed: Input = known.collect();
        // What is unknown takes its part of the length: of a text that is mostly unknown little is believed.
        let unknown = counts.len().saturating_sub(weighed.len()) as f32 * UNKNOWN;
        let length = weighed.iter().map(|(_, n)| n * n).sum::<f32>() + unknown;
        let length = length.sqrt().max(f32::MIN_POSITIVE);
        let scale = share / (1.0 + SOUNDS * SOUNDS).sqrt() / length;
        all.extend(weighed.into_iter().map(|(row, n)| (row, n * scale)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The questions of an author from whom nothing was learned: nearly all metrics are among the first, no metric is where none is.
    #[test]
    fn an_author_who_was_left_out_is_understood() {
        let learned = Chooser::learn(Some("q17"));
        let (mut all, mut right, mut nothing) = (0, 0, [0, 0]);
        for (_, row) in rows(QUESTIONS).filter(|(author, _)| *author == "q17") {
            let (ids, text) = row.split_once('\t').unwrap_or_default();
            let shares = learned.shares(text);
            if ids == "-" {
                nothing[0] += 1;
                nothing[1] += usize::from(shares.none >= 0.5);
            } else {
                all += 1;
                right += usize::from(ids.contains(&shares.metrics[0].0.to_string()));
            }
        }
        assert!(right * 100 >= all * 93, "{right} of {all}");
        assert!(nothing[1] * 100 >= nothing[0] * 50, "{nothing:?}");
    }
}
