//! The network: spectrum, four convolutions, one LSTM cell, one probability.

use sidetone_speech::VAD_FRAME;

use super::SileroError;
use super::rows::{Rows, TOGETHER, products};
use super::spectrum::{BINS, Room, Spectrum, WINDOW};
use super::weights::Weights;

/// Samples of the previous frame that are looked at again.
const CONTEXT: usize = 64;
/// Samples that are mirrored at the end.
const MIRROR: usize = 64;
const INPUT: usize = CONTEXT + VAD_FRAME + MIRROR;
const HOP: usize = 128;
/// Spectra in one frame.
const STEPS: usize = (INPUT - WINDOW) / HOP + 1;
const HIDDEN: usize = 128;
/// Steps that a convolution sees at once.
const SEEN: usize = 3;
/// Gates of an LSTM's unit: input, forget, cell, output.
const GATES: usize = 4;

/// What a leg remembers between frames, and room for its computations.
pub(super) struct State {
    context: [f32; CONTEXT],
    /// What the LSTM multiplies: the features of a frame, and its own output for the frame before.
    seen: [f32; 2 * HIDDEN],
    cell: [f32; HIDDEN],
    room: Room,
    /// What a layer reads and what it writes, with a step of zeros on either side.
    layers: [Vec<f32>; 2],
}

impl State {
    /// As before the first frame.
    pub(super) fn reset(&mut self) {
        self.context.fill(0.0);
        self.seen.fill(0.0);
        self.cell.fill(0.0);
    }
}

/// A convolution over [`SEEN`] steps, padded by one, with ReLU.
struct Conv {
    /// Of one step.
    inputs: usize,
    stride: usize,
    /// A row for each output: the inputs of the first step, of the second and of the third, so that what is seen at once
    /// is one run of memory.
    rows: Rows,
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
        let stored = weights.floats(names.0, outputs * inputs * SEEN)?;
        let weight = |output: usize, column: usize| {
            let (step, input) = (column / inputs, column % inputs);
            stored[(output * inputs + input) * SEEN + step]
        };
        Ok(Self {
            inputs,
            stride,
            rows: Rows::new(outputs, SEEN * inputs, weight),
            bias: weights.floats(names.1, outputs)?,
        })
    }

    /// Steps follow each other in `input` and in `out`, each with a step of zeros before and behind it.
    fn run(&self, input: &[f32], out: &mut Vec<f32>) {
        let outputs = self.bias.len();
        let windows = || input.windows(SEEN * self.inputs).step_by(self.stride * self.inputs);
        out.clear();
        out.resize((windows().len() + 2) * outputs, 0.0);
        // Rows are read once for all steps: there are more of them than the first cache holds.
        for (group, (rows, bias)) in self.rows.groups().zip(self.bias.chunks_exact(TOGETHER)).enumerate() {
            for (step, window) in windows().enumerate() {
                let out = &mut out[(step + 1) * outputs + group * TOGETHER..][..TOGETHER];
                for ((out, product), bias) in out.iter_mut().zip(products(rows, window)).zip(bias) {
                    *out = (product + bias).max(0.0);
                }
            }
        }
    }
}

/// The weights, ordered for the processor.
pub(super) struct Network {
    spectrum: Spectrum,
    convolutions: [Conv; 4],
    /// Of each unit of the LSTM its gates; for what comes from the features, then from the hidden values.
    gates: Rows,
    gate_bias: Vec<[f32; GATES]>,
    last: Vec<f32>,
    last_bias: f32,
}

