//! The contract between the engine, which wants text, and the adapters in `sidetone-asr`.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidetone_base::{CallId, LegId, SegmentId};

/// Names one stretch of speech of one leg of one call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SegmentKey {
    /// The call.
    pub call: CallId,
    /// The leg.
    pub leg: LegId,
    /// The segment within the call.
    pub segment: SegmentId,
}

/// What a job is for; partials are shed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Pass {
    /// The speaker has not finished; speed matters more than the last character.
    Partial,
    /// The speaker pauses. What will be the final's audio if the pause lasts is decoded ahead of time.
    Ahead,
    /// The segment is closed; the text is published as final and is never lost.
    Final,
    /// The final is out and in doubt: its sound is decoded a second time, when nothing else is to be done.
    Again,
}

/// What a call has established when a segment of it is decoded a second time. All of it is masked.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CallWords {
    /// Terms of what is talked about, and others of the line that were said.
    pub terms: Vec<String>,
    /// The call's last texts, of both parties, the newest last.
    pub said: Vec<String>,
}

impl std::fmt::Debug for CallWords {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CallWords({} terms, {} texts)", self.terms.len(), self.said.len())
    }
}

/// One piece of work for a recogniser.
///
/// A job carries its segment's audio from the segment's first sample, so that an adapter which
/// re-decodes needs no memory and one which streams keeps only a cursor.
#[derive(Clone)]
pub struct AudioJob {
    /// Which segment.
    pub key: SegmentKey,
    /// What for.
    pub pass: Pass,
    /// Mono, signed 16-bit, 16 kHz.
    pub samples: Arc<[i16]>,
    /// When the answer stops being of use; the pool serves the oldest deadline first.
    pub deadline: Instant,
    /// What helps with [`Pass::Again`]; `None` in every other pass.
    pub words: Option<Arc<CallWords>>,
}

impl std::fmt::Debug for AudioJob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "AudioJob({:?} {:?}, {} samples)",
            self.pass,
            self.key,
            self.samples.len()
        )
    }
}

/// What was recognised, raw: as the model wrote it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hypothesis {
    /// As the model wrote it.
    pub text: String,
    /// 0 to 1, the model's own opinion.
    pub confidence: f32,
    /// Of `text`, how many characters at its head no later hypothesis of the segment will have otherwise.
    /// `None` where the model cannot say, as one that re-decodes.
    pub stable: Option<usize>,
    /// Spelled from the syllables that were heard, so that nothing in it is made up. A decoder that writes what is likely to
    /// follow may write what nobody said.
    pub spelled: bool,
}

/// Why there is no text. Carries the model, never the audio or the text.
#[derive(Debug, thiserror::Error)]
pub enum RecogniseError {
    /// A file of the model is missing or is not what the manifest says.
    #[error("model {model} cannot be loaded: {reason}; run `sidetone models verify`")]
    Load {
        /// Its name in the manifest.
        model: String,
        /// In plain words.
        reason: String,
    },
    /// The library failed on this audio.
    #[error("model {model} failed on a segment: {reason}")]
    Decode {
        /// Its name in the manifest.
        model: String,
        /// In plain words.
        reason: String,
    },
}

/// One recogniser worker's own instance; called from one thread at a time.
pub trait Recogniser: Send {
    /// The text of the job's audio, or `None` when it holds no speech.
    ///
    /// # Errors
    /// When the library fails; the caller counts it and goes on with the next job.
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError>;

    /// Several jobs of different segments, answered in their order: a model that decodes streams together
    /// does in one pass what would be many. At most [`Recognise::batch`] of them.
    fn recognise_batch(&mut self, jobs: &[AudioJob]) -> Vec<Result<Option<Hypothesis>, RecogniseError>> {
        jobs.iter().map(|job| self.recognise(job)).collect()
    }

    /// The next job may be worked at by so many threads: the others of the pool have nothing to do. A recogniser
    /// that cannot share its work goes on alone.
    fn use_threads(&mut self, _threads: NonZeroUsize) {}

    /// What it has decided since it was last asked; nothing where it is one model.
    fn choices(&mut self) -> Choices {
        Choices::default()
    }

    /// Forgets what was kept for a segment that will get no further job.
    fn forget(&mut self, _segment: &SegmentKey) {}
}

/// Whose texts a recogniser made of two models has taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Segments, or parts that were read for themselves, whose text is the quick model's.
    pub quick: u64,
    /// Those whose text, or silence, is the thorough one's.
    pub thorough: u64,
    /// Segments on which the quick one failed and the thorough one was asked.
    pub quick_failed: u64,
    /// Segments on which the thorough one failed and the quick one's doubtful text was taken.
    pub thorough_failed: u64,
    /// Stretches that were read again in two halves, because the thorough model left out much of what the quick one has.
    pub halved: u64,
    /// Texts that were taken although the other model has a good deal more of the same sound, which is too unlikely.
    pub shortened: u64,
}

/// What a partial costs: the stretch of its segment that is listened to for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// The whole segment, again for each partial.
    Whole,
    /// What is new since the segment's last one.
    New,
    /// The segment's newest stretch, at most so long.
    Newest(Duration),
}

impl Listening {
    /// Whether a partial costs no more the longer its segment is.
    #[must_use]
    pub const fn is_bounded(self) -> bool {
        !matches!(self, Self::Whole)
    }
}

/// A loaded model: makes an instance for each worker thread.
pub trait Recognise: Send + Sync {
    /// The model's name, for events and metrics.
    fn name(&self) -> &str;

    /// An instance for one worker.
    ///
    /// # Errors
    /// When the library cannot make one.
    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError>;

    /// What a partial makes it listen to.
    fn listening(&self) -> Listening {
        Listening::Whole
    }

    /// How sure it would be of a text that another model wrote, as [`Hypothesis::confidence`]; `None` where it cannot
    /// tell.
    fn weigh(&self, _text: &str) -> Option<f32> {
        None
    }

    /// Partials that one worker likes to do at once.
    fn batch(&self) -> usize {
        1
    }
}
