//! What clauses of a call do, by labelled examples.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The speaker will do something, or has it done.
    Promise,
    /// The agent says what the caller should do.
    Advise,
    /// The agent says how a rule is: a condition, an amount, a term.
    State,
    /// The agent says what may go wrong or cost something, or that a matter is open.
    Warn,
    /// The agent cannot see, decide or do it.
    Unable,
    /// The speaker asks.
    Ask,
    /// The caller wants a thing done.
    Want,
    /// The caller begs for help or for an exception.
    Plead,
    /// The caller says who calls, or for whom.
    Identify,
    /// The caller agrees, or says that it is clear.
    Accept,
    /// The caller thanks or is pleased.
    Thank,
    /// The caller reports a wrong or is angry.
    Complain,
    /// The caller declines, doubts or gives up.
    Refuse,
    /// The caller tells facts.
    Tell,
    /// Greeting, comfort, confirmation, what fills time.
    Chat,
}

impl Act {
    /// As the wire names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promise => "promise",
            Self::Advise => "advise",
            Self::State => "state",
            Self::Warn => "warn",
            Self::Unable => "unable",
            Self::Ask => "ask",
            Self::Want => "want",
            Self::Plead => "plead",
            Self::Identify => "identify",
            Self::Accept => "accept",
            Self::Thank => "thank",
            Self::Complain => "complain",
            Self::Refuse => "refuse",
            Self::Tell => "tell",
            Self::Chat => "chat",
        }
    }
}

/// Example clauses of agents and of callers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acts {
    /// Of agents.
    pub agent: BTreeMap<Act, Lines>,
    /// Of callers.
    pub caller: BTreeMap<Act, Lines>,
}

/// Texts, one a line. An empty list or a line that is there twice is a fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Lines(Vec<String>);

impl TryFrom<String> for Lines {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let lines = written.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<String> = lines.map(str::to_owned).collect();
        let mut known = HashSet::new();
        if let Some(twice) = lines.iter().find(|line| !known.insert(line.as_str())) {
            return Err(format!("`{twice}` is there twice"));
        }
        if lines.is_empty() {
            return Err("no line".to_owned());
        }
        Ok(Self(lines))
    }
}

impl Lines {
    /// In the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}
