//! How loud a leg is, over time.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

/// Length of a frame.
pub const FRAME: Duration = Duration::from_millis(20);
/// The same in samples of 16 kHz.
pub(super) const SAMPLES: usize = 320;
/// Octaves from 250 Hz to 4 kHz, the lowest first.
pub(super) const BANDS: usize = 4;
/// What is remembered: longer than any segment and the longest delay.
const KEPT: usize = 1_500;

/// Root mean squares of the octaves.
pub(super) type Loudness = [f32; BANDS];

/// One leg's loudness on the call's time line. Sans-IO, bounded: the newest 30 s, 24 kB.
#[derive(Clone, Debug, Default)]
pub struct Track {
    kept: VecDeque<Loudness>,
    /// The number of the frame after the newest, from the call's begin.
    end: i64,
    /// Samples since the last whole frame.
    rest: Vec<i16>,
}

/// The frames in which a stretch of the call lies.
#[must_use]
pub fn frames(begin: Duration, end: Duration) -> Range<i64> {
    number(begin)..number(end)
}

fn number(at: Duration) -> i64 {
    i64::try_from((at + FRAME / 2).as_millis() / FRAME.as_millis()).unwrap_or(i64::MAX)
}

impl Track {
    /// Takes what the leg gives next, 16 kHz; `at` is the first sample's place in the call. A hole is silence.
    pub fn push(&mut self, at: Duration, samples: &[i16]) {
        let begin = number(at);
        if self.kept.is_empty() || begin > self.end + 1 {
            let hole = if self.kept.is_empty() { 0 } else { begin - self.end };
            let hole = usize::try_from(hole).unwrap_or_default().min(KEPT);
            (0..hole).for_each(|_| self.keep(Loudness::default()));
            self.rest.clear();
            self.end = begin;
        }
        // Silence that was made up is there no more once its sound has come after all.
        if begin + 1 < self.end {
            let surplus = usize::try_from(self.end - begin).unwrap_or_default();
            self.kept.truncate(self.kept.len().saturating_sub(surplus));
            self.rest.clear();
            self.end = begin;
        }
        let mut samples = samples;
        while !samples.is_empty() {
            let room = SAMPLES - self.rest.len();
            let (now, later) = samples.split_at(room.min(samples.len()));
            self.rest.extend_from_slice(now);
            samples = later;
            if let Ok(whole) = <&[i16; SAMPLES]>::try_from(self.rest.as_slice()) {
                let loudness = loudness(whole);
                self.rest.clear();
                self.keep(loudness);
                self.end += 1;
            }
        }
    }

    fn keep(&mut self, loudness: Loudness) {
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(loudness);
    }

    /// The frames that are remembered.
    pub(super) fn range(&self) -> Range<i64> {
        self.end - self.kept.len() as i64..self.end
    }

    pub(super) fn get(&self, number: i64) -> Option<&Loudness> {
        let at = number - self.range().start;
        usize::try_from(at).ok().and_then(|at| self.kept.get(at))
    }

    /// What a tenth of the frames stays below, by octave: the noise of the line.
    pub(super) fn floor(&self) -> Loudness {
        std::array::from_fn(|band| {
            let mut all: Vec<f32> = self.kept.iter().map(|loudness| loudness[band]).collect();
            let tenth = all.len() / 10;
            if all.is_empty() {
                return 0.0;
            }
            *all.select_nth_unstable_by(tenth, f32::total_cmp).1
        })
    }
}

/// Halves the rate again and again; what each step takes away is an octave (Haar's wavelet).
fn loudness(samples: &[i16; SAMPLES]) -> Loudness {
    let mut low = samples.map(f32::from);
    let mut length = SAMPLES;
    let mut octave = || {
        length /= 2;
        let mut power = 0.0;
        for at in 0..length {
            let (a, b) = (low[2 * at], low[2 * at + 1]);
            power += (a - b) * (a - b);
            low[at] = (a + b) / 2.0;
        }
        (power / (4 * length) as f32).sqrt()
    };
    // Above 4 kHz is nothing on most lines.
    octave();
    let mut octaves = [0.0; BANDS];
    for loudness in octaves.iter_mut().rev() {
        *loudness = octave();
    }
    octaves
}
