//! Voices of the scripted calls, mixed.

use super::*;
use crate::file::ogg_opus;

fn voice(name: &str) -> Vec<i16> {
    let path = format!("../../tests/corpus/calls/{name}.opus");
    ogg_opus::read(&std::fs::read(path).unwrap())
        .unwrap()
        .channels
        .remove(0)
}

/// The voice without its pauses.
fn speech(name: &str, seconds: usize) -> Vec<i16> {
    let loud = |frame: &&[i16]| frame.iter().any(|sample| sample.unsigned_abs() > 400);
    let voice = voice(name);
    voice
        .chunks(1_600)
        .filter(loud)
        .flatten()
        .copied()
        .take(seconds * 16_000)
        .collect()
}

fn noise(length: usize, level: f32, mut seed: u32) -> Vec<f32> {
    (0..length)
        .map(|_| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            ((seed >> 16) as f32 / 32_768.0 - 1.0) * level
        })
        .collect()
}

fn mix(own: &[i16], other: &[i16], decibels: f32, late_ms: usize, seed: u32) -> Vec<i16> {
    let gain = 10_f32.powf(decibels / 20.0);
    let late = late_ms * 16;
    let length = own.len().max(other.len());
    let hiss = noise(length, 25.0, seed);
    (0..length)
        .map(|at| {
            let own = own.get(at).copied().map_or(0.0, f32::from);
            let other = at
                .checked_sub(late)
                .and_then(|at| other.get(at))
                .copied()
                .map_or(0.0, f32::from);
            (own + gain * other + hiss[at]) as i16
        })
        .collect()
}

fn track(samples: &[i16]) -> Track {
    let mut track = Track::default();
    for (at, frame) in samples.chunks(320).enumerate() {
        track.push(FRAME * at as u32, frame);
    }
    track
}

/// Voices of different calls: who is heard on the other leg, and who speaks on this one.
const PAIRS: [(&str, &str); 4] = [
    ("unemployment-benefit.agent", "work-injury.caller"),
    ("disability-allowance.caller", "wage-arrears.agent"),
    ("skill-subsidy-title.agent", "minimum-wage.caller"),
    ("startup-graduate.caller", "survivor-benefit.agent"),
];
const LEVELS: [f32; 6] = [-6.0, -12.0, -18.0, -24.0, -30.0, -36.0];
const DELAYS: [usize; 5] = [20, 90, 150, 220, 300];
const SECOND: i64 = 50;

fn leak(near: &Track, far: &Track, span: std::ops::Range<i64>) -> Option<Leak> {
    match find(near, far, span) {
        Finding::Leak(leak) => Some(leak),
        Finding::Nothing | Finding::Suspected => None,
    }
}

#[test]
fn a_leak_is_found_at_every_level_and_delay_and_nothing_of_it_is_this_partys_own() {
    for (other, _) in PAIRS {
        let other = speech(other, 4);
        let far = track(&mix(&other, &[], 0.0, 0, 9));
        for (decibels, late) in LEVELS.into_iter().flat_map(|level| DELAYS.map(|delay| (level, delay))) {
            let near = track(&mix(&[], &other, decibels, late, 3));
            let found = leak(&near, &far, 0..4 * SECOND);
            let found = found.unwrap_or_else(|| panic!("nothing at {decibels} dB, {late} ms"));
            assert!(
                (found.decibels() - decibels).abs() < 2.0,
                "{decibels}: {}",
                found.decibels()
            );
            assert!(
                found.lag().abs_diff(FRAME * late as u32 / 20) <= FRAME,
                "{late}: {:?}",
                found.lag()
            );
            assert_eq!(found.origin(), Origin::Far);
            assert_eq!(
                own(&near, &far, &found, 0..4 * SECOND),
                None,
                "{decibels} dB, {late} ms"
            );
            assert!(found.holds(&near, &far, SECOND..2 * SECOND));
        }
    }
}

#[test]
fn two_voices_at_once_are_two_voices() {
    for (one, other) in PAIRS {
        let (one, other) = (speech(one, 8), speech(other, 8));
        let (near, far) = (track(&mix(&one, &[], 0.0, 0, 3)), track(&mix(&other, &[], 0.0, 0, 9)));
        for begin in 0..6 {
            for length in 1..=8 - begin {
                let span = begin * SECOND..(begin + length) * SECOND;
                assert_eq!(leak(&near, &far, span.clone()), None, "{span:?}");
                assert_eq!(leak(&far, &near, span.clone()), None, "{span:?}");
            }
        }
    }
}

