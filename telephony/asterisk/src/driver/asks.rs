//! Questions on their way to the engine, and who waits for the answers.

pub(super) use sidetone_telephony::Ask;
pub use sidetone_telephony::Asks;
