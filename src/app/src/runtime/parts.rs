//! From configuration to what calls are made of.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use rustix::fs::Access;
use sidetone_asr::models::{self, ModelStore, Wording};
use sidetone_asr::{RnNoise, Silero};
use sidetone_assist::AssistConfig;
use sidetone_base::Mapped;
use sidetone_domain::{Meanings, Origin, Pack};
use sidetone_engine::{EngineConfig, Parts, SecondConfig};
use sidetone_shell::pool::{Models, PoolConfig};
use sidetone_speech::text::{Corrector, TextPipeline};
use sidetone_speech::{Cascade, Denoiser, Listening, Recognise};

use crate::commands::models::ensure_tried;
use crate::config::{Config, Speech};

/// Name of the neural detector in the manifest.
pub const DETECTOR: &str = "silero-vad";
/// Partials of a model that streams cost what is new: they come with every second step of it.
const BOUNDED_EVERY: Duration = Duration::from_millis(320);
/// Partials of a model that decodes the segment anew cost as much as a final each.
const REDECODING_EVERY: Duration = Duration::from_millis(800);

/// Reads the domain pack by its words alone: the knowledge base, example turns and what else makes the line; and opens the library, if
/// there is one.
///
/// # Errors
/// Every fault of its files, a line each.
pub fn pack(config: &Config) -> Result<Arc<Pack>, String> {
    let state = &config.outbox.state_dir;
    pack_with(config, None, may_write(state).then_some(state.as_path()))
}

/// As [`pack`], with a sentence encoder; what is learned is kept in the folder `keep`.
///
/// # Errors
/// As [`pack`].
pub fn pack_with(config: &Config, meanings: Option<Arc<Meanings>>, keep: Option<&Path>) -> Result<Arc<Pack>, String> {
    let dir = &config.knowledge.dir;
    let mut pack =
        Pack::load_with(dir, meanings).map_err(|faults| format!("knowledge base {}:\n{faults}", dir.display()))?;
    for commands in pack.commands() {
        tracing::warn!(
            row = commands.row,
            "a text of the base speaks to a program: it is used without that"
        );
    }
    if let Some(folder) = keep {
        pack = pack.kept_in(folder);
    }
    if let Some(path) = &config.knowledge.library {
        let mapped = Mapped::open(path).map_err(|error| format!("library {}: {error}", path.display()))?;
        let opened = pack.knowledge().library().replace(mapped);
        opened.map_err(|error| format!("library {} {error}", path.display()))?;
    }
    Ok(Arc::new(pack))
}

/// What all calls share: what the pack teaches is learned here, ahead of the first call.
///
/// # Errors
/// When the neural detector is wanted and cannot be loaded.
pub fn shared(config: &Config, pack: Arc<Pack>) -> Result<Parts, String> {
    let learned = std::thread::scope(|scope| {
        scope.spawn(|| pack.learn_tables());
        pack.learn()
    });
    match learned {
        Origin::Learned => tracing::info!("turns are understood by what was learned from the pack now"),
        Origin::File => tracing::info!("turns are understood by what was learned from the same pack before"),
        Origin::Damaged => tracing::warn!("the file of what was learned is damaged: it was learned anew"),
    }
    let text = TextPipeline::new(Corrector::new(pack.knowledge().vocabulary()));
    let silero = config.speech.neural_vad.then(|| silero(&config.speech)).transpose()?;
    let detector = Box::new(move || silero.as_ref().map(Silero::detector));
    let denoise = config.speech.denoise;
    let denoiser = Box::new(move || denoise.then(|| Box::new(RnNoise::default()) as Box<dyn Denoiser>));
    Ok(Parts {
        pack,
        text,
        detector,
        denoiser,
    })
}

