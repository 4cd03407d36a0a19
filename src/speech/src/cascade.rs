//! Two models for finals: the quick one reads first, the thorough one what the quick one is not sure of; of two texts the
//! likelier is the final.

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::{AudioJob, Hypothesis, Recognise, RecogniseError, Recogniser, SegmentKey};

/// A model for finals made of two.
///
/// A model that was made for the line's own subjects reads those better than a general one, in a fraction of the time,
/// and knows when a text is unlikely, its own or the other's; everything else is the general one's.
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
        }))
    }
}

struct Worker {
    quick: Box<dyn Recogniser>,
    thorough: Box<dyn Recogniser>,
    judge: Arc<dyn Recognise>,
    trust: f32,
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        // What the quick one fails on is the thorough one's, whose error counts.
        let quick = self.quick.recognise(job).ok().flatten();
        let Some(quick) = quick else {
            return self.thorough.recognise(job);
        };
        if quick.confidence >= self.trust {
            return Ok(Some(quick));
        }
        let thorough = self.thorough.recognise(job)?;
        let weight = thorough.as_ref().and_then(|heard| self.judge.weigh(&heard.text));
        match weight {
            Some(weight) if weight < quick.confidence => Ok(Some(quick)),
            _ => Ok(thorough),
        }
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
mod tests {
    use std::time::Instant;

    use sidetone_base::{CallId, LegId, SegmentId};

    use super::*;
    use crate::Pass;

    /// Says always the same, or fails.
    #[derive(Clone)]
    struct Says(&'static str, Option<f32>);

    /// What the quick one thinks of the other's text.
    const WEIGHT: f32 = 0.3;

    impl Recognise for Says {
        fn name(&self) -> &str {
            self.0
        }

        fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
            Ok(Box::new(self.clone()))
        }

        fn weigh(&self, text: &str) -> Option<f32> {
            (text != self.0).then_some(WEIGHT)
        }
    }

    impl Recogniser for Says {
        fn recognise(&mut self, _job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
            let failed = RecogniseError::Decode {
                model: self.0.to_owned(),
                reason: "as it was told".to_owned(),
            };
            let confidence = self.1.ok_or(failed)?;
            Ok(Some(Hypothesis {
                text: self.0.to_owned(),
                confidence,
                stable: None,
            }))
        }
    }

    fn said(quick: Option<f32>, thorough: Option<f32>) -> Option<String> {
        let cascade = Cascade::new(
            Arc::new(Says("quick", quick)),
            Arc::new(Says("thorough", thorough)),
            0.7,
        );
        let job = AudioJob {
            key: SegmentKey {
                call: CallId::new("c"),
                leg: LegId::new("l"),
                segment: SegmentId::new("s"),
            },
            pass: Pass::Final,
            samples: Arc::from([0_i16; 16]),
            deadline: Instant::now(),
        };
        let heard = cascade.worker().unwrap().recognise(&job).ok()?;
        heard.map(|hypothesis| hypothesis.text)
    }

    #[test]
    fn the_quick_one_is_believed_when_it_is_sure() {
        assert_eq!(said(Some(0.7), Some(0.1)).as_deref(), Some("quick"));
        assert_eq!(said(Some(0.9), None).as_deref(), Some("quick"));
    }

    #[test]
    fn of_two_texts_the_likelier_is_the_final() {
        assert_eq!(said(Some(0.31), Some(0.9)).as_deref(), Some("quick"));
        assert_eq!(said(Some(0.29), Some(0.1)).as_deref(), Some("thorough"));
        assert_eq!(said(Some(0.6), None), None, "an error of the thorough one is told");
    }

    #[test]
    fn what_the_quick_one_fails_on_is_the_thorough_ones() {
        assert_eq!(said(None, Some(0.1)).as_deref(), Some("thorough"));
        assert_eq!(said(None, None), None);
    }
}
