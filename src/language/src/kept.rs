//! Calls with the records that their authors wrote, by example.

use serde::Deserialize;

use crate::{Feeling, Lines};

/// Whole calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// In the order of the file.
    pub call: Vec<Recorded>,
}

/// A call, and what its record holds of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Who wrote it.
    pub author: String,
    /// What the caller asked about.
    pub topics: Vec<String>,
    /// What they called for.
    pub request: Request,
    /// How content they were.
    pub satisfaction: Feeling,
    /// What was advised.
    #[serde(default)]
    pub advice: Lines,
    /// What somebody is to do, without who does it.
    #[serde(default)]
    pub todos: Lines,
    /// What may go wrong.
    #[serde(default)]
    pub risks: Lines,
    /// What was said.
    pub said: Said,
}

/// What a caller calls for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Request {
    /// Somebody is accused.
    Complaint,
    /// Something is to be done at once.
    Handling,
    /// The caller needs help.
    Plea,
    /// How far something has come.
    Status,
    /// A question.
    Enquiry,
}

/// Said, one a line: whether the agent speaks, and what is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Said(Vec<(bool, String)>);

impl TryFrom<String> for Said {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let lines = written.lines().map(str::trim).filter(|line| !line.is_empty());
        let turn = |line: &str| match line.split_once(' ') {
            Some(("a", text)) => Ok((true, text.to_owned())),
            Some(("c", text)) => Ok((false, text.to_owned())),
            _ => Err(format!("`{line}` begins with neither `a ` nor `c `")),
        };
        lines.map(turn).collect::<Result<_, _>>().map(Self)
    }
}

impl Said {
    /// In order.
    pub fn iter(&self) -> impl Iterator<Item = (bool, &str)> {
        self.0.iter().map(|(agent, text)| (*agent, text.as_str()))
    }
}
