//! Whether one leg's sound comes again in another.

use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use super::track::{BANDS, FRAME, Loudness, Track};

/// How late the sound may come, in frames: 420 ms, and 100 ms early, as the two legs' clocks begin with their first packets.
const LAGS: RangeInclusive<i64> = -5..=21;
/// So much of the newest sound is compared: 10 s.
const COMPARED: i64 = 500;
/// After so many frames in which the other party speaks this likeness is believed, 1 at most. An echo alone has 0.9 and more,
/// also where it is 36 dB down in the line's noise; two voices that talk at once come to 0.75 in a second and to 0.6 in two.
const BELIEVED: [(usize, f32); 2] = [(40, 0.85), (80, 0.7)];
/// Likeness from which on it may be so, in so many frames of which the other party speaks in half at least.
const SUSPECTED: f32 = 0.5;
const SUSPECTED_FOR: i64 = 100;
/// A copy that is so near in loudness, in decibels, and in time, in frames, may be either leg's.
const AS_LOUD: f32 = 3.0;
const AT_ONCE: i64 = 1;
/// Of the frames in which a known leak should be heard, so many have to be as loud, within 6 dB.
const HOLDS: f32 = 0.7;
/// By how much the likeness at the right delay has to stand out from that at others: a hum is like itself at all of them.
const STANDS_OUT: f32 = 0.2;
/// A frame in which somebody speaks is so much louder than the line's noise; the least loudness of speech.
pub(super) const ABOVE_NOISE: f32 = 3.0;
pub(super) const FAINTEST: f32 = 30.0;
/// Pauses between words count for the comparison, too: so many frames on each side of speech.
const AROUND: i64 = 8;

/// What a comparison of two legs has found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// Nothing of the other party.
    Nothing,
    /// The other party speaks, and this leg may have it; there is too little yet to tell.
    Suspected,
    /// The other party's sound is in this leg.
    Leak(Leak),
}

/// How one party's sound comes into the other's leg.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Leak {
    pub(super) lag: i64,
    pub(super) gain: Loudness,
}

/// Which of two legs has a sound first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The other leg; this one has a copy.
    Far,
    /// This leg; the copy is the other one's.
    Near,
    /// Both have it at once, equally loud.
    Both,
}

impl Leak {
    /// Whose sound it is: a copy is fainter, or late.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let decibels = self.decibels();
        if decibels < -AS_LOUD {
            Origin::Far
        } else if decibels > AS_LOUD {
            Origin::Near
        } else if self.lag > AT_ONCE {
            Origin::Far
        } else if self.lag < -AT_ONCE {
            Origin::Near
        } else {
            Origin::Both
        }
    }

    /// Whether a leak that was found before is still there, in these frames of `near`.
    #[must_use]
    pub fn holds(&self, near: &Track, far: &Track, span: Range<i64>) -> bool {
        let floor = near.floor();
        let mut expected = 0;
        let mut heard = 0;
        for at in span {
            let (Some(near), Some(far)) = (near.get(at), far.get(at - self.lag)) else {
                continue;
            };
            let copy: Loudness = std::array::from_fn(|band| self.gain[band] * far[band]);
            if total(&copy) > 4.0 * total(&floor) && total(&copy) > FAINTEST * FAINTEST / 4.0 {
                expected += 1;
                heard += usize::from(total(near) >= total(&copy) / 4.0);
            }
        }
        expected > 0 && heard as f32 >= HOLDS * expected as f32
    }

    /// How late; none where it comes early or at once.
    #[must_use]
    pub fn lag(&self) -> Duration {
        FRAME * u32::try_from(self.lag).unwrap_or_default()
    }

    /// How loud, in decibels: below zero where it is fainter than on the leg that it comes from.
    #[must_use]
    pub fn decibels(&self) -> f32 {
        let mut gains = self.gain;
        gains.sort_unstable_by(f32::total_cmp);
        20.0 * ((gains[1] + gains[2]) / 2.0).max(1e-5).log10()
    }
}

/// Looks for the sound of `far` in these frames of `near`.
#[must_use]
pub fn find(near: &Track, far: &Track, span: Range<i64>) -> Finding {
    let heard = near.range();
    let end = span.end.min(heard.end);
    let span = span.start.max(heard.start).max(end - COMPARED)..end;
    let speech = Speech::of(far, span.start - LAGS.end()..span.end - LAGS.start());
    let likeness: Vec<(i64, f32, usize)> = LAGS
        .map(|lag| {
            let (likeness, spoken) = alike(near, far, &speech, span.clone(), lag);
            (lag, likeness, spoken)
        })
        .collect();
    let Some(&(lag, best, spoken)) = likeness.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Finding::Nothing;
    };
    let mut all: Vec<f32> = likeness.iter().map(|(_, likeness, _)| *likeness).collect();
    let middle = all.len() / 2;
    let usual = *all.select_nth_unstable_by(middle, f32::total_cmp).1;
    if best < SUSPECTED || best - usual < STANDS_OUT {
        return Finding::Nothing;
    }
    if !BELIEVED
        .iter()
        .any(|(frames, likeness)| spoken >= *frames && best >= *likeness)
    {
        let length = span.end - span.start;
        return match length <= SUSPECTED_FOR && 2 * spoken as i64 >= length {
            true => Finding::Suspected,
            false => Finding::Nothing,
        };
    }
    let gain = gain(near, far, &speech, span, lag);
    Finding::Leak(Leak { lag, gain })
}

