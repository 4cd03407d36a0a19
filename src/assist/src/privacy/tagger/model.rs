//! Weights, the best sequence of labels, and how weights are learned.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::{Features, Joint, LABELS, Label};

/// A feature's hash is its own hash.
#[derive(Default)]
pub(super) struct Same(u64);

impl Hasher for Same {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {}

    fn write_u32(&mut self, value: u32) {
        // The table takes its bits from both ends.
        self.0 = u64::from(value).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
}

type Table<T> = HashMap<u32, T, BuildHasherDefault<Same>>;
type Scores = [f32; LABELS];

/// Weights by feature, and of one label behind another: within a word of letters and digits, and elsewhere.
#[derive(Clone, Default)]
pub(crate) struct Model {
    weights: Table<Scores>,
    steps: [[Scores; LABELS]; 2],
}

/// Added to what the rules say: of two labels that are nearly as likely, theirs is taken.
const TRUST: f32 = 30.0;

/// Which labels a character may have, by index.
pub type Allowed = [bool; LABELS];

impl Model {
    /// Whether it has learned nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    fn scores(&self, features: &[u32]) -> Scores {
        let mut scores = [0.0; LABELS];
        for weights in features.iter().filter_map(|feature| self.weights.get(feature)) {
            for (score, weight) in scores.iter_mut().zip(weights) {
                *score += weight;
            }
        }
        scores
    }

    /// The likeliest labels; what the rules say counts for something beside what was learned.
    pub(crate) fn label(&self, features: &Features, joints: &[Joint], rules: &[Option<Label>]) -> Vec<Label> {
        let mut scores: Vec<Scores> = features.iter().map(|features| self.scores(features)).collect();
        for (scores, rule) in scores.iter_mut().zip(rules) {
            if let Some(label) = rule {
                scores[*label as usize] += TRUST;
            }
        }
        best(&scores, joints, &self.steps, &|_| [true; LABELS])
            .into_iter()
            .map(|label| Label::ALL[label])
            .collect()
    }

    /// From what [`Learner::write`] made; `None` where it is cut short.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut model = Self::default();
        let (_, bytes) = bytes.split_at_checked(ORIGIN)?;
        let (steps, rows) = bytes.split_at_checked(2 * 2 * LABELS * LABELS)?;
        for (at, weight) in weights(steps).enumerate() {
            model.steps[at / (LABELS * LABELS)][at / LABELS % LABELS][at % LABELS] = weight * STEPS_SCALE;
        }
        for row in rows.chunks_exact(4 + 2 * LABELS) {
            let (feature, row) = row.split_first_chunk::<4>()?;
            let mut scores = [0.0; LABELS];
            for (score, weight) in scores.iter_mut().zip(weights(row)) {
                *score = weight;
            }
            model.weights.insert(u32::from_le_bytes(*feature), scores);
        }
        Some(model)
    }
}

/// Bytes before the weights that say what they were learned from.
pub(super) const ORIGIN: usize = 8;
/// So many steps of a kept weight are one.
const SCALE: f32 = 64.0;
/// Steps are kept coarser by this.
const STEPS_SCALE: f32 = 8.0;

fn weights(bytes: &[u8]) -> impl Iterator<Item = f32> {
    let weight = |bytes: &[u8; 2]| f32::from(i16::from_le_bytes(*bytes)) / SCALE;
    bytes.as_chunks::<2>().0.iter().map(weight)
}

/// The best sequence of labels among those that are allowed.
fn best(
    scores: &[Scores],
    joints: &[Joint],
    steps: &[[Scores; LABELS]; 2],
    allowed: &dyn Fn(usize) -> Allowed,
) -> Vec<usize> {
    let mut from: Vec<[usize; LABELS]> = Vec::with_capacity(scores.len());
    let mut now = [0.0_f32; LABELS];
    for (at, here) in scores.iter().enumerate() {
        let joint = joints.get(at).copied().unwrap_or(Joint::Apart);
        let step = &steps[usize::from(joint != Joint::Apart)];
        let (mut next, mut back) = ([f32::NEG_INFINITY; LABELS], [0; LABELS]);
        let allowed = allowed(at);
        for to in (0..LABELS).filter(|to| allowed[*to]) {
            for before in (0..LABELS).filter(|before| joint != Joint::Tied || *before == to) {
                let score = now[before] + if at == 0 { 0.0 } else { step[before][to] } + here[to];
                if score > next[to] {
                    (next[to], back[to]) = (score, before);
                }
            }
        }
        from.push(back);
        now = next;
    }
    let mut label = (0..LABELS).max_by(|a, b| now[*a].total_cmp(&now[*b])).unwrap_or(0);
    let mut found = vec![0; scores.len()];
    for at in (0..scores.len()).rev() {
        found[at] = label;
        label = from[at][label];
    }
    found
}

