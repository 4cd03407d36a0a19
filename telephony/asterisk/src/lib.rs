//! Asterisk: which calls there are (AMI), and the sound of each leg (ARI snoop or `ChanSpy`, over
//! `AudioSocket`).
//!
//! | module | what | I/O |
//! |---|---|---|
//! | [`ami`] | the manager protocol: bytes to messages, actions to bytes | none |
//! | [`audiosocket`] | the frames of an `AudioSocket` connection | none |
//! | [`ari`] | the few requests and the one event of ARI that a tap needs | none |
//! | [`fastagi`] | what a dialplan asks, and answers as channel variables | none |
//! | [`aeap`] | a stock speech engine for the dialplan | none |
//! | [`tracker`] | manager events in, [`sidetone_base::CallSignal`]s and tap commands out | none |
//! | [`driver`] | sockets, timers, tasks | all of it |
//!
//! Nothing here can delay a call's audio: Asterisk copies frames to a tap and never waits for it, and a
//! reader that falls behind drops frames on this side, counted.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![forbid(unsafe_code)]

pub mod aeap;
pub mod ami;
pub mod ari;
pub mod audiosocket;
pub mod config;
pub mod driver;
pub mod fastagi;
pub mod tracker;

pub use config::{AsteriskConfig, TapChoice};
pub use driver::{Asks, AsteriskSwitch, StartError, diagnose};
