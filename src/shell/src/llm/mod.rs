//! Language models behind OpenAI-compatible endpoints: who is asked, when a second one is, and what that may cost.
//!
//! [`hedge`], [`breaker`], [`budget`] and [`sse`] are pure; [`client`] has the socket and [`engines`] the clock.

pub mod breaker;
pub mod budget;
pub mod client;
pub mod config;
mod doctor;
pub mod engines;
pub mod fault;
pub mod hedge;
pub mod sse;

pub use client::{Answer, Client, Prompt, Usage};
pub use config::{Engine, LlmConfig, Profile};
pub use doctor::diagnose;
pub use engines::Engines;
pub use fault::Fault;
