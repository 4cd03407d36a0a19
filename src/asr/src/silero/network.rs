//! The network: spectrum, four convolutions, one LSTM cell, one probability.

use sidetone_speech::VAD_FRAME;

use super::SileroError;
use super::rows::{Rows, SUMS};
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

/// One value for each unit.
type Units = [f32; HIDDEN];

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

/// A convolution over [`SEEN`] steps, padded by one, with ReLU, that makes `V` steps of a frame; `N` rows at a time.
struct Conv<const N: usize, const V: usize> {
    /// Of one step.
    inputs: usize,
    stride: usize,
    /// A row for each output: the inputs of the first step, of the second and of the third, so that what is seen at once
    /// is one run of memory.
    rows: Rows<N>,
    bias: Vec<f32>,
}

impl<const N: usize, const V: usize> Conv<N, V> {
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
        let windows: [&[f32]; V] =
            std::array::from_fn(|step| &input[step * self.stride * self.inputs..][..SEEN * self.inputs]);
        out.clear();
        out.resize((V + 2) * outputs, 0.0);
        for (group, products) in self.rows.products(windows).enumerate() {
            let bias = &self.bias[group * N..][..N];
            for (step, products) in products.iter().enumerate() {
                let out = &mut out[(step + 1) * outputs + group * N..][..N];
                for ((out, product), bias) in out.iter_mut().zip(products).zip(bias) {
                    *out = (product + bias).max(0.0);
                }
            }
        }
    }
}

/// The weights, ordered for the processor.
pub(super) struct Network {
    spectrum: Spectrum,
    first: Conv<16, 4>,
    second: Conv<32, 2>,
    third: Conv<SUMS, 1>,
    fourth: Conv<SUMS, 1>,
    /// Of each gate of the LSTM its units; for what comes from the features, then from the hidden values.
    gates: Rows<SUMS>,
    gate_bias: [Units; GATES],
    last: Vec<f32>,
    last_bias: f32,
}

impl Network {
    pub(super) fn new(weights: &Weights<'_>) -> Result<Self, SileroError> {
        let from_features = weights.floats("lstm_cell.weight_ih", GATES * HIDDEN * HIDDEN)?;
        let from_hidden = weights.floats("lstm_cell.weight_hh", GATES * HIDDEN * HIDDEN)?;
        let weight = |row: usize, column: usize| match column.checked_sub(HIDDEN) {
            None => from_features[row * HIDDEN + column],
            Some(column) => from_hidden[row * HIDDEN + column],
        };
        let biases = (
            weights.floats("lstm_cell.bias_ih", GATES * HIDDEN)?,
            weights.floats("lstm_cell.bias_hh", GATES * HIDDEN)?,
        );
        let bias = |gate: usize, unit: usize| {
            let at = gate * HIDDEN + unit;
            biases.0[at] + biases.1[at]
        };
        Ok(Self {
            spectrum: Spectrum::new(weights)?,
            first: Conv::new(weights, ("conv1.weight", "conv1.bias"), BINS, 128, 1)?,
            second: Conv::new(weights, ("conv2.weight", "conv2.bias"), 128, 64, 2)?,
            third: Conv::new(weights, ("conv3.weight", "conv3.bias"), 64, 64, 2)?,
            fourth: Conv::new(weights, ("conv4.weight", "conv4.bias"), 64, HIDDEN, 1)?,
            gates: Rows::new(GATES * HIDDEN, 2 * HIDDEN, weight),
            gate_bias: std::array::from_fn(|gate| std::array::from_fn(|unit| bias(gate, unit))),
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
        self.first.run(&read, &mut written);
        self.second.run(&written, &mut read);
        self.third.run(&read, &mut written);
        self.fourth.run(&written, &mut read);
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
        let mut gates = self.gate_bias;
        let products = self.gates.products([state.seen.as_slice()]);
        for (gates, [products]) in gates.as_flattened_mut().chunks_exact_mut(SUMS).zip(products) {
            for (gate, product) in gates.iter_mut().zip(products) {
                *gate += product;
            }
        }
        let [input, forget, new, output] = &gates;
        let hidden = &mut state.seen[HIDDEN..];
        for unit in 0..HIDDEN {
            let kept = sigmoid(forget[unit]) * state.cell[unit];
            state.cell[unit] = kept + sigmoid(input[unit]) * tanh(new[unit]);
            hidden[unit] = sigmoid(output[unit]) * tanh(state.cell[unit]);
        }
    }
}

fn sigmoid(value: f32) -> f32 {
    1.0 / (1.0 + exp(-value))
}

fn tanh(value: f32) -> f32 {
    2.0 * sigmoid(2.0 * value) - 1.0
}

/// Within three ten-millionths of what it should be, from -87 to 88; beyond that as there. Without a branch or a call, so that
/// the units of the LSTM are computed side by side.
///
/// Powers of two are the exponent of a float; for the rest, within half of ln 2 on both sides of zero, a polynomial
/// (Cephes' `expf`) is exact enough.
fn exp(value: f32) -> f32 {
    /// 1.5 * 2^23: added to a small number it leaves the nearest whole one in the lowest bits.
    const NEAREST: f32 = 12_582_912.0;
    /// ln 2 in two parts, the first of few bits, so that multiples of it are exact.
    const LN_2: [f32; 2] = [0.693_359_4, -2.121_944_4e-4];
    const SERIES: [f32; 6] = [
        1.987_569_1e-4,
        1.398_199_9e-3,
        8.333_452e-3,
        4.166_579_6e-2,
        1.666_666_5e-1,
        0.5,
    ];
    let value = value.clamp(-87.0, 88.0);
    let shifted = value * std::f32::consts::LOG2_E + NEAREST;
    let whole = shifted - NEAREST;
    let rest = value - whole * LN_2[0] - whole * LN_2[1];
    let series = SERIES.iter().fold(0.0, |sum, term| sum * rest + term);
    let fraction = series * rest * rest + rest + 1.0;
    f32::from_bits(fraction.to_bits().wrapping_add(shifted.to_bits() << 23))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_is_the_library_s_within_rounding() {
        for step in -870_000..880_000 {
            let value = step as f32 / 10_000.0;
            let (ours, exact) = (f64::from(exp(value)), f64::from(value).exp());
            assert!((ours / exact - 1.0).abs() < 3e-7, "{value}: {ours} for {exact}");
        }
        assert!(exp(-1_000.0) > 0.0 && exp(1_000.0).is_finite());
    }
}
