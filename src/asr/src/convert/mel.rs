//! The mel filter bank that Whisper was trained with: Slaney's scale and norm, 16 kHz, 400-point FFT.

/// Frequency bins of a 400-point FFT.
pub(super) const BINS: usize = 201;
const FFT: f64 = 400.0;
const RATE: f64 = 16_000.0;
/// Slaney's scale is linear below 1 kHz …
const HZ_PER_MEL: f64 = 200.0 / 3.0;
const KNEE_HZ: f64 = 1_000.0;
const KNEE_MEL: f64 = KNEE_HZ / HZ_PER_MEL;

/// … and logarithmic above: 27 mel for each factor of 6.4.
fn log_step() -> f64 {
    6.4f64.ln() / 27.0
}

fn mel(hz: f64) -> f64 {
    if hz < KNEE_HZ {
        hz / HZ_PER_MEL
    } else {
        KNEE_MEL + (hz / KNEE_HZ).ln() / log_step()
    }
}

fn hz(mel: f64) -> f64 {
    if mel < KNEE_MEL {
        mel * HZ_PER_MEL
    } else {
        KNEE_HZ * ((mel - KNEE_MEL) * log_step()).exp()
    }
}

/// `bands` rows of [`BINS`] weights.
pub(super) fn filters(bands: usize) -> Vec<f32> {
    let top = mel(RATE / 2.0);
    let edge = |index: usize| hz(top * index as f64 / (bands + 1) as f64);
    let mut weights = Vec::with_capacity(bands * BINS);
    for band in 0..bands {
        let (low, centre, high) = (edge(band), edge(band + 1), edge(band + 2));
        // Slaney's norm: every triangle has the same area.
        let norm = 2.0 / (high - low);
        for bin in 0..BINS {
            let frequency = bin as f64 * RATE / FFT;
            let rising = (frequency - low) / (centre - low);
            let falling = (high - frequency) / (high - centre);
            weights.push((rising.min(falling).max(0.0) * norm) as f32);
        }
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_weights_are_those_of_the_published_bank() {
        let bank = filters(80);
        assert_eq!(bank.len(), 80 * BINS);
        // mel_filters.npz of openai/whisper: bin 1 of rows 0 and 1.
        assert!(bank[0].abs() < 1e-9);
        assert!((bank[1] - 0.024_862_594).abs() < 1e-6, "{}", bank[1]);
        assert!((bank[BINS + 1] - 0.001_990_821_4).abs() < 1e-6, "{}", bank[BINS + 1]);
    }

    #[test]
    fn no_band_is_empty() {
        assert!(
            filters(80)
                .chunks(BINS)
                .all(|band| band.iter().any(|&weight| weight > 0.0))
        );
    }
}
