//! Syllables to characters: the streaming recogniser writes `shi1 ye4 bao3 xian3`, a screen wants 失业保险.
//!
//! [`SyllableModel`] holds the words, how they sound and which word follows which; one serves all calls.
//! [`Network`] tells what the recogniser is in doubt about: which other syllables may
//! have been said, or none. [`Speller`] takes one segment's as they come and keeps the likeliest readings, at most
//! [`SpellerConfig::beam`] at each place. A syllable may be wrong even so: another tone costs little, a sound that a
//! telephone confuses costs more, and any other sound is believed.
//!
//! Costs are negative logarithms of probabilities in twelfths of a nat, whole numbers, so that equal input
//! gives equal text on every machine.

mod file;
mod lexicon;
mod model;
mod network;
mod pauses;
mod speller;
mod syllable;
mod terms;
mod weigh;

pub use file::ModelError;
pub use model::SyllableModel;
pub use network::{Bin, Network, Rival};
pub use speller::{Speller, SpellerConfig, Spelling};
pub use syllable::{Penalties, Syllable};
pub use terms::TERM_BOOST;

/// A cost of one nat.
const NAT: i32 = 12;

#[cfg(test)]
mod tests;
