//! From gapless audio to settled text: what is speech, where an utterance ends, what its text says.
//!
//! The recognisers themselves live in `sidetone-asr`; this crate holds the contract they meet.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod cascade;
mod quiet;
mod recogniser;
mod reread;
mod segment;
mod settle;
mod sound;
pub mod spelling;
pub mod text;
mod vad;

pub use cascade::Cascade;
pub use recogniser::{
    AudioJob, CallWords, Choices, Hypothesis, Listening, Pass, Recognise, RecogniseError, Recogniser, SegmentKey,
};
pub use reread::{READ_ANEW, Rereading, Token};
pub use segment::{SegmentConfig, SegmentEnd, SegmentEvent, Segmenter};
pub use settle::{Settled, Settler};
pub use sound::sound_class;
pub use vad::{Denoiser, Gate, VAD_FRAME, VoiceDetector};
