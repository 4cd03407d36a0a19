//! One call, from its first frame to its wrap-up.
//!
//! [`Call`] composes media, speech and assist. It is a state machine without a clock, a thread or a
//! socket: facts go in by [`Call::handle`] with the time at which they happened, [`Effect`]s come out
//! by [`Call::poll`], and [`Call::deadline`] says when it wants to be woken with [`Input::Wake`].
//! Recognition is an effect whose answer comes back as an input, so that late answers, lost answers
//! and hang-ups at any moment are table tests on virtual time.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod call;
mod config;
mod leg;
mod number;
mod past;
mod port;
mod spoken;
mod stages;

pub use call::{Call, SecondConfig};
pub use config::{EngineConfig, Parts};
pub use number::hash as number_hash;
pub use past::Past;
pub use port::{Control, Effect, Input, LegReport, Published, Recognised, Recognition, Unmasked};
