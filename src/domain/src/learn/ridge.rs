//! A linear head in closed form: least squares with a penalty on its weights, by Cholesky's decomposition.

use sidetone_encoder::DIMENSIONS;

use crate::meaning::Vector;

/// What a vector has, and one for the bias.
const SIDE: usize = DIMENSIONS + 1;
/// The penalty, in texts.
const PENALTY: f64 = 3.0;

/// Products of vectors with each other and with what they ask for, summed over one part of the texts.
#[derive(Clone, Debug)]
struct Part {
    /// The lower half, row by row.
    square: Vec<f64>,
    /// A row for each class.
    wanted: Vec<f64>,
}

/// The sums of all parts. A part that is left out is not summed, so nothing is summed twice.
#[derive(Debug)]
pub(crate) struct Sums {
    /// The last is of texts that always stay.
    parts: Vec<Part>,
    outputs: usize,
}

/// The head.
#[derive(Debug)]
pub(crate) struct Ridge {
    /// A row for each class.
    weights: Vec<f32>,
}

impl Sums {
    /// `outputs` are the classes and none.
    pub(crate) fn new(folds: usize, outputs: usize) -> Self {
        let part = Part {
            square: vec![0.0; SIDE * (SIDE + 1) / 2],
            wanted: vec![0.0; outputs * SIDE],
        };
        Self {
            parts: vec![part; folds + 1],
            outputs,
        }
    }

    /// A text that asks for all of `wanted`, or for none.
    pub(crate) fn add(&mut self, fold: Option<usize>, vector: &Vector, wanted: &[u32], weight: f64) {
        let always = self.parts.len() - 1;
        let part = &mut self.parts[fold.unwrap_or(always)];
        let row = widened(vector);
        let mut from = 0;
        for (at, value) in row.iter().enumerate() {
            let value = value * weight;
            for (sum, other) in part.square[from..=from + at].iter_mut().zip(&row) {
                *sum += value * other;
            }
            from += at + 1;
        }
        let none = [self.outputs as u32 - 1];
        let wanted = if wanted.is_empty() { &none } else { wanted };
        let weight = weight / wanted.len() as f64;
        for output in wanted {
            let sums = &mut part.wanted[*output as usize * SIDE..][..SIDE];
            for (sum, value) in sums.iter_mut().zip(&row) {
                *sum += value * weight;
            }
        }
    }

    /// What all but one part teach.
    pub(crate) fn solve(&self, without: Option<usize>) -> Ridge {
        let mut square = vec![0.0; SIDE * (SIDE + 1) / 2];
        let mut wanted = vec![0.0; self.outputs * SIDE];
        for (_, part) in self.parts.iter().enumerate().filter(|(at, _)| Some(*at) != without) {
            square
                .iter_mut()
                .zip(&part.square)
                .for_each(|(sum, value)| *sum += value);
            wanted
                .iter_mut()
                .zip(&part.wanted)
                .for_each(|(sum, value)| *sum += value);
        }
        for at in 0..SIDE {
            square[start(at) + at] += PENALTY;
        }
        decompose(&mut square);
        wanted.chunks_exact_mut(SIDE).for_each(|row| substitute(&square, row));
        Ridge {
            weights: wanted.into_iter().map(|weight| weight as f32).collect(),
        }
    }
}

impl Ridge {
    /// By class, and behind them none.
    pub(crate) fn scores(&self, vector: &Vector) -> Vec<f32> {
        let score = |weights: &[f32; SIDE]| {
            let mut sums = [0.0_f32; 8];
            let (lanes, _) = vector.as_chunks::<8>();
            for (values, weights) in lanes.iter().zip(weights.as_chunks::<8>().0) {
                for ((sum, value), weight) in sums.iter_mut().zip(values).zip(weights) {
                    *sum += value * weight;
                }
            }
            sums.iter().sum::<f32>() + weights[DIMENSIONS]
        };
        self.weights.as_chunks::<SIDE>().0.iter().map(score).collect()
    }
}

fn widened(vector: &Vector) -> [f64; SIDE] {
    let mut row = [1.0; SIDE];
    row.iter_mut()
        .zip(vector)
        .for_each(|(wide, value)| *wide = f64::from(*value));
    row
}

/// Where a row of the lower half begins.
const fn start(row: usize) -> usize {
    row * (row + 1) / 2
}

/// A positive definite matrix to its lower factor, in place.
fn decompose(square: &mut [f64]) {
    for row in 0..SIDE {
        let (above, own) = square.split_at_mut(start(row));
        for column in 0..=row {
            let other = if column < row {
                &above[start(column)..][..=column]
            } else {
                &[]
            };
            let sum: f64 = match column < row {
                true => dot(&own[..column], &other[..column]),
                false => dot(&own[..column], &own[..column]),
            };
            own[column] = match column < row {
                true => (own[column] - sum) / other[column],
                false => (own[column] - sum).max(f64::MIN_POSITIVE).sqrt(),
            };
        }
    }
}

/// Solves for one right side, in place.
fn substitute(factor: &[f64], right: &mut [f64]) {
    for row in 0..SIDE {
        let weights = &factor[start(row)..][..=row];
        right[row] = (right[row] - dot(&weights[..row], &right[..row])) / weights[row];
    }
    for row in (0..SIDE).rev() {
        let weights = &factor[start(row)..][..=row];
        right[row] /= weights[row];
        let value = right[row];
        for (sum, weight) in right[..row].iter_mut().zip(weights) {
            *sum -= weight * value;
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in a.iter().zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    let rest: f64 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f64>() + rest
}
