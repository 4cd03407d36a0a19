//! What a dialplan asks of a leg, and the channel variables that it gets.

use std::time::Duration;

use crate::codec::{Reader, Writer};
use crate::{MAX_PAYLOAD, WireError, fit};

/// Variables of one answer, at most.
pub const MAX_VARIABLES: usize = 28;

/// Bytes of a variable's name, at most.
pub const MAX_VARIABLE_NAME: usize = 64;

/// Bytes of a variable's value, at most.
pub const MAX_VALUE: usize = 2_000;

// Every answer can be written.
const _: () = assert!(MAX_VARIABLES * (MAX_VARIABLE_NAME + MAX_VALUE + 4) + 16 <= MAX_PAYLOAD);

/// What `listen` and `answer` set.
const UTTERANCE: [&str; 6] = ["text", "confidence", "topic", "topic_name", "intent", "reply"];
/// What `wrapup` sets.
const SO_FAR: [&str; 3] = ["summary", "topic", "topic_name"];
/// What all of them set.
const SLOTS: [&str; 8] = [
    "slots",
    "slot_term",
    "slot_amount",
    "slot_duration",
    "slot_date",
    "slot_region",
    "slot_age",
    "slot_percent",
];

/// A question of a dialplan about one leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// `listen`: what does the leg say next?
    Next {
        /// Silence before it begins to speak.
        timeout: Duration,
        /// From the question to the answer, whatever happens.
        limit: Duration,
    },
    /// `answer`: what did it say last?
    Last,
    /// `wrapup`: what has been said so far?
    Summary,
}

impl Asked {
    /// The variables that every answer to it sets, without their prefix: what is to be emptied before, so that
    /// nothing of an earlier question is left when no answer comes.
    pub fn variables(self) -> impl Iterator<Item = &'static str> {
        let own: &[&str] = match self {
            Self::Next { .. } | Self::Last => &UTTERANCE,
            Self::Summary => &SO_FAR,
        };
        own.iter().chain(&SLOTS).copied()
    }
}

/// How a question ended; the dialplan's `sidetone_status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// Something was said.
    Heard = 0,
    /// Nothing was said in time.
    Silence = 1,
    /// There is nobody to be heard (any more).
    Gone = 2,
    /// The summary is there.
    Ok = 3,
    /// It could not be answered in time.
    Error = 4,
}

impl Status {
    const ALL: [Self; 5] = [Self::Heard, Self::Silence, Self::Gone, Self::Ok, Self::Error];

    /// As the dialplan reads it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Heard => "heard",
            Self::Silence => "silence",
            Self::Gone => "gone",
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }

    /// From the dialplan's word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Of [`crate::Ask`].
    pub ask: u64,
    /// How it ended.
    pub status: Status,
    /// Name without its prefix, and value; an empty value clears the variable.
    pub variables: Vec<(String, String)>,
}

impl Answer {
    /// An answer that can be written: values that are too long are cut, variables beyond the bound left out. Half
    /// an object is none: `slots` that are too long are `{}`.
    #[must_use]
    pub fn fitting(ask: u64, status: Status, variables: Vec<(String, String)>) -> Self {
        let fitted = |(name, value): (String, String)| {
            let value = match name.as_str() {
                "slots" if value.len() > MAX_VALUE => "{}",
                _ => fit(&value, MAX_VALUE),
            };
            (name, value.to_owned())
        };
        let variables = variables.into_iter().filter(|(name, _)| is_name(name));
        Self {
            ask,
            status,
            variables: variables.take(MAX_VARIABLES).map(fitted).collect(),
        }
    }

    pub(crate) fn write<'a>(&self, mut out: Writer<'a>) -> Writer<'a> {
        // More than a byte says is more than the bound, which `variables` below refuses.
        let count = u8::try_from(self.variables.len()).unwrap_or(u8::MAX);
        out = out.u64(self.ask).u8(self.status as u8).u8(count);
        if self.variables.len() > MAX_VARIABLES {
            return out.refuse(WireError::TooLong { field: "variables" });
        }
        for (name, value) in &self.variables {
            out = out
                .text("variable", name, MAX_VARIABLE_NAME)
                .text("value", value, MAX_VALUE);
        }
        out
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Self, WireError> {
        let ask = from.u64("ask")?;
        let status = usize::from(from.u8("status")?);
        let status = Status::ALL.get(status).ok_or(WireError::Value { field: "status" })?;
        let count = usize::from(from.u8("variables")?);
        if count > MAX_VARIABLES {
            return Err(WireError::TooLong { field: "variables" });
        }
        let mut variables = Vec::with_capacity(count);
        for _ in 0..count {
            let name = from.text("variable", MAX_VARIABLE_NAME)?;
            if !is_name(&name) {
                return Err(WireError::Value { field: "variable" });
            }
            variables.push((name, from.text("value", MAX_VALUE)?));
        }
        Ok(Self {
            ask,
            status: *status,
            variables,
        })
    }
}

/// Nothing else may be set on the switch's channel.
fn is_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_VARIABLE_NAME).contains(&name.len()) && name.bytes().all(letter)
}
