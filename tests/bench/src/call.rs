//! `call [--calls N] [--models DIR] [--partial-model NAME] [--no-partials] [--verbose]`: scripted calls at the pace of a
//! telephone, N at once (4).
//!
//! `hint_after_speech_end` is `latency_ms.total` of every `hint.new` that is not early: from the true end of the
//! caller's speech, hangover and queueing included. `finals_lost` counts segments that got no text in the end;
//! `cpu` is processor time of the whole process by the clock, 2.0 on two busy cores.

use serde_json::{Value, json};

use crate::calls::{Said, options, percentile};

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let options = options(args, 4)?;
    let (wanted, verbose) = (options.calls, options.verbose);
    let outcome = crate::calls::run(options)?;
    if verbose {
        for (number, call) in outcome.calls.iter().enumerate() {
            for (length_ms, delay_ms) in call.finals_by_length() {
                eprintln!("call {number}: {length_ms} ms of speech, final {delay_ms} ms later");
            }
        }
    }
    let hints = outcome.calls.iter().flat_map(|call| &call.hints);
    let mut delays: Vec<u64> = hints.filter(|hint| !hint.early).map(|hint| hint.total_ms).collect();
    let sum = |count: fn(&Said) -> usize| outcome.calls.iter().map(count).sum::<usize>();
    Ok(json!({
        "calls": wanted,
        "hint_after_speech_end_ms_p50": percentile(&mut delays, 50),
        "hint_after_speech_end_ms_p95": percentile(&mut delays, 95),
        "hints": sum(|call| call.hints.len()),
        "finals": sum(|call| call.finals),
        "finals_lost": outcome.finals_lost,
        "calls_not_ended": wanted - sum(|call| usize::from(call.ended)),
        "partials": sum(|call| call.partials),
        "cpu": outcome.cpu,
    }))
}
