//! The log-mel spectrogram that Whisper was trained with: 16 kHz, 25 ms windows each 10 ms, 80 bands on
//! Slaney's scale and norm.

use std::f64::consts::TAU;
use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// Bands of the models that are understood.
const BANDS: usize = 80;
/// Samples of a window.
const WINDOW: usize = 400;
/// Frequency bins of a window.
const BINS: usize = WINDOW / 2 + 1;
/// Samples between windows.
pub(super) const HOP: usize = 160;
/// Powers below this are silence.
const FLOOR: f32 = 1e-10;
/// What lies further below the loudest is cut off, in powers of ten.
const RANGE: f32 = 8.0;

const RATE: f64 = 16_000.0;
/// Slaney's scale is linear below 1 kHz …
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const KNEE_HZ: f64 = 1_000.0;
const KNEE_MEL: f64 = KNEE_HZ / HZ_PER_MEL;

/// A spectrogram: `bands` rows of `frames` values.
pub(super) struct Mel {
    pub(super) values: Vec<f32>,
    pub(super) bands: usize,
    pub(super) frames: usize,
}

/// Makes spectrograms; one for each worker.
pub(super) struct Spectrograph {
    transform: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    /// Of each band the first bin that counts, and the weights from there on.
    filters: Vec<(usize, Vec<f32>)>,
}

impl Spectrograph {
    pub(super) fn new() -> Self {
        let window = (0..WINDOW).map(|n| (0.5 - 0.5 * (TAU * n as f64 / WINDOW as f64).cos()) as f32);
        Self {
            transform: RealFftPlanner::new().plan_fft_forward(WINDOW),
            window: window.collect(),
            filters: (0..BANDS).map(filter).collect(),
        }
    }

    /// Of `samples` (-1 to 1) and silence up to `frames` frames.
    pub(super) fn mel(&self, samples: &[f32], frames: usize) -> Mel {
        let mut values = vec![FLOOR; BANDS * frames];
        let (mut windowed, mut bins) = (self.transform.make_input_vec(), self.transform.make_output_vec());
        let mut power = [0.0f32; BINS];
        // Frames wholly behind the last sample stay at the floor.
        let heard = (samples.len() + WINDOW / 2).div_ceil(HOP).min(frames);
        for frame in 0..heard {
            self.cut(samples, frame, &mut windowed);
            // Both buffers are of the lengths that the plan asked for.
            if self.transform.process(&mut windowed, &mut bins).is_err() {
                continue;
            }
            for (power, bin) in power.iter_mut().zip(&bins) {
                *power = bin.norm_sqr();
            }
            for (band, (first, weights)) in self.filters.iter().enumerate() {
                let sum: f32 = weights.iter().zip(&power[*first..]).map(|(w, p)| w * p).sum();
                values[band * frames + frame] = sum.max(FLOOR);
            }
        }
        to_log(&mut values);
        Mel {
            values,
            bands: BANDS,
            frames,
        }
    }

    /// The window around frame `frame`; before the first sample the signal is mirrored, behind the last it is silent.
    fn cut(&self, samples: &[f32], frame: usize, into: &mut [f32]) {
        let begin = (frame * HOP) as isize - (WINDOW / 2) as isize;
        for (offset, (value, weight)) in into.iter_mut().zip(&self.window).enumerate() {
            let position = (begin + offset as isize).unsigned_abs();
            *value = samples.get(position).copied().unwrap_or(0.0) * weight;
        }
    }
}

/// Powers to what the network takes: logarithms, cut off below the loudest, about -1 to 1.
fn to_log(values: &mut [f32]) {
    let mut loudest = f32::NEG_INFINITY;
    for value in &mut *values {
        *value = value.log10();
        loudest = loudest.max(*value);
    }
    for value in values {
        *value = (value.max(loudest - RANGE) + 4.0) / 4.0;
    }
}

/// … and logarithmic above: 27 mel for each factor of 6.4.
fn log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn mel_of(hz: f64) -> f64 {
    if hz < KNEE_HZ {
        hz / HZ_PER_MEL
    } else {
        KNEE_MEL + (hz / KNEE_HZ).ln() / log_step()
    }
}

fn hz_of(mel: f64) -> f64 {
    if mel < KNEE_MEL {
        mel * HZ_PER_MEL
    } else {
        KNEE_HZ * ((mel - KNEE_MEL) * log_step()).exp()
    }
}

/// A band's triangle: its first bin, and the weights from there to its last.
fn filter(band: usize) -> (usize, Vec<f32>) {
    let top = mel_of(RATE / 2.0);
    let edge = |index: usize| hz_of(top * index as f64 / (BANDS + 1) as f64);
    let (low, centre, high) = (edge(band), edge(band + 1), edge(band + 2));
    // Slaney's norm: every triangle has the same area.
    let norm = 2.0 / (high - low);
    let weight = |bin: usize| {
        let frequency = bin as f64 * RATE / WINDOW as f64;
        let rising = (frequency - low) / (centre - low);
        let falling = (high - frequency) / (high - centre);
        (rising.min(falling).max(0.0) * norm) as f32
    };
    let first = (0..BINS).find(|&bin| weight(bin) > 0.0).unwrap_or(0);
    let weights = (first..BINS).map(weight).take_while(|&weight| weight > 0.0).collect();
    (first, weights)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_weights_are_those_of_the_published_bank() {
        // mel_filters.npz of openai/whisper: bin 1 of rows 0 and 1.
        let weight = |band: usize, bin: usize| {
            let (first, weights) = filter(band);
            bin.checked_sub(first)
                .and_then(|at| weights.get(at).copied())
                .unwrap_or(0.0)
        };
        assert!(weight(0, 0).abs() < 1e-9);
        assert!((weight(0, 1) - 0.024_862_594).abs() < 1e-6, "{}", weight(0, 1));
        assert!((weight(1, 1) - 0.001_990_821_4).abs() < 1e-6, "{}", weight(1, 1));
    }

    #[test]
    fn no_band_is_empty() {
        assert!((0..BANDS).all(|band| !filter(band).1.is_empty()));
    }

    #[test]
    fn a_tone_is_loudest_in_its_band_and_silence_is_flat() {
        let tone: Vec<f32> = (0..8_000)
            .map(|n| (TAU * 1_000.0 * f64::from(n) / RATE).sin() as f32 * 0.3)
            .collect();
        let mel = Spectrograph::new().mel(&tone, 64);
        assert_eq!((mel.bands, mel.frames, mel.values.len()), (80, 64, 80 * 64));
        let column = |frame: usize| (0..BANDS).map(move |band| band * 64 + frame);
        let loudest = column(20)
            .max_by(|&a, &b| mel.values[a].total_cmp(&mel.values[b]))
            .unwrap()
            / 64;
        let (first, weights) = filter(loudest);
        assert!(
            (first..first + weights.len()).contains(&25),
            "1 kHz is bin 25, not in {first}"
        );
        let behind = column(60).map(|at| mel.values[at]);
        assert!(behind.clone().all(|value| value == mel.values[60]));

        let silence = Spectrograph::new().mel(&[], 8);
        assert!(silence.values.iter().all(|&value| value == (FLOOR.log10() + 4.0) / 4.0));
    }
}
