//! Streaming transducer, CTC and paraformer: partials while someone speaks.

use std::sync::Arc;

use sherpa_onnx::{
    OnlineModelConfig, OnlineParaformerModelConfig, OnlineRecognizer, OnlineRecognizerConfig, OnlineStream,
    OnlineTransducerModelConfig, OnlineZipformer2CtcModelConfig,
};
use sidetone_speech::spelling::{Speller, SpellerConfig, SyllableModel};
use sidetone_speech::{AudioJob, Hypothesis, Listening, Pass, Recognise, RecogniseError, Recogniser, SegmentKey};

use super::{RATE, refused};
use crate::adapters::kept::Kept;
use crate::adapters::to_float;

/// Streams that are decoded at once: beyond it a pass gets longer by as much as it does more.
const BATCH: usize = 8;
/// Silence behind a final, in samples (0.7 s): a streaming model says its last word only after it. Ours answers for
/// 0.32 s once it has heard 0.32 s more, and a little.
const TAIL: usize = 11_200;

/// Which family of models, and its files.
#[derive(Clone, Debug)]
pub enum OnlineFamily {
    /// Zipformer transducer.
    Transducer {
        /// The encoder.
        encoder: String,
        /// The decoder.
        decoder: String,
        /// The joiner.
        joiner: String,
    },
    /// Paraformer.
    Paraformer {
        /// The encoder.
        encoder: String,
        /// The decoder.
        decoder: String,
    },
    /// Zipformer 2 with a CTC head.
    Ctc {
        /// The network.
        model: String,
    },
}

/// A loaded streaming model.
///
/// Streams belong to the model, not to a worker: a segment's jobs may be served by any of them.
pub struct SherpaOnline {
    shared: Arc<Shared>,
}

struct Shared {
    name: String,
    recognizer: OnlineRecognizer,
    /// For a model that writes syllables.
    spelling: Option<Arc<SyllableModel>>,
    streams: Kept<Stream>,
}

struct Stream {
    stream: OnlineStream,
    speller: Option<Speller>,
    /// Samples of the segment that were fed.
    cursor: usize,
}

impl SherpaOnline {
    /// Loads a model. Ends the process when a file is of another kind: see the module's head. `spelling` turns
    /// syllables into characters, for a model that writes those.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn load(
        name: &str,
        family: OnlineFamily,
        tokens: String,
        spelling: Option<SyllableModel>,
    ) -> Result<Self, RecogniseError> {
        let mut model = OnlineModelConfig {
            tokens: Some(tokens),
            num_threads: 1,
            ..OnlineModelConfig::default()
        };
        match family {
            OnlineFamily::Transducer {
                encoder,
                decoder,
                joiner,
            } => {
                model.transducer = OnlineTransducerModelConfig {
                    encoder: Some(encoder),
                    decoder: Some(decoder),
                    joiner: Some(joiner),
                };
            }
            OnlineFamily::Paraformer { encoder, decoder } => {
                model.paraformer = OnlineParaformerModelConfig {
                    encoder: Some(encoder),
                    decoder: Some(decoder),
                };
            }
            OnlineFamily::Ctc { model: file } => {
                model.zipformer2_ctc = OnlineZipformer2CtcModelConfig { model: Some(file) };
            }
        }
        let config = OnlineRecognizerConfig {
            model_config: model,
            decoding_method: Some("greedy_search".to_owned()),
            ..OnlineRecognizerConfig::default()
        };
        let recognizer = OnlineRecognizer::create(&config).ok_or_else(|| refused(name))?;
        Ok(Self {
            shared: Arc::new(Shared {
                name: name.to_owned(),
                recognizer,
                spelling: spelling.map(Arc::new),
                streams: Kept::default(),
            }),
        })
    }
}

impl Recognise for SherpaOnline {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Worker(Arc::clone(&self.shared))))
    }

    fn listening(&self) -> Listening {
        Listening::New
    }

    fn batch(&self) -> usize {
        BATCH
    }
}

struct Worker(Arc<Shared>);

impl Worker {
    /// Takes the segment's stream out, so that decoding holds no lock, and feeds it what is new of the job.
    fn feed(&self, job: &AudioJob) -> Stream {
        let mut stream = self.take(&job.key, job.samples.len());
        let new = to_float(&job.samples[stream.cursor..]);
        if !new.is_empty() {
            stream.stream.accept_waveform(RATE, &new);
        }
        stream.cursor = job.samples.len();
        if job.pass != Pass::Partial {
            stream.stream.accept_waveform(RATE, &[0.0; TAIL]);
            stream.stream.input_finished();
        }
        stream
    }

    fn take(&self, key: &SegmentKey, length: usize) -> Stream {
        let kept = self.0.streams.take(key).filter(|stream| stream.cursor <= length);
        kept.unwrap_or_else(|| Stream {
            stream: self.0.recognizer.create_stream(),
            speller: self
                .0
                .spelling
                .clone()
                .map(|model| Speller::new(model, SpellerConfig::default())),
            cursor: 0,
        })
    }

    /// Decodes all that the streams have heard, those that are ready in one pass.
    fn decode(&self, streams: &[Stream]) {
        let recognizer = &self.0.recognizer;
        loop {
            let ready = streams.iter().map(|stream| &stream.stream);
            let ready: Vec<&OnlineStream> = ready.filter(|stream| recognizer.is_ready(stream)).collect();
            match ready.as_slice() {
                [] => return,
                [one] => recognizer.decode(one),
                several => recognizer.decode_multiple_streams(several),
            }
        }
    }

    fn read(&self, pass: Pass, stream: &mut Stream) -> Result<Option<Hypothesis>, RecogniseError> {
        let result = self.0.recognizer.get_result(&stream.stream);
        let result = result.ok_or_else(|| RecogniseError::Decode {
            model: self.0.name.clone(),
            reason: "the library gave no result".to_owned(),
        })?;
        let (text, stable) = match &mut stream.speller {
            None => {
                let text = result.text.trim().to_owned();
                // A greedy search only adds to what it has written.
                let stable = text.chars().count();
                (text, stable)
            }
            Some(speller) => {
                let heard = speller.taken();
                for token in result.tokens.iter().skip(heard) {
                    speller.hear(token);
                }
                let spelling = match pass {
                    Pass::Partial => speller.spelling(),
                    Pass::Ahead | Pass::Final | Pass::Again => speller.finish(),
                };
                (spelling.text, spelling.stable)
            }
        };
        // The library tells no probability; a half says that nothing is known.
        Ok((!text.is_empty()).then_some(Hypothesis {
            text,
            confidence: 0.5,
            stable: Some(stable),
            ..Hypothesis::default()
        }))
    }
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        let results = self.recognise_batch(std::slice::from_ref(job));
        results.into_iter().next().unwrap_or(Ok(None))
    }

    fn recognise_batch(&mut self, jobs: &[AudioJob]) -> Vec<Result<Option<Hypothesis>, RecogniseError>> {
        let mut streams: Vec<Stream> = jobs.iter().map(|job| self.feed(job)).collect();
        self.decode(&streams);
        let results = jobs
            .iter()
            .zip(&mut streams)
            .map(|(job, stream)| self.read(job.pass, stream))
            .collect();
        for (job, stream) in jobs.iter().zip(streams) {
            if job.pass == Pass::Partial {
                self.0.streams.put_back(job.key.clone(), stream);
            }
        }
        results
    }

    fn forget(&mut self, segment: &SegmentKey) {
        self.0.streams.take(segment);
    }
}
