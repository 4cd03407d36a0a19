//! Any rate to 16 kHz, streaming.
//!
//! A windowed-sinc polyphase filter of our own: telephone rates have tiny integer ratios (1:2, 3:1),
//! where a general resampler's buffering and latency cost more than the filter itself.

use std::f64::consts::PI;
use std::sync::Arc;

use sidetone_base::SampleRate;

/// Input samples on which one output sample rests when the rate rises; more when it falls.
const TAPS: usize = 24;
/// Lanes of the inner product: what the compiler turns into vector instructions.
const LANES: usize = 8;
/// Passband edge, as a share of the lower Nyquist frequency.
const EDGE: f64 = 0.94;

/// The filter for one pair of rates; shared between streams.
#[derive(Debug)]
struct Kernel {
    /// Output samples for each `down` input samples.
    up: usize,
    down: usize,
    /// Coefficients of one phase; a multiple of [`LANES`].
    taps: usize,
    /// `up` rows of `taps`.
    rows: Vec<f32>,
}

/// One stream's resampler to 16 kHz.
#[derive(Clone, Debug)]
pub struct Resampler {
    from: SampleRate,
    /// None when the rate is right already.
    kernel: Option<Arc<Kernel>>,
    /// The last `taps` input samples and what has been pushed since.
    history: Vec<f32>,
    /// Position of the next output sample: whole input samples into `history`, and a phase.
    whole: usize,
    phase: usize,
}

impl Resampler {
    /// A resampler from `from` to 16 kHz.
    #[must_use]
    pub fn new(from: SampleRate) -> Self {
        let kernel = (from != SampleRate::WIDE && from.0 > 0).then(|| Arc::new(Kernel::new(from)));
        let taps = kernel.as_ref().map_or(0, |kernel| kernel.taps);
        Self {
            from,
            kernel,
            history: vec![0.0; taps.saturating_sub(1)],
            whole: 0,
            phase: 0,
        }
    }

    /// A resampler like this one that has heard nothing yet.
    #[must_use]
    pub fn fresh(&self) -> Self {
        let taps = self.kernel.as_ref().map_or(0, |kernel| kernel.taps);
        Self {
            history: vec![0.0; taps.saturating_sub(1)],
            whole: 0,
            phase: 0,
            ..self.clone()
        }
    }

    /// What it takes.
    #[must_use]
    pub const fn from(&self) -> SampleRate {
        self.from
    }

    /// Appends what `samples` make at 16 kHz. Over a stream the output is as long as the input, to
    /// the sample; it lags by half the filter (1.5 ms at 8 kHz).
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        let Some(kernel) = &self.kernel else {
            out.extend_from_slice(samples);
            return;
        };
        self.history.extend(samples.iter().map(|sample| f32::from(*sample)));
        out.reserve(samples.len() * kernel.up / kernel.down + 1);
        while let Some(window) = self.history.get(self.whole..self.whole + kernel.taps) {
            let row = &kernel.rows[self.phase * kernel.taps..][..kernel.taps];
            let sample = dot(window, row);
            // Rounds to nearest; the cast saturates. `f32::round` is a library call on plain x86-64.
            out.push((sample + 0.5_f32.copysign(sample)) as i16);
            self.phase += kernel.down;
            self.whole += self.phase / kernel.up;
            self.phase %= kernel.up;
        }
        let used = self.whole.min(self.history.len());
        self.history.drain(..used);
        self.whole -= used;
    }
}

/// The inner product, in lanes that do not wait for one another.
fn dot(window: &[f32], row: &[f32]) -> f32 {
    let mut sums = [0.0_f32; LANES];
    for (xs, hs) in window.chunks_exact(LANES).zip(row.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += xs[lane] * hs[lane];
        }
    }
    // In pairs: a sum from left to right would wait for itself seven times.
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

impl Kernel {
    fn new(from: SampleRate) -> Self {
        let (from, to) = (from.0 as usize, SampleRate::WIDE.0 as usize);
        let divisor = gcd(from, to);
        let (up, down) = (to / divisor, from / divisor);
        let taps = (TAPS * down.div_ceil(up)).next_multiple_of(LANES);
        // Cut-off in cycles per input sample.
        let cutoff = 0.5 * EDGE * (to as f64 / from as f64).min(1.0);
        let centre = (taps - 1) as f64 / 2.0;
        let mut rows = Vec::with_capacity(up * taps);
        for phase in 0..up {
            let offset = phase as f64 / up as f64;
            let row: Vec<f64> = (0..taps)
                .map(|tap| {
                    let x = tap as f64 - centre - offset;
                    2.0 * cutoff * sinc(2.0 * cutoff * x) * kaiser(x / (centre + 1.0))
                })
                .collect();
            // Each phase passes a constant unchanged, or the phases would hum.
            let sum: f64 = row.iter().sum();
            rows.extend(row.iter().map(|tap| (tap / sum) as f32));
        }
        Self { up, down, taps, rows }
    }
}

const fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
}

fn sinc(x: f64) -> f64 {
    if x.abs() < 1e-9 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// Kaiser window with 60 dB of stop band; `x` from -1 to 1.
fn kaiser(x: f64) -> f64 {
    const BETA: f64 = 5.7;
    bessel(BETA * (1.0 - x * x).max(0.0).sqrt()) / bessel(BETA)
}

/// Modified Bessel function of the first kind, order zero.
fn bessel(x: f64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for n in 1..32 {
        term *= (x / (2.0 * f64::from(n))).powi(2);
        sum += term;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(rate: u32, hertz: f64, samples: usize) -> Vec<i16> {
        let step = hertz * 2.0 * PI / f64::from(rate);
        (0..samples)
            .map(|n| ((n as f64 * step).sin() * 10_000.0) as i16)
            .collect()
    }

    fn loudness(samples: &[i16]) -> f64 {
        (samples.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / samples.len() as f64).sqrt()
    }

    fn resample(rate: u32, input: &[i16], step: usize) -> Vec<i16> {
        let mut resampler = Resampler::new(SampleRate(rate));
        let mut out = Vec::new();
        input.chunks(step).for_each(|chunk| resampler.push(chunk, &mut out));
        out
    }

    #[test]
    fn a_second_stays_a_second_at_every_rate() {
        for rate in [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
            let out = resample(rate, &tone(rate, 400.0, rate as usize), 160);
            assert!(out.len().abs_diff(16_000) <= 1, "{rate}: {}", out.len());
            assert!((loudness(&out[1000..]) / 7071.0 - 1.0).abs() < 0.01, "{rate}");
        }
    }

    #[test]
    fn chunks_do_not_show() {
        let input = tone(48_000, 700.0, 4800);
        assert_eq!(resample(48_000, &input, 4800), resample(48_000, &input, 77));
    }

    #[test]
    fn what_is_above_the_band_does_not_fold_into_it() {
        let out = resample(48_000, &tone(48_000, 11_000.0, 48_000), 960);
        assert!(loudness(&out[1000..]) < 7071.0 / 300.0);
    }

    #[test]
    fn narrowband_brings_no_image() {
        let out = resample(8_000, &tone(8_000, 1_000.0, 8_000), 160);
        let (re, im) = out[2000..10_000]
            .iter()
            .zip(0..)
            .fold((0.0, 0.0), |(re, im), (sample, n)| {
                let angle = 7_000.0 / 16_000.0 * 2.0 * PI * f64::from(n);
                (
                    re + f64::from(*sample) * angle.cos(),
                    im + f64::from(*sample) * angle.sin(),
                )
            });
        let image = f64::hypot(re, im) / 4_000.0;
        assert!(image < 10_000.0 / 300.0, "{image}");
    }
}