impl Network {
    pub(super) fn new(weights: &Weights<'_>) -> Result<Self, SileroError> {
        let (first, second) = (
            weights.floats("lstm_cell.bias_ih", GATES * HIDDEN)?,
            weights.floats("lstm_cell.bias_hh", GATES * HIDDEN)?,
        );
        let from_features = weights.floats("lstm_cell.weight_ih", GATES * HIDDEN * HIDDEN)?;
        let from_hidden = weights.floats("lstm_cell.weight_hh", GATES * HIDDEN * HIDDEN)?;
        // The file has all units of a gate together.
        let stored = |gate: usize, unit: usize| gate * HIDDEN + unit;
        let weight = |row: usize, column: usize| {
            let begin = stored(row % GATES, row / GATES) * HIDDEN;
            match column.checked_sub(HIDDEN) {
                None => from_features[begin + column],
                Some(column) => from_hidden[begin + column],
            }
        };
        let bias = |unit: usize| {
            std::array::from_fn(|gate| {
                let at = stored(gate, unit);
                first[at] + second[at]
            })
        };
        Ok(Self {
            spectrum: Spectrum::new(weights)?,
            convolutions: [
                Conv::new(weights, ("conv1.weight", "conv1.bias"), BINS, 128, 1)?,
                Conv::new(weights, ("conv2.weight", "conv2.bias"), 128, 64, 2)?,
                Conv::new(weights, ("conv3.weight", "conv3.bias"), 64, 64, 2)?,
                Conv::new(weights, ("conv4.weight", "conv4.bias"), 64, HIDDEN, 1)?,
            ],
            gates: Rows::new(GATES * HIDDEN, 2 * HIDDEN, weight),
            gate_bias: (0..HIDDEN).map(bias).collect(),
            last: weights.floats("final_conv.weight", HIDDEN)?,
            last_bias: weights.floats("final_conv.bias", 1)?.first().copied().unwrap_or(0.0),
        })
    }

    /// A leg that has heard nothing yet.
    pub(super) fn state(&self) -> State {
        State {
            context: [0.0; CONTEXT],
            seen: [0.0; 2 * HIDDEN],
            cell: [0.0; HIDDEN],
            room: self.spectrum.room(),
            layers: [Vec::new(), Vec::new()],
        }
    }

    pub(super) fn probability(&self, state: &mut State, frame: &[i16; VAD_FRAME]) -> f32 {
        let [mut read, mut written] = std::mem::take(&mut state.layers);
        self.magnitudes(state, frame, &mut read);
        for convolution in &self.convolutions {
            convolution.run(&read, &mut written);
            std::mem::swap(&mut read, &mut written);
        }
        // One step is left of the frame, between its zeros.
        state.seen[..HIDDEN].copy_from_slice(&read[HIDDEN..2 * HIDDEN]);
        state.layers = [read, written];
        self.remember(state);
        let hidden = &state.seen[HIDDEN..];
        let sum: f32 = hidden
            .iter()
            .zip(&self.last)
            .map(|(hidden, weight)| hidden.max(0.0) * weight)
            .sum();
        sigmoid(sum + self.last_bias)
    }

    /// The spectra of the end of the last frame, this frame, and its end mirrored.
    fn magnitudes(&self, state: &mut State, frame: &[i16; VAD_FRAME], out: &mut Vec<f32>) {
        let mut input = [0.0; INPUT];
        input[..CONTEXT].copy_from_slice(&state.context);
        for (input, &sample) in input[CONTEXT..].iter_mut().zip(frame) {
            *input = f32::from(sample) / 32_768.0;
        }
        state.context.copy_from_slice(&input[VAD_FRAME..][..CONTEXT]);
        let end = CONTEXT + VAD_FRAME;
        for back in 0..MIRROR {
            input[end + back] = input[end - 2 - back];
        }
        out.clear();
        out.resize((STEPS + 2) * BINS, 0.0);
        let steps = out.chunks_exact_mut(BINS).skip(1);
        for (window, out) in input.windows(WINDOW).step_by(HOP).zip(steps) {
            self.spectrum.magnitudes(&mut state.room, window, out);
        }
    }

    /// One step of the LSTM.
    fn remember(&self, state: &mut State) {
        let seen = state.seen;
        let mut products = self.gates.groups().flat_map(|rows| products(rows, &seen));
        let units = state.seen[HIDDEN..].iter_mut().zip(&mut state.cell);
        for ((hidden, cell), bias) in units.zip(&self.gate_bias) {
            let [input, forget, new, output] = bias.map(|bias| bias + products.next().unwrap_or(0.0));
            *cell = sigmoid(forget) * *cell + sigmoid(input) * new.tanh();
            *hidden = sigmoid(output) * cell.tanh();
        }
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + (-value).exp())
}
