//! The network: spectrum, four convolutions, one LSTM cell, one probability.

use sidetone_speech::VAD_FRAME;

use super::SileroError;
use super::weights::Weights;

/// Samples of the previous frame that are looked at again.
const CONTEXT: usize = 64;
/// Samples that are mirrored at the end.
const MIRROR: usize = 64;
const INPUT: usize = CONTEXT + VAD_FRAME + MIRROR;
const WINDOW: usize = 256;
const HOP: usize = 128;
const BINS: usize = 129;
/// Spectra in one frame.
const STEPS: usize = (INPUT - WINDOW) / HOP + 1;
const HIDDEN: usize = 128;

/// What a leg remembers between frames.
pub(super) struct State {
    context: [f32; CONTEXT],
    hidden: [f32; HIDDEN],
    cell: [f32; HIDDEN],
}

impl Default for State {
    fn default() -> Self {
        Self {
            context: [0.0; CONTEXT],
            hidden: [0.0; HIDDEN],
            cell: [0.0; HIDDEN],
        }
    }
}

/// A convolution over three steps, padded by one, with ReLU.
struct Conv {
    inputs: usize,
    stride: usize,
    /// `[output][step 0..3][input]`, so that a window of the input is one run of memory.
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Conv {
    fn new(
        weights: &Weights<'_>,
        names: (&'static str, &'static str),
        inputs: usize,
        outputs: usize,
        stride: usize,
    ) -> Result<Self, SileroError> {
        let stored = weights.floats(names.0, outputs * inputs * 3)?;
        let mut weight = vec![0.0; stored.len()];
        for output in 0..outputs {
            for input in 0..inputs {
                for step in 0..3 {
                    weight[(output * 3 + step) * inputs + input] = stored[(output * inputs + input) * 3 + step];
                }
            }
        }
        Ok(Self {
            inputs,
            stride,
            weight,
            bias: weights.floats(names.1, outputs)?,
        })
    }

    /// Steps follow each other in `input` and in what comes out.
    fn run(&self, input: &[f32]) -> Vec<f32> {
        let width = self.inputs;
        let mut padded = vec![0.0; width];
        padded.extend_from_slice(input);
        padded.resize(padded.len() + width, 0.0);
        let mut out = Vec::with_capacity(input.len() / width * self.bias.len());
        for window in padded.windows(3 * width).step_by(self.stride * width) {
            for (row, bias) in self.weight.chunks_exact(3 * width).zip(&self.bias) {
                out.push((dot(row, window) + bias).max(0.0));
            }
        }
        out
    }
}

/// The weights, ordered for the processor.
pub(super) struct Network {
    /// Rows of [`WINDOW`]: real parts of all bins, then imaginary parts.
    spectrum: Vec<f32>,
    convolutions: [Conv; 4],
    from_input: Vec<f32>,
    from_hidden: Vec<f32>,
    gate_bias: Vec<f32>,
    last: Vec<f32>,
    last_bias: f32,
}

impl Network {
    pub(super) fn new(weights: &Weights<'_>) -> Result<Self, SileroError> {
        let first = weights.floats("lstm_cell.bias_ih", 4 * HIDDEN)?;
        let second = weights.floats("lstm_cell.bias_hh", 4 * HIDDEN)?;
        Ok(Self {
            spectrum: weights.floats("stft_conv.weight", 2 * BINS * WINDOW)?,
            convolutions: [
                Conv::new(weights, ("conv1.weight", "conv1.bias"), BINS, 128, 1)?,
                Conv::new(weights, ("conv2.weight", "conv2.bias"), 128, 64, 2)?,
                Conv::new(weights, ("conv3.weight", "conv3.bias"), 64, 64, 2)?,
                Conv::new(weights, ("conv4.weight", "conv4.bias"), 64, HIDDEN, 1)?,
            ],
            from_input: weights.floats("lstm_cell.weight_ih", 4 * HIDDEN * HIDDEN)?,
            from_hidden: weights.floats("lstm_cell.weight_hh", 4 * HIDDEN * HIDDEN)?,
            gate_bias: first.iter().zip(&second).map(|(a, b)| a + b).collect(),
            last: weights.floats("final_conv.weight", HIDDEN)?,
            last_bias: weights.floats("final_conv.bias", 1)?.first().copied().unwrap_or(0.0),
        })
    }

    pub(super) fn probability(&self, state: &mut State, frame: &[i16; VAD_FRAME]) -> f32 {
        let mut features = self.magnitudes(&Self::input(state, frame));
        for convolution in &self.convolutions {
            features = convolution.run(&features);
        }
        self.remember(state, &features);
        let sum: f32 = state
            .hidden
            .iter()
            .zip(&self.last)
            .map(|(hidden, weight)| hidden.max(0.0) * weight)
            .sum();
        sigmoid(sum + self.last_bias)
    }

    /// The end of the last frame, this frame, and its end mirrored.
    fn input(state: &mut State, frame: &[i16; VAD_FRAME]) -> Vec<f32> {
        let mut input = Vec::with_capacity(INPUT);
        input.extend_from_slice(&state.context);
        input.extend(frame.iter().map(|&sample| f32::from(sample) / 32_768.0));
        state.context.copy_from_slice(&input[VAD_FRAME..]);
        let last = input.len() - 1;
        for back in 1..=MIRROR {
            input.push(input[last - back]);
        }
        input
    }

    /// [`STEPS`] rows of [`BINS`].
    fn magnitudes(&self, input: &[f32]) -> Vec<f32> {
        let (real, imaginary) = self.spectrum.split_at(BINS * WINDOW);
        let mut out = Vec::with_capacity(STEPS * BINS);
        for window in input.windows(WINDOW).step_by(HOP) {
            for (real, imaginary) in real.chunks_exact(WINDOW).zip(imaginary.chunks_exact(WINDOW)) {
                out.push(dot(real, window).hypot(dot(imaginary, window)));
            }
        }
        out
    }

    /// One step of the LSTM; gates in the order input, forget, cell, output.
    fn remember(&self, state: &mut State, features: &[f32]) {
        let hidden = state.hidden;
        let gate = |kind: usize, unit: usize| {
            let row = kind * HIDDEN + unit;
            let range = row * HIDDEN..(row + 1) * HIDDEN;
            dot(&self.from_input[range.clone()], features)
                + dot(&self.from_hidden[range], &hidden)
                + self.gate_bias[row]
        };
        for unit in 0..HIDDEN {
            let kept = sigmoid(gate(1, unit)) * state.cell[unit];
            let new = sigmoid(gate(0, unit)) * gate(2, unit).tanh();
            state.cell[unit] = kept + new;
            state.hidden[unit] = sigmoid(gate(3, unit)) * state.cell[unit].tanh();
        }
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}

/// Eight sums side by side, which the compiler turns into vector instructions.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0f32; 8];
    let (a_blocks, b_blocks) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a_blocks
        .remainder()
        .iter()
        .zip(b_blocks.remainder())
        .map(|(x, y)| x * y)
        .sum();
    for (x, y) in a_blocks.zip(b_blocks) {
        for (sum, (x, y)) in sums.iter_mut().zip(x.iter().zip(y)) {
            *sum += x * y;
        }
    }
    sums.iter().sum::<f32>() + rest
}
