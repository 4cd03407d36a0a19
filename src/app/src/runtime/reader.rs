//! Reads packs for calls: by their words alone, which is quick, or with the sentence encoder too, which reads every text of
//! the pack once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sidetone_asr::models::{ModelStore, SENTENCE_ENCODER, Status, sentence_encoder};
use sidetone_domain::{Meanings, Pack};
use sidetone_engine::Parts;

use super::keep::Keep;
use super::parts;
use super::telemetry::ENCODER;
use crate::config::{Config, UseEncoder};

/// What the encoder made of a pack's texts.
const FILE: &str = "sentence-vectors";

/// The configuration, and the encoder once it was needed.
pub struct PackReader {
    config: Config,
    keep: OnceLock<Keep>,
    meanings: Mutex<Option<Arc<Meanings>>>,
}

impl PackReader {
    /// Reads nothing yet.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            config: config.clone(),
            keep: OnceLock::new(),
            meanings: Mutex::new(None),
        }
    }

    /// Whether there is an encoder to read with.
    #[must_use]
    pub fn has_encoder(&self) -> bool {
        fetched(&self.config).is_some()
    }

    /// Reads the pack, with the encoder where there is one. Blocks for some seconds, and for a minute when most texts are new.
    ///
    /// # Errors
    /// Every fault of its files, a line each. An encoder that does not load is none, and the log says so.
    pub fn read(&self) -> Result<Arc<Pack>, String> {
        let meanings = self.meanings();
        let with_encoder = meanings.is_some();
        let pack = parts::pack_with(&self.config, meanings, self.keep())?;
        metrics::gauge!(ENCODER).set(f64::from(u8::from(with_encoder)));
        if with_encoder {
            tracing::info!("calls that start from now on are read with the sentence encoder");
        }
        Ok(pack)
    }

    /// As [`Self::read`], with what else calls share.
    ///
    /// # Errors
    /// As [`Self::read`], or when the neural detector is wanted and cannot be loaded.
    pub fn parts(&self) -> Result<Parts, String> {
        parts::shared(&self.config, self.read()?)
    }

    /// The folder of what is learned. Where it is not the configured one, that is said once.
    fn keep(&self) -> Option<&Path> {
        let keep = self.keep.get_or_init(|| {
            let keep = Keep::here(&self.config.outbox.state_dir);
            if !matches!(keep, Keep::State(_)) {
                eprintln!("sidetone: {keep}");
            }
            keep
        });
        keep.folder()
    }

    /// The encoder, where one is wanted, there and whole.
    pub fn meanings(&self) -> Option<Arc<Meanings>> {
        let store = fetched(&self.config)?;
        let mut kept = self.meanings.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.is_none() {
            match sentence_encoder(&store) {
                Ok(encoder) => {
                    let told = |done, all| tracing::info!(done, all, "the sentence encoder reads the pack's texts");
                    let file = vectors(&self.config, &store);
                    *kept = Some(Arc::new(Meanings::new(Box::new(encoder), Some(file), told)));
                }
                Err(error) => tracing::warn!(%error, "turns are read by their words alone"),
            }
        }
        kept.clone()
    }
}

/// The store that holds the encoder, where one is wanted and there.
fn fetched(config: &Config) -> Option<ModelStore> {
    let store = ModelStore::open(&config.speech.models_dir).ok()?;
    let model = store.manifest().model(SENTENCE_ENCODER).ok()?;
    let here = config.knowledge.encoder == UseEncoder::Auto && store.status(model) == Status::Present;
    here.then_some(store)
}

/// Beside what the daemon keeps; for who may not write there, beside the encoder.
fn vectors(config: &Config, store: &ModelStore) -> PathBuf {
    let state = &config.outbox.state_dir;
    match parts::may_write(state) {
        true => state.join(FILE),
        false => store.root().join(SENTENCE_ENCODER).join(FILE),
    }
}
