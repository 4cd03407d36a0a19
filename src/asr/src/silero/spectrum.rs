//! The detector's first layer: the magnitudes of a Fourier transform behind a Hann window.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::num_complex::Complex;
use realfft::{RealFftPlanner, RealToComplex};

use super::SileroError;
use super::weights::Weights;

/// Samples that are transformed at once.
pub(super) const WINDOW: usize = 256;
pub(super) const BINS: usize = WINDOW / 2 + 1;
/// Rounding that the file's values may show; they are at most 1.
const ROUNDING: f64 = 1e-5;

/// The transform. The file has it as a convolution with 258 rows, a quarter of all of the network's work; that the rows
/// are those of a Fourier transform is checked once, when the file is read.
pub(super) struct Spectrum {
    transform: Arc<dyn RealToComplex<f32>>,
    window: [f32; WINDOW],
}

/// Room for one transform.
pub(super) struct Room {
    windowed: Vec<f32>,
    bins: Vec<Complex<f32>>,
    scratch: Vec<Complex<f32>>,
}

/// Hann's window, periodic.
fn hann(sample: usize) -> f64 {
    0.5 - 0.5 * turn(sample).cos()
}

/// So many samples of a period of [`WINDOW`], in radians.
fn turn(samples: usize) -> f64 {
    TAU * (samples % WINDOW) as f64 / WINDOW as f64
}

impl Spectrum {
    pub(super) fn new(weights: &Weights<'_>) -> Result<Self, SileroError> {
        const NAME: &str = "stft_conv.weight";
        let stored = weights.floats(NAME, 2 * BINS * WINDOW)?;
        let is_fourier = |(at, &value): (usize, &f32)| {
            let (row, sample) = (at / WINDOW, at % WINDOW);
            let wave = match row.checked_sub(BINS) {
                None => turn(row * sample).cos(),
                Some(bin) => -turn(bin * sample).sin(),
            };
            (f64::from(value) - hann(sample) * wave).abs() < ROUNDING
        };
        if !stored.iter().enumerate().all(is_fourier) {
            return Err(SileroError::Weights(NAME));
        }
        Ok(Self {
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW),
            window: std::array::from_fn(|sample| hann(sample) as f32),
        })
    }

    pub(super) fn room(&self) -> Room {
        Room {
            windowed: self.transform.make_input_vec(),
            bins: self.transform.make_output_vec(),
            scratch: self.transform.make_scratch_vec(),
        }
    }

    /// Of [`WINDOW`] samples; [`BINS`] values into `out`.
    pub(super) fn magnitudes(&self, room: &mut Room, samples: &[f32], out: &mut [f32]) {
        for (windowed, (sample, weight)) in room.windowed.iter_mut().zip(samples.iter().zip(&self.window)) {
            *windowed = sample * weight;
        }
        // Buffers of the transform's own making have the sizes that it asks for.
        let done = self
            .transform
            .process_with_scratch(&mut room.windowed, &mut room.bins, &mut room.scratch);
        debug_assert!(done.is_ok());
        for (out, bin) in out.iter_mut().zip(&room.bins) {
            *out = bin.norm_sqr().sqrt();
        }
    }
}
