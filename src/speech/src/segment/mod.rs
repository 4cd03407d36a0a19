//! Where an utterance begins and ends.

mod buffer;
mod event;
mod segmenter;

#[cfg(test)]
mod tests;

pub use event::{SegmentConfig, SegmentEnd, SegmentEvent};
pub use segmenter::Segmenter;
