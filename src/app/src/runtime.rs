//! The daemon's moving parts: one task for each call, one hub that knows them all.

mod asked;
mod call_task;
pub mod callers;
pub mod composer;
pub mod facts;
mod hub;
mod jobs;
mod keep;
mod memory;
mod offline;
pub mod opinions;
mod outlet;
pub mod parts;
pub mod playback;
mod reader;
pub mod remote;
pub mod telemetry;

use std::num::NonZeroUsize;

pub use asked::Answers;
pub use call_task::{AUDIO_FRAMES, CallTask, Heard, Inbound};
pub use composer::Composer;
pub use hub::{Ears, Hub, HubInput};
pub use jobs::Jobs;
pub use memory::{Journal, Memory, NoMemory};
pub use offline::Offline;
pub use outlet::{Outlet, Wire};
pub use reader::PackReader;

/// The threads that calls, switches and Redis are served by: one for each two cores.
///
/// Recognition has threads of its own and nearly all of the work. What is left for these is short and comes fifty times a
/// second; two of these on two cores wake each other for each of it, a fifth of all that is computed beside recognition.
///
/// # Errors
/// When the system has no threads, in plain words.
pub fn start() -> Result<tokio::runtime::Runtime, String> {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.div_ceil(2))
        .enable_all()
        .build()
        .map_err(|error| format!("no threads for the runtime: {error}"))
}
