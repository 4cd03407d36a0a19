//! Domain packs: all that makes a line this line, as data. A pack is a folder with `pack.toml`, the knowledge base's
//! `*.jsonl`, callers' example turns, `examples*.jsonl`, and tables of its own places and words. `knowledge/README.md`
//! says how to write one.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod commands;
mod example;
mod info;
mod kept;
mod learn;
mod meaning;
mod pack;
mod tables;
mod thin;

pub use commands::Commands;
pub use example::{Example, Speaker, Style};
pub use info::{PackInfo, Recogniser};
pub use learn::{
    Acts, Dialogue, Endings, Explained, Kept, Kin, Likely, Model, Named, Origin, Reading, Requests, Subjects, Turn,
    Wanted, Wants, Weighed, Worth, WrittenFilter,
};
pub use meaning::{Encode, Meanings, Vector};
pub use pack::Pack;
pub use tables::{CallWords, Subject, subjects};
pub use thin::Thin;
