//! `overhead [--calls N] [--models DIR] [--model NAME] [--partial-model NAME] [--no-partials]`: what the daemon takes
//! beside its recognisers.
//!
//! Plays N scripted calls (4) through the daemon's hub, pool and engine as `call` does, and writes down what the
//! recognisers were given. Then gives the same audio, in the same pieces and batches and with as many threads, to
//! recognisers with nothing around them. `overhead_percent` is how much more processor time the first took: media,
//! detectors, matching, events and the playing of the recordings itself.

use serde_json::{Value, json};
use sidetone_shell::pool::Models;
use sidetone_speech::{Pass, Recogniser};

use crate::calls::{Seen, options};
use crate::processor;

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let outcome = crate::calls::run(options(args, 4)?)?;
    let (partials, finals) = workers(&outcome.models)?;
    let before = processor::time()?;
    replay(&outcome.witness.seen(), partials, finals)?;
    let bare = processor::time()?.saturating_sub(before).as_secs_f64();
    let whole = outcome.spent.as_secs_f64();
    let hundredths = |value: f64| (value * 100.0).round() / 100.0;
    Ok(json!({
        "calls": outcome.calls.len(),
        "decodes": outcome.witness.seen().len(),
        "cpu_s": hundredths(whole),
        "bare_cpu_s": hundredths(bare),
        "overhead_percent": hundredths((whole / bare.max(0.01) - 1.0) * 100.0),
    }))
}

type Worker = Box<dyn Recogniser>;

/// One for partials, one for the rest.
fn workers(models: &Models) -> Result<(Worker, Worker), String> {
    let partial = models.partial.worker().map_err(|error| error.to_string())?;
    let last = models.last.worker().map_err(|error| error.to_string())?;
    Ok((partial, last))
}

fn replay(seen: &[Seen], mut partials: Worker, mut finals: Worker) -> Result<(), String> {
    for seen in seen {
        match seen {
            Seen::Decoded { jobs, threads, .. } => {
                let partial = jobs.first().is_some_and(|job| job.pass == Pass::Partial);
                let worker = if partial { &mut partials } else { &mut finals };
                worker.use_threads(*threads);
                for result in worker.recognise_batch(jobs) {
                    result.map_err(|error| error.to_string())?;
                }
            }
            Seen::Forgotten(segment) => partials.forget(segment),
        }
    }
    Ok(())
}
