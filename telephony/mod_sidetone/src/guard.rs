//! No panic leaves the module.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::counters::COUNTERS;

/// Runs `entry`; a panic within is counted and ends in `fallback`.
pub(crate) fn guarded<T>(fallback: T, entry: impl FnOnce() -> T) -> T {
    match catch_unwind(AssertUnwindSafe(entry)) {
        Ok(value) => value,
        Err(payload) => {
            COUNTERS.panics.one();
            // Dropping what was thrown may throw once more; the second one is let lie.
            if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                std::mem::forget(again);
            }
            fallback
        }
    }
}

/// Locks; what a panicking holder left is taken as it is. Every lock here guards values that are whole
/// after each statement.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
