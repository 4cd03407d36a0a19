//! What a model keeps of the segments that are being spoken. It belongs to the model, not to a worker: a segment's jobs
//! may be served by any of them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sidetone_speech::SegmentKey;

/// Segments that are kept at once. Over it the one that was used longest ago goes, and is listened to from its first
/// sample if more comes of it: time is lost, text is not.
const SEGMENTS: usize = 512;

/// One `T` for each segment, bounded.
pub(super) struct Kept<T>(Mutex<Open<T>>);

struct Open<T> {
    /// With the time of its last use; larger is later.
    segments: HashMap<SegmentKey, (u64, T)>,
    clock: u64,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(Open {
            segments: HashMap::new(),
            clock: 0,
        }))
    }
}

impl<T> Kept<T> {
    fn open(&self) -> MutexGuard<'_, Open<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a segment's out, so that work on it holds no lock.
    pub(super) fn take(&self, segment: &SegmentKey) -> Option<T> {
        self.open().segments.remove(segment).map(|(_, kept)| kept)
    }

    pub(super) fn put_back(&self, segment: SegmentKey, kept: T) {
        let mut open = self.open();
        if open.segments.len() >= SEGMENTS {
            let oldest = open.segments.iter().min_by_key(|(_, (used, _))| *used);
            let oldest = oldest.map(|(segment, _)| segment.clone());
            oldest.and_then(|segment| open.segments.remove(&segment));
        }
        open.clock += 1;
        let used = open.clock;
        open.segments.insert(segment, (used, kept));
    }
}
