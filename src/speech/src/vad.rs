//! Is this speech? A cheap gate on every frame, a neural detector only where the gate has fired.

use std::collections::VecDeque;

use earshot::Detector;

/// Samples in one decision: 32 ms at 16 kHz, what Silero takes.
pub const VAD_FRAME: usize = 512;

/// Samples in one frame of the gate: 16 ms at 16 kHz.
const GATE_FRAME: usize = 256;

/// No sample louder than this is silence: 55 dB below full scale, line noise of a digital leg.
const SILENCE: u16 = 58;
/// Frames of silence that are still looked at, for the soft endings of words.
const LOOKED_AT: u8 = 2;

/// A neural voice detector for one leg, 16 kHz mono. Implemented in `sidetone-asr`.
pub trait VoiceDetector: Send {
    /// How likely it is, 0 to 1, that the frame holds speech. Frames come in order; a stretch that
    /// the gate kept away is followed by [`VoiceDetector::reset`].
    fn probability(&mut self, frame: &[i16; VAD_FRAME]) -> f32;

    /// Forgets what was heard before.
    fn reset(&mut self);
}

/// Takes the noise out of one leg's sound. Implemented in `sidetone-asr`.
pub trait Denoiser: Send {
    /// In place: the next samples of the leg, 16 kHz, as many as there are. What comes out may be some 20 ms late.
    fn denoise(&mut self, samples: &mut [i16]);
}

/// The cheap gate: decides on each 16 ms whether it is worth a closer look.
pub struct Gate {
    detector: Box<Detector>,
    /// Frames of silence up to now; counted as far as it matters.
    silent: u8,
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Gate {
    /// A gate that has heard nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            detector: Box::default(),
            silent: LOOKED_AT,
        }
    }

    /// The higher score of the frame's two halves, 0 to 1; above 0.5 is taken for voice.
    ///
    /// Silence is 0 without a look, so that filled gaps and the party who listens cost nothing.
    pub fn score(&mut self, frame: &[i16; VAD_FRAME]) -> f32 {
        if frame.iter().fold(0, |peak, sample| sample.unsigned_abs().max(peak)) > SILENCE {
            self.silent = 0;
        } else if self.silent < LOOKED_AT {
            self.silent += 1;
        } else {
            if self.silent == LOOKED_AT {
                self.detector.reset();
                self.silent += 1;
            }
            return 0.0;
        }
        frame
            .chunks_exact(GATE_FRAME)
            .map(|half| self.detector.predict_i16(half))
            .fold(0.0, f32::max)
    }
}

/// How likely each frame of a leg is speech.
pub(crate) trait VoiceScore: Send {
    /// Of the next frame, 0 to 1.
    fn score(&mut self, frame: &[i16; VAD_FRAME]) -> f32;

    /// What comes next has nothing to do with what was.
    fn reset(&mut self);
}

/// Frames for which the detector is asked after the gate has closed: 320 ms of soft endings.
const GATE_HANGOVER: u32 = 10;
/// Frames before the gate fired that a detector hears first, to be warm.
const WARM_UP: usize = 3;

/// The gate, and behind it the detector when there is one.
pub(crate) struct Voice {
    gate: Gate,
    threshold: f32,
    detector: Option<Box<dyn VoiceDetector>>,
    /// Frames for which the detector is still asked.
    asking: u32,
    /// The frames before, oldest first.
    before: VecDeque<[i16; VAD_FRAME]>,
}

impl Voice {
    pub(crate) fn new(threshold: f32, detector: Option<Box<dyn VoiceDetector>>) -> Self {
        let before = VecDeque::with_capacity(WARM_UP);
        Self {
            gate: Gate::new(),
            threshold,
            detector,
            asking: 0,
            before,
        }
    }
}

impl VoiceScore for Voice {
    fn score(&mut self, frame: &[i16; VAD_FRAME]) -> f32 {
        let gate = self.gate.score(frame);
        let Some(detector) = &mut self.detector else {
            return gate;
        };
        if gate >= self.threshold {
            if self.asking == 0 {
                detector.reset();
                for earlier in self.before.drain(..) {
                    detector.probability(&earlier);
                }
            }
            self.asking = GATE_HANGOVER;
        }
        if self.asking == 0 {
            if self.before.len() == WARM_UP {
                self.before.pop_front();
            }
            self.before.push_back(*frame);
            return 0.0;
        }
        self.asking -= 1;
        detector.probability(frame)
    }

    fn reset(&mut self) {
        self.gate = Gate::new();
        self.asking = 0;
        self.before.clear();
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    struct Counting(Arc<AtomicUsize>);

    impl VoiceDetector for Counting {
        fn probability(&mut self, _: &[i16; VAD_FRAME]) -> f32 {
            self.0.fetch_add(1, Ordering::Relaxed);
            1.0
        }

        fn reset(&mut self) {}
    }

    /// A buzz with the harmonics of a voice at 150 Hz, swelling like syllables.
    pub(crate) fn babble(n: usize) -> i16 {
        let t = n as f32 / 16_000.0;
        let syllable = (t * 4.0 * std::f32::consts::PI).sin().abs();
        let voice: f32 = (1..24)
            .map(|h| {
                let hertz = 150.0 * h as f32;
                let formants = [(600.0, 120.0), (1400.0, 200.0), (2600.0, 300.0)];
                let gain: f32 = formants
                    .iter()
                    .map(|(f, w): &(f32, f32)| (-((hertz - f) / w).powi(2)).exp())
                    .sum();
                (gain + 0.05) * (t * hertz * std::f32::consts::TAU).sin()
            })
            .sum();
        (voice * syllable * 3000.0) as i16
    }

    #[test]
    fn the_gate_hears_a_voice_and_not_silence() {
        let mut gate = Gate::new();
        let frame = |begin: usize| std::array::from_fn(|n| babble(begin + n));
        let best = (0..60).map(|n| gate.score(&frame(n * VAD_FRAME))).fold(0.0, f32::max);
        assert!(best > 0.5, "{best}");
        (0..LOOKED_AT).for_each(|_| assert!(gate.score(&[0; VAD_FRAME]) < 1.0));
        assert!(gate.score(&[0; VAD_FRAME]) == 0.0);
    }

    #[test]
    fn the_detector_is_not_asked_about_silence() {
        let asked = Arc::new(AtomicUsize::new(0));
        let mut voice = Voice::new(0.3, Some(Box::new(Counting(Arc::clone(&asked)))));
        (0..100).for_each(|_| assert!(voice.score(&[0; VAD_FRAME]) == 0.0));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }
}
