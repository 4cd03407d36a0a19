//! The desk: a web page for agents, supervisors and administrators, beside the daemon.
//!
//! It reads Redis and writes what agents do with hints; it has no part in a call. A desk that is down or slow
//! changes nothing for a caller.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod archiving;
mod asking;
mod commands;
mod config;
mod oidc;
mod report;
mod sample;
mod users;
mod wall;
mod web;

pub use commands::main;
