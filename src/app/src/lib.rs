//! Configuration, wiring and commands of the `sidetone` binary.
//!
//! A library, so that benches and tests drive the same runtime as the daemon.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod commands;
pub mod config;
pub mod descriptors;
pub mod measure;
pub mod recording;
pub mod runtime;
pub mod supervisor;
pub mod view;

pub use commands::main;
