//! From a name in the manifest to something that recognises.

use std::sync::Arc;

use sidetone_encoder::Encoder;
use sidetone_speech::Recognise;

use super::{Engine, ModelError, ModelStore};
use crate::{Silero, Whisper, WhisperConfig};

/// What helps a recogniser with a domain's words.
#[derive(Clone, Debug, Default)]
pub struct Wording {
    /// For Whisper: sentences as callers say them.
    pub prompt: String,
    /// For a model that writes syllables: terms that are likelier than in everyday speech.
    pub terms: Vec<String>,
}

/// How much likelier, in twelfths of a nat for each character.
const TERM_BOOST: u8 = 10;

/// As [`recogniser_with`], with a prompt alone.
///
/// # Errors
/// When a file is missing or refused; says which command cures it.
pub fn recogniser(store: &ModelStore, name: &str, prompt: &str, trial: bool) -> Result<Arc<dyn Recognise>, ModelError> {
    let wording = Wording {
        prompt: prompt.to_owned(),
        ..Wording::default()
    };
    recogniser_with(store, name, &wording, trial)
}

/// Loads the recogniser of that name, whatever its engine.
///
/// A model of sherpa-onnx is only loaded when [`ModelStore::verdict`] says that it loads, or when `trial` is set:
/// this process may then end.
///
/// # Errors
/// When a file is missing or refused; says which command cures it.
pub fn recogniser_with(
    store: &ModelStore,
    name: &str,
    wording: &Wording,
    trial: bool,
) -> Result<Arc<dyn Recognise>, ModelError> {
    let model = store.manifest().model(name)?;
    match model.engine {
        Engine::Whisper => {
            for file in ["model.bin", "vocabulary.txt"] {
                store.file(model, file)?;
            }
            let config = WhisperConfig {
                prompt: wording.prompt.clone(),
                ..WhisperConfig::new(name, store.folder(model))
            };
            Ok(Arc::new(Whisper::load(config)?))
        }
        Engine::Silero => Err(ModelError::Engine {
            model: name.to_owned(),
            is: model.engine,
        }),
        _ if trial || store.verdict(model)? == Some(true) => sherpa(store, model, wording),
        _ => Err(ModelError::Untried(name.to_owned())),
    }
}

/// Loads the neural voice detector.
///
/// # Errors
/// When its file is missing or another one.
pub fn silero(store: &ModelStore) -> Result<Silero, ModelError> {
    let model = store.manifest().model("silero-vad")?;
    Ok(Silero::load(&store.file(model, "silero_vad_16k.safetensors")?)?)
}

/// Name of the sentence encoder in the manifest.
pub const SENTENCE_ENCODER: &str = "sentence-encoder";

/// Loads the sentence encoder. Takes about half a second.
///
/// # Errors
/// When a file is missing or another one.
pub fn sentence_encoder(store: &ModelStore) -> Result<Encoder, ModelError> {
    let model = store.manifest().model(SENTENCE_ENCODER)?;
    let read = |name| {
        let path = store.file(model, name)?;
        std::fs::read(&path).map_err(|error| ModelError::Io { path, error })
    };
    Ok(Encoder::open(&read("weights.npz")?, &read("sp.model")?)?)
}

#[cfg(feature = "sherpa")]
fn sherpa(store: &ModelStore, model: &super::Model, wording: &Wording) -> Result<Arc<dyn Recognise>, ModelError> {
    use crate::{OfflineFamily, OnlineFamily, Rereader, SherpaOffline, SherpaOnline};

    let part = |part: &str| store.part(model, part);
    let tokens = part("tokens")?;
    let online = |family, tokens| -> Result<Arc<dyn Recognise>, ModelError> {
        let spells = model.parts.contains_key("spelling");
        let spelling = spells.then(|| spelling(store, model, wording)).transpose()?;
        Ok(Arc::new(SherpaOnline::load(&model.name, family, tokens, spelling)?))
    };
    let offline = |family, tokens| -> Result<Arc<dyn Recognise>, ModelError> {
        Ok(Arc::new(SherpaOffline::load(&model.name, family, tokens)?))
    };
    match model.engine {
        Engine::SherpaOnlineTransducer => {
            let (encoder, decoder, joiner) = (part("encoder")?, part("decoder")?, part("joiner")?);
            online(
                OnlineFamily::Transducer {
                    encoder,
                    decoder,
                    joiner,
                },
                tokens,
            )
        }
        Engine::SherpaOnlineParaformer => {
            let (encoder, decoder) = (part("encoder")?, part("decoder")?);
            online(OnlineFamily::Paraformer { encoder, decoder }, tokens)
        }
        Engine::SherpaOnlineCtc => online(OnlineFamily::Ctc { model: part("model")? }, tokens),
        Engine::Rereading => {
            let spelling = spelling(store, model, wording)?;
            let loaded = Rereader::load(&model.name, part("model")?.as_ref(), tokens.as_ref(), spelling)?;
            Ok(Arc::new(loaded))
        }
        Engine::SherpaOfflineSenseVoice => offline(OfflineFamily::SenseVoice { model: part("model")? }, tokens),
        Engine::SherpaOfflineParaformer => offline(OfflineFamily::Paraformer { model: part("model")? }, tokens),
        Engine::SherpaOfflineWhisper => {
            let (encoder, decoder) = (part("encoder")?, part("decoder")?);
            offline(OfflineFamily::Whisper { encoder, decoder }, tokens)
        }
        Engine::Whisper | Engine::Silero | Engine::SentenceEncoder => Err(ModelError::Engine {
            model: model.name.clone(),
            is: model.engine,
        }),
    }
}

/// What makes characters of a model's syllables.
#[cfg(feature = "sherpa")]
fn spelling(
    store: &ModelStore,
    model: &super::Model,
    wording: &Wording,
) -> Result<sidetone_speech::spelling::SyllableModel, ModelError> {
    let path = std::path::PathBuf::from(store.part(model, "spelling")?);
    let bytes = std::fs::read(&path).map_err(|error| ModelError::Io {
        path: path.clone(),
        error,
    })?;
    let read = sidetone_speech::spelling::SyllableModel::read(&bytes).map_err(|error| {
        let reason = format!("{}: {error}", path.display());
        sidetone_speech::RecogniseError::Load {
            model: model.name.clone(),
            reason,
        }
    })?;
    Ok(read.with_terms(wording.terms.iter().map(String::as_str), TERM_BOOST))
}

#[cfg(not(feature = "sherpa"))]
fn sherpa(_store: &ModelStore, model: &super::Model, _wording: &Wording) -> Result<Arc<dyn Recognise>, ModelError> {
    Err(ModelError::Engine {
        model: model.name.clone(),
        is: model.engine,
    })
}
