//! What `docs/EVENTS.md` promises, against a real redis-server (`apt-get install redis-server`).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod faults;
mod keys;
mod readers;
mod support;
