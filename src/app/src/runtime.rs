//! The daemon's moving parts: one task for each call, one hub that knows them all.

mod asked;
mod call_task;
mod hub;
mod jobs;
mod memory;
mod offline;
mod outlet;
pub mod parts;
pub mod playback;
pub mod telemetry;

pub use asked::Answers;
pub use call_task::{AUDIO_FRAMES, CallTask, Heard, Inbound};
pub use hub::{Ears, Hub, HubInput};
pub use jobs::Jobs;
pub use memory::{Journal, Memory, NoMemory};
pub use offline::Offline;
pub use outlet::{Outlet, Wire};
