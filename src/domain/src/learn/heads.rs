//! Linear classifiers over runs: which topic, which intent, which node of a topic.

use super::asks::Asks;
use super::corpus::{Classes, Corpus, Doc, Kind};
use super::text::{Bag, Vocabulary};

/// Times that every text is learned from.
const EPOCHS: usize = 6;
/// Fewer texts than this are learned from twice as often.
const FEW: usize = 2_000;
const RATE: f32 = 0.6;
/// How strongly weights that are not needed fade.
const DECAY: f32 = 2e-5;
/// What syllables weigh beside characters.
const SOUNDS: f32 = 0.7;
/// What meaning weighs beside characters, where there is a sentence encoder.
const MEANING: f32 = 1.2;
/// What a part of a question tells of its node, beside the question itself.
const PART: f32 = 0.5;
/// A topic with fewer texts than this part of what half of the topics have is learned from as if it had so many, up to so many times each:
/// one that was added yesterday is heard beside those that thousands of turns tell of.
const SMALL: f32 = 0.25;
const MOST_TIMES: f32 = 4.0;
/// A run that fewer texts hold is not learned.
const RARE: u32 = 2;

/// A softmax over runs of a text.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) classes: usize,
    /// Runs that it knows, in order; their weights are rows of `weights`.
    pub(crate) runs: Vec<u32>,
    pub(crate) weights: Vec<f32>,
    pub(crate) bias: Vec<f32>,
}

/// A text to learn from: its runs, and what it is in shares.
pub(crate) struct Lesson<'a> {
    pub(crate) input: &'a [(u32, f32)],
    pub(crate) shares: Vec<(usize, f32)>,
    pub(crate) weight: f32,
}

impl Head {
    pub(crate) fn learn(classes: usize, lessons: &[Lesson<'_>]) -> Self {
        let mut runs: Vec<u32> = lessons
            .iter()
            .flat_map(|lesson| lesson.input.iter().map(|(run, _)| *run))
            .collect();
        runs.sort_unstable();
        runs.dedup();
        let mut head = Self {
            classes,
            weights: vec![0.0; runs.len() * classes],
            bias: vec![0.0; classes],
            runs,
        };
        let rows: Vec<Vec<(usize, f32)>> = lessons.iter().map(|lesson| head.rows(lesson.input)).collect();
        // AdaGrad, a pace for each run: what is seen rarely moves fast.
        let mut squares = vec![1e-4_f32; head.runs.len()];
        let mut bias_squares = vec![1e-4_f32; classes];
        let mut at = 0_usize;
        let step = stride(lessons.len());
        let mut scores = vec![0.0_f32; classes];
        let epochs = if lessons.len() < FEW { 2 * EPOCHS } else { EPOCHS };
        for _ in 0..epochs {
            for _ in 0..lessons.len() {
                at = (at + step) % lessons.len();
                let (lesson, rows) = (&lessons[at], &rows[at]);
                head.scores(rows, &mut scores);
                softmax(&mut scores);
                for (class, share) in &lesson.shares {
                    scores[*class] -= share;
                }
                for (class, error) in scores.iter().enumerate() {
                    let slope = error * lesson.weight;
                    bias_squares[class] += slope * slope;
                    head.bias[class] -= RATE * 0.2 * slope / bias_squares[class].sqrt();
                }
                let size: f32 = scores.iter().map(|error| error * error).sum();
                for &(row, value) in rows {
                    let slope = value * lesson.weight;
                    squares[row] += slope * slope * size;
                    let rate = RATE / squares[row].sqrt();
                    let weights = &mut head.weights[row * classes..(row + 1) * classes];
                    for (weight, error) in weights.iter_mut().zip(&scores) {
                        *weight -= rate * (slope * error + DECAY * *weight);
                    }
                }
            }
        }
        head
    }

    fn rows(&self, input: &[(u32, f32)]) -> Vec<(usize, f32)> {
        let mut from = 0;
        let mut rows = Vec::with_capacity(input.len());
        for &(run, value) in input {
            match self.runs[from..].binary_search(&run) {
                Ok(at) => {
                    rows.push((from + at, value));
                    from += at + 1;
                }
                Err(at) => from += at,
            }
        }
        rows
    }

    fn scores(&self, rows: &[(usize, f32)], scores: &mut [f32]) {
        scores.copy_from_slice(&self.bias);
        for &(row, value) in rows {
            let weights = &self.weights[row * self.classes..(row + 1) * self.classes];
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += weight * value;
            }
        }
    }

