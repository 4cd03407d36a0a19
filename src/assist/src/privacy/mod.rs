//! Personal data is masked here, before anything leaves the process.
//!
//! What is masked: 身份证 numbers, mobile and fixed-line numbers, bank and social-security card
//! numbers, and any other run of seven digits or more that is no amount, date, document number or
//! public hotline; written or read out (幺三八…), in groups, with hesitations between them, and over
//! several turns. Every character of such a stretch becomes `*`, so offsets stay.
//!
//! What stays: amounts, percents, durations, dates, article and document numbers, 12333 and its like.
//! Where the two conflict, privacy wins: a valid number is masked whatever unit follows it.
//! Names are not looked for.

mod cue;
mod judge;
mod masker;
mod shape;
mod token;

pub use masker::{Masked, Masker, mask_number, scrub};
pub use token::decided;

#[cfg(test)]
mod tests;
