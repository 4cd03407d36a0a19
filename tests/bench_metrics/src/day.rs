//! A day of facts, and its events.

use std::error::Error;
use std::path::Path;

use serde_json::Value as Json;
use sidetone_archive::{Entry, tellable, unfold};

const FORTY: &str = include_str!("../../../src/archive/tests/forty/facts.jsonl");
/// Forty times this is a day of a hotline with 3,000 calls.
const COPIES: i64 = 75;
const DAY: i64 = 86_400_000;

pub(crate) fn read(file: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    std::fs::read_to_string(file)?
        .lines()
        .map(|line| Ok(tellable(serde_json::from_str(line)?).to_string()))
        .collect()
}

/// Every fact once for each copy, under other names.
pub(crate) fn made() -> Result<Vec<String>, Box<dyn Error>> {
    let mut lines = Vec::new();
    for line in FORTY.lines() {
        let fact: Json = serde_json::from_str(line)?;
        for copy in 0..COPIES {
            let mut fact = fact.clone();
            for field in ["call_id", "ani", "ticket", "created_by"] {
                if let Some(name) = fact[field].as_str() {
                    fact[field] = format!("{name}-{copy}").into();
                }
            }
            if fact["sym"] == "S" {
                fact["agent"] = format!("{}-{copy}", fact["agent"].as_str().unwrap_or_default()).into();
            }
            lines.push(tellable(fact).to_string());
        }
    }
    Ok(lines)
}

/// In the order of streams: a call's events together, as a reader that is behind finds them.
pub(crate) fn events(lines: &[String]) -> Result<Vec<Entry>, Box<dyn Error>> {
    let replay = unfold(lines.iter().map(String::as_str))?;
    let mut entries: Vec<Entry> = replay.streams.into_values().flatten().map(Entry::Event).collect();
    entries.extend(replay.feedback);
    Ok(entries)
}

/// The same of calls with other names.
pub(crate) fn shifted(entries: &[Entry]) -> Vec<Entry> {
    let next = |json: &String| {
        let mut event: Json = serde_json::from_str(json).unwrap_or_default();
        for pointer in ["/call_id", "/data/contact"] {
            if let Some(name) = event.pointer_mut(pointer)
                && let Some(text) = name.as_str()
            {
                *name = format!("{text}-next").into();
            }
        }
        Entry::Event(event.to_string())
    };
    entries
        .iter()
        .filter_map(|entry| {
            if let Entry::Event(json) = entry {
                Some(next(json))
            } else {
                None
            }
        })
        .collect()
}

/// Columns of time, in every table.
pub(crate) const TIMES: [&str; 10] = [
    "t",
    "t0",
    "t1",
    "ts",
    "due",
    "closed",
    "expired",
    "speech_end",
    "play_start",
    "said",
];

/// How far a day lies from the one before, ms.
pub(crate) const fn back(days: i64) -> i64 {
    days * DAY
}
