//! RNNoise (Valin 2018) on telephone sound, for lines where noise hurts more than its removal does.
//!
//! The network was made for 48 kHz: sound goes up by three and down again through one windowed sinc. It has gaps where
//! it takes soft endings for noise, so it is off unless asked for; `cargo xtask bench noise` says what it does.

use std::collections::VecDeque;
use std::f32::consts::PI;

use nnnoiseless::DenoiseState;
use sidetone_speech::Denoiser;

/// Samples at 48 kHz for one at 16 kHz.
const UP: usize = 3;
/// Samples at 16 kHz that a filter reaches over.
const REACH: usize = 16;
/// Cut-off in parts of 48 kHz: a little below the 8 kHz of the lower rate.
const CUTOFF: f32 = 7_600.0 / 48_000.0;
/// What RNNoise takes at once, 10 ms at 48 kHz.
const BLOCK: usize = DenoiseState::FRAME_SIZE;

/// RNNoise for one leg. What comes out is 21 ms late: a block that is gathered, one that overlaps, and the filters.
pub struct RnNoise {
    state: Box<DenoiseState<'static>>,
    filter: [f32; UP * REACH],
    /// The newest samples at 16 kHz, the newest first.
    low: VecDeque<f32>,
    /// The newest cleaned samples at 48 kHz, the newest first.
    high: VecDeque<f32>,
    /// At 48 kHz, not yet a whole block.
    gathered: Vec<f32>,
    /// Cleaned and not yet given out.
    ready: VecDeque<i16>,
}

impl Default for RnNoise {
    fn default() -> Self {
        Self {
            state: DenoiseState::new(),
            filter: windowed_sinc(),
            low: VecDeque::from([0.0; REACH]),
            high: VecDeque::from([0.0; UP * REACH]),
            gathered: Vec::with_capacity(BLOCK),
            // As many as may be gathered before anything comes out.
            ready: VecDeque::from([0; BLOCK / UP]),
        }
    }
}

impl Denoiser for RnNoise {
    fn denoise(&mut self, samples: &mut [i16]) {
        for sample in samples {
            self.take(f32::from(*sample));
            *sample = self.ready.pop_front().unwrap_or(0);
        }
    }
}

impl RnNoise {
    fn take(&mut self, sample: f32) {
        shift(&mut self.low, sample);
        for phase in 0..UP {
            let taps = self.filter.iter().skip(phase).step_by(UP);
            let sum: f32 = self.low.iter().zip(taps).map(|(sample, tap)| sample * tap).sum();
            self.gathered.push(sum * UP as f32);
        }
        if self.gathered.len() < BLOCK {
            return;
        }
        let mut clean = [0.0; BLOCK];
        self.state.process_frame(&mut clean, &self.gathered);
        self.gathered.clear();
        for (at, sample) in clean.into_iter().enumerate() {
            shift(&mut self.high, sample);
            if at % UP == UP - 1 {
                let sum: f32 = self.high.iter().zip(&self.filter).map(|(s, tap)| s * tap).sum();
                self.ready.push_back(sum.round().clamp(-32_768.0, 32_767.0) as i16);
            }
        }
    }
}

fn shift(newest_first: &mut VecDeque<f32>, sample: f32) {
    newest_first.pop_back();
    newest_first.push_front(sample);
}

/// A low pass whose taps sum to one.
fn windowed_sinc() -> [f32; UP * REACH] {
    let centre = (UP * REACH - 1) as f32 / 2.0;
    let mut taps: [f32; UP * REACH] = std::array::from_fn(|at| {
        let x = at as f32 - centre;
        let sinc = (2.0 * PI * CUTOFF * x).sin() / (PI * x);
        sinc * (0.5 + 0.5 * (PI * x / (centre + 1.0)).cos())
    });
    let sum: f32 = taps.iter().sum();
    taps.iter_mut().for_each(|tap| *tap /= sum);
    taps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power(samples: &[i16]) -> f64 {
        samples.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / samples.len() as f64
    }

    /// A hiss, and a voice of 140 Hz with 24 harmonics that speaks four times a second in it.
    fn sound(voice: f32) -> Vec<i16> {
        let mut seed = 1_u32;
        let sample = |n: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let hiss = ((seed >> 16) as f32 / 32_768.0 - 1.0) * 600.0;
            let t = n as f32 / 16_000.0;
            let speaking = (4.0 * PI * t).sin().max(0.0);
            let said: f32 = (1..24)
                .map(|k| (2.0 * PI * 140.0 * k as f32 * t).sin() / k as f32)
                .sum();
            (hiss + said * speaking * voice) as i16
        };
        (0..64_000).map(sample).collect()
    }

    #[test]
    fn hiss_goes_and_a_voice_stays() {
        let (mut hiss, mut voice) = (sound(0.0), sound(4_000.0));
        let (noisy, spoken) = (power(&hiss[32_000..]), power(&voice[32_000..]));
        RnNoise::default().denoise(&mut hiss);
        RnNoise::default().denoise(&mut voice);
        assert!(
            power(&hiss[32_000..]) < noisy / 10.0,
            "{} of {noisy}",
            power(&hiss[32_000..])
        );
        assert!(
            power(&voice[32_000..]) > spoken / 4.0,
            "{} of {spoken}",
            power(&voice[32_000..])
        );
    }

    #[test]
    fn pieces_of_any_length_give_the_same_sound() {
        let mut whole = sound(4_000.0);
        let mut pieces = whole.clone();
        RnNoise::default().denoise(&mut whole);
        let mut denoiser = RnNoise::default();
        let mut rest = pieces.as_mut_slice();
        for length in [1, 7, 160, 320, 333, 512].into_iter().cycle() {
            let (now, later) = rest.split_at_mut(length.min(rest.len()));
            denoiser.denoise(now);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(whole, pieces);
    }
}
