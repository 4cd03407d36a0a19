//! Personal data is masked here, before anything leaves the process.
//!
//! What is masked: 身份证 numbers, mobile and fixed-line numbers, bank and social-security cards, numbers of a person's
//! social insurance, passports and permits, plates, mail addresses, homes (a road or an estate with a house), names that
//! their speaker gives, with or without the surname for the rest of the call, and any other run of seven digits or more that is no amount, date, document number or
//! public hotline; written or read out (幺三八…), in groups, with hesitations or a few words between them, counted
//! (three zeros), and over several turns. Every character that is covered becomes `*`, so offsets stay.
//!
//! What stays: amounts, percents, durations, dates, article and document numbers, 12333 and its like, a public place's
//! address, a surname that nobody gave. Where the two conflict, privacy wins: a valid number is masked whatever unit follows it.
//!
//! Rules say what looks like a number, a date, a house, a name (`judge`, `span`); a model that was learned says whose it is
//! (`tagger`), and `cover` brings the two together. A text that still grows hides more (`open`).
//!
//! `knowledge/zh/masking.toml` holds the words; the code knows kinds of words only.

mod address;
mod adjust;
mod birth;
mod cover;
mod cue;
mod dictation;
mod given;
mod judge;
mod mail;
mod masker;
mod name;
mod open;
mod openly;
mod party;
mod proof;
mod public;
mod shape;
mod span;
mod tagger;
mod token;

use sidetone_language::{Masking, zh};

pub use dictation::decided;
pub use masker::{Masked, Masker, Speaker, Weights, mask_number, scrub};
pub use open::stable;
pub use tagger::{Allowed, Features, Joint, Label, Learner};

fn words() -> &'static Masking {
    &zh().masking
}

#[cfg(test)]
mod tests;
