//! Final wrap-ups, handed over to a CRM or a work-order system by HTTP.
//!
//! ```text
//! sidetone:wrapups ──group──▶ Letters ──▶ Courier (what is tried when) ──▶ Post ──▶ receiver
//! ```
//!
//! Redis is the queue: an entry of the consumer group [`GROUP`] is acknowledged when the receiver took it, or when it was
//! moved to the dead-letter stream. [`Courier`] is sans-IO. Nothing of a call waits for any of it.

mod config;
mod courier;
mod doctor;
mod letters;
mod post;
mod run;
mod sign;

pub use config::HandoverConfig;
pub use courier::{Courier, Effect, Input, Letter, Outcome, Policy, Verdict};
pub use doctor::diagnose;
pub use letters::GROUP;
pub use run::{host_name, run};
pub use sign::Key;
