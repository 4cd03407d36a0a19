//! `overhead [--calls N] [--models DIR] [--model NAME] [--partial-model NAME] [--no-partials]`: what the daemon takes
//! beside its recognisers.
//!
//! Plays N scripted calls (10) through the daemon's hub, pool and engine as `load` does, with one worker, so that no
//! thread is lent and each decode is wholly on its own. `bare_cpu_s` is the processor time within the recognisers, on the
//! same audio in the same run; `overhead_percent` how much more everything else took: media, detectors, matching,
//! events, and waking up for each frame. `playing_cpu_s`, the switch's part, is in neither: recordings are played by a thread
//! of their own.

use std::time::Duration;

use serde_json::{Value, json};

use crate::calls::options;

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut options = options(args, 10)?;
    options.config.speech.workers = 1;
    let outcome = crate::calls::run(options)?;
    let decodes = outcome.witness.decodes();
    let bare = decodes
        .iter()
        .map(|decode| decode.spent)
        .sum::<Duration>()
        .as_secs_f64();
    let whole = outcome.spent.saturating_sub(outcome.playing).as_secs_f64();
    let hundredths = |value: f64| (value * 100.0).round() / 100.0;
    Ok(json!({
        "calls": outcome.calls.len(),
        "decodes": decodes.len(),
        "cpu_s": hundredths(whole),
        "bare_cpu_s": hundredths(bare),
        "playing_cpu_s": hundredths(outcome.playing.as_secs_f64()),
        "overhead_percent": hundredths((whole / bare.max(0.01) - 1.0) * 100.0),
    }))
}
