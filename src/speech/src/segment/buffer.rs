//! A stretch of a leg's audio that knows where it lies.

use std::sync::Arc;

use crate::quiet::quietest;

/// Audio from `begin`, without a hole.
#[derive(Debug, Default)]
pub(super) struct Buffer {
    begin: u64,
    samples: Vec<i16>,
}

impl Buffer {
    /// Its first sample's place.
    pub(super) const fn begin(&self) -> u64 {
        self.begin
    }

    /// The place after its last sample.
    pub(super) fn end(&self) -> u64 {
        self.begin + self.samples.len() as u64
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn samples(&self) -> &[i16] {
        &self.samples
    }

    pub(super) fn push(&mut self, samples: &[i16]) {
        self.samples.extend_from_slice(samples);
    }

    /// Empties it; what comes next lies at `begin`.
    pub(super) fn restart(&mut self, begin: u64) {
        self.samples.clear();
        self.begin = begin;
    }

    /// Forgets all but the last `count` samples.
    pub(super) fn keep_last(&mut self, count: usize) {
        let excess = self.samples.len().saturating_sub(count);
        self.samples.drain(..excess);
        self.begin += excess as u64;
    }

    /// Takes out what lies before `end`.
    pub(super) fn take_until(&mut self, end: u64) -> Arc<[i16]> {
        let count = (end.saturating_sub(self.begin) as usize).min(self.samples.len());
        let taken = Arc::from(&self.samples[..count]);
        self.samples.drain(..count);
        // A segment of 15 s must not stay reserved on an idle leg.
        self.samples.shrink_to(16_000);
        self.begin += count as u64;
        taken
    }

    /// The quietest moment of the last `within` samples.
    pub(super) fn quietest(&self, within: u64) -> u64 {
        let first = self.samples.len().saturating_sub(within as usize);
        self.begin + (first + quietest(&self.samples[first..])) as u64
    }
}
