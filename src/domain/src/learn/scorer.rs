//! A learned score of a few numbers: their weighted sum, and beside it some bends, each the bent sum of its own weights, so
//! that one number may count for more or less where others are high or low.

use super::heads::stride;
use super::store::Store;

/// How many bends.
const BENDS: usize = 8;
const RATE: f32 = 0.04;
const DECAY: f32 = 1e-4;
/// Where the squares of slopes begin.
const SQUARE: f32 = 1e-3;
/// How far apart the bends begin.
const SPREAD: f32 = 1.0;

/// What changes when a score is learned.
#[derive(Clone, Debug)]
struct Weights<const N: usize> {
    linear: [f32; N],
    bends: [[f32; N]; BENDS],
    begin: [f32; BENDS],
    counts: [f32; BENDS],
    bias: f32,
}

impl<const N: usize> Weights<N> {
    const fn all(value: f32) -> Self {
        Self {
            linear: [value; N],
            bends: [[value; N]; BENDS],
            begin: [value; BENDS],
            counts: [value; BENDS],
            bias: value,
        }
    }
}

/// A learned score.
#[derive(Debug)]
pub(crate) struct Scorer<const N: usize> {
    weights: Weights<N>,
    /// Sums of the squares of the slopes: each weight has its own pace.
    squares: Weights<N>,
    mean: [f32; N],
    scale: [f32; N],
    /// Without bends: a few rows teach a sum and no more.
    straight: bool,
}

/// How a score came about.
pub(crate) struct Traced<const N: usize> {
    numbers: [f32; N],
    bent: [f32; BENDS],
    pub(crate) score: f32,
}

impl<const N: usize> Scorer<N> {
    /// Nothing learned; numbers are read beside those of `rows`. A `straight` one has no bends: few rows teach no more. The bends of
    /// each `voice` begin elsewhere.
    pub(crate) fn new<'a>(rows: impl Iterator<Item = &'a [f32; N]>, straight: bool, voice: usize) -> Self {
        let (mut mean, mut square, mut count) = ([0.0_f64; N], [0.0_f64; N], 0.0_f64);
        for row in rows {
            count += 1.0;
            for ((mean, square), number) in mean.iter_mut().zip(&mut square).zip(row) {
                *mean += f64::from(*number);
                *square += f64::from(*number) * f64::from(*number);
            }
        }
        let count = count.max(1.0);
        let mut scale = [0.0; N];
        for ((scale, mean), square) in scale.iter_mut().zip(&mut mean).zip(square) {
            *mean /= count;
            let spread = (square / count - *mean * *mean).max(0.0).sqrt();
            *scale = if spread > 1e-6 { (1.0 / spread) as f32 } else { 0.0 };
        }
        let mut weights = Weights::all(0.0);
        // A fixed spread in place of chance: the same pack gives the same scores.
        let step = stride(BENDS * N);
        for (at, weight) in weights.bends.iter_mut().flatten().enumerate() {
            let place = (at * step + voice * N) % (BENDS * N);
            *weight = (place as f32 / (BENDS * N) as f32 - 0.5) * SPREAD * (2.0 / N as f32).sqrt();
        }
        for (at, begin) in weights.begin.iter_mut().enumerate() {
            *begin = (((at + voice) * 5 % BENDS) as f32 / BENDS as f32 - 0.5) * SPREAD;
        }
        Self {
            weights,
            squares: Weights::all(SQUARE),
            mean: mean.map(|mean| mean as f32),
            scale,
            straight,
        }
    }

    pub(crate) fn score(&self, numbers: &[f32; N]) -> f32 {
        self.traced(numbers).score
    }

    pub(crate) fn traced(&self, numbers: &[f32; N]) -> Traced<N> {
        let mut own = *numbers;
        for ((number, mean), scale) in own.iter_mut().zip(&self.mean).zip(&self.scale) {
            *number = ((*number - mean) * scale).clamp(-4.0, 4.0);
        }
        let mut score = self.weights.bias + dot(&self.weights.linear, &own);
        let mut bent = [0.0; BENDS];
        let bends = if self.straight { 0 } else { BENDS };
        for (at, bent) in bent.iter_mut().enumerate().take(bends) {
            *bent = (self.weights.begin[at] + dot(&self.weights.bends[at], &own)).tanh();
            score += self.weights.counts[at] * *bent;
        }
        Traced {
            numbers: own,
            bent,
            score,
        }
    }

    /// Learns from scores that were off by `errors`.
    pub(crate) fn learn<'a>(&mut self, errors: impl Iterator<Item = (&'a Traced<N>, f32)>) {
        let mut slopes = Weights::all(0.0);
        for (traced, error) in errors {
            slopes.bias += error;
            add(&mut slopes.linear, error, &traced.numbers);
            for (at, bent) in traced.bent.iter().enumerate() {
                slopes.counts[at] += error * bent;
                let inner = error * self.weights.counts[at] * (1.0 - bent * bent);
                slopes.begin[at] += inner;
                add(&mut slopes.bends[at], inner, &traced.numbers);
            }
        }
        let (weights, squares) = (&mut self.weights, &mut self.squares);
        descend(&mut weights.linear, &mut squares.linear, &slopes.linear);
        let (mut bias, mut square) = ([weights.bias], [squares.bias]);
        descend(&mut bias, &mut square, &[slopes.bias]);
        ([weights.bias], [squares.bias]) = (bias, square);
        if self.straight {
            return;
        }
        for at in 0..BENDS {
            descend(&mut weights.bends[at], &mut squares.bends[at], &slopes.bends[at]);
        }
        descend(&mut weights.begin, &mut squares.begin, &slopes.begin);
        descend(&mut weights.counts, &mut squares.counts, &slopes.counts);
    }
}

