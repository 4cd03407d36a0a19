//! Two models for finals: the quick one reads first, the thorough one what the quick one is not sure of; of two texts the
//! likelier is the final.

use std::num::NonZeroUsize;
use std::sync::Arc;

use crate::{AudioJob, Choices, Hypothesis, Recognise, RecogniseError, Recogniser, SegmentKey};

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
    /// The quick one's text, where it is sure enough or likelier than the other's.
    fn choose(&mut self, job: &AudioJob, quick: Hypothesis) -> Option<Hypothesis> {
        if quick.confidence < self.trust {
            match self.thorough.recognise(job) {
                Ok(thorough) => {
                    let weight = thorough.as_ref().and_then(|heard| self.judge.weigh(&heard.text));
                    if weight.is_none_or(|weight| weight >= quick.confidence) {
                        self.choices.thorough += 1;
                        return thorough;
                    }
                }
                // A doubtful text is better than none.
                Err(_) => self.choices.thorough_failed += 1,
            }
        }
        self.choices.quick += 1;
        Some(quick)
    }
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let quick = self.quick.recognise(job);
        self.choices.quick_failed += u64::from(quick.is_err());
        match quick {
            Ok(Some(quick)) => Ok(self.choose(job, quick)),
            // What the quick one fails on is the thorough one's, whose error is told.
            Ok(None) | Err(_) => {
                let thorough = self.thorough.recognise(job)?;
                self.choices.thorough += 1;
                Ok(thorough)
            }
        }
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

    fn worker(quick: Option<f32>, thorough: Option<f32>) -> Box<dyn Recogniser> {
        let cascade = Cascade::new(
            Arc::new(Says("quick", quick)),
            Arc::new(Says("thorough", thorough)),
            0.7,
        );
        cascade.worker().unwrap()
    }

    fn said(worker: &mut dyn Recogniser) -> Option<String> {
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
        let heard = worker.recognise(&job).ok()?;
        heard.map(|hypothesis| hypothesis.text)
    }

    fn says(quick: Option<f32>, thorough: Option<f32>) -> Option<String> {
        said(worker(quick, thorough).as_mut())
    }

    #[test]
    fn the_quick_one_is_believed_when_it_is_sure() {
        assert_eq!(says(Some(0.7), Some(0.1)).as_deref(), Some("quick"));
        assert_eq!(says(Some(0.9), None).as_deref(), Some("quick"));
    }

    #[test]
    fn of_two_texts_the_likelier_is_the_final() {
        assert_eq!(says(Some(0.31), Some(0.9)).as_deref(), Some("quick"));
        assert_eq!(says(Some(0.29), Some(0.1)).as_deref(), Some("thorough"));
    }

    #[test]
    fn what_one_fails_on_is_the_others() {
        assert_eq!(says(None, Some(0.1)).as_deref(), Some("thorough"));
        assert_eq!(says(Some(0.6), None).as_deref(), Some("quick"));
        assert_eq!(says(None, None), None, "the thorough one's error is told");
    }

    #[test]
    fn whose_text_it_is_is_counted_until_asked_for() {
        let counted = |quick: Option<f32>, thorough: Option<f32>| {
            let mut worker = worker(quick, thorough);
            let told = said(worker.as_mut());
            let choices = worker.choices();
            assert_eq!(worker.choices(), Choices::default());
            (told.unwrap_or_default(), choices)
        };
        let none = Choices::default();
        let quick = Choices { quick: 1, ..none };
        let thorough = Choices { thorough: 1, ..none };
        assert_eq!(counted(Some(0.8), Some(0.1)), ("quick".to_owned(), quick));
        assert_eq!(counted(Some(0.2), Some(0.1)), ("thorough".to_owned(), thorough));
        let quick_failed = Choices {
            quick_failed: 1,
            ..none
        };
        let mended = Choices {
            thorough: 1,
            ..quick_failed
        };
        assert_eq!(counted(None, Some(0.1)), ("thorough".to_owned(), mended));
        assert_eq!(counted(None, None), (String::new(), quick_failed), "nobody's text");
        let thorough_failed = Choices {
            thorough_failed: 1,
            ..quick
        };
        assert_eq!(counted(Some(0.2), None), ("quick".to_owned(), thorough_failed));
    }
}
