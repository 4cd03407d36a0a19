//! A recogniser that reads from a script: for tests, and for a demonstration without a model.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use sidetone_base::{LegId, SegmentId};
use sidetone_speech::{AudioJob, Hypothesis, Pass, Recognise, RecogniseError, Recogniser};

/// Says a leg's lines in order, one for each segment that is loud enough.
///
/// A partial shows as much of the line as its audio's length allows, at four characters a second; the
/// final shows all of it. Silence gets no line, and a leg whose lines are used up says nothing more.
#[derive(Clone, Default)]
pub struct Scripted {
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    by_leg: HashMap<LegId, VecDeque<String>>,
    anyone: VecDeque<String>,
    given: HashMap<(LegId, SegmentId), String>,
}

/// Characters that fit into one second of speech.
const CHARACTERS_PER_SECOND: usize = 4;
/// Below this mean of the absolute samples, a segment is silence.
const SILENCE: u64 = 50;

impl Scripted {
    /// Lines for whoever speaks next and has no lines of their own.
    pub fn new<T: Into<String>>(lines: impl IntoIterator<Item = T>) -> Self {
        let script = Script {
            anyone: lines.into_iter().map(Into::into).collect(),
            ..Script::default()
        };
        Self {
            script: Arc::new(Mutex::new(script)),
        }
    }

    /// Adds lines that only this leg says.
    #[must_use]
    pub fn with_leg<T: Into<String>>(self, leg: LegId, lines: impl IntoIterator<Item = T>) -> Self {
        let mut script = self.script.lock().unwrap_or_else(PoisonError::into_inner);
        script
            .by_leg
            .entry(leg)
            .or_default()
            .extend(lines.into_iter().map(Into::into));
        drop(script);
        self
    }
}

impl Recognise for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Reader(Arc::clone(&self.script))))
    }
}

struct Reader(Arc<Mutex<Script>>);

impl Recogniser for Reader {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let loudness: u64 = job.samples.iter().map(|sample| u64::from(sample.unsigned_abs())).sum();
        if loudness < SILENCE * job.samples.len().max(1) as u64 {
            return Ok(None);
        }
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let segment = (job.key.leg.clone(), job.key.segment.clone());
        let line = match script.given.get(&segment) {
            Some(line) => line.clone(),
            None => {
                let script = &mut *script;
                let queue = script.by_leg.get_mut(&job.key.leg).unwrap_or(&mut script.anyone);
                let Some(line) = queue.pop_front() else {
                    return Ok(None);
                };
                script.given.insert(segment, line.clone());
                line
            }
        };
        let text = match job.pass {
            Pass::Ahead | Pass::Final | Pass::Again => line,
            Pass::Partial => {
                let heard = job.samples.len() * CHARACTERS_PER_SECOND / 16_000;
                line.chars().take(heard).collect()
            }
        };
        Ok((!text.is_empty()).then(|| Hypothesis {
            confidence: 1.0,
            stable: Some(text.chars().count()),
            text,
            ..Hypothesis::default()
        }))
    }

    fn forget(&mut self, segment: &sidetone_speech::SegmentKey) {
        let mut script = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        script.given.remove(&(segment.leg.clone(), segment.segment.clone()));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use sidetone_base::CallId;
    use sidetone_speech::SegmentKey;

    use super::*;

    fn job(leg: &str, segment: &str, pass: Pass, samples: usize, loudness: i16) -> AudioJob {
        AudioJob {
            key: SegmentKey {
                call: CallId::new("c"),
                leg: LegId::new(leg),
                segment: SegmentId::new(segment),
            },
            pass,
            samples: vec![loudness; samples].into(),
            deadline: Instant::now(),
            words: None,
        }
    }

    fn text(reader: &mut Box<dyn Recogniser>, job: &AudioJob) -> Option<String> {
        reader.recognise(job).unwrap().map(|hypothesis| hypothesis.text)
    }

    #[test]
    fn a_line_grows_with_its_audio_and_belongs_to_one_segment() {
        let script = Scripted::new(["社保卡怎么办"]).with_leg(LegId::new("b"), ["您好"]);
        let mut reader = script.worker().unwrap();
        assert_eq!(
            text(&mut reader, &job("a", "1", Pass::Partial, 8_000, 900)).as_deref(),
            Some("社保")
        );
        assert_eq!(
            text(&mut reader, &job("b", "2", Pass::Final, 8_000, 900)).as_deref(),
            Some("您好")
        );
        assert_eq!(
            text(&mut reader, &job("a", "1", Pass::Final, 8_000, 900)).as_deref(),
            Some("社保卡怎么办")
        );
        assert_eq!(text(&mut reader, &job("a", "3", Pass::Final, 8_000, 900)), None);
    }

    #[test]
    fn silence_takes_no_line() {
        let mut reader = Scripted::new(["好的"]).worker().unwrap();
        assert_eq!(text(&mut reader, &job("a", "1", Pass::Final, 8_000, 0)), None);
        assert_eq!(
            text(&mut reader, &job("a", "2", Pass::Final, 8_000, 900)).as_deref(),
            Some("好的")
        );
    }
}
