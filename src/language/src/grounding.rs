//! What an engine is told, and words that its sentences are held against.

use serde::Deserialize;

use crate::Words;

/// Tables of grounding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grounding {
    /// Words that deny.
    pub negations: Words,
    /// Half of a unit.
    pub half: char,
    /// What a sentence may have without a source.
    pub free: Words,
    /// The prompt that asks for better wording of a wrap-up.
    pub wrapup: WrapupPrompt,
}

/// Parts of the prompt for a wrap-up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapupPrompt {
    /// The task; the same for every call.
    pub system: String,
    /// Heads what the base says.
    pub rows: String,
    /// Heads the record as it stands.
    pub record: String,
    /// Heads what was said.
    pub said: String,
    /// One source: `{number}`, `{who}`, `{text}`.
    pub source: String,
    /// Who speaks in a row of the base.
    pub row: String,
    /// Who speaks in a calculation.
    pub calculation: String,
    /// Before the record's summary.
    pub summary: String,
    /// Before an entry of its advice.
    pub advice: String,
    /// Before an entry of its to-dos.
    pub todos: String,
}
