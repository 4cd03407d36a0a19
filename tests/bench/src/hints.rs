//! `hints`: text in, hints out.
//!
//! With `--turns FILE` (more than once) or `--by-author`, nodes and figures are scored on callers' turns, as `turns` says;
//! with `--calls DIR`, topics on scripted calls there. Without, the project's own scripts and held-out turns are played:
//! what precision, recall and the others mean of these is written in `score`.

mod early;
pub(crate) mod score;
#[allow(
    dead_code,
    reason = "the wrap-up's expectations are read by the golden test of sidetone-assist"
)]
pub(crate) mod script;
mod turns;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use early::Early;
use score::{Bench, Tally};
use sidetone_app::config::{Config, UseEncoder};
use sidetone_app::runtime::PackReader;
use sidetone_domain::Meanings;

/// Times every script this often, so that a percentile rests on thousands of turns.
const ROUNDS: usize = 10;
/// The day and place of held-out turns; those of the scripts.
const REGION: &str = "370500";

/// What is asked for.
#[derive(Default)]
struct Options {
    /// Files of turns.
    turns: Vec<PathBuf>,
    /// A folder of scripted calls.
    calls: Option<PathBuf>,
    /// The folder of the pack; the sample.
    pack: Option<PathBuf>,
    /// The day of the calls.
    day: Option<jiff::civil::Date>,
    /// Each author of the pack's examples by what the others taught.
    by_author: bool,
    /// Reads by words alone, also where the sentence encoder was fetched.
    no_encoder: bool,
    /// What went wrong goes to the error stream.
    faults: bool,
}

impl Options {
    fn read(args: &[String]) -> Result<Self, String> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--turns" => options.turns.push(value()?.into()),
                "--calls" => options.calls = Some(value()?.into()),
                "--pack" => options.pack = Some(value()?.into()),
                "--as-of" => options.day = Some(value()?.parse().map_err(|error| format!("--as-of: {error}"))?),
                "--by-author" => options.by_author = true,
                "--no-encoder" => options.no_encoder = true,
                "--faults" => options.faults = true,
                other => {
                    return Err(format!(
                        "{other} is no option: [--turns FILE]… [--calls DIR] [--pack DIR] [--as-of DAY] [--by-author] [--no-encoder] [--faults]"
                    ));
                }
            }
        }
        Ok(options)
    }
}

/// See [`Options`].
pub(crate) fn run(args: &[String]) -> Result<serde_json::Value, String> {
    let options = Options::read(args)?;
    let dir = options.pack.clone().unwrap_or_else(|| root().join("knowledge/12333"));
    let bench = Bench::load(&dir, encoder(options.no_encoder))?;
    if options.turns.is_empty() && options.calls.is_none() && !options.by_author {
        return own_scripts(&bench, options.faults);
    }
    let day = options.day.unwrap_or(jiff::civil::date(2026, 3, 2));
    let mut faults = Vec::new();
    let mut figures = serde_json::json!({});
    if !options.turns.is_empty() {
        let files = options.turns.iter().map(|file| turns::read(file));
        let all: Vec<_> = files.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        figures = turns::judge(&bench, &all, day, &mut faults);
    }
    if options.by_author {
        figures["authors"] = turns::by_author(bench.pack(), day, &mut faults);
    }
    figures["encoder"] = bench.pack().has_encoder().into();
    if let Some(dir) = &options.calls {
        let mut tally = Tally::default();
        let scripts = script::scripts(dir)?;
        for script in &scripts {
            bench.play(script, &mut tally);
        }
        figures["calls"] = serde_json::json!({
            "calls": scripts.len(),
            "precision": Tally::share(tally.right, tally.pushed),
            "recall": Tally::share(tally.found, tally.expected),
            "false_push_rate": false_push_rate(&tally),
            "without_a_hint": tally.calls_without,
        });
        faults.append(&mut tally.faults);
    }
    if options.faults {
        faults.iter().for_each(|fault| eprintln!("{fault}"));
    }
    Ok(figures)
}

/// The project's own scripts and held-out turns.
fn own_scripts(bench: &Bench, show_faults: bool) -> Result<serde_json::Value, String> {
    let root = root();
    let scripts = script::scripts(&root.join("tests/corpus/calls"))?;
    let turns = script::read(&root.join("tests/bench/data/held-out-turns.toml"))?;
    let mut tally = Tally::default();
    for script in &scripts {
        bench.play(script, &mut tally);
    }
    let held_out = bench.held_out(&turns, jiff::civil::date(2026, 3, 2), REGION);
    let (mut early, mut held_out_early) = (Early::default(), Early::default());
    for script in &scripts {
        early.play(bench, script);
    }
    held_out_early.held_out(bench, &turns, jiff::civil::date(2026, 3, 2), REGION);
    if show_faults {
        let faults = tally.faults.iter().chain(&held_out.faults);
        for fault in faults.chain(&early.faults).chain(&held_out_early.faults) {
            eprintln!("{fault}");
        }
    }
    let mut timed = Tally::default();
    for script in scripts.iter().cycle().take(scripts.len() * ROUNDS) {
        bench.play(script, &mut timed);
    }
    Ok(serde_json::json!({
        "precision": Tally::share(tally.right, tally.pushed),
        "recall": Tally::share(tally.found, tally.expected),
        "false_push_rate": false_push_rate(&tally),
        "text_to_hint_ms_p50": timed.percentile(0.5),
        "text_to_hint_ms_p99": timed.percentile(0.99),
        "intent_accuracy": Tally::share(tally.intents, tally.expected),
        "expected": tally.expected,
        "pushed": tally.pushed,
        "held_out": {
            "precision": Tally::share(held_out.right, held_out.pushed),
            "recall": Tally::share(held_out.found, held_out.expected),
            "false_push_rate": false_push_rate(&held_out),
            "expected": held_out.expected,
            "silent": held_out.silent,
            "early": held_out_early.figures(),
        },
        "early": early.figures(),
    }))
}

/// Nothing that must stay silent cannot be broken.
fn false_push_rate(tally: &Tally) -> f64 {
    if tally.silent == 0 {
        0.0
    } else {
        tally.broken as f64 / tally.silent as f64
    }
}

/// The sentence encoder, as the daemon has it: where it was fetched.
pub(crate) fn encoder(unwanted: bool) -> Option<Arc<Meanings>> {
    let mut config = Config::default();
    config.speech.models_dir = root().join("models/cache");
    if unwanted {
        config.knowledge.encoder = UseEncoder::Off;
    }
    PackReader::new(&config).meanings()
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
