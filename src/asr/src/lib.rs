//! Recognisers: Whisper, sherpa-onnx and a scripted one, the models they read, the neural voice
//! detector and the denoiser. The only crate outside `telephony` that talks to foreign code.
//!
//! Nothing here spawns a thread or touches the network; loading a model reads its files.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod adapters;
pub mod audio;
mod denoise;
pub mod models;
pub mod score;
mod silero;

#[cfg(feature = "sherpa")]
pub use adapters::{OfflineFamily, OnlineFamily, Rereader, SherpaOffline, SherpaOnline};
pub use adapters::{Scripted, Whisper, WhisperConfig};
pub use denoise::RnNoise;
pub use silero::{Silero, SileroError};
