//! Our own model on plain samples: reads the newest stretch of a segment anew as it grows, and all of it in the end.
//!
//! Its graph is what `models/train` exports as `whole.onnx`, which sherpa-onnx takes for an omnilingual CTC.

use std::sync::Arc;
use std::time::Duration;

use sherpa_onnx::{
    OfflineModelConfig, OfflineOmnilingualAsrCtcModelConfig, OfflineRecognizer, OfflineRecognizerConfig,
};
use sidetone_base::SampleRate;
use sidetone_speech::spelling::{Speller, SpellerConfig, SyllableModel};
use sidetone_speech::text::simplify;
use sidetone_speech::{
    AudioJob, Hypothesis, Listening, Pass, READ_ANEW, Recognise, RecogniseError, Recogniser, Rereading, SegmentKey,
    Token,
};

use super::kept::Kept;
use super::{RATE, refused};
use crate::adapters::to_float;

/// The library scales what it hears to a variance of one; from these two the graph knows how to undo it.
const SCALE: [f32; 2] = [1.0, -1.0];
/// The graph wants whole frames of 40 ms.
const FRAME: usize = 640;
/// The library counts frames of 20 ms.
const FRAME_IS: f32 = 2.0;
/// Silence before and behind what is read, in samples (0.3 and 0.2 s), as around the sentences that the model learned from:
/// without the former three points more of all syllables are wrong.
const LEAD: usize = 4_800;
const TAIL: usize = 3_200;

/// A loaded model.
pub struct SherpaRereading {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    recognizer: OfflineRecognizer,
    spelling: Arc<SyllableModel>,
    segments: Kept<Segment>,
}

/// A segment that is being spoken.
struct Segment {
    reading: Rereading,
    /// Has heard what is stable.
    speller: Speller,
}

impl SherpaRereading {
    /// Loads a model. Ends the process when a file is of another kind: see the module's head. `spelling` turns its
    /// syllables into characters.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn load(name: &str, model: String, tokens: String, spelling: SyllableModel) -> Result<Self, RecogniseError> {
        let config = OfflineRecognizerConfig {
            model_config: OfflineModelConfig {
                omnilingual: OfflineOmnilingualAsrCtcModelConfig { model: Some(model) },
                tokens: Some(tokens),
                num_threads: 1,
                provider: Some("cpu".to_owned()),
                ..OfflineModelConfig::default()
            },
            decoding_method: Some("greedy_search".to_owned()),
            ..OfflineRecognizerConfig::default()
        };
        let recognizer = OfflineRecognizer::create(&config).ok_or_else(|| refused(name))?;
        Ok(Self {
            shared: Arc::new(Shared {
                name: name.to_owned(),
                recognizer,
                spelling: Arc::new(spelling),
                segments: Kept::default(),
            }),
        })
    }
}

impl Recognise for SherpaRereading {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Worker(Arc::clone(&self.shared))))
    }

    fn listening(&self) -> Listening {
        Listening::Newest(READ_ANEW)
    }

    fn weigh(&self, text: &str) -> Option<f32> {
        self.shared.spelling.weigh(&simplify(text))
    }
}

struct Worker(Arc<Shared>);

impl Worker {
    /// The syllables in `samples`, which lie `begin` behind the segment's first.
    fn read(&self, begin: Duration, samples: &[i16]) -> Result<Vec<Token>, RecogniseError> {
        let mut heard = SCALE.to_vec();
        heard.resize(SCALE.len() + LEAD, 0.0);
        heard.extend(to_float(samples));
        heard.resize(SCALE.len() + (LEAD + samples.len() + TAIL).next_multiple_of(FRAME), 0.0);
        let stream = self.0.recognizer.create_stream();
        stream.accept_waveform(RATE, &heard);
        self.0.recognizer.decode(&stream);
        let failed = |reason: &str| RecogniseError::Decode {
            model: self.0.name.clone(),
            reason: reason.to_owned(),
        };
        let result = stream
            .get_result()
            .ok_or_else(|| failed("the library gave no result"))?;
        let times = result.timestamps.unwrap_or_default();
        if times.len() != result.tokens.len() {
            return Err(failed("the library gave no times"));
        }
        let lead = SampleRate::WIDE.duration_of(LEAD as u64);
        let token = |(text, time): (String, f32)| Token {
            text,
            at: (begin + Duration::try_from_secs_f32(FRAME_IS * time).unwrap_or_default()).saturating_sub(lead),
        };
        Ok(result.tokens.into_iter().zip(times).map(token).collect())
    }

    fn partial(&self, job: &AudioJob) -> Result<Hypothesis, RecogniseError> {
        let kept = self.0.segments.take(&job.key);
        let mut segment = kept.unwrap_or_else(|| Segment {
            reading: Rereading::default(),
            speller: self.speller(),
        });
        let end = SampleRate::WIDE.duration_of(job.samples.len() as u64);
        let begin = Rereading::begin(end);
        let skipped = SampleRate::WIDE.samples_in(begin) as usize;
        let read = self.read(begin, job.samples.get(skipped..).unwrap_or_default())?;
        segment.reading.take(begin, end, read);
        let (stable, open) = segment.reading.tokens().split_at(segment.reading.stable());
        let known = segment.speller.taken();
        hear(&mut segment.speller, stable.get(known..).unwrap_or_default());
        let mut speller = segment.speller.clone();
        hear(&mut speller, open);
        let spelling = speller.spelling();
        let told = Hypothesis {
            confidence: spelling.confidence(),
            text: spelling.text,
            stable: Some(segment.speller.spelling().stable),
        };
        self.0.segments.put_back(job.key.clone(), segment);
        Ok(told)
    }

    fn whole(&self, job: &AudioJob) -> Result<Hypothesis, RecogniseError> {
        let mut speller = self.speller();
        let tokens = self.read(Duration::ZERO, &job.samples)?;
        hear(&mut speller, &tokens);
        let said_at: Vec<Duration> = tokens.iter().map(|token| token.at).collect();
        let spelling = speller.finish();
        Ok(Hypothesis {
            text: spelling.punctuated(&said_at),
            confidence: spelling.confidence(),
            stable: None,
        })
    }

    fn speller(&self) -> Speller {
        Speller::new(Arc::clone(&self.0.spelling), SpellerConfig::default())
    }
}

fn hear(speller: &mut Speller, tokens: &[Token]) {
    for token in tokens {
        speller.hear(&token.text);
    }
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let heard = match job.pass {
            Pass::Partial => self.partial(job)?,
            Pass::Ahead | Pass::Final => self.whole(job)?,
        };
        Ok((!heard.text.is_empty()).then_some(heard))
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.0.segments.take(segment);
    }
}
