//! The edge: Redis, the recogniser pool, language models, who takes wrap-ups, HTTP, metrics and the clock.
//!
//! Everything below this crate is pure; here are the sockets, threads and clocks that drive it. Only
//! [`clock`], [`handover`], [`llm`], [`pool`] and [`wire`] read a clock.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod clock;
pub mod handover;
pub mod http;
pub mod llm;
pub mod metrics;
pub mod pool;
pub mod process;
pub mod wire;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock. What our locks guard is valid after every statement, so a thread that panicked with one
/// in hand is no reason for the others to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
