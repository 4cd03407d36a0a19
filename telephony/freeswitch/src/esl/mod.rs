//! The event socket's protocol: bytes to messages, commands to bytes. No I/O.

mod codec;
mod command;
mod message;

pub use codec::{CodecError, Decoder, MAX_BODY, MAX_HEAD};
pub use command::{Command, CommandError, quoted};
pub use message::{Headers, Message};
