//! `media`: one core's legs of PCMU 8 kHz, from RTP bytes to the VAD gate's decision; with the gate also what is kept of each
//! leg's loudness, to find another party's sound in it.

use std::time::{Duration, Instant};

use sidetone_base::TapFrame;
use sidetone_media::codec::{Law, encode_g711};
use sidetone_media::crosstalk::Track;
use sidetone_media::{LegAudio, MediaConfig, MediaEvent};
use sidetone_speech::{SegmentConfig, Segmenter};

/// Legs that take turns, so that no leg's state stays in the first cache.
const LEGS: usize = 64;
const TICKS: usize = 1500;
const TICK: Duration = Duration::from_millis(20);
/// Samples of a packet.
const PACKET: usize = 160;

struct Figures {
    per_core: u64,
    /// Microseconds for one leg's packet, sorted.
    micros: Vec<f64>,
}

/// Runs the bench; it has no arguments.
///
/// # Errors
/// Never; the signature is every bench's.
pub(crate) fn run(_: &[String]) -> Result<serde_json::Value, String> {
    let payloads = talk();
    measure(&payloads, false, TICKS / 10);
    let bare = measure(&payloads, false, TICKS);
    let gated = measure(&payloads, true, TICKS);
    let at = |share: f64| {
        let index = (gated.micros.len() as f64 * share) as usize;
        gated
            .micros
            .get(index)
            .map_or(0.0, |micros| (micros * 10.0).round() / 10.0)
    };
    Ok(serde_json::json!({
        "legs_per_core_no_vad": bare.per_core,
        "legs_per_core_with_vad": gated.per_core,
        "us_per_20ms_p50": at(0.50),
        "us_per_20ms_p99": at(0.99),
    }))
}

fn measure(payloads: &[Vec<u8>], vad: bool, ticks: usize) -> Figures {
    let leg = |_| {
        (
            LegAudio::new(MediaConfig::default()),
            Segmenter::new(
                SegmentConfig {
                    partial_every: None,
                    ..SegmentConfig::default()
                },
                None,
            ),
            Track::default(),
        )
    };
    let mut legs: Vec<_> = (0..LEGS).map(leg).collect();
    let start = Instant::now();
    let mut micros = Vec::with_capacity(LEGS * ticks);
    let mut busy = Duration::ZERO;
    for tick in 0..ticks {
        let now = start + TICK * tick as u32;
        for (number, (audio, segmenter, track)) in legs.iter_mut().enumerate() {
            // Legs talk at different times.
            let payload = &payloads[(tick + number * 37) % payloads.len()];
            let packet = rtp(number, 0, tick, payload);
            let begin = Instant::now();
            audio.handle(now, TapFrame::Rtp(packet));
            while let Some(event) = audio.poll() {
                if let (MediaEvent::Pcm(frame), true) = (&event, vad) {
                    track.push(frame.begin.since_start(), &frame.samples);
                    segmenter.push(frame);
                }
                std::hint::black_box(event);
            }
            while let Some(event) = segmenter.poll() {
                std::hint::black_box(event);
            }
            let took = begin.elapsed();
            busy += took;
            micros.push(took.as_secs_f64() * 1e6);
        }
    }
    micros.sort_unstable_by(f64::total_cmp);
    let mean = busy.as_secs_f64() / (LEGS * ticks) as f64;
    Figures {
        per_core: (TICK.as_secs_f64() / mean) as u64,
        micros,
    }
}

pub(crate) fn rtp(leg: usize, kind: u8, tick: usize, payload: &[u8]) -> Vec<u8> {
    let mut packet = Vec::with_capacity(12 + payload.len());
    packet.extend([0x80, kind]);
    packet.extend((tick as u16).to_be_bytes());
    packet.extend(((tick * PACKET) as u32).to_be_bytes());
    packet.extend((leg as u32).to_be_bytes());
    packet.extend(payload);
    packet
}

/// Thirty seconds of something like talk: a voice of 150 Hz with three formants in syllables for
/// 4 of each 10 seconds, line noise else. Speech of one party, silence of the other.
fn talk() -> Vec<Vec<u8>> {
    let mut noise = 1_u32;
    let wave = (0..30 * 8000).map(|n| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f32::from((noise >> 24) as u8) / 16.0 - 8.0;
        let t = n as f32 / 8000.0;
        if t % 10.0 > 4.0 {
            return hiss as i16;
        }
        let syllable = (t * 4.0 * std::f32::consts::PI).sin().abs();
        let voice: f32 = (1..24_u8)
            .map(|harmonic| {
                let hertz = 150.0 * f32::from(harmonic);
                let near = |formant: f32, width: f32| (-((hertz - formant) / width).powi(2)).exp();
                let gain = 0.05 + near(600.0, 120.0) + near(1400.0, 200.0) + near(2600.0, 300.0);
                gain * (t * hertz * std::f32::consts::TAU).sin()
            })
            .sum();
        (voice * syllable * 3000.0 + hiss) as i16
    });
    let wave: Vec<i16> = wave.collect();
    wave.chunks_exact(PACKET)
        .map(|samples| encode_g711(Law::Mu, samples))
        .collect()
}
