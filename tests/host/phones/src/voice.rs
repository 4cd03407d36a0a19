//! What a telephone says: its pilot, or speech.

use std::collections::VecDeque;
use std::f64::consts::TAU;

/// Samples a second.
pub(crate) const RATE: usize = 8_000;
/// Samples of a packet: 20 ms.
pub(crate) const FRAME: usize = 160;
/// Of a pilot at its peak: four of them together stay within 16 bits.
const AMPLITUDE: f64 = 4_000.0;
/// A burst begins each second and lasts this many samples.
const BURST: usize = RATE / 20;

/// A tone that never ends, and once a second a burst of another that says where in time one is.
///
/// All frequencies are multiples of 50 Hz, so that over 20 ms none leaks into another (less than a tenth of a burst does, in
/// the frame that it ends within), and above those of a switch's own ringing and busy tones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pilot(
    /// 0 to 31; each phone of a switch has its own.
    pub u8,
);

impl Pilot {
    /// How many there are.
    pub const COUNT: u8 = 32;

    /// Of the tone that never ends, in Hz: 700 to 2,250.
    #[must_use]
    pub fn tone(self) -> f64 {
        700.0 + 50.0 * f64::from(self.0)
    }

    /// Of the burst, in Hz: 2,300 to 3,050. Sixteen phones share no burst.
    #[must_use]
    pub fn burst(self) -> f64 {
        2_300.0 + 50.0 * f64::from(self.0 % 16)
    }

    /// The `n`th sample.
    fn sample(self, n: usize) -> f64 {
        let at = |hertz: f64| (TAU * hertz * (n % RATE) as f64 / RATE as f64).sin();
        let burst = if n % RATE < BURST { at(self.burst()) } else { 0.0 };
        AMPLITUDE * (at(self.tone()) + burst)
    }
}

/// How loud `hertz` is in these samples, relative to a pilot: 1 where there is one.
#[must_use]
pub fn level(samples: &[i16], hertz: f64) -> f64 {
    let turn = 2.0 * (TAU * hertz / RATE as f64).cos();
    let (mut last, mut before) = (0.0, 0.0);
    for &sample in samples {
        let next = f64::from(sample) + turn * last - before;
        (before, last) = (last, next);
    }
    let power = last * last + before * before - turn * last * before;
    2.0 * power.max(0.0).sqrt() / (samples.len().max(1) as f64 * AMPLITUDE)
}

/// Frame after frame of what a phone sends.
pub(crate) struct Voice {
    pilot: Pilot,
    /// Whether the pilot sounds; else digital silence.
    pub(crate) sounds: bool,
    sent: usize,
    speech: VecDeque<i16>,
}

impl Voice {
    pub(crate) fn new(pilot: Pilot) -> Self {
        Self {
            pilot,
            sounds: true,
            sent: 0,
            speech: VecDeque::new(),
        }
    }

    /// Speaks from the next frame on, in place of the pilot.
    pub(crate) fn say(&mut self, speech: &[i16]) {
        self.speech.extend(speech);
    }

    pub(crate) fn next_frame(&mut self) -> Vec<i16> {
        let begin = self.sent;
        self.sent += FRAME;
        let sample = |n: usize, speech: &mut VecDeque<i16>| match speech.pop_front() {
            Some(sample) => sample,
            None if self.sounds => self.pilot.sample(n) as i16,
            None => 0,
        };
        (begin..self.sent).map(|n| sample(n, &mut self.speech)).collect()
    }

    /// Samples that were sent so far, where the next frame begins: a burst begins at each multiple of [`RATE`].
    pub(crate) const fn sent(&self) -> usize {
        self.sent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pilot_is_heard_in_each_frame_and_no_other_is() {
        let mut voice = Voice::new(Pilot(3));
        for _ in 0..100 {
            let frame = voice.next_frame();
            for other in (0..Pilot::COUNT).map(Pilot) {
                let heard = level(&frame, other.tone());
                let expected = if other == Pilot(3) { 1.0 } else { 0.0 };
                assert!((heard - expected).abs() < 0.1, "{other:?}: {heard}");
            }
        }
    }
}
