//! One party's sound in the other party's leg: an echo, a leak, or the same sound on both.
//!
//! What is compared is coarse: the loudness of four octaves in frames of 20 ms, so that a codec, a filter or a room between
//! the two legs changes little, and a comparison of ten seconds costs a fraction of a millisecond. It is made for a stretch of
//! speech, not for each frame.

mod compare;
mod mask;
mod track;

#[cfg(test)]
mod tests;

pub use compare::{Finding, Leak, Origin, alone, find};
pub use mask::{own, silenced};
pub use track::{FRAME, Track, frames};