#[test]
fn what_is_no_speech_leaks_nowhere() {
    let silence = track(&[0; 64_000]);
    let (hiss, hiss_too) = (
        track(&mix(&[0; 64_000], &[], 0.0, 0, 3)),
        track(&mix(&[0; 64_000], &[], 0.0, 0, 9)),
    );
    // A chord that swells in bars: hold music of two switches, out of step.
    let music = |late: f32| -> Vec<i16> {
        let tone = |at: f32, hertz: f32| (at * hertz * std::f32::consts::TAU).sin();
        (0..64_000)
            .map(|at| {
                let at = at as f32 / 16_000.0 + late;
                let swell = 0.6 + 0.4 * tone(at, 0.5);
                (2_000.0 * swell * (tone(at, 440.0) + tone(at, 554.0) + tone(at, 659.0))) as i16
            })
            .collect()
    };
    let (music, music_too) = (track(&music(0.0)), track(&music(1.3)));
    let voice = track(&speech("work-injury.caller", 4));
    let all = [&silence, &hiss, &hiss_too, &music, &music_too, &voice];
    for (at, near) in all.iter().enumerate() {
        for (_, far) in all.iter().enumerate().filter(|(other, _)| *other != at) {
            assert_eq!(leak(near, far, 0..4 * SECOND), None);
        }
    }
}

#[test]
fn who_speaks_over_a_leak_is_kept_and_the_leak_alone_is_not() {
    let mut wrong = Vec::new();
    for (other, one) in PAIRS {
        // The other party for six seconds; this one from the fourth on, over them and on.
        let other = speech(other, 6);
        let mut own_voice = vec![0; 3 * 16_000];
        own_voice.extend(speech(one, 6));
        let far = track(&mix(&other, &vec![0; own_voice.len()], 0.0, 0, 9));
        for (decibels, late) in [(-6.0, 20), (-12.0, 300), (-18.0, 180), (-24.0, 90), (-36.0, 250)] {
            let near = track(&mix(&own_voice, &other, decibels, late, 3));
            let found = leak(&near, &far, 0..3 * SECOND).unwrap();
            let own = own(&near, &far, &found, 0..9 * SECOND).unwrap();
            let share =
                |span: std::ops::Range<usize>| own[span.clone()].iter().filter(|own| **own).count() * 100 / span.len();
            let (leaked, both, alone) = (share(0..140), share(155..295), share(325..440));
            println!(
                "{one} over {decibels} dB, {late} ms late: % kept of the leak, over it, alone: {leaked} {both} {alone}"
            );
            if leaked > 5 || both < 95 || alone < 95 {
                wrong.push((one, decibels, late, leaked, both, alone));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_leak_that_has_stopped_is_noticed() {
    let (other, one) = (speech("unemployment-benefit.agent", 8), speech("work-injury.caller", 8));
    let far = track(&mix(&other, &[], 0.0, 0, 9));
    let with = track(&mix(&[], &other, -12.0, 100, 3));
    let known = leak(&with, &far, 0..4 * SECOND).unwrap();
    let without = track(&mix(&[0; 128_000], &[], 0.0, 0, 3));
    assert!(!known.holds(&without, &far, 4 * SECOND..8 * SECOND));
    let both = track(&mix(&one, &other, -12.0, 100, 3));
    assert!(
        known.holds(&both, &far, 4 * SECOND..8 * SECOND),
        "this party speaks over it"
    );
}

#[test]
fn the_same_sound_on_both_legs_is_nobodys_copy() {
    let voice = speech("unemployment-benefit.agent", 4);
    let track = track(&voice);
    let found = leak(&track, &track, 0..4 * SECOND).unwrap();
    assert_eq!((found.origin(), alone(&track, &track)), (Origin::Both, 0));
}

#[test]
fn a_hole_is_silence_and_memory_is_bounded() {
    let mut track = Track::default();
    track.push(FRAME * 10, &[1_000; 330]);
    track.push(FRAME * 5_000, &[1_000; 320]);
    assert_eq!(track.range(), 3_501..5_001);
    assert!(
        track
            .get(4_999)
            .is_some_and(|loudness| loudness.iter().all(|band| *band == 0.0))
    );
    assert_eq!(frames(FRAME * 3, FRAME * 5 + FRAME / 2), 3..6);
}

#[test]
fn only_the_other_partys_frames_are_silenced() {
    assert_eq!(
        silenced(&[5; 800], &[true, false]),
        [vec![5; 320], vec![0; 320], vec![5; 160]].concat()
    );
}
