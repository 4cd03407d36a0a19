//! `hints`: text of the scripted calls in, hints out.
//!
//! What precision, recall and the others mean is written in `score`. `held_out` holds the same figures over turns
//! that nothing was fitted to; the goals are for the scripts.

mod early;
mod score;
#[allow(
    dead_code,
    reason = "the wrap-up's expectations are read by the golden test of sidetone-assist"
)]
pub(crate) mod script;

use std::path::{Path, PathBuf};

use early::Early;
use score::{Bench, Tally};

/// Times every script this often, so that a percentile rests on thousands of turns.
const ROUNDS: usize = 10;
/// The day and place of held-out turns; those of the scripts.
const REGION: &str = "370500";

/// `hints [--faults]`: with `--faults`, what went wrong goes to the error stream.
pub(crate) fn run(args: &[String]) -> Result<serde_json::Value, String> {
    let root = root();
    let bench = Bench::load(&root.join("knowledge/12333"))?;
    let scripts = script::scripts(&root.join("tests/corpus/calls"))?;
    let turns = script::read(&root.join("tests/bench/data/held-out-turns.toml"))?;
    let mut tally = Tally::default();
    for script in &scripts {
        bench.play(script, &mut tally);
    }
    let held_out = bench.held_out(&turns, jiff::civil::date(2026, 3, 2), REGION);
    let (mut early, mut held_out_early) = (Early::default(), Early::default());
    for script in &scripts {
        early.play(&bench, script);
    }
    held_out_early.held_out(&bench, &turns, jiff::civil::date(2026, 3, 2), REGION);
    if args.iter().any(|arg| arg == "--faults") {
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
