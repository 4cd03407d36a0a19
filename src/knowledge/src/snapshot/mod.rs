//! The base at full scale: one file that is mapped into memory and read where it lies.
//!
//! `sidetone knowledge build` writes it, [`Snapshot::open`] checks it. Nothing is decoded at open: a row is read when it is
//! asked for. Every read is bounds-checked, so a file that lies about its contents gives empty answers, never a panic.

mod build;
mod edges;
mod format;
mod postings;
mod read;
mod rows;
mod search;
#[cfg(test)]
mod tests;

pub use build::{BuildError, Contents, build};
pub use format::{SnapshotError, VERSION};
pub use read::{Entry, Graph, Slot, Snapshot, SnapshotStats, SnapshotView};
pub use search::{Found, Why};
