//! FreeSWITCH: which calls there are (event socket), and the sound of each leg (a tap by SIP, the
//! network card, or `mod_sidetone`).
//!
//! | module | what | I/O |
//! |---|---|---|
//! | [`esl`] | the event socket's protocol: bytes to messages, commands to bytes | none |
//! | [`outbound`] | what a dialplan asks, and answers as channel variables | none |
//! | [`tracker`] | events in, [`sidetone_base::CallSignal`]s and tap commands out | none |
//! | [`sip`] | the endpoint that taps call | none |
//! | [`passive`] | which packets of the network are a leg's, and what is in them | none |
//! | [`driver`] | sockets, timers, tasks | all of it |
//!
//! Nothing here can delay a call's audio: the switch copies frames to a tap and never waits for it, and a
//! reader that falls behind drops frames on this side, counted.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]
#![forbid(unsafe_code)]

pub mod config;
pub mod driver;
pub mod esl;
pub mod outbound;
pub mod passive;
pub mod sip;
pub mod tracker;

pub use config::{FreeswitchConfig, TapChoice};
pub use driver::{Announcer, FreeswitchSwitch, StartError, diagnose};
pub use sidetone_mod_wire::Subclass;
pub use sidetone_telephony::Asks;
