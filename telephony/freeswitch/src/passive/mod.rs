//! Legs as the network card hears them: which packets, and what is in them. No I/O.

mod filter;
mod packet;
mod srtp;

pub use filter::{Instruction, filter};
pub use packet::udp_payload;
pub use srtp::{Srtp, SrtpError};
