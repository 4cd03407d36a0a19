//! The Asterisk Manager Interface, without a socket.

mod action;
mod codec;
mod message;

pub use action::{Action, ActionError, audiosocket_spy};
pub use codec::{CodecError, Decoder, MAX_MESSAGE};
pub use message::{Kind, Message};
