//! Two models that say what they are told.

use std::time::Instant;

use sidetone_base::{CallId, LegId, SegmentId};

use super::*;
use crate::Pass;

/// Says always the same, or nothing where that is empty, or fails.
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
        Ok((!self.0.is_empty()).then(|| Hypothesis {
            text: self.0.to_owned(),
            confidence,
            ..Hypothesis::default()
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

fn job() -> AudioJob {
    AudioJob {
        key: SegmentKey {
            call: CallId::new("c"),
            leg: LegId::new("l"),
            segment: SegmentId::new("s"),
        },
        pass: Pass::Final,
        samples: Arc::from([0_i16; 16]),
        deadline: Instant::now(),
        words: None,
    }
}

fn said(worker: &mut dyn Recogniser) -> Option<String> {
    let heard = worker.recognise(&job()).ok()?;
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

const LONG: &str = "我想问一下社保卡丢了应该怎么办理";

/// What is taken of two texts of the same sound, and what is counted.
fn taken(quick: (&'static str, f32), thorough: &'static str) -> (String, Choices) {
    let (quick, thorough) = (Says(quick.0, Some(quick.1)), Says(thorough, Some(0.5)));
    let cascade = Cascade::new(Arc::new(quick), Arc::new(thorough), 0.7);
    let mut worker = cascade.worker().unwrap();
    let text = said(worker.as_mut()).unwrap_or_default();
    (text, worker.choices())
}

#[test]
fn a_likely_text_does_not_win_by_what_it_leaves_out() {
    let none = Choices::default();
    let quick = Choices { quick: 1, ..none };
    let thorough = Choices { thorough: 1, ..none };
    assert_eq!(taken((LONG, 0.31), "社保卡丢了"), (LONG.to_owned(), quick));
    assert_eq!(taken((LONG, 0.31), ""), (LONG.to_owned(), quick), "nor does silence");
    assert_eq!(taken(("社保卡丢了", 0.6), LONG), (LONG.to_owned(), thorough));
}

#[test]
fn the_shorter_text_is_taken_where_the_longer_is_read_out_of_noise_and_counted() {
    let shorter = Choices {
        thorough: 1,
        shortened: 1,
        ..Choices::default()
    };
    assert_eq!(taken((LONG, 0.1), ""), (String::new(), shorter));
    assert_eq!(taken((LONG, 0.1), "社保卡"), ("社保卡".to_owned(), shorter));
}

/// Writes a character for each second of sound, but only of so many seconds; each sample says which character it is.
#[derive(Clone)]
struct Writes {
    seconds: usize,
    confidence: f32,
}

impl Recognise for Writes {
    fn name(&self) -> &str {
        "writes"
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(self.clone()))
    }

    fn weigh(&self, _text: &str) -> Option<f32> {
        Some(0.9)
    }
}

impl Recogniser for Writes {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let mut said: Vec<i16> = job.samples.iter().copied().filter(|sample| *sample != 0).collect();
        said.dedup();
        let letter = |sample: &i16| char::from_u32(u32::from(sample.unsigned_abs())).unwrap_or('?');
        Ok(Some(Hypothesis {
            text: said.iter().take(self.seconds).map(letter).collect(),
            confidence: self.confidence,
            ..Hypothesis::default()
        }))
    }
}

#[test]
fn what_the_thorough_model_leaves_out_of_a_long_stretch_is_read_in_halves() {
    let syllables = 12_u32;
    let mut samples = Vec::new();
    for at in 0..syllables {
        samples.extend([(0x4E00 + at) as i16; 14_000]);
        samples.extend([0_i16; 2_000]);
    }
    let (quick, thorough) = (
        Writes {
            seconds: 99,
            confidence: 0.5,
        },
        Writes {
            seconds: 4,
            confidence: 0.9,
        },
    );
    let cascade = Cascade::new(Arc::new(quick), Arc::new(thorough), 0.7);
    let mut worker = cascade.worker().unwrap();
    let job = AudioJob {
        samples: samples.into(),
        ..job()
    };
    let heard = worker.recognise(&job).unwrap().unwrap();
    let whole: String = (0..syllables).filter_map(|at| char::from_u32(0x4E00 + at)).collect();
    assert_eq!(heard.text, whole, "no syllable is lost or doubled where it is cut");
    let choices = worker.choices();
    assert_eq!((choices.thorough, choices.halved), (4, 3));
}

#[test]
fn a_sure_text_that_nobody_would_say_so_slowly_is_not_believed() {
    let (quick, thorough) = (
        Writes {
            seconds: 2,
            confidence: 0.9,
        },
        Writes {
            seconds: 99,
            confidence: 0.9,
        },
    );
    let cascade = Cascade::new(Arc::new(quick), Arc::new(thorough), 0.7);
    let spoken = |seconds: i16| (0..seconds * 3).flat_map(|at| [0x4E00 + at; 5_333]).collect();
    let mut worker = cascade.worker().unwrap();
    let mut heard = |seconds| {
        let job = AudioJob {
            samples: spoken(seconds),
            ..job()
        };
        worker.recognise(&job).unwrap().unwrap().text.chars().count()
    };
    assert_eq!((heard(1), heard(6)), (2, 18));
}
