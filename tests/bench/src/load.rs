//! `load [--calls N] [--models DIR] [--model NAME] [--partial-model NAME] [--no-partials]`: N two-leg calls at once
//! (10), at the pace of a telephone.
//!
//! - `first_partial_ms`: from the first voiced frame of a segment to its first `transcript.partial`.
//! - `final_ms`: from the end of speech to `transcript.final`; `hint_ms`: to `hint.new`, early ones left out.
//! - `shed_partials`: for want of time or room; those that a newer one replaced are not among them.
//! - `finals_lost`: segments that got no text in the end.
//! - `rss_mb`: the most that the process held, the recordings that it plays (some 12 MB a call) among it;
//!   `idle_call_kb`: what a call takes on which nobody has spoken yet.
//! - `decodes`: calls of the recogniser by pass (several partials may be one), and the seconds that they took by the clock.
//! - `early`: hints before the final, and `first_hint_ms`: as the bench of that name has them.

use std::time::Duration;

use serde_json::{Value, json};
use sidetone_speech::Pass;

use crate::calls::{Outcome, Said, options, percentile};
use crate::early;

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut options = options(args, 10)?;
    options.weigh = true;
    let wanted = options.calls;
    let outcome = crate::calls::run(options)?;
    let calls = &outcome.calls;
    let mut partials: Vec<u64> = calls.iter().flat_map(|call| call.first_partials()).collect();
    let mut finals: Vec<u64> = calls.iter().flat_map(|call| call.final_delays()).collect();
    let late = calls.iter().flat_map(|call| &call.hints).filter(|hint| !hint.early);
    let mut hints: Vec<u64> = late.map(|hint| hint.total_ms).collect();
    let mut first: Vec<i64> = calls.iter().flat_map(Said::first_hints).collect();
    Ok(json!({
        "calls": wanted,
        "first_partial_ms_p50": percentile(&mut partials, 50),
        "first_partial_ms_p95": percentile(&mut partials, 95),
        "final_ms_p50": percentile(&mut finals, 50),
        "final_ms_p95": percentile(&mut finals, 95),
        "hint_ms_p50": percentile(&mut hints, 50),
        "hint_ms_p95": percentile(&mut hints, 95),
        "first_hint_ms_p50": percentile(&mut first, 50),
        "first_hint_ms_p95": percentile(&mut first, 95),
        "partials": calls.iter().map(|call| call.partials).sum::<usize>(),
        "shed_partials": outcome.shed_partials,
        "finals": calls.iter().map(|call| call.finals).sum::<usize>(),
        "finals_lost": outcome.finals_lost,
        "calls_not_ended": calls.iter().filter(|call| !call.ended).count(),
        "rss_mb": outcome.peak_bytes >> 20,
        "idle_call_kb": outcome.idle_call_bytes >> 10,
        "cpu": outcome.cpu,
        "decodes": {
            "partial": work(&outcome, Pass::Partial),
            "ahead": work(&outcome, Pass::Ahead),
            "final": work(&outcome, Pass::Final),
        },
        "early": early::figures(calls),
    }))
}

/// How often the recogniser was called for a pass, and how long it took by the clock.
fn work(outcome: &Outcome, pass: Pass) -> Value {
    let decodes = outcome.witness.decodes();
    let took: Vec<Duration> = decodes
        .iter()
        .filter(|decode| decode.pass == pass)
        .map(|decode| decode.took)
        .collect();
    let seconds = took.iter().sum::<Duration>().as_secs_f64();
    json!({ "count": took.len(), "s": (seconds * 10.0).round() / 10.0 })
}
