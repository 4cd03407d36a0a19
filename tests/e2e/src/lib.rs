//! What end-to-end tests share: corpus calls, a recogniser that reads from the script, and the rules
//! that every call's events keep.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod corpus;
pub mod live;
pub mod network;
pub mod replay;
pub mod rules;
pub mod scripted;

use std::path::{Path, PathBuf};

/// The repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}
