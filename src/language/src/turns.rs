//! How turns are built.

use serde::Deserialize;

use crate::Words;

/// Pauses, hesitation, corrections.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Turns {
    /// Courtesy and hesitation that say nothing of what is asked.
    pub courtesy: Words,
    /// Characters of particles and pronouns, which two texts about different things share.
    pub particles: Words,
    /// Open a new clause where a recogniser wrote no punctuation.
    pub openers: Words,
    /// Corrections.
    pub corrections: Corrections,
    /// Denials.
    pub denials: Denials,
}

/// A speaker says it again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Corrections {
    /// Behind these it is said again; what came before does not count.
    pub markers: Words,
    /// Characters of sounds: with nothing else before the marker the turn before is corrected.
    pub sounds: Words,
}

/// A thing is named that is not meant.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denials {
    /// Directly before what is not meant.
    pub before: Words,
    /// May stand between the two.
    pub pointing: Words,
    /// Before what is not meant, unless it is part of a question.
    pub is_not: Words,
    /// The question that ends as [`Self::is_not`] does.
    pub is_it: Words,
    /// Behind it: it is a question after all.
    pub asks: Words,
    /// Before what is not meant, if one of [`Self::unrelated`] is behind it.
    pub with: Words,
    /// It has nothing to do with it.
    pub unrelated: Words,
}

/// What a clause does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Questions {
    /// Whole phrases of greeting, thanks, backchannel and small talk.
    pub phatic: Words,
    /// Characters that carry nothing.
    pub sounds: Words,
    /// Checks what has just been said.
    pub confirm: Words,
    /// With one of these a check is a question.
    pub no_check: Words,
    /// Ask.
    pub asks: Words,
    /// Ask at the end of a clause only.
    pub asks_last: Words,
    /// Stands between a word and itself: one or the other.
    pub either_or: Words,
    /// Announce a question.
    pub announces: Words,
    /// What looks like a question and is none.
    pub rhetorical: Words,
    /// With one of these it is a question all the same.
    pub in_earnest: Words,
    /// Reproaches in the form of a question.
    pub reproach: Words,
    /// Something is to be done.
    pub request: Words,
    /// A wrong was done.
    pub grievance: Words,
    /// A thing is understood or done with.
    pub closing: Words,
}
