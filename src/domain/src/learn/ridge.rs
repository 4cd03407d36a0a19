//! What vectors and their classes teach in closed form, by Cholesky's decomposition: a linear head (least squares with a penalty on
//! its weights), and a space in which texts of one class lie close.

use sidetone_encoder::DIMENSIONS;

use crate::meaning::Vector;

/// What a vector has, and one for the bias.
const SIDE: usize = DIMENSIONS + 1;
/// The penalty, in texts.
const PENALTY: f64 = 3.0;
/// What every direction counts, whatever texts of a class differ in along it, in shares of the mean.
const EVEN: f64 = 3.0;

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
    pub(crate) fn solve(&self, without: Option<usize>) -> (Ridge, Space) {
        let Part { mut square, mut wanted } = self.all_but(without);
        let space = Space::of(&square, &wanted);
        for at in 0..SIDE {
            square[start(at) + at] += PENALTY;
        }
        decompose(&mut square, SIDE);
        wanted.chunks_exact_mut(SIDE).for_each(|row| substitute(&square, row));
        let ridge = Ridge {
            weights: wanted.into_iter().map(|weight| weight as f32).collect(),
        };
        (ridge, space)
    }

    fn all_but(&self, without: Option<usize>) -> Part {
        let mut sum = Part {
            square: vec![0.0; SIDE * (SIDE + 1) / 2],
            wanted: vec![0.0; self.outputs * SIDE],
        };
        let add = |sums: &mut [f64], values: &[f64]| {
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        };
        for (_, part) in self.parts.iter().enumerate().filter(|(at, _)| Some(*at) != without) {
            add(&mut sum.square, &part.square);
            add(&mut sum.wanted, &part.wanted);
        }
        sum
    }
}

/// A space of vectors, made so that what texts of one class differ in weighs little.
#[derive(Debug)]
pub(crate) struct Space {
    mean: Vec<f64>,
    /// The lower factor of what texts differ in within their classes.
    factor: Vec<f64>,
}

impl Space {
    fn of(square: &[f64], wanted: &[f64]) -> Self {
        let last = &square[start(DIMENSIONS)..];
        let count = last[DIMENSIONS].max(1.0);
        let mean = last[..DIMENSIONS].iter().map(|sum| sum / count).collect();
        // All squares less those of each class's own mean.
        let mut factor = square[..start(DIMENSIONS)].to_vec();
        for class in wanted.chunks_exact(SIDE).filter(|class| class[DIMENSIONS] > 0.0) {
            for row in 0..DIMENSIONS {
                let share = class[row] / class[DIMENSIONS];
                let sums = factor[start(row)..=start(row) + row].iter_mut();
                sums.zip(class).for_each(|(sum, value)| *sum -= share * value);
            }
        }
        let trace: f64 = (0..DIMENSIONS).map(|at| factor[start(at) + at]).sum();
        let even = (EVEN * trace / DIMENSIONS as f64).max(f64::MIN_POSITIVE);
        for at in 0..DIMENSIONS {
            factor[start(at) + at] += even;
        }
        decompose(&mut factor, DIMENSIONS);
        Self { mean, factor }
    }

    /// Where a vector lies in it; its length is 1.
    pub(crate) fn place(&self, vector: &Vector) -> Vector {
        let mut placed: Vec<f64> = vector
            .iter()
            .zip(&self.mean)
            .map(|(value, mean)| f64::from(*value) - mean)
            .collect();
        descend(&self.factor, &mut placed);
        let length = placed.iter().map(|value| value * value).sum::<f64>().sqrt();
        let scale = length.max(f64::MIN_POSITIVE).recip();
        let mut out = [0.0; DIMENSIONS];
        out.iter_mut()
            .zip(placed)
            .for_each(|(out, value)| *out = (value * scale) as f32);
        out
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
fn decompose(square: &mut [f64], side: usize) {
    for row in 0..side {
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

/// The first half of it: by the lower factor alone.
fn descend(factor: &[f64], right: &mut [f64]) {
    for row in 0..right.len() {
        let weights = &factor[start(row)..][..=row];
        right[row] = (right[row] - dot(&weights[..row], &right[..row])) / weights[row];
    }
}

/// Solves for one right side, in place.
fn substitute(factor: &[f64], right: &mut [f64]) {
    descend(factor, right);
    for row in (0..right.len()).rev() {
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes lie apart in one direction, and each is spread widely in another.
    fn vector(class: f32, spread: f32) -> Vector {
        let mut vector = [0.0; DIMENSIONS];
        (vector[0], vector[1]) = (class, spread);
        let length = (class * class + spread * spread).sqrt();
        vector.map(|value| value / length)
    }

    fn cosine(a: &Vector, b: &Vector) -> f32 {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn in_the_space_texts_of_a_class_are_near_whatever_else_they_differ_in() {
        let mut sums = Sums::new(2, 3);
        for at in -20..=20_i16 {
            let spread = f32::from(at) / 5.0;
            sums.add(Some(0), &vector(1.0, spread), &[0], 1.0);
            sums.add(Some(0), &vector(-1.0, spread), &[1], 1.0);
        }
        let (_, space) = sums.solve(Some(1));
        let (one, same, other) = (vector(1.0, 1.0), vector(1.0, -1.5), vector(-1.0, 2.5));
        assert!(cosine(&one, &same) < cosine(&one, &other));
        let [one, same, other] = [one, same, other].map(|vector| space.place(&vector));
        assert!(cosine(&one, &same) > cosine(&one, &other));
        // Of nothing nothing is learned, and everything has a place.
        let (ridge, space) = sums.solve(Some(0));
        assert!(space.place(&vector(1.0, 1.0)).iter().all(|value| value.is_finite()));
        assert!(ridge.scores(&vector(1.0, 1.0)).iter().all(|score| *score == 0.0));
    }
}
