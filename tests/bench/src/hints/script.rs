//! Scripts of tests/corpus and held-out turns, as data.

use std::path::Path;

use serde::Deserialize;

/// `tests/corpus/calls/<name>.toml`, as far as hints need it.
#[derive(Debug, Deserialize)]
pub(crate) struct Script {
    /// The file's stem.
    pub(crate) name: String,
    /// The day of the call.
    pub(crate) as_of: jiff::civil::Date,
    /// GB/T 2260.
    pub(crate) region: String,
    /// Who speaks for the caller.
    pub(crate) caller: Party,
    /// Who speaks for the agent.
    pub(crate) agent: Party,
    /// In order.
    pub(crate) topics: Vec<String>,
    /// What must come of it.
    pub(crate) wrapup: ExpectedWrapup,
    /// In order.
    #[serde(rename = "turn")]
    pub(crate) turns: Vec<ScriptTurn>,
}

/// One who speaks.
#[derive(Debug, Deserialize)]
pub(crate) struct Party {
    /// The name of the voice.
    pub(crate) voice: String,
}

/// One turn.
#[derive(Debug, Deserialize)]
pub(crate) struct ScriptTurn {
    /// `caller` or `agent`.
    pub(crate) role: String,
    /// As it should be transcribed.
    pub(crate) text: String,
    /// No hint may follow.
    #[serde(default)]
    pub(crate) small_talk: bool,
    /// Hints that must follow.
    #[serde(default)]
    pub(crate) expect: Vec<Expect>,
    /// Kinds of personal data in the text.
    #[serde(default)]
    pub(crate) pii: Vec<String>,
}

/// A hint that must follow.
#[derive(Debug, Deserialize)]
pub(crate) struct Expect {
    /// Topic id.
    pub(crate) topic: String,
    /// What is asked of it.
    pub(crate) intent: String,
    /// Other readings that are as good.
    #[serde(default)]
    pub(crate) intent_also: Vec<String>,
    /// Any of these.
    pub(crate) kinds: Vec<String>,
    /// In title or body.
    pub(crate) must_contain: Option<String>,
}

/// What the wrap-up must hold.
#[derive(Debug, Deserialize)]
pub(crate) struct ExpectedWrapup {
    /// 咨询主体.
    pub(crate) subject: String,
    /// 诉求类型.
    pub(crate) request_type: String,
    /// Each in some entry.
    pub(crate) policies: Vec<String>,
    /// Each in some entry; the project's own scripts ask for none.
    #[serde(default)]
    pub(crate) advice: Vec<String>,
    /// Each in some entry.
    pub(crate) todos: Vec<String>,
    /// Each in some entry.
    pub(crate) risks: Vec<String>,
    /// `satisfied`, `neutral`, `dissatisfied`.
    pub(crate) satisfaction: String,
}

/// `held-out-turns.toml`.
#[derive(Debug, Deserialize)]
pub(crate) struct HeldOut {
    /// Each a call of its own.
    #[serde(rename = "turn")]
    pub(crate) turns: Vec<HeldOutTurn>,
}

/// One held-out turn.
#[derive(Debug, Deserialize)]
pub(crate) struct HeldOutTurn {
    /// An earlier turn of the caller.
    pub(crate) before: Option<String>,
    /// The caller's words.
    pub(crate) text: String,
    /// Absent: no hint may follow.
    pub(crate) topic: Option<String>,
    /// More topics that must have a hint.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// In title or body of some hint.
    pub(crate) must_contain: Option<String>,
}

/// Every script of a folder, by name.
pub(crate) fn scripts(dir: &Path) -> Result<Vec<Script>, String> {
    let entries = std::fs::read_dir(dir).map_err(|error| format!("{}: {error}", dir.display()))?;
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "toml"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One TOML file.
pub(crate) fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = sidetone_base::read_text(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}
