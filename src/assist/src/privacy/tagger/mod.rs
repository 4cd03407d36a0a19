//! What each character is, learned from made-up talk.
//!
//! Rules know what a number, a date or a house looks like; whether it is a person's is said by many small things around it: what was asked, what
//! was covered before, the words beside it, how long it is. Here all of these, and what the rules say, are features of a
//! linear model over the characters of a turn, whose best sequence of labels is taken. `cargo run -p sidetone-bench -- pii-learn` learns
//! the weights from `knowledge/zh/masking`.

mod codes;
mod features;
mod kinds;
mod lexicon;
mod model;
mod people;
mod scene;

use std::sync::OnceLock;

use sidetone_schema::RedactionKind;

pub(super) use codes::value;
pub(super) use features::{View, features};
pub(super) use model::Model;
pub use model::{Allowed, Learner};
pub(super) use scene::Scene;

/// Labels that a character can have.
pub(super) const LABELS: usize = 5;

/// What a character is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// Nothing personal.
    Other,
    /// Of a number, a code, an account or a mail address.
    Number,
    /// Of a name, or of how one is spelled.
    Name,
    /// Of a home.
    Address,
    /// Of a date of birth.
    Birth,
}

impl Label {
    /// All of them, by index.
    pub const ALL: [Self; LABELS] = [Self::Other, Self::Number, Self::Name, Self::Address, Self::Birth];

    /// The label of what a rule covers.
    pub(super) const fn of(kind: RedactionKind) -> Self {
        match kind {
            RedactionKind::Name => Self::Name,
            RedactionKind::Address => Self::Address,
            RedactionKind::BirthDate => Self::Birth,
            _ => Self::Number,
        }
    }

    /// What is said of it where no rule knows better.
    pub(super) const fn kind(self) -> Option<RedactionKind> {
        match self {
            Self::Other => None,
            Self::Number => Some(RedactionKind::Digits),
            Self::Name => Some(RedactionKind::Name),
            Self::Address => Some(RedactionKind::Address),
            Self::Birth => Some(RedactionKind::BirthDate),
        }
    }
}

/// How a character hangs together with the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// It does not.
    Apart,
    /// In one word of letters and digits.
    Joined,
    /// In one number or date: both are covered, or none.
    Tied,
}

/// The features of each character, as hashes.
pub type Features = Vec<Vec<u32>>;

/// The model that was learned.
pub(super) fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| Model::read(sidetone_language::MASKING_WEIGHTS).unwrap_or_default())
}