impl<const N: usize> Store for Weights<N> {
    fn put(&self, out: &mut Vec<u8>) {
        self.linear.put(out);
        self.bends.iter().for_each(|bend| bend.put(out));
        self.begin.put(out);
        self.counts.put(out);
        self.bias.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let mut weights = Self::all(0.0);
        weights.linear = Store::take(from)?;
        for bend in &mut weights.bends {
            *bend = Store::take(from)?;
        }
        weights.begin = Store::take(from)?;
        weights.counts = Store::take(from)?;
        weights.bias = f32::take(from)?;
        Some(weights)
    }
}

/// A score that is kept learns no more.
impl<const N: usize> Store for Scorer<N> {
    fn put(&self, out: &mut Vec<u8>) {
        self.weights.put(out);
        self.mean.put(out);
        self.scale.put(out);
        u32::from(self.straight).put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            weights: Weights::take(from)?,
            squares: Weights::all(SQUARE),
            mean: Store::take(from)?,
            scale: Store::take(from)?,
            straight: u32::take(from)? > 0,
        })
    }
}

fn dot<const N: usize>(weights: &[f32; N], numbers: &[f32; N]) -> f32 {
    weights
        .iter()
        .zip(numbers)
        .map(|(weight, number)| weight * number)
        .sum()
}

fn add<const N: usize>(slopes: &mut [f32; N], error: f32, numbers: &[f32; N]) {
    for (slope, number) in slopes.iter_mut().zip(numbers) {
        *slope += error * number;
    }
}

fn descend<const N: usize>(weights: &mut [f32; N], squares: &mut [f32; N], slopes: &[f32; N]) {
    for ((weight, square), slope) in weights.iter_mut().zip(squares).zip(slopes) {
        let slope = slope + DECAY * *weight;
        *square += slope * slope;
        *weight -= RATE * slope / square.sqrt();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of two numbers is high: no weighted sum tells that from none or both.
    #[test]
    fn a_bend_tells_what_no_sum_can() {
        let rows = [
            ([0.0, 0.0], 0.0),
            ([1.0, 1.0], 0.0),
            ([0.0, 1.0], 1.0),
            ([1.0, 0.0], 1.0),
        ];
        let mut scorer = Scorer::new(rows.iter().map(|(row, _)| row), false, 0);
        for _ in 0..4000 {
            for (row, wanted) in &rows {
                let traced = scorer.traced(row);
                let error = 1.0 / (1.0 + (-traced.score).exp()) - wanted;
                scorer.learn([(&traced, error)].into_iter());
            }
        }
        for (row, wanted) in &rows {
            assert_eq!(scorer.score(row) > 0.0, *wanted > 0.5, "{row:?}");
        }
    }
}
