//! Is this speech? A cheap gate, and a neural detector from where the gate fires until it hears nothing any more.

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

    /// What comes next has nothing to do with what was.
    fn reset(&mut self) {
        self.detector.reset();
        self.silent = LOOKED_AT;
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

/// Frames for which the detector goes on being asked after it last heard something: 320 ms of soft endings.
const ASKED_ON: u32 = 10;
/// What the detector has to say for that. Far below any threshold: the gate has the next word on what it misses.
const HEARD: f32 = 0.1;
/// Frames before the gate fired that a detector hears first, to be warm.
const WARM_UP: usize = 3;

/// The gate, and behind it the detector when there is one. One of the two listens at a time.
pub(crate) struct Voice {
    gate: Gate,
    threshold: f32,
    detector: Option<Box<dyn VoiceDetector>>,
    /// Frames for which the detector is still asked.
    asking: u32,
    /// The frames that the detector has not heard since, the newest of them, oldest first.
    unheard: VecDeque<[i16; VAD_FRAME]>,
    /// There were more of them: what the detector remembers does not lead up to these.
    cold: bool,
}

impl Voice {
    pub(crate) fn new(threshold: f32, detector: Option<Box<dyn VoiceDetector>>) -> Self {
        Self {
            gate: Gate::new(),
            threshold,
            detector,
            asking: 0,
            unheard: VecDeque::with_capacity(WARM_UP),
            cold: true,
        }
    }

    /// The gate alone has heard this one.
    fn pass_over(&mut self, frame: &[i16; VAD_FRAME]) {
        if self.unheard.len() == WARM_UP {
            self.unheard.pop_front();
            self.cold = true;
        }
        self.unheard.push_back(*frame);
    }
}

impl VoiceScore for Voice {
    fn score(&mut self, frame: &[i16; VAD_FRAME]) -> f32 {
        let gate = if self.asking == 0 { self.gate.score(frame) } else { 0.0 };
        let Some(detector) = &mut self.detector else {
            return gate;
        };
        if self.asking == 0 {
            if gate < self.threshold {
                self.pass_over(frame);
                return 0.0;
            }
            if std::mem::take(&mut self.cold) {
                detector.reset();
            }
            for earlier in self.unheard.drain(..) {
                detector.probability(&earlier);
            }
            self.gate.reset();
            self.asking = ASKED_ON;
        }
        let probability = detector.probability(frame);
        self.asking = if probability >= HEARD {
            ASKED_ON
        } else {
            self.asking - 1
        };
        probability
    }

    fn reset(&mut self) {
        self.gate.reset();
        self.asking = 0;
        self.unheard.clear();
        self.cold = true;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Says always the same, and counts.
    struct Counting {
        says: f32,
        asked: Arc<AtomicUsize>,
        resets: Arc<AtomicUsize>,
    }

    impl VoiceDetector for Counting {
        fn probability(&mut self, _: &[i16; VAD_FRAME]) -> f32 {
            self.asked.fetch_add(1, Ordering::Relaxed);
            self.says
        }

        fn reset(&mut self) {
            self.resets.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// A gate with a detector behind it that always says the same, and how often it was asked and reset.
    fn counted(says: f32) -> (Voice, Arc<AtomicUsize>, Arc<AtomicUsize>) {
        let (asked, resets) = (Arc::default(), Arc::default());
        let detector = Counting {
            says,
            asked: Arc::clone(&asked),
            resets: Arc::clone(&resets),
        };
        (Voice::new(0.3, Some(Box::new(detector))), asked, resets)
    }

    /// So many frames of a voice, until the detector has been asked.
    fn wake(voice: &mut Voice, asked: &AtomicUsize) {
        let before = asked.load(Ordering::Relaxed);
        let frame = |begin: usize| std::array::from_fn(|n| babble(begin + n));
        let heard = (0..60).any(|n| {
            voice.score(&frame(n * VAD_FRAME));
            asked.load(Ordering::Relaxed) > before
        });
        assert!(heard, "the gate has not fired");
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
        let (mut voice, asked, _) = counted(1.0);
        (0..100).for_each(|_| assert!(voice.score(&[0; VAD_FRAME]) == 0.0));
        assert_eq!(asked.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn the_detector_is_asked_for_as_long_as_it_hears_something() {
        let (mut voice, asked, _) = counted(HEARD);
        wake(&mut voice, &asked);
        let before = asked.load(Ordering::Relaxed);
        (0..50).for_each(|_| assert!(voice.score(&[0; VAD_FRAME]) > 0.0, "the gate is not asked"));
        assert_eq!(asked.load(Ordering::Relaxed), before + 50);
    }

    #[test]
    fn the_detector_hears_ten_frames_of_nothing_and_then_the_gate_listens() {
        let (mut voice, asked, resets) = counted(0.0);
        wake(&mut voice, &asked);
        let first = asked.load(Ordering::Relaxed);
        (0..50).for_each(|_| assert!(voice.score(&[0; VAD_FRAME]) == 0.0));
        assert_eq!(asked.load(Ordering::Relaxed), first + ASKED_ON as usize - 1);
        wake(&mut voice, &asked);
        assert_eq!(resets.load(Ordering::Relaxed), 2, "each stretch is a new one");
    }

    #[test]
    fn a_short_gap_is_made_good_and_a_long_one_forgotten() {
        let (mut voice, asked, _) = counted(0.0);
        wake(&mut voice, &asked);
        assert!(!voice.cold);
        (0..WARM_UP).for_each(|_| voice.pass_over(&[0; VAD_FRAME]));
        assert!(!voice.cold, "all of it is there to be heard afterwards");
        voice.pass_over(&[0; VAD_FRAME]);
        assert!(voice.cold);
    }
}