/// Learns weights turn by turn: an averaged perceptron with a margin.
#[derive(Default)]
pub struct Learner {
    model: Model,
    /// What each weight was, summed over the turns so far, less what it is now.
    sums: Table<Scores>,
    step_sums: [[Scores; LABELS]; 2],
    turns: f32,
}

impl Learner {
    /// One turn: its features, and which labels are right for each character. `keep` says which features are looked at this time:
    /// leaving some out makes it rely on no single one. Gives whether it was right already.
    pub fn learn(
        &mut self,
        (features, joints): (&Features, &[Joint]),
        right: &[Allowed],
        keep: &mut dyn FnMut(u32) -> bool,
    ) -> bool {
        const MARGIN: f32 = 20.0;
        self.turns += 1.0;
        let features: Vec<Vec<u32>> = features
            .iter()
            .map(|features| features.iter().copied().filter(|feature| keep(*feature)).collect())
            .collect();
        let scores: Vec<Scores> = features.iter().map(|features| self.model.scores(features)).collect();
        let mut strict = scores.clone();
        for (scores, right) in strict.iter_mut().zip(right) {
            for (score, right) in scores.iter_mut().zip(right) {
                *score += if *right { 0.0 } else { MARGIN };
            }
        }
        let said = best(&strict, joints, &self.model.steps, &|_| [true; LABELS]);
        if said.iter().zip(right).all(|(said, right)| right[*said]) {
            return true;
        }
        let wanted = best(&scores, joints, &self.model.steps, &|at| {
            right.get(at).copied().unwrap_or([true; LABELS])
        });
        for at in 0..features.len() {
            self.step(at, joints, &wanted, 1.0);
            self.step(at, joints, &said, -1.0);
            if said[at] != wanted[at] {
                for feature in &features[at] {
                    self.change(*feature, wanted[at], 1.0);
                    self.change(*feature, said[at], -1.0);
                }
            }
        }
        false
    }

    fn change(&mut self, feature: u32, label: usize, by: f32) {
        self.model.weights.entry(feature).or_default()[label] += by;
        self.sums.entry(feature).or_default()[label] += by * self.turns;
    }

    fn step(&mut self, at: usize, joints: &[Joint], labels: &[usize], by: f32) {
        let Some(before) = at.checked_sub(1) else { return };
        let kind = usize::from(joints[at] != Joint::Apart);
        self.model.steps[kind][labels[before]][labels[at]] += by;
        self.step_sums[kind][labels[before]][labels[at]] += by * self.turns;
    }

    /// The weights, averaged over all turns, as the product reads them: what they were learned from, as a hash; the steps; each feature
    /// with its weights, in order. Features of little weight are left out.
    #[must_use]
    pub fn write(&self, origin: u64) -> Vec<u8> {
        const LEAST: f32 = 3.0;
        let turns = self.turns.max(1.0);
        let mean = |now: f32, sum: f32| now - sum / turns;
        let mut rows: Vec<(u32, Scores)> = Vec::new();
        for (feature, now) in &self.model.weights {
            let sums = self.sums.get(feature).copied().unwrap_or_default();
            let mut row = [0.0; LABELS];
            for label in 0..LABELS {
                row[label] = mean(now[label], sums[label]);
            }
            let spread = row.iter().copied().fold(f32::MIN, f32::max) - row.iter().copied().fold(f32::MAX, f32::min);
            if spread >= LEAST {
                rows.push((*feature, row));
            }
        }
        rows.sort_by_key(|(feature, _)| *feature);
        let kept = |weight: f32| ((weight * SCALE).round().clamp(-32767.0, 32767.0) as i16).to_le_bytes();
        let mut out = origin.to_le_bytes().to_vec();
        for kind in 0..2 {
            for before in 0..LABELS {
                for to in 0..LABELS {
                    let now = mean(self.model.steps[kind][before][to], self.step_sums[kind][before][to]);
                    out.extend(kept(now / STEPS_SCALE));
                }
            }
        }
        for (feature, row) in rows {
            out.extend(feature.to_le_bytes());
            out.extend(row.iter().flat_map(|weight| kept(*weight)));
        }
        out
    }
}
