//! A question in Chinese as a typed query, or the reason why not. Pure: the present and the site's words are passed in.
//!
//! Nothing is guessed: a word that nothing explains, two metrics that fit alike and a time that is not said are
//! answered with a question or a refusal.

mod aside;
mod bound;
mod chart;
mod choose;
mod compose;
mod concepts;
mod cover;
mod ear;
mod learned;
mod lexicon;
mod naming;
mod quantity;
mod read;
mod reading;
mod remark;
mod say;
mod shape;
mod signs;
mod softmax;
mod sound;
mod span;
mod steps;
#[cfg(test)]
mod tests;
mod time;
mod timed;
mod undo;
mod utter;
mod values;

use serde::Serialize;

pub use chart::{Chart, ChartKind, chart};
pub use lexicon::Vocabulary;
pub use say::{definition, say};
pub use signs::Signs;
pub use utter::{Spoken, utter};

use crate::query::Query;
use crate::registry::MetricId;

/// What comes of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Answer {
    /// It is understood whole, and the query passes its check.
    Query {
        /// What is asked.
        query: Box<Query>,
        /// The same in Chinese, with the window and each metric's definition.
        said: String,
        /// The same in English, with each metric's formula.
        english: String,
    },
    /// Something is missing or fits twice.
    Question {
        /// In Chinese.
        text: String,
        /// In English.
        english: String,
        /// The metrics to choose from; empty when something else is missing.
        candidates: Vec<MetricId>,
    },
    /// It has no answer here.
    Refusal {
        /// Why, for a program.
        reason: Reason,
        /// Why, in Chinese.
        text: String,
        /// Why, in English.
        english: String,
    },
}

impl Answer {
    /// The refusal of a filter by one dimension together with another, which the archive cannot count.
    #[must_use]
    pub fn crossed() -> Self {
        compose::refusal(Reason::Query, "refuse.crossed", "")
    }
}

/// Why a question has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It asks for what has not happened yet.
    Forecast,
    /// It asks why.
    Cause,
    /// It asks for data of a person.
    Personal,
    /// It orders something done.
    Order,
    /// It leaves something out, which queries cannot.
    Negation,
    /// It asks for an opinion.
    Judgement,
    /// Words of it are explained by nothing.
    Unknown,
    /// It names no metric.
    NoMetric,
    /// The metric cannot be asked this way.
    Query,
}

/// Learns what questions mean, so that the first one does not wait for it. With `left_out` nothing of what that author wrote
/// is learned, so that the author's questions measure.
pub fn ready(left_out: Option<&str>) {
    learned::ready(left_out);
}

/// What speaks for an answer to the question and against it, for who weighs it.
#[must_use]
pub fn signs(text: &str, now: i64, vocabulary: &Vocabulary, before: Option<&Query>) -> Signs {
    compose::signs(text, now, vocabulary, before)
}

/// Reads a question. `now` is in milliseconds UTC; `before` is the query of the question that this one follows.
#[must_use]
pub fn ask(text: &str, now: i64, vocabulary: &Vocabulary, before: Option<&Query>) -> Answer {
    compose::ask(text, now, vocabulary, before)
}
