//! What lines carry beside a voice. All at 16 kHz, made from a seed: the same in every run.

use std::f32::consts::TAU;

const RATE: f32 = 16_000.0;

/// Numbers between -1 and 1 that look random.
pub(crate) struct Dice(u32);

impl Dice {
    pub(crate) const fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(crate) fn roll(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / 8_388_608.0 - 1.0
    }
}

/// Traffic: a rumble, a hiss, and something that passes every six seconds.
pub(super) fn street(length: usize) -> Vec<f32> {
    let (mut dice, mut rumble, mut wind) = (Dice::new(3), 0.0_f32, 0.0_f32);
    let sample = |at: usize| {
        let t = at as f32 / RATE;
        rumble = 0.985 * rumble + dice.roll();
        wind = 0.7 * wind + dice.roll();
        let passing = 0.4 + 1.6 * (TAU * t / 12.0).sin().abs().powi(6);
        passing * (rumble + 0.6 * wind + 2.0 * (TAU * 83.0 * t + (TAU * 0.7 * t).sin()).sin())
    };
    (0..length).map(sample).collect()
}

/// The mains: 50 Hz and what a bad earth makes of it.
pub(super) fn hum(length: usize) -> Vec<f32> {
    let parts = [
        (50.0, 1.0),
        (100.0, 0.5),
        (150.0, 0.8),
        (250.0, 0.5),
        (350.0, 0.35),
        (550.0, 0.2),
        (950.0, 0.1),
    ];
    tones(length, |_| parts.to_vec())
}

/// Music on hold: four chords of three voices with overtones, a second each.
pub(super) fn music(length: usize) -> Vec<f32> {
    let chords = [
        [262.0, 330.0, 392.0],
        [220.0, 262.0, 330.0],
        [175.0, 220.0, 262.0],
        [196.0, 247.0, 294.0],
    ];
    tones(length, |t| {
        let chord = chords[t as usize % chords.len()];
        let loud = 1.0 - 0.7 * t.fract();
        let voices = chord
            .into_iter()
            .flat_map(|hertz| [(hertz, loud), (2.0 * hertz, 0.4 * loud), (3.0 * hertz, 0.2 * loud)]);
        voices.collect()
    })
}

/// Keys of a telephone (ITU-T Q.23), 100 ms each with 150 ms between.
pub(super) fn keys(length: usize) -> Vec<f32> {
    let (rows, columns) = ([697.0, 770.0, 852.0, 941.0], [1_209.0, 1_336.0, 1_477.0]);
    tones(length, |t| {
        let key = (t / 0.25) as usize;
        match t % 0.25 {
            on if on < 0.1 => vec![(rows[key * 5 % 4], 1.0), (columns[key * 7 % 3], 1.0)],
            _ => Vec::new(),
        }
    })
}

/// China's ringing tone: 450 Hz, one second in five.
pub(super) fn ringing(length: usize) -> Vec<f32> {
    tones(length, |t| if t % 5.0 < 1.0 { vec![(450.0, 1.0)] } else { Vec::new() })
}

/// Nobody: a line's hiss.
pub(super) fn hiss(length: usize) -> Vec<f32> {
    let mut dice = Dice::new(5);
    (0..length).map(|_| dice.roll()).collect()
}

/// Frequencies with their loudness at each moment, summed up.
fn tones(length: usize, at: impl Fn(f32) -> Vec<(f32, f32)>) -> Vec<f32> {
    let sample = |index: usize| {
        let t = index as f32 / RATE;
        at(t)
            .into_iter()
            .map(|(hertz, loud)| loud * (TAU * hertz * t).sin())
            .sum()
    };
    (0..length).map(sample).collect()
}

/// Root mean square of the loud part: of frames of 20 ms with a tenth of the power of the loudest.
pub(super) fn loudness(samples: &[f32]) -> f32 {
    let power = |frame: &[f32]| frame.iter().map(|s| s * s).sum::<f32>() / frame.len() as f32;
    let frames: Vec<f32> = samples.chunks(320).map(power).collect();
    let loudest = frames.iter().copied().fold(0.0, f32::max);
    let loud: Vec<f32> = frames.into_iter().filter(|frame| *frame > 0.1 * loudest).collect();
    (loud.iter().sum::<f32>() / loud.len().max(1) as f32).sqrt()
}
