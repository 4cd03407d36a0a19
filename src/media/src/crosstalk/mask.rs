//! Which part of a stretch is the leg's own party.

use std::ops::Range;

use super::compare::{ABOVE_NOISE, FAINTEST, Leak, total};
use super::track::{Loudness, SAMPLES, Track};

/// A frame is this party's own if it is so much louder than what the other party explains: 4 dB in all,
const LOUDER: f32 = 1.6;
/// or 8 dB in an octave that makes up a quarter of it.
const LOUDER_OCTAVE: f32 = 2.5;
/// What a room lets ring on, and what the two legs' frames lie apart.
const RINGS: i64 = 2;
/// Of the 25 frames (half a second) around one, so many have to be this party's own: a syllable is longer, an error shorter.
const AROUND: usize = 12;
const OWN: usize = 4;
/// Who speaks before and after so many frames (0.6 s) speaks in between, too, if more faintly than the other party.
const BETWEEN: usize = 30;
/// Less than this is no word: 160 ms.
const LEAST: usize = 8;

/// For each frame of the stretch whether this party speaks, or may; `None` where all of it is the other party's sound.
#[must_use]
pub fn own(near: &Track, far: &Track, leak: &Leak, span: Range<i64>) -> Option<Vec<bool>> {
    let floor = near.floor();
    let louder: Vec<bool> = span.map(|at| is_own(near, far, leak, &floor, at)).collect();
    if louder.iter().filter(|own| **own).count() < LEAST {
        return None;
    }
    let around = |at: usize| {
        let last = (at + AROUND + 1).min(louder.len());
        let own = louder[at.saturating_sub(AROUND)..last].iter().filter(|own| **own);
        own.count() >= OWN
    };
    let mut own: Vec<bool> = (0..louder.len()).map(around).collect();
    let mut last = None;
    for at in (0..own.len()).filter(|at| around(*at)) {
        if let Some(before) = last.filter(|before| at - before <= BETWEEN) {
            own[before..at].fill(true);
        }
        last = Some(at);
    }
    own.contains(&true).then_some(own)
}

fn is_own(near: &Track, far: &Track, leak: &Leak, floor: &Loudness, at: i64) -> bool {
    let Some(heard) = near.get(at) else { return true };
    let least = (FAINTEST * FAINTEST).max(ABOVE_NOISE * ABOVE_NOISE * total(floor));
    if total(heard) < least {
        return false;
    }
    let mut expected: Loudness = *floor;
    for lag in leak.lag - 1..=leak.lag + RINGS {
        let Some(far) = far.get(at - lag) else { continue };
        for (expected, (gain, far)) in expected.iter_mut().zip(leak.gain.iter().zip(far)) {
            *expected = expected.max(gain * far);
        }
    }
    let all = total(heard);
    let octave = |(heard, expected): (&f32, &f32)| *heard > LOUDER_OCTAVE * expected && heard * heard > all / 4.0;
    all > LOUDER * LOUDER * total(&expected) || heard.iter().zip(&expected).any(octave)
}

/// The stretch with silence where the other party speaks. `own` begins with its first sample.
#[must_use]
pub fn silenced(samples: &[i16], own: &[bool]) -> Vec<i16> {
    let mut left = samples.to_vec();
    for (frame, own) in left.chunks_mut(SAMPLES).zip(own) {
        if !own {
            frame.fill(0);
        }
    }
    left
}