/// In how many frames somebody speaks on `near` while nobody does on `far`.
#[must_use]
pub fn alone(near: &Track, far: &Track) -> usize {
    let span = near.range().start.max(far.range().start)..near.range().end.min(far.range().end);
    let (own, other) = (Speech::of(near, span.clone()), Speech::of(far, span.clone()));
    span.filter(|at| own.spoken(*at) && !other.around(*at)).count()
}

/// In which frames somebody speaks.
struct Speech {
    begin: i64,
    spoken: Vec<bool>,
    around: Vec<bool>,
}

impl Speech {
    fn of(track: &Track, span: Range<i64>) -> Self {
        let floor = track.floor();
        let spoken: Vec<bool> = span.clone().map(|at| is_speech(track.get(at), &floor)).collect();
        let mut around = vec![false; spoken.len()];
        for at in (0..spoken.len()).filter(|at| spoken[*at]) {
            let last = (at + AROUND as usize + 1).min(spoken.len());
            around[at.saturating_sub(AROUND as usize)..last].fill(true);
        }
        Self {
            begin: span.start,
            spoken,
            around,
        }
    }

    fn at(flags: &[bool], begin: i64, at: i64) -> bool {
        usize::try_from(at - begin).is_ok_and(|at| flags.get(at).copied().unwrap_or_default())
    }

    fn spoken(&self, at: i64) -> bool {
        Self::at(&self.spoken, self.begin, at)
    }

    fn around(&self, at: i64) -> bool {
        Self::at(&self.around, self.begin, at)
    }
}

fn is_speech(loudness: Option<&Loudness>, floor: &Loudness) -> bool {
    let least = (FAINTEST * FAINTEST).max(ABOVE_NOISE * ABOVE_NOISE * total(floor));
    loudness.is_some_and(|loudness| total(loudness) > least)
}

pub(super) fn total(loudness: &Loudness) -> f32 {
    loudness.iter().map(|band| band * band).sum()
}

/// The mean correlation of the octaves' loudness while the other party speaks and shortly before and after, and the
/// number of frames in which they do.
fn alike(near: &Track, far: &Track, speech: &Speech, span: Range<i64>, lag: i64) -> (f32, usize) {
    let mut sums = [Sums::default(); BANDS];
    let mut spoken = 0;
    for at in span.filter(|at| speech.around(at - lag)) {
        let (Some(near), Some(far)) = (near.get(at), far.get(at - lag)) else {
            continue;
        };
        spoken += usize::from(speech.spoken(at - lag));
        for (sums, (near, far)) in sums.iter_mut().zip(near.iter().zip(far)) {
            sums.take(*near, *far);
        }
    }
    let known: Vec<f32> = sums.iter().filter_map(Sums::correlation).collect();
    let mean = known.iter().sum::<f32>() / known.len().max(1) as f32;
    (mean, spoken)
}

#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    near: f64,
    far: f64,
    near_near: f64,
    far_far: f64,
    near_far: f64,
}

impl Sums {
    fn take(&mut self, near: f32, far: f32) {
        let (near, far) = (f64::from(near), f64::from(far));
        self.count += 1.0;
        self.near += near;
        self.far += far;
        self.near_near += near * near;
        self.far_far += far * far;
        self.near_far += near * far;
    }

    /// `None` where one of them has always the same loudness.
    fn correlation(&self) -> Option<f32> {
        let near = self.count * self.near_near - self.near * self.near;
        let far = self.count * self.far_far - self.far * self.far;
        let both = self.count * self.near_far - self.near * self.far;
        (near > 1.0 && far > 1.0).then(|| (both / (near * far).sqrt()) as f32)
    }
}

/// By octave, how loud the other party comes: of the louder half of their frames the fainter ones, as this party may speak
/// in some of them.
fn gain(near: &Track, far: &Track, speech: &Speech, span: Range<i64>, lag: i64) -> Loudness {
    let frames = span.filter(|at| speech.spoken(at - lag));
    let pairs: Vec<(&Loudness, &Loudness)> = frames.filter_map(|at| near.get(at).zip(far.get(at - lag))).collect();
    std::array::from_fn(|band| {
        let mut pairs: Vec<(f32, f32)> = pairs.iter().map(|(near, far)| (near[band], far[band])).collect();
        pairs.sort_unstable_by(|a, b| b.1.total_cmp(&a.1));
        let louder = &pairs[..pairs.len().div_ceil(2)];
        let mut ratios: Vec<f32> = louder.iter().map(|(near, far)| near / far.max(1.0)).collect();
        ratios.sort_unstable_by(f32::total_cmp);
        ratios.get(ratios.len() * 2 / 5).copied().unwrap_or_default()
    })
}
