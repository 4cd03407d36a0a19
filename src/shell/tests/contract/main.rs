//! What `docs/EVENTS.md` promises, against a real redis-server (`apt-get install redis-server`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod corrections;
mod cti;
mod faults;
mod foreign;
mod handover;
mod keys;
mod knowledge;
mod partials;
mod proxy;
mod readers;
mod refusals;
mod rights;
mod silence;
mod support;
mod told;
mod unmasked;
