//! The models for finals and partials, as the daemon has them.

use std::sync::Arc;

use sidetone_app::commands::models::ensure_tried;
use sidetone_app::config::Config;
use sidetone_app::runtime::parts;
use sidetone_asr::models::{ModelStore, Wording, recogniser_with};
use sidetone_speech::Recognise;

use crate::speech::knowledge;

/// Two models.
pub(crate) struct Pair {
    /// For finals: with `partial` in front of it where that reads whole segments.
    pub(crate) last: Arc<dyn Recognise>,
    pub(crate) partial: Option<Arc<dyn Recognise>>,
}

impl Pair {
    /// By their names in the manifest; another prompt than the daemon's where one is given.
    pub(crate) fn load(
        store: &ModelStore,
        (last, partial): (&str, Option<&str>),
        prompt: Option<String>,
    ) -> Result<Self, String> {
        let mut wording = parts::wording(&*knowledge()?);
        if let Some(prompt) = prompt {
            wording = Wording { prompt, ..wording };
        }
        let load = |name: &str| {
            ensure_tried(store, name)?;
            recogniser_with(store, name, &wording, false).map_err(|error| error.to_string())
        };
        let (mut last, partial) = (load(last)?, partial.map(load).transpose()?);
        if let Some(partial) = &partial {
            last = parts::finals(partial, last, Config::default().speech.trust);
        }
        Ok(Self { last, partial })
    }
}
