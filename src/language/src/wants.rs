//! How callers ask for one view of an answer, and in what manner they speak, by labelled examples.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Lines;

/// What a caller's turn wants to see beside an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// The answer alone, or nothing.
    #[default]
    Answer,
    /// Two times, two places or two ways beside each other.
    Compare,
    /// How it went over the years, and what held then.
    History,
    /// How it went for somebody in the same position.
    Case,
    /// Where it is written.
    Policy,
    /// Where and how it is done.
    Channel,
    /// What it comes to for them.
    Calc,
    /// What to take care of: they tell of a time limit, of many who are wronged, or what does not fit together.
    Risk,
    /// Words to say to them: see [`Manner`].
    Script,
}

/// In what manner a caller speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Asks or tells.
    #[default]
    Plain,
    /// Wants a word that binds the agent.
    Promise,
    /// Wants an exception.
    Favour,
    /// Threatens somebody, or with the public.
    Threat,
    /// Despairs of life.
    Despair,
    /// Blames the line or an office.
    Blame,
    /// Mourns.
    Grief,
    /// Is in need, in shock or in tears, and not for a death.
    Distress,
}

impl View {
    /// As a pack names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Compare => "compare",
            Self::History => "history",
            Self::Case => "case",
            Self::Policy => "policy",
            Self::Channel => "channel",
            Self::Calc => "calc",
            Self::Risk => "risk",
            Self::Script => "script",
        }
    }
}

impl Manner {
    /// As a pack names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Promise => "promise",
            Self::Favour => "favour",
            Self::Threat => "threat",
            Self::Despair => "despair",
            Self::Blame => "blame",
            Self::Grief => "grief",
            Self::Distress => "distress",
        }
    }
}

/// Example turns of callers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wants {
    /// By what they want to see.
    pub views: BTreeMap<View, Lines>,
    /// By how they speak.
    pub manners: BTreeMap<Manner, Lines>,
}
