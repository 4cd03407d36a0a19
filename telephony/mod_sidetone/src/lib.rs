//! `mod_sidetone`: a `FreeSWITCH` module that copies audio out of the switch, and does nothing else there.
//!
//! Recognition, knowledge and everything that may fail slowly run in the daemon. This module puts one
//! `READ_STREAM` media bug on each leg, copies its frames into a ring, and lets a thread of its own carry them
//! over a Unix socket. It is written from the switch's binary interface (no headers, no generated bindings).
//!
//! | module | what it is | what it never does |
//! |---|---|---|
//! | `abi` | layouts and declarations of the switch | hold code |
//! | `switch` | the switch's functions with Rust's types around them | decide anything |
//! | `callback` | the media bug's callback: copy, push, return | lock, allocate, log |
//! | `ring` | one leg's frames, preallocated, lock-free; full = the oldest is overwritten and counted | wait for its reader |
//! | `leg` | one tapped leg: its ring, its flags, its one question; and the list of them | call the switch |
//! | `attach` | puts the bug on and takes it off; who owns the leg meanwhile | run on the media path |
//! | `feed` | what the daemon must be told next, from the state of the legs | do I/O |
//! | `uplink`, `socket` | the connection: connects, backs off, reads, writes; never blocks | know what a leg is |
//! | `pump` | the module's thread: feed → uplink, answers and events back | touch a session |
//! | `app`, `api`, `command` | dialplan application and API commands | hold state |
//! | `config` | `sidetone.conf.xml` | refuse to load the module |
//! | `counters`, `guard` | what was dropped; no panic leaves the module | — |
//!
//! # Rules
//!
//! - Every entry from the switch is under `guard::guarded`: a fault within ends in a counter, not in the switch.
//! - Every entry first looks at the bypass switch; when it is on, the entry does nothing.
//! - The callback and the pump share atomics only. No lock of this module is held while the switch is called.
//! - A leg's memory is freed by the pump alone, once the switch has let go of it (`CLOSE`) and everything that it
//!   held has been sent or given up.
//! - The module stays until the switch ends (`SWITCH_STATUS_NOUNLOAD`): code of a live bug must not go away.
//!   The switch calls no shutdown function of such a module, so the pump watches the switch's flags.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

#[allow(unsafe_code)]
mod abi;
#[allow(unsafe_code)]
mod api;
#[allow(unsafe_code)]
mod app;
#[allow(unsafe_code)]
mod attach;
#[allow(unsafe_code)]
mod callback;
mod command;
mod config;
mod counters;
mod feed;
mod guard;
mod leg;
#[allow(unsafe_code)]
mod load;
mod pump;
mod ring;
#[allow(unsafe_code)]
mod socket;
#[allow(unsafe_code)]
mod switch;
mod uplink;

pub use load::mod_sidetone_module_interface;
