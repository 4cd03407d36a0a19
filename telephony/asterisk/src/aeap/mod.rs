//! Asterisk's external application protocol, as far as a speech engine needs it: `res_speech_aeap` makes
//! this daemon a stock engine for `SpeechCreate`, `SpeechBackground` and `${SPEECH_TEXT(0)}`.
//!
//! JSON requests and responses go over a WebSocket as text, the caller's sound as binary. The switch says
//! nothing when it begins or ceases to listen; sound flows, or it does not. So a round is a stretch of sound
//! without a hole of [`ROUND_GAP`], and a result is sent as soon as an utterance is understood: that ends the
//! `SpeechBackground` that waits for it.

mod audio;
mod message;
mod session;

pub use audio::{Codec, Decoder};
pub use message::{Id, Message, MessageError};
pub use session::{Effect, ROUND_GAP, Session};

/// The WebSocket sub-protocol.
pub const PROTOCOL: &str = "speech_to_text";