    /// The share of each class.
    pub(crate) fn shares(&self, input: &[(u32, f32)]) -> Vec<f32> {
        let mut scores = vec![0.0; self.classes];
        self.scores(&self.rows(input), &mut scores);
        softmax(&mut scores);
        scores
    }
}

/// The classifiers of a pack.
#[derive(Debug)]
pub(crate) struct Heads {
    /// Whether they read what a text means, beside its words.
    pub(crate) by_meaning: bool,
    /// Topics, and behind them: none.
    pub(crate) topics: Head,
    pub(crate) intents: Head,
    /// By topic: its nodes, in the order of [`Classes::of_topic`].
    pub(crate) nodes: Vec<Head>,
    pub(crate) asks: Asks,
}

/// What they say of a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard {
    /// Topics, and behind them: none.
    pub(crate) topics: Vec<f32>,
    pub(crate) intents: Vec<f32>,
    /// By class: its share within its topic.
    pub(crate) within: Vec<f32>,
}

impl Heads {
    /// Learns from all but the part `without`; `by_meaning`, from what texts mean too.
    pub(crate) fn learn(classes: &Classes, corpus: &Corpus, without: Option<usize>, by_meaning: bool) -> Self {
        let kept = |doc: &&Doc| without.is_none() || doc.fold != without;
        let docs: Vec<(&Doc, Vec<(u32, f32)>)> = corpus
            .docs
            .iter()
            .filter(kept)
            .map(|doc| (doc, input(&corpus.vocabulary, &doc.bag, by_meaning)))
            .collect();
        let none = classes.topics.len();
        let topic_shares = |doc: &Doc| {
            let share = 1.0 / doc.about.len().max(1) as f32;
            match doc.about.is_empty() {
                true => vec![(none, 1.0)],
                false => doc
                    .about
                    .iter()
                    .map(|class| (classes.nodes[*class].topic, share))
                    .collect(),
            }
        };
        let mut topics = lessons(&docs, topic_shares);
        lift_small(&mut topics, none);
        let intents = lessons(&docs, |doc| intent_shares(classes, doc));
        let nodes = classes.of_topic.iter().enumerate().map(|(topic, members)| {
            let of_topic = lessons(&docs, |doc| node_shares(classes, members, topic, doc));
            Head::learn(members.len(), &of_topic)
        });
        Self {
            by_meaning,
            topics: Head::learn(none + 1, &topics),
            intents: Head::learn(classes.intents.len(), &intents),
            nodes: nodes.collect(),
            asks: Asks::learn(corpus, without, by_meaning),
        }
    }

    /// Whether they are of a pack with these classes.
    pub(crate) fn fits(&self, classes: &Classes) -> bool {
        let members = classes.of_topic.iter().map(Vec::len);
        self.topics.classes == classes.topics.len() + 1
            && self.intents.classes == classes.intents.len()
            && self.nodes.iter().map(|head| head.classes).eq(members)
            && self.asks.fits()
    }

    /// How likely a turn, of which the end is given, too, asks for something behind what the agent said, in the logarithm of its odds.
    pub(crate) fn asks(&self, vocabulary: &Vocabulary, turn: (&Bag, &Bag), agent: Option<&Bag>) -> f32 {
        self.asks.odds(vocabulary, turn, agent, self.by_meaning)
    }

    /// Topics of a text, and behind them: none.
    pub(crate) fn topics(&self, vocabulary: &Vocabulary, bag: &Bag) -> Vec<f32> {
        self.topics.shares(&input(vocabulary, bag, self.by_meaning))
    }

    pub(crate) fn hear(&self, classes: &Classes, vocabulary: &Vocabulary, bag: &Bag) -> Heard {
        let input = input(vocabulary, bag, self.by_meaning);
        let mut within = vec![0.0; classes.nodes.len()];
        for (head, members) in self.nodes.iter().zip(&classes.of_topic) {
            for (share, class) in head.shares(&input).into_iter().zip(members) {
                within[*class] = share;
            }
        }
        Heard {
            topics: self.topics.shares(&input),
            intents: self.intents.shares(&input),
            within,
        }
    }
}

