//! Loads a model once in a process of its own: sherpa-onnx ends the process on files of the wrong kind.

use std::process::{Command, Stdio};

use sidetone_asr::models::{Engine, Model, ModelStore, recogniser, sentence_encoder, silero};

/// Tries a model unless it was tried before with exactly these files. For the daemon, before it loads.
///
/// # Errors
/// When it does not load.
pub fn ensure_tried(store: &ModelStore, name: &str) -> Result<(), String> {
    let model = store.manifest().model(name).map_err(|error| error.to_string())?;
    match store.verdict(model).map_err(|error| error.to_string())? {
        Some(true) => Ok(()),
        Some(false) | None => run(store, model),
    }
}

/// Tries a model and remembers the outcome.
pub(super) fn run(store: &ModelStore, model: &Model) -> Result<(), String> {
    let program = std::env::current_exe().map_err(|error| format!("the program cannot find itself: {error}"))?;
    let output = Command::new(program)
        .args(["models", "load", &model.name, "--models"])
        .arg(store.root())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("model {} cannot be tried: {error}", model.name))?;
    // On a folder that cannot be written it is tried anew at each start.
    if let Err(error) = store.remember(model, output.status.success()) {
        tracing::warn!(%error, model = model.name, "that the model was tried cannot be remembered");
    }
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.trim().lines().last().unwrap_or("it said nothing");
    Err(format!(
        "model {} does not load ({}): {last}",
        model.name, output.status
    ))
}

/// The other side: loads the model here, whatever comes of it.
pub(super) fn load_here(store: &ModelStore, name: &str) -> Result<(), String> {
    let model = store.manifest().model(name).map_err(|error| error.to_string())?;
    match model.engine {
        Engine::Silero => return silero(store).map(drop).map_err(|error| error.to_string()),
        Engine::SentenceEncoder => return sentence_encoder(store).map(drop).map_err(|error| error.to_string()),
        _ => {}
    }
    let loaded = recogniser(store, name, "", true).map_err(|error| error.to_string())?;
    loaded.worker().map(drop).map_err(|error| error.to_string())
}
