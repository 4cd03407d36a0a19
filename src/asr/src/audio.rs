//! Recordings as the recognisers want them, and the telephone's narrow band.

use std::f64::consts::PI;
use std::path::{Path, PathBuf};

use sidetone_base::SampleRate;
use sidetone_media::file::{Audio, Recording};

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct AudioError {
    path: PathBuf,
    reason: String,
}

/// A recording as one voice.
pub struct Mono {
    /// At 16 kHz.
    pub samples: Vec<i16>,
    /// Of the file; `samples` is their mean.
    pub channels: usize,
}

/// Reads a WAV or Ogg Opus file as 16 kHz mono; of several channels the mean.
///
/// # Errors
/// When it cannot be read, holds no sound, or is none of the two.
pub fn read(path: &Path) -> Result<Mono, AudioError> {
    let failed = |reason: String| AudioError {
        path: path.to_owned(),
        reason,
    };
    let bytes = std::fs::read(path).map_err(|error| failed(format!("cannot be read: {error}")))?;
    match Recording::read(&bytes).map_err(|error| failed(error.to_string()))? {
        Recording::Audio(audio) => Ok(mono(&audio)),
        Recording::Capture(_) => Err(failed(
            "a capture holds packets, not audio; hear it with `sidetone replay`".to_owned(),
        )),
    }
}

fn mono(Audio { rate, channels }: &Audio) -> Mono {
    let length = channels.iter().map(Vec::len).max().unwrap_or(0);
    let mean = |at: usize| {
        let sum: i64 = channels
            .iter()
            .filter_map(|channel| channel.get(at))
            .map(|s| i64::from(*s))
            .sum();
        to_i16(sum as f32 / channels.len().max(1) as f32)
    };
    let samples: Vec<i16> = (0..length).map(mean).collect();
    Mono {
        samples: resample(&samples, *rate, SampleRate::WIDE),
        channels: channels.len(),
    }
}

/// What is left of 16 kHz audio after 8 kHz A-law, back at 16 kHz.
#[must_use]
pub fn narrowband(samples: &[i16]) -> Vec<i16> {
    let mut narrow = resample(samples, SampleRate::WIDE, SampleRate::NARROW);
    for sample in &mut narrow {
        *sample = a_law(*sample);
    }
    resample(&narrow, SampleRate::NARROW, SampleRate::WIDE)
}

/// Changes the rate of a whole recording (windowed sinc, 32 zero crossings to each side).
#[must_use]
pub fn resample(samples: &[i16], from: SampleRate, to: SampleRate) -> Vec<i16> {
    const CROSSINGS: f64 = 32.0;
    if from == to || from.0 == 0 {
        return samples.to_vec();
    }
    let step = f64::from(from.0) / f64::from(to.0);
    // Of the input's rate; a little below the lower of the two limits.
    let cutoff = 0.97 * (1.0 / step).min(1.0);
    let reach = CROSSINGS / cutoff;
    let count = (samples.len() as u64 * u64::from(to.0) / u64::from(from.0)) as usize;
    (0..count)
        .map(|index| {
            let centre = index as f64 * step;
            let first = (centre - reach).ceil().max(0.0) as usize;
            let last = ((centre + reach).floor() as usize).min(samples.len().saturating_sub(1));
            let sum: f64 = (first..=last)
                .map(|at| {
                    let distance = at as f64 - centre;
                    let x = PI * distance * cutoff;
                    let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
                    let window = 0.5 + 0.5 * (PI * distance / reach).cos();
                    f64::from(samples[at]) * sinc * window * cutoff
                })
                .sum();
            to_i16(sum as f32)
        })
        .collect()
}

fn to_i16(value: f32) -> i16 {
    value.round().clamp(-32_768.0, 32_767.0) as i16
}

/// G.711 A-law there and back: 13 bits, eight segments of sixteen steps.
fn a_law(sample: i16) -> i16 {
    let magnitude = i32::from(sample.unsigned_abs().min(32_767));
    let segment = (31 - (magnitude | 1).leading_zeros() as i32 - 7).max(0);
    // The lowest two segments share a step of 16; each further one doubles it.
    let step = 16 << (segment - 1).max(0);
    let value = (magnitude / step * step + step / 2).min(32_767) as i16;
    if sample < 0 { -value } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(hz: f64, rate: SampleRate) -> Vec<i16> {
        (0..rate.0 / 4)
            .map(|n| (8_000.0 * (2.0 * PI * hz * f64::from(n) / f64::from(rate.0)).sin()) as i16)
            .collect()
    }

    fn power(samples: &[i16]) -> f64 {
        let middle = &samples[samples.len() / 4..samples.len() * 3 / 4];
        middle.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / middle.len() as f64
    }

    #[test]
    fn a_tone_keeps_its_shape_through_any_rate() {
        for rate in [8_000, 22_050, 24_000, 44_100, 48_000] {
            let out = resample(&tone(440.0, SampleRate(rate)), SampleRate(rate), SampleRate::WIDE);
            let expected = tone(440.0, SampleRate::WIDE);
            let range = 400..out.len().min(expected.len()) - 400;
            let worst = range.map(|i| (i32::from(out[i]) - i32::from(expected[i])).abs()).max();
            assert!(worst < Some(40), "{rate} Hz: {worst:?}");
        }
    }

    #[test]
    fn of_two_channels_the_mean_is_heard_and_both_are_counted() {
        let audio = Audio {
            rate: SampleRate::WIDE,
            channels: vec![vec![100, -300, 7], vec![300, -100, 7]],
        };
        let heard = mono(&audio);
        assert_eq!((heard.samples, heard.channels), (vec![200, -200, 7], 2));
    }

    #[test]
    fn the_narrow_band_ends_below_4_khz() {
        assert!(power(&narrowband(&tone(1_000.0, SampleRate::WIDE))) > 0.9 * 3.2e7);
        assert!(power(&narrowband(&tone(5_000.0, SampleRate::WIDE))) < 1e3);
    }

    #[test]
    fn a_law_errs_by_less_than_its_step() {
        for sample in [0i16, 5, 100, 300, 1_000, 9_999, 32_767, -1, -777, -32_768] {
            let error = (i32::from(a_law(sample)) - i32::from(sample)).abs();
            assert!(error <= 8 + i32::from(sample.unsigned_abs()) / 32, "{sample}: {error}");
        }
    }
}
