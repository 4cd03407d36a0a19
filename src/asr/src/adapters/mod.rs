//! One module for each kind of recogniser.

mod filter;
mod scripted;
#[cfg(feature = "sherpa")]
mod sherpa;
mod whisper;

pub use scripted::Scripted;
#[cfg(feature = "sherpa")]
pub use sherpa::{OfflineFamily, OnlineFamily, SherpaOffline, SherpaOnline, SherpaRereading};
pub use whisper::{Whisper, WhisperConfig};

/// Signed 16-bit to the -1 to 1 that recognisers take.
fn to_float(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&sample| f32::from(sample) / 32_768.0).collect()
}
