//! One module for each kind of recogniser.

mod filter;
#[cfg(feature = "sherpa")]
mod kept;
#[cfg(feature = "sherpa")]
mod rereading;
mod scripted;
#[cfg(feature = "sherpa")]
mod session;
#[cfg(feature = "sherpa")]
mod sherpa;
mod whisper;

#[cfg(feature = "sherpa")]
pub use rereading::Rereader;
pub use scripted::Scripted;
#[cfg(feature = "sherpa")]
pub use sherpa::{OfflineFamily, OnlineFamily, SherpaOffline, SherpaOnline};
pub use whisper::{Whisper, WhisperConfig};

/// Signed 16-bit to the -1 to 1 that recognisers take.
fn to_float(samples: &[i16]) -> Vec<f32> {
    samples.iter().map(|&sample| f32::from(sample) / 32_768.0).collect()
}