/// Whether the daemon may keep files in a folder.
pub(super) fn may_write(folder: &Path) -> bool {
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

fn silero(config: &Speech) -> Result<Silero, String> {
    let store = ModelStore::open(&config.models_dir).map_err(|error| error.to_string())?;
    models::silero(&store).map_err(|error| error.to_string())
}

/// The models for partials and for finals, each tried in a child process first: a library may end the process
/// that loads a file which it does not like.
///
/// # Errors
/// When one is not there or cannot be loaded; says how to fetch it.
pub fn models(config: &Speech, pack: &Pack) -> Result<Models, String> {
    let last = named(config, &config.model, pack).map_err(|error| format!("speech.model: {error}"))?;
    let again = config.revise_model().map(|name| named(config, name, pack));
    let again = again
        .transpose()
        .map_err(|error| format!("speech.revise_model: {error}"))?;
    let Some(second) = config.second_model() else {
        return Ok(Models {
            again,
            ..Models::one(last)
        });
    };
    let partial = named(config, second, pack).map_err(|error| {
        format!(
            "speech.partial_model: {error}\n(or set speech.partial_model = \"\": {} then does partials too, at several \
             times the cost)",
            config.model
        )
    })?;
    let last = finals(&partial, last, config.trust);
    match config.partials {
        true => Ok(Models { partial, last, again }),
        false => Ok(Models {
            again,
            ..Models::one(last)
        }),
    }
}

/// What reads finals: `partial` first where it can read whole segments, `last` what that is not sure of.
#[must_use]
pub fn finals(partial: &Arc<dyn Recognise>, last: Arc<dyn Recognise>, trust: f32) -> Arc<dyn Recognise> {
    match partial.listening() {
        // A stream ends with its segment: it cannot read a pause and then go on.
        Listening::Newest(_) if trust < 1.0 => Arc::new(Cascade::new(Arc::clone(partial), last, trust)),
        _ => last,
    }
}

/// Settles what the configuration leaves to the models: how often partials come.
pub fn suit(speech: &mut Speech, models: &Models) {
    let every = match models.partial.listening().is_bounded() {
        true => BOUNDED_EVERY,
        false => REDECODING_EVERY,
    };
    speech.partial_every.get_or_insert(every);
}

/// How the pool works on them.
#[must_use]
pub fn pool(config: &Speech) -> PoolConfig {
    PoolConfig {
        workers: workers(config),
        warm_up: true,
        ..PoolConfig::default()
    }
}

fn named(config: &Speech, name: &str, pack: &Pack) -> Result<Arc<dyn Recognise>, String> {
    let store = ModelStore::open(&config.models_dir).map_err(|error| error.to_string())?;
    ensure_tried(&store, name)?;
    models::recogniser_with(&store, name, &wording(pack), false).map_err(|error| error.to_string())
}

/// What helps a recogniser with the line's words.
#[must_use]
pub fn wording(pack: &Pack) -> Wording {
    Wording {
        prompt: pack.info().recogniser.prompt.clone(),
        terms: pack.knowledge().vocabulary().map(str::to_owned).collect(),
    }
}

/// Limits and intervals of a call that starts on `today`.
#[must_use]
pub fn engine(config: &Config, today: Date) -> EngineConfig {
    let day = config.knowledge.as_of.unwrap_or(today);
    let mut assist = AssistConfig::new(day, config.knowledge.region.clone());
    assist.max_per_turn = config.hints.per_turn;
    assist.max_per_minute = config.hints.per_minute;
    let mut engine = EngineConfig::new(assist);
    let speech = &config.speech;
    engine.segment.hangover = speech.hangover;
    engine.segment.pre_roll = speech.pre_roll;
    engine.segment.max_length = speech.max_length;
    engine.report_silence_from = speech.silent_after;
    let every = speech.partial_every.unwrap_or(REDECODING_EVERY);
    engine.segment.partial_every = speech.partials.then_some(every);
    engine.second = (speech.revise_below > 0.0).then_some(SecondConfig {
        below: speech.revise_below,
        within: speech.revise_within,
    });
    engine.early_hints = config.hints.early;
    engine.number_salt = config.privacy.number_salt.clone().filter(|salt| !salt.is_empty());
    engine.unmasked = !config.privacy.unmasked_roles.is_empty();
    engine
}

/// Threads that recognise.
#[must_use]
pub fn workers(config: &Speech) -> usize {
    if config.workers > 0 {
        return config.workers;
    }
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
