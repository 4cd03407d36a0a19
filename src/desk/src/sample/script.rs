//! The test calls of the repository as what people say in the sample.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

/// Characters that are said in a second.
const CHARS_PER_SECOND: usize = 5;
/// Between two turns, in ms.
const PAUSE_MS: i64 = 700;
const QUEUES: &str = include_str!("queues.tsv");

/// A call that was written down.
#[derive(Debug, Deserialize)]
pub(super) struct Script {
    pub(super) topics: Vec<String>,
    pub(super) caller: Caller,
    pub(super) wrapup: Wrapup,
    #[serde(rename = "turn")]
    pub(super) turns: Vec<Turn>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Caller {
    pub(super) number: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wrapup {
    pub(super) subject: String,
    pub(super) request_type: String,
    #[serde(default)]
    pub(super) policies: Vec<String>,
    #[serde(default)]
    pub(super) todos: Vec<String>,
    #[serde(default)]
    pub(super) risks: Vec<String>,
    pub(super) satisfaction: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Turn {
    pub(super) role: String,
    pub(super) text: String,
}

impl Script {
    /// The turns with their times from the answer, in ms.
    pub(super) fn timed(&self) -> impl Iterator<Item = (&Turn, i64, i64)> {
        let mut at = 0;
        self.turns.iter().map(move |turn| {
            let begin = at;
            let end = begin + (turn.text.chars().count() * 1_000 / CHARS_PER_SECOND) as i64;
            at = end + PAUSE_MS;
            (turn, begin, end)
        })
    }

    pub(super) fn length_ms(&self) -> i64 {
        self.timed().last().map_or(0, |(_, _, end)| end)
    }

    pub(super) fn topic(&self) -> &str {
        self.topics.first().map_or("", String::as_str)
    }

    /// The queue that its callers wait in.
    pub(super) fn queue(&self) -> &'static str {
        let mut rows = QUEUES.lines().filter_map(|line| line.split_once('\t'));
        rows.find(|(topic, _)| *topic == self.topic())
            .map_or("12333", |(_, queue)| queue)
    }
}

/// All scripts of a folder, by name.
pub(super) fn read(folder: &Path) -> Result<Vec<Script>, String> {
    let fault = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    let mut scripts = BTreeMap::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fault(&error))? {
        let path = entry.map_err(|error| fault(&error))?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = std::fs::read_to_string(&path).map_err(|error| fault(&error))?;
            let script: Script = toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
            scripts.insert(path, script);
        }
    }
    if scripts.is_empty() {
        return Err(fault(&"there is no call in it"));
    }
    Ok(scripts.into_values().collect())
}
