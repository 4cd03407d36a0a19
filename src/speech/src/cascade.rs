//! Two models for finals: the quick one reads first, the thorough one what the quick one is not sure of; of two texts the
//! likelier is the final, unless it leaves out what the other one has.

mod extent;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use sidetone_base::SampleRate;

use self::extent::{Extent, joined};
use crate::quiet::quietest;
use crate::{AudioJob, Choices, Hypothesis, Recognise, RecogniseError, Recogniser, SegmentKey};

/// A text that has less than this share of the other's syllables leaves something out.
const WHOLE: f32 = 0.8;
/// Below this confidence a text may be read out of noise: it does not show that the other one leaves something out.
const DOUBT: f32 = 0.3;
/// Sound that is at least so long is read again in two halves where the thorough model has left something out: it stops
/// early in long stretches, and hardly ever in short ones.
const HALVED_FROM: Duration = Duration::from_secs(5);
/// Syllables a second; who speaks more slowly, or is heard so, is heard by both models. Fluent Mandarin has four to six.
const SLOWEST: f32 = 1.5;
/// What is no speech at the two ends of a segment.
const PADDING: Duration = Duration::from_millis(800);

/// A model for finals made of two.
///
/// A model that was made for the line's own subjects reads those better than a general one, in a fraction of the time,
/// and knows when a text is unlikely, its own or the other's; everything else is the general one's. How likely a text is
/// says nothing about what it leaves out, so no text wins over one that has a good deal more of the same sound, but for a
/// reason that is counted.
pub struct Cascade {
    quick: Arc<dyn Recognise>,
    thorough: Arc<dyn Recognise>,
    trust: f32,
}

impl Cascade {
    /// `quick` is believed from a confidence of `trust` on. Its opinion of itself has to mean something.
    #[must_use]
    pub fn new(quick: Arc<dyn Recognise>, thorough: Arc<dyn Recognise>, trust: f32) -> Self {
        Self { quick, thorough, trust }
    }
}

impl Recognise for Cascade {
    fn name(&self) -> &str {
        self.thorough.name()
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Worker {
            quick: self.quick.worker()?,
            thorough: self.thorough.worker()?,
            judge: Arc::clone(&self.quick),
            trust: self.trust,
            choices: Choices::default(),
        }))
    }
}

struct Worker {
    quick: Box<dyn Recogniser>,
    thorough: Box<dyn Recogniser>,
    judge: Arc<dyn Recognise>,
    trust: f32,
    choices: Choices,
}

impl Worker {
    fn read(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let quick = self.quick.recognise(job);
        self.choices.quick_failed += u64::from(quick.is_err());
        let Ok(Some(quick)) = quick else {
            // What the quick one fails on is the thorough one's, whose error is told.
            let thorough = self.thorough.recognise(job)?;
            self.choices.thorough += 1;
            return Ok(thorough);
        };
        if quick.confidence >= self.trust && !is_thin(&quick.text, job) {
            return Ok(Some(self.quick_ones(quick)));
        }
        let Ok(thorough) = self.thorough.recognise(job) else {
            // A doubtful text is better than none.
            self.choices.thorough_failed += 1;
            return Ok(Some(self.quick_ones(quick)));
        };
        let (of_quick, of_thorough) = (extent(Some(&quick)), extent(thorough.as_ref()));
        if of_thorough.leaves_out(of_quick, WHOLE) && quick.confidence >= DOUBT {
            return Ok(Some(match halves(job) {
                Some((head, tail)) => self.read_halves(&head, &tail, quick),
                None => self.quick_ones(quick),
            }));
        }
        let weight = thorough.as_ref().and_then(|heard| self.judge.weigh(&heard.text));
        if of_quick.leaves_out(of_thorough, WHOLE) && weight.is_none_or(|weight| weight >= DOUBT) {
            self.choices.thorough += 1;
            return Ok(thorough);
        }
        Ok(self.likelier(quick, thorough, weight))
    }

    /// Of two texts the likelier one; which of them it is and whether it is the shorter one is counted.
    fn likelier(&mut self, quick: Hypothesis, thorough: Option<Hypothesis>, weight: Option<f32>) -> Option<Hypothesis> {
        let (of_quick, of_thorough) = (extent(Some(&quick)), extent(thorough.as_ref()));
        if weight.is_none_or(|weight| weight >= quick.confidence) {
            self.choices.thorough += 1;
            self.choices.shortened += u64::from(of_thorough.leaves_out(of_quick, WHOLE));
            return thorough;
        }
        self.choices.shortened += u64::from(of_quick.leaves_out(of_thorough, WHOLE));
        Some(self.quick_ones(quick))
    }

    fn quick_ones(&mut self, quick: Hypothesis) -> Hypothesis {
        self.choices.quick += 1;
        quick
    }

    /// Each half is read as a segment of its own. `whole` is what stands where a half cannot be read.
    fn read_halves(&mut self, head: &AudioJob, tail: &AudioJob, whole: Hypothesis) -> Hypothesis {
        self.choices.halved += 1;
        let read = self.read(head).and_then(|head| Ok((head, self.read(tail)?)));
        match read {
            Ok((Some(head), Some(tail))) => joined(&head, &tail),
            Ok((one, other)) => one.or(other).unwrap_or(whole),
            Err(_) => {
                self.choices.thorough_failed += 1;
                self.quick_ones(whole)
            }
        }
    }
}

fn extent(heard: Option<&Hypothesis>) -> Extent {
    heard.map_or_else(Extent::default, |heard| Extent::of(&heard.text))
}

/// Whether nobody speaks so slowly as this text would be said: something may be missing.
fn is_thin(text: &str, job: &AudioJob) -> bool {
    let length = SampleRate::WIDE.duration_of(job.samples.len() as u64);
    Extent::of(text).most < SLOWEST * length.saturating_sub(PADDING).as_secs_f32()
}

/// The job's sound in two, cut at the quietest moment near its middle; `None` where it is too short.
fn halves(job: &AudioJob) -> Option<(AudioJob, AudioJob)> {
    let length = job.samples.len();
    if (length as u64) < SampleRate::WIDE.samples_in(HALVED_FROM) {
        return None;
    }
    let middle = length * 3 / 10..length * 7 / 10;
    let at = middle.start + quietest(job.samples.get(middle)?);
    let (head, tail) = job.samples.split_at_checked(at)?;
    let part = |samples: &[i16]| AudioJob {
        samples: Arc::from(samples),
        ..job.clone()
    };
    Some((part(head), part(tail)))
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        self.read(job)
    }

    fn choices(&mut self) -> Choices {
        std::mem::take(&mut self.choices)
    }

    fn use_threads(&mut self, threads: NonZeroUsize) {
        self.quick.use_threads(threads);
        self.thorough.use_threads(threads);
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.quick.forget(segment);
        self.thorough.forget(segment);
    }
}

#[cfg(test)]
mod tests;