fn lessons<'a>(docs: &'a [(&'a Doc, Vec<(u32, f32)>)], shares: impl Fn(&Doc) -> Vec<(usize, f32)>) -> Vec<Lesson<'a>> {
    let lesson = |(doc, input): &'a (&'a Doc, Vec<(u32, f32)>)| {
        let shares = shares(doc);
        (!shares.is_empty()).then(|| Lesson {
            input,
            shares,
            weight: match doc.kind {
                Kind::Turn if doc.wanted.len() < doc.about.len() => PART,
                Kind::Turn | Kind::Asked => 1.0,
                Kind::Title => 0.8,
                Kind::Body => 0.3,
            },
        })
    };
    docs.iter().filter_map(lesson).collect()
}

/// Lifts lessons of small classes among the first `classes`.
fn lift_small(lessons: &mut [Lesson<'_>], classes: usize) {
    let mut told = vec![0.0_f32; classes];
    for lesson in lessons.iter() {
        for (class, share) in lesson.shares.iter().filter(|(class, _)| *class < classes) {
            told[*class] += share * lesson.weight;
        }
    }
    let mut sorted = told.clone();
    sorted.sort_by(f32::total_cmp);
    let least = sorted.get(classes / 2).copied().unwrap_or(0.0) * SMALL;
    for lesson in lessons {
        let times = |(class, share): &(usize, f32)| {
            share
                * told
                    .get(*class)
                    .map_or(1.0, |told| (least / told).clamp(1.0, MOST_TIMES))
        };
        lesson.weight *= lesson.shares.iter().map(times).sum::<f32>();
    }
}

/// A body says everything about a node, so it tells no intent.
fn intent_shares(classes: &Classes, doc: &Doc) -> Vec<(usize, f32)> {
    let Some(class) = doc.wanted.first().filter(|_| doc.kind != Kind::Body) else {
        return Vec::new();
    };
    let intents = &classes.nodes[*class].intents;
    let sum: f32 = (1..=intents.len()).map(|place| 1.0 / place as f32).sum();
    let share = |(place, intent): (usize, &usize)| (*intent, 1.0 / (place + 1) as f32 / sum);
    intents.iter().enumerate().map(share).collect()
}

fn node_shares(classes: &Classes, members: &[usize], topic: usize, doc: &Doc) -> Vec<(usize, f32)> {
    let of_topic: Vec<usize> = doc
        .about
        .iter()
        .filter(|class| classes.nodes[**class].topic == topic)
        .filter_map(|class| members.iter().position(|member| member == class))
        .collect();
    let share = 1.0 / of_topic.len().max(1) as f32;
    of_topic.into_iter().map(|member| (member, share)).collect()
}

/// Both vectors as one of length 1.
pub(crate) fn input(vocabulary: &Vocabulary, bag: &Bag, by_meaning: bool) -> Vec<(u32, f32)> {
    let known = |(run, _): &&(u32, f32)| vocabulary.texts(*run) >= RARE;
    let share = (1.0 + SOUNDS * SOUNDS).sqrt().recip();
    let (chars, sounds) = (bag.chars.scale() * share, bag.sounds.scale() * share * SOUNDS);
    let chars = bag
        .chars
        .entries
        .iter()
        .filter(known)
        .map(|(run, weight)| (*run, weight * chars));
    let sounds = bag
        .sounds
        .entries
        .iter()
        .filter(known)
        .map(|(run, weight)| (*run, weight * sounds));
    let mut input: Vec<(u32, f32)> = chars.chain(sounds).collect();
    input.sort_unstable_by_key(|(run, _)| *run);
    // Behind all runs: what the text means.
    let first = vocabulary.len() as u32;
    let values = bag
        .meaning
        .iter()
        .filter(|_| by_meaning)
        .flat_map(|vector| vector.iter());
    input.extend(
        values
            .enumerate()
            .map(|(at, value)| (first + at as u32, value * MEANING)),
    );
    input
}

pub(crate) fn softmax(scores: &mut [f32]) {
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = (*score - most).exp();
        sum += *score;
    }
    for score in scores.iter_mut() {
        *score /= sum;
    }
}

/// A step through `count` that comes to each place once, far from the one before.
pub(crate) fn stride(count: usize) -> usize {
    let mut step = (count as f32 * 0.618) as usize | 1;
    while count > 0 && gcd(step, count) > 1 {
        step += 1;
    }
    step
}

const fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_few_texts_tell_of_is_lifted_and_the_rest_is_left() {
        let lesson = |class| Lesson {
            input: &[],
            shares: vec![(class, 1.0)],
            weight: 1.0,
        };
        // Four classes with 100, 100, 10 and 2 texts; behind them stands none.
        let counts = [100, 100, 10, 2, 500];
        let mut lessons: Vec<Lesson<'_>> = (0..5)
            .flat_map(|class| (0..counts[class]).map(move |_| lesson(class)))
            .collect();
        lift_small(&mut lessons, 4);
        let weight = |class: usize| {
            lessons
                .iter()
                .find(|lesson| lesson.shares[0].0 == class)
                .map(|lesson| lesson.weight)
        };
        assert_eq!([0, 1, 2, 3, 4].map(weight), [1.0, 1.0, 2.5, MOST_TIMES, 1.0].map(Some));
    }
}
