//! Tones: what phones play, and how loud each is in what was recorded.

use std::f64::consts::TAU;
use std::path::Path;
use std::time::Duration;

pub(crate) fn loudness(samples: &[i16]) -> f64 {
    (samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / samples.len().max(1) as f64).sqrt()
}

/// How loud a tone is in the last stretch of one channel of a recording.
pub(crate) fn level(file: &Path, channel: usize, tone: f64, length: Duration) -> f64 {
    let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let half = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let (channels, rate) = (usize::from(half(22)), u32::from(half(24)) + (u32::from(half(26)) << 16));
    assert!(channels > channel, "{} has {channels} channels", file.display());
    let samples = bytes[44..].chunks_exact(2 * channels);
    let samples: Vec<f64> = samples
        .map(|frame| f64::from(i16::from_le_bytes([frame[2 * channel], frame[2 * channel + 1]])))
        .collect();
    let count = (f64::from(rate) * length.as_secs_f64()) as usize;
    assert!(
        samples.len() > 2 * count,
        "{} is only {} samples long",
        file.display(),
        samples.len()
    );
    let tail = &samples[samples.len() - count..];
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (n, sample) in tail.iter().enumerate() {
        let angle = TAU * tone * n as f64 / f64::from(rate);
        real += sample * angle.cos();
        imaginary += sample * angle.sin();
    }
    2.0 * f64::hypot(real, imaginary) / count as f64
}

fn sine(tone: f64, rate: u32, seconds: u32) -> impl Iterator<Item = i16> {
    (0..rate * seconds).map(move |n| (8000.0 * (TAU * tone * f64::from(n) / f64::from(rate)).sin()) as i16)
}

/// A minute at 16 kHz.
pub(crate) fn wave(tone: f64) -> Vec<u8> {
    let data: Vec<u8> = sine(tone, 16_000, 60).flat_map(i16::to_le_bytes).collect();
    let mut out = b"RIFF".to_vec();
    out.extend((36 + data.len() as u32).to_le_bytes());
    out.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
    out.extend((data.len() as u32).to_le_bytes());
    out.extend(data);
    out
}

pub(crate) fn a_law(tone: f64) -> Vec<u8> {
    let samples: Vec<i16> = sine(tone, 8_000, 20).collect();
    sidetone_media::codec::encode_g711(sidetone_media::codec::Law::A, &samples)
}
