//! One leg's audio: from what a tap gives to gapless 16 kHz mono.
//!
//! Sans-IO: time is passed in, frames are passed in, events are polled out. Nothing here knows a
//! socket, a clock or a thread, so a burst of loss or an hour of hold is a test on virtual time.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod codec;
mod conceal;
mod config;
mod counters;
pub mod crosstalk;
pub mod file;
mod leg;
mod resample;
pub mod rtp;

pub use codec::Codec;
pub use config::MediaConfig;
pub use counters::MediaCounters;
pub use leg::{GapCause, LegAudio, MediaEvent};
pub use resample::Resampler;
