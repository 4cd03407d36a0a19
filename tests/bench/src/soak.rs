//! `soak [--minutes N] [--calls N] [--models DIR] [--model NAME] [--partial-model NAME] [--no-partials]`: scripted calls on
//! N lines (10) for so many minutes (120), each line ringing again as soon as its call is over.
//!
//! `rss_mb` is resident memory at the median of each tenth of the time: flat, but for the first. The recordings that
//! are played (some 12 MB a line) are in it from the begin. Every minute is told on the standard error.

use std::time::Duration;

use serde_json::{Value, json};

use crate::calls::{options, percentile, soak};

const MINUTES: u64 = 120;
const PARTS: usize = 10;

/// Runs the bench.
pub(crate) fn run(args: &[String]) -> Result<Value, String> {
    let mut minutes = MINUTES;
    let mut rest = Vec::new();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--minutes" {
            let value = args
                .next()
                .and_then(|value| value.parse().ok())
                .filter(|&value| value > 0);
            minutes = value.ok_or("--minutes wants a number from 1")?;
        } else {
            rest.push(arg.clone());
        }
    }
    let options = options(&rest, 10)?;
    let lines = options.calls;
    let mut soaked = soak(options, Duration::from_secs(60 * minutes))?;
    let resident = &mut soaked.resident_bytes;
    let part = resident.len().div_ceil(PARTS).max(1);
    let medians = resident.chunks_mut(part).filter_map(|part| percentile(part, 50));
    let rss_mb: Vec<u64> = medians.map(|bytes| bytes >> 20).collect();
    Ok(json!({
        "lines": lines,
        "minutes": minutes,
        "calls": soaked.calls,
        "calls_not_ended": soaked.calls_not_ended,
        "finals": soaked.finals,
        "finals_lost": soaked.finals_lost,
        "shed_partials": soaked.shed_partials,
        "final_ms_p50": percentile(&mut soaked.final_ms, 50),
        "final_ms_p95": percentile(&mut soaked.final_ms, 95),
        "hint_ms_p50": percentile(&mut soaked.hint_ms, 50),
        "hint_ms_p95": percentile(&mut soaked.hint_ms, 95),
        "rss_mb": rss_mb,
        "cpu": (soaked.cpu * 100.0).round() / 100.0,
    }))
}
