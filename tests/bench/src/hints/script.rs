//! Scripts of tests/corpus and held-out turns, as data.

use std::path::Path;

use serde::Deserialize;

/// `tests/corpus/calls/<name>.toml`, as far as hints need it.
#[derive(Debug, Deserialize)]
pub struct Script {
    /// The file's stem.
    pub name: String,
    /// The day of the call.
    pub as_of: jiff::civil::Date,
    /// GB/T 2260.
    pub region: String,
    /// In order.
    pub topics: Vec<String>,
    /// What must come of it.
    pub wrapup: ExpectedWrapup,
    /// In order.
    #[serde(rename = "turn")]
    pub turns: Vec<ScriptTurn>,
}

/// One turn.
#[derive(Debug, Deserialize)]
pub struct ScriptTurn {
    /// `caller` or `agent`.
    pub role: String,
    /// As it should be transcribed.
    pub text: String,
    /// No hint may follow.
    #[serde(default)]
    pub small_talk: bool,
    /// Hints that must follow.
    #[serde(default)]
    pub expect: Vec<Expect>,
    /// Kinds of personal data in the text.
    #[serde(default)]
    pub pii: Vec<String>,
}

/// A hint that must follow.
#[derive(Debug, Deserialize)]
pub struct Expect {
    /// Topic id.
    pub topic: String,
    /// What is asked of it.
    pub intent: String,
    /// Other readings that are as good.
    #[serde(default)]
    pub intent_also: Vec<String>,
    /// Any of these.
    pub kinds: Vec<String>,
    /// In title or body.
    pub must_contain: Option<String>,
}

/// What the wrap-up must hold.
#[derive(Debug, Deserialize)]
pub struct ExpectedWrapup {
    /// 咨询主体.
    pub subject: String,
    /// 诉求类型.
    pub request_type: String,
    /// Each in some entry.
    pub policies: Vec<String>,
    /// Each in some entry.
    pub todos: Vec<String>,
    /// Each in some entry.
    pub risks: Vec<String>,
    /// `satisfied`, `neutral`, `dissatisfied`.
    pub satisfaction: String,
}

/// `held-out-turns.toml`.
#[derive(Debug, Deserialize)]
pub struct HeldOut {
    /// Each a call of its own.
    #[serde(rename = "turn")]
    pub turns: Vec<HeldOutTurn>,
}

/// One held-out turn.
#[derive(Debug, Deserialize)]
pub struct HeldOutTurn {
    /// An earlier turn of the caller.
    pub before: Option<String>,
    /// The caller's words.
    pub text: String,
    /// Absent: no hint may follow.
    pub topic: Option<String>,
    /// More topics that must have a hint.
    #[serde(default)]
    pub also: Vec<String>,
    /// In title or body of some hint.
    pub must_contain: Option<String>,
}

/// Every script of a folder, by name.
pub fn scripts(dir: &Path) -> Result<Vec<Script>, String> {
    let entries = std::fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One TOML file.
pub fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
