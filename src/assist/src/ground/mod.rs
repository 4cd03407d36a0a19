//! What an engine may read of a call, and what it may change in the wrap-up.
//!
//! An engine words anew what the rules found; it finds nothing itself. It reads numbered [`Sources`] alone: the masked
//! turns that the record rests on, the base's rows and results worked out. Of its answer a sentence is taken only if it
//! says what an entry of the record says already, in words, numbers and denials that stand in what it cites. So an
//! instruction in a turn or in a row has nothing that it could change: what it asks for is in no entry.

mod accept;
mod answer;
mod clean;
mod fact;
mod improve;
mod prompt;
mod schema;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sidetone_schema::Wrapup;

pub use accept::accept;
pub use answer::MOST_BYTES;
pub(crate) use prompt::prompt;
pub(crate) use source::Heard;
pub use source::{Source, SourceKind, Sources};

/// What an engine is asked, and what its answer is held against.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The task; the same for every call, so that an engine's cache serves it.
    pub system: String,
    /// The base's rows, the record as it stands, and last what was said.
    pub user: String,
    /// JSON Schema of the answer: no more entries than the record has, no other sources than these.
    pub schema: serde_json::Value,
    /// What is numbered in `user`.
    pub sources: Sources,
    /// The wrap-up that the rules made; it stands where no sentence is accepted.
    pub wrapup: Wrapup,
}

/// A sentence of an answer that stood its test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// Its words.
    pub text: String,
    /// The numbers of its sources.
    pub cites: Vec<usize>,
}

/// What is left of an engine's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accepted {
    /// In place of the summary; none: it stays.
    pub summary: Vec<Sentence>,
    /// By the place of the entry of the record's advice that it words anew.
    pub advice: BTreeMap<usize, Sentence>,
    /// As `advice`, for to-dos.
    pub todos: BTreeMap<usize, Sentence>,
    /// What was left out.
    pub refused: Refused,
}

/// Why a sentence, or a whole answer, was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Refusal {
    /// The answer is no JSON object of the form asked for, is empty, or is too long.
    Answer,
    /// The sentence is empty, too long, or one too many.
    Form,
    /// It cites nothing, or what is no source of its element.
    Cites,
    /// A number, date, amount or share that its sources do not say of the same thing.
    Number,
    /// A word, a name or a mark that its sources do not hold.
    Word,
    /// It denies what its source does not, or the other way round.
    Denial,
    /// It says what no entry of the record says.
    Matter,
    /// It leaves out a number or a topic of what it words anew.
    Loss,
}

impl Refusal {
    /// As it is counted.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Form => "form",
            Self::Cites => "cites",
            Self::Number => "number",
            Self::Word => "word",
            Self::Denial => "denial",
            Self::Matter => "matter",
            Self::Loss => "loss",
        }
    }
}

/// How much was left out, by reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused(BTreeMap<Refusal, u32>);

impl Refused {
    fn count(&mut self, why: Refusal) {
        *self.0.entry(why).or_default() += 1;
    }

    /// Each reason and how often.
    pub fn iter(&self) -> impl Iterator<Item = (Refusal, u32)> + '_ {
        self.0.iter().map(|(why, count)| (*why, *count))
    }

    /// How often for this reason.
    #[must_use]
    pub fn of(&self, why: Refusal) -> u32 {
        self.0.get(&why).copied().unwrap_or(0)
    }
}

impl Prompt {
    /// The wrap-up as the engine's answer improves it, and what of the answer was left out.
    ///
    /// Entries are neither added nor removed; what has no accepted sentence is as the rules made it.
    #[must_use]
    pub fn improve(&self, answer: &str) -> (Wrapup, Refused) {
        let accepted = accept(answer, self);
        let wrapup = improve::merged(&self.wrapup, &accepted, &self.sources);
        (wrapup, accepted.refused)
    }
}
