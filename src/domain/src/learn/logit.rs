//! A yes or no from sparse features: logistic regression with a penalty on its weights, averaged over its way.

/// The penalty.
const FADES: f32 = 1e-4;
/// Times that every row is learned from.
const EPOCHS: usize = 8;
/// Of an epoch, parts after which the weights count for the average.
const PARTS: usize = 4;
/// The step that the first rows take.
const FIRST: f32 = 10.0;
/// What the bias moves beside a weight.
const BIAS: f32 = 0.05;

/// What is asked of a text, the answer, and what it counts.
pub(crate) type Row<'r> = (&'r [(u32, f32)], bool, f32);

/// What rows teach.
#[derive(Debug, Default)]
pub(crate) struct Logit {
    weights: Vec<f32>,
    bias: f32,
}

impl Logit {
    /// Of features below `width`. No row: everything is as likely as not.
    pub(crate) fn learn(width: usize, rows: &[Row<'_>]) -> Self {
        let (mut sum, mut now) = (Self::of(width), Self::of(width));
        let step = super::heads::stride(rows.len());
        let part = rows.len().div_ceil(PARTS).max(1);
        // The weights are these times `scale`: what fades all costs one product.
        let (mut at, mut scale, mut count) = (0, 1.0_f32, 0.0_f32);
        for turn in 0..EPOCHS * rows.len() {
            at = (at + step) % rows.len();
            let (input, answer, weight) = rows[at];
            let rate = 1.0 / (1.0 / FIRST + FADES * turn as f32);
            scale *= 1.0 - (rate * FADES).min(0.5);
            let error = sigmoid(now.dot(input) * scale + now.bias) - f32::from(u8::from(answer));
            let slope = rate * error * weight;
            now.bias -= slope * BIAS;
            for (feature, value) in input {
                now.weights[*feature as usize] -= slope * value / scale;
            }
            if (turn + 1) % part == 0 {
                count += 1.0;
                sum.bias += now.bias;
                let all = sum.weights.iter_mut().zip(&now.weights);
                all.for_each(|(sum, weight)| *sum += weight * scale);
            }
        }
        let count = count.max(1.0);
        sum.bias /= count;
        sum.weights.iter_mut().for_each(|weight| *weight /= count);
        sum
    }

    fn of(width: usize) -> Self {
        Self {
            weights: vec![0.0; width],
            bias: 0.0,
        }
    }

    /// How likely the answer is yes.
    pub(crate) fn share(&self, input: &[(u32, f32)]) -> f32 {
        sigmoid(self.dot(input) + self.bias)
    }

    fn dot(&self, input: &[(u32, f32)]) -> f32 {
        let product = |(feature, value): &(u32, f32)| self.weights.get(*feature as usize).map_or(0.0, |w| w * value);
        input.iter().map(product).sum()
    }
}

fn sigmoid(score: f32) -> f32 {
    1.0 / (1.0 + (-score).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_is_learned_and_what_does_not_is_left() {
        let rows: Vec<(Vec<(u32, f32)>, bool)> = (0..200)
            .map(|at| (vec![(at % 2, 1.0), (2 + at / 2 % 2, 1.0)], at % 2 == 0))
            .collect();
        let rows: Vec<Row<'_>> = rows
            .iter()
            .map(|(input, answer)| (input.as_slice(), *answer, 1.0))
            .collect();
        let logit = Logit::learn(4, &rows);
        for other in [2, 3] {
            assert!(logit.share(&[(0, 1.0), (other, 1.0)]) > 0.9);
            assert!(logit.share(&[(1, 1.0), (other, 1.0)]) < 0.1);
        }
        assert!((Logit::learn(4, &[]).share(&[(0, 1.0)]) - 0.5).abs() < 1e-6);
    }
}
