//! From gapless audio to settled text: what is speech, where an utterance ends, what its text says.
//!
//! The recognisers themselves live in `sidetone-asr`; this crate holds the contract they meet.

mod recogniser;
pub mod text;

pub use recogniser::{AudioJob, Hypothesis, Pass, Recognise, RecogniseError, Recogniser, SegmentKey};
