//! `sidetone models try`: the models that are here, side by side on one recording.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;
use sidetone_asr::models::{Model, ModelStore, Status, recogniser, silero};
use sidetone_asr::{Silero, audio, score::Score};
use sidetone_speech::{Listening, text::simplify};

use super::trial;
use crate::measure::{Heard, listen, percentile};

/// Compares the models that are here on a recording.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  \
    sidetone models try call.wav\n  \
    sidetone models try --narrowband --reference '失业保险金怎么领' clip.wav\n  \
    sidetone models try --reference clip.txt --model whisper-base --model sense-voice --json clip.wav\n\n\
    CER: wrong characters in a hundred. RTF: seconds of computing for a second of sound.\n\
    First partial: after the first voiced frame. Final: after the end of speech, pause included.\n\
    Each model is loaded in a process of its own first; one that does not load is said so and passed over.")]
pub(super) struct TryArgs {
    /// A WAV or Ogg Opus file, any sample rate; of several channels the mean is heard
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is really said, or a file that says so
    #[arg(long, value_name = "TEXT|FILE")]
    reference: Option<String>,
    /// Only this model; may come several times
    #[arg(long = "model", value_name = "NAME")]
    names: Vec<String>,
    /// Sends the audio through 8 kHz A-law first, as a telephone line does
    #[arg(long)]
    narrowband: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// A model's row of the table.
struct Row {
    model: String,
    cer: Option<f64>,
    heard: Heard,
}

pub(super) fn run(store: &ModelStore, args: &TryArgs) -> Result<(), String> {
    let audio::Mono { mut samples, .. } = audio::read(&args.file).map_err(|error| error.to_string())?;
    if args.narrowband {
        samples = audio::narrowband(&samples);
    }
    let reference = args.reference.as_deref().map(reference).transpose()?;
    let recognises = |model: &Model| model.engine.recognises() && store.status(model) == Status::Present;
    let models = super::select(store, &args.names, recognises)?;
    if models.is_empty() {
        return Err(format!(
            "no model is in {}; run `sidetone models fetch`",
            store.root().display()
        ));
    }
    let detector = silero(store).ok();
    if !args.json {
        println!(
            "{:<22} {:>7} {:>7} {:>14} {:>10}  text",
            "model", "CER %", "RTF", "first partial", "final"
        );
    }
    let mut failed = 0;
    for model in models {
        match row(store, model, detector.as_ref(), &samples, reference.as_deref()) {
            Ok(row) if args.json => println!("{}", row.as_json()),
            Ok(row) => println!("{}", row.as_text()),
            Err(reason) => {
                failed += 1;
                eprintln!("{}: {reason}", model.name);
            }
        }
    }
    match failed {
        0 => Ok(()),
        some => Err(format!("{some} model(s) could not be tried")),
    }
}

/// The text itself, or that of the file of this name.
fn reference(given: &str) -> Result<String, String> {
    let path = Path::new(given);
    if !path.is_file() {
        return Ok(given.to_owned());
    }
    sidetone_base::read_text(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn row(
    store: &ModelStore,
    model: &Model,
    detector: Option<&Silero>,
    samples: &[i16],
    reference: Option<&str>,
) -> Result<Row, String> {
    trial::ensure_tried(store, &model.name)?;
    let loaded = recogniser(store, &model.name, "", false).map_err(|error| error.to_string())?;
    let mut worker = loaded.worker().map_err(|error| error.to_string())?;
    // The first decode touches every weight for the first time.
    listen(worker.as_mut(), None, detector, samples)?;
    let every = Duration::from_millis(if loaded.listening().is_bounded() { 320 } else { 800 });
    let partials = listen(worker.as_mut(), Some(every), detector, samples)?;
    // Finals alone, as they cost where another model does the partials.
    let mut heard = match loaded.listening() == Listening::New {
        true => partials.clone(),
        false => listen(worker.as_mut(), None, detector, samples)?,
    };
    heard.first_partials = partials.first_partials;
    heard.text = simplify(&heard.text);
    Ok(Row {
        model: model.name.clone(),
        cer: reference.map(|reference| Score::of(&simplify(reference), &heard.text).percent()),
        heard,
    })
}

impl Row {
    fn as_text(&self) -> String {
        let millis =
            |time: Option<Duration>| time.map_or_else(|| "–".to_owned(), |time| format!("{} ms", time.as_millis()));
        format!(
            "{:<22} {:>7} {:>7.3} {:>14} {:>10}  {}",
            self.model,
            self.cer.map_or_else(|| "–".to_owned(), |cer| format!("{cer:.1}")),
            self.heard.rtf(),
            millis(percentile(&self.heard.first_partials, 50)),
            millis(percentile(&self.heard.final_delays, 50)),
            self.heard.text,
        )
    }

    fn as_json(&self) -> serde_json::Value {
        let millis = |time: Option<Duration>| time.map(|time| time.as_millis() as u64);
        json!({
            "model": self.model,
            "cer": self.cer.map(|cer| (cer * 10.0).round() / 10.0),
            "rtf": (self.heard.rtf() * 1_000.0).round() / 1_000.0,
            "first_partial_ms": millis(percentile(&self.heard.first_partials, 50)),
            "final_ms": millis(percentile(&self.heard.final_delays, 50)),
            "text": self.heard.text,
        })
    }
}
