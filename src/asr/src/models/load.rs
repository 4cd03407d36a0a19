//! From a name in the manifest to something that recognises.

use std::sync::Arc;

use sidetone_speech::Recognise;

use super::{Engine, ModelError, ModelStore};
use crate::{Silero, Whisper, WhisperConfig};

/// Loads the recogniser of that name, whatever its engine.
///
/// `prompt` is for Whisper: sentences as callers say them. A model of sherpa-onnx is only loaded when
/// [`ModelStore::verdict`] says that it loads, or when `trial` is set: this process may then end.
///
/// # Errors
/// When a file is missing or refused; says which command cures it.
pub fn recogniser(store: &ModelStore, name: &str, prompt: &str, trial: bool) -> Result<Arc<dyn Recognise>, ModelError> {
    let model = store.manifest().model(name)?;
    match model.engine {
        Engine::Whisper => {
            for file in ["model.bin", "vocabulary.txt"] {
                store.file(model, file)?;
            }
            let config = WhisperConfig {
                prompt: prompt.to_owned(),
                ..WhisperConfig::new(name, store.folder(model))
            };
            Ok(Arc::new(Whisper::load(config)?))
        }
        Engine::Silero => Err(ModelError::Engine {
            model: name.to_owned(),
            is: model.engine,
        }),
        _ if trial || store.verdict(model)? == Some(true) => sherpa(store, model),
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

#[cfg(feature = "sherpa")]
fn sherpa(store: &ModelStore, model: &super::Model) -> Result<Arc<dyn Recognise>, ModelError> {
    use crate::{OfflineFamily, OnlineFamily, SherpaOffline, SherpaOnline};

    let part = |part: &str| store.part(model, part);
    let tokens = part("tokens")?;
    let online = |family, tokens| -> Result<Arc<dyn Recognise>, ModelError> {
        Ok(Arc::new(SherpaOnline::load(&model.name, family, tokens)?))
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
        Engine::SherpaOfflineSenseVoice => offline(OfflineFamily::SenseVoice { model: part("model")? }, tokens),
        Engine::SherpaOfflineParaformer => offline(OfflineFamily::Paraformer { model: part("model")? }, tokens),
        Engine::SherpaOfflineWhisper => {
            let (encoder, decoder) = (part("encoder")?, part("decoder")?);
            offline(OfflineFamily::Whisper { encoder, decoder }, tokens)
        }
        Engine::Whisper | Engine::Silero => Err(ModelError::Engine {
            model: model.name.clone(),
            is: model.engine,
        }),
    }
}

#[cfg(not(feature = "sherpa"))]
fn sherpa(_store: &ModelStore, model: &super::Model) -> Result<Arc<dyn Recognise>, ModelError> {
    Err(ModelError::Engine {
        model: model.name.clone(),
        is: model.engine,
    })
}
