//! What is heard, and by which models: what `speech` and `noise` are told on the command line.

use std::path::PathBuf;
use std::sync::Arc;

use sidetone_app::commands::models::ensure_tried;
use sidetone_app::config::Config;
use sidetone_app::runtime::parts;
use sidetone_asr::models::{ModelStore, Wording, recogniser_with};
use sidetone_speech::Recognise;

use crate::clips::{self, Clip};
use crate::speech::pack;

/// Clips and the models for finals and partials, as the daemon has them.
pub(crate) struct Pair {
    pub(crate) clips: Vec<Clip>,
    pub(crate) store: ModelStore,
    /// For finals: with `partial` in front of it where that reads whole segments.
    pub(crate) last: Arc<dyn Recognise>,
    pub(crate) partial: Option<Arc<dyn Recognise>>,
    pub(crate) verbose: bool,
    /// Clips of less confidence are read again.
    pub(crate) again: Option<f32>,
}

impl Pair {
    /// `{--data DIR | --turns} --models DIR --model NAME --partial-model NAME --no-partials --prompt TEXT --verbose`;
    /// what is not said is as the daemon has it unless it is configured.
    pub(crate) fn open(args: &[String]) -> Result<Self, String> {
        let speech = Config::default().speech;
        let (mut data, mut turns, mut prompt, mut verbose, mut again) = (None, false, None, false, None);
        let (mut models, mut last, mut partial) =
            (PathBuf::from("models/cache"), speech.model, Some(speech.partial_model));
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or_else(|| format!("{arg} needs a value"));
            match arg.as_str() {
                "--verbose" => verbose = true,
                "--turns" => turns = true,
                "--again" => again = Some(value()?.parse().map_err(|_| "--again needs a number from 0 to 1")?),
                "--no-partials" => partial = None,
                "--data" => data = Some(PathBuf::from(value()?)),
                "--models" => models = PathBuf::from(value()?),
                "--model" => last.clone_from(value()?),
                "--partial-model" => partial = Some(value()?.clone()),
                "--prompt" => prompt = Some(value()?.clone()),
                other => {
                    return Err(format!(
                        "{other} is no option: {{--data DIR | --turns}} [--model NAME] [--partial-model NAME] [--no-partials] [--models DIR] [--prompt TEXT] [--verbose]"
                    ));
                }
            }
        }
        let clips = match (data, turns) {
            (Some(dir), false) => clips::of_folder(&dir),
            (None, true) => clips::scripted(),
            _ => Err("either --data DIR (WAV files and refs.tsv) or --turns (the scripted calls) is needed".to_owned()),
        }?;
        let store = ModelStore::open(&models).map_err(|error| error.to_string())?;
        let mut wording = parts::wording(&*pack()?);
        if let Some(prompt) = prompt {
            wording = Wording { prompt, ..wording };
        }
        let load = |name: &str| {
            ensure_tried(&store, name)?;
            recogniser_with(&store, name, &wording, false).map_err(|error| error.to_string())
        };
        let (mut last, partial) = (load(&last)?, partial.as_deref().map(load).transpose()?);
        if let Some(partial) = &partial {
            last = parts::finals(partial, last, speech.trust);
        }
        Ok(Self {
            clips,
            store,
            last,
            partial,
            verbose,
            again,
        })
    }
}
