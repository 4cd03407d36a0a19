//! SenseVoice, Paraformer and Whisper on whole segments.

use std::sync::Arc;

use sherpa_onnx::{
    OfflineModelConfig, OfflineParaformerModelConfig, OfflineRecognizer, OfflineRecognizerConfig,
    OfflineSenseVoiceModelConfig, OfflineWhisperModelConfig,
};
use sidetone_speech::{AudioJob, Hypothesis, Recognise, RecogniseError, Recogniser};

use super::{RATE, refused};
use crate::adapters::{filter, to_float};

/// Which family of models, and its files.
#[derive(Clone, Debug)]
pub enum OfflineFamily {
    /// `SenseVoice`.
    SenseVoice {
        /// The network.
        model: String,
    },
    /// Paraformer.
    Paraformer {
        /// The network.
        model: String,
    },
    /// Whisper in ONNX form; in A-law ten points worse than through CTranslate2.
    Whisper {
        /// The encoder.
        encoder: String,
        /// The decoder.
        decoder: String,
    },
}

/// A loaded model; its weights are shared by all workers.
pub struct SherpaOffline {
    name: Arc<str>,
    recognizer: Arc<OfflineRecognizer>,
}

impl SherpaOffline {
    /// Loads a model. Ends the process when a file is of another kind: see the module's head.
    ///
    /// # Errors
    /// When a file is missing or damaged.
    pub fn load(name: &str, family: OfflineFamily, tokens: String) -> Result<Self, RecogniseError> {
        let mut model = OfflineModelConfig {
            tokens: Some(tokens),
            num_threads: 1,
            provider: Some("cpu".to_owned()),
            ..OfflineModelConfig::default()
        };
        match family {
            OfflineFamily::SenseVoice { model: file } => {
                model.sense_voice = OfflineSenseVoiceModelConfig {
                    model: Some(file),
                    language: Some("zh".to_owned()),
                    use_itn: false,
                };
            }
            OfflineFamily::Paraformer { model: file } => {
                model.paraformer = OfflineParaformerModelConfig { model: Some(file) };
            }
            OfflineFamily::Whisper { encoder, decoder } => {
                model.whisper = OfflineWhisperModelConfig {
                    encoder: Some(encoder),
                    decoder: Some(decoder),
                    language: Some("zh".to_owned()),
                    task: Some("transcribe".to_owned()),
                    tail_paddings: -1,
                    ..OfflineWhisperModelConfig::default()
                };
            }
        }
        let config = OfflineRecognizerConfig {
            model_config: model,
            decoding_method: Some("greedy_search".to_owned()),
            ..OfflineRecognizerConfig::default()
        };
        let recognizer = OfflineRecognizer::create(&config).ok_or_else(|| refused(name))?;
        Ok(Self {
            name: name.into(),
            recognizer: Arc::new(recognizer),
        })
    }
}

impl Recognise for SherpaOffline {
    fn name(&self) -> &str {
        &self.name
    }

    fn worker(&self) -> Result<Box<dyn Recogniser>, RecogniseError> {
        Ok(Box::new(Worker {
            name: Arc::clone(&self.name),
            recognizer: Arc::clone(&self.recognizer),
        }))
    }
}

struct Worker {
    name: Arc<str>,
    recognizer: Arc<OfflineRecognizer>,
}

impl Recogniser for Worker {
    fn recognise(&mut self, job: &AudioJob) -> Result<Option<Hypothesis>, RecogniseError> {
        if job.samples.is_empty() {
            return Ok(None);
        }
        let stream = self.recognizer.create_stream();
        stream.accept_waveform(RATE, &to_float(&job.samples));
        self.recognizer.decode(&stream);
        let result = stream.get_result().ok_or_else(|| RecogniseError::Decode {
            model: self.name.to_string(),
            reason: "the library gave no result".to_owned(),
        })?;
        let text = result.text.trim();
        let usable = !text.is_empty() && !filter::is_repetition(text);
        // The library tells no probability; a half says that nothing is known.
        Ok(usable.then(|| Hypothesis {
            text: text.to_owned(),
            confidence: 0.5,
            ..Hypothesis::default()
        }))
    }
}
