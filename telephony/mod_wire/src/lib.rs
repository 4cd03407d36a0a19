//! What the `FreeSWITCH` module and the daemon say to each other over a Unix stream socket.
//!
//! The daemon listens, the module connects. Both sides are this one definition: nothing here does I/O.
//!
//! # Frame
//!
//! | bytes | what |
//! |---|---|
//! | 2 | magic, `s` `t` |
//! | 1 | version, [`VERSION`] |
//! | 1 | kind |
//! | 4 | length of the payload, at most [`MAX_PAYLOAD`] |
//! | n | payload: the fields in the order of the type, integers little-endian, text as `u16` length and UTF-8 |
//!
//! # Conversation
//!
//! - A connection begins with [`Hello`], then one [`LegStart`] for each leg that is tapped at that moment: a
//!   leg that the daemon knew and that is not named has ended meanwhile. The daemon answers [`Welcome`].
//! - [`LegStart`] comes before anything else about a leg, [`LegStop`] after everything. It says how long ago the tap
//!   began, so that frames which waited in the module while there was no daemon keep their own time. The same `uuid` may
//!   start again after its stop.
//! - [`Ask`] is answered with one [`Answer`], which names the channel variables to set: what they are called is
//!   the daemon's to say, the same on every way into it.
//! - [`Audio`] carries where its first sample lies and when it was captured. A jump of `position` beyond what
//!   the frames before it held is audio that was paused or lost; `lost` says whether any was lost.
//! - A receiver skips kinds that it does not know (counted): a newer peer may say more. Anything else that is
//!   wrong ends the connection; the state is said anew on the next one.
//!
//! Every message is bounded: a text of a field that may be longer than the field is cut by
//! [`fit`] before it is encoded or refused by the decoder.

mod codec;
mod decode;
mod from_module;
mod question;
mod to_module;

pub use codec::{Message, WireError, fit};
pub use decode::Decoder;
pub use from_module::{Ask, Audio, FromModule, Hello, LegEnd, LegStart, LegStop, Party};
pub use question::{Answer, Asked, MAX_VALUE, MAX_VARIABLE_NAME, MAX_VARIABLES, Status};
pub use to_module::{Event, Subclass, ToModule, Welcome};

/// Of the frame. A peer with another version is refused.
pub const VERSION: u8 = 3;

/// Bytes of one payload, at most.
pub const MAX_PAYLOAD: usize = 60 * 1024;

/// Bytes before the payload.
pub const HEADER: usize = 8;

/// Bytes of a channel's id, at most.
pub const MAX_ID: usize = 128;

/// Bytes of a name (agent, profile, host), at most.
pub const MAX_NAME: usize = 256;

/// Bytes of an event's JSON, at most.
pub const MAX_BODY: usize = 56 * 1024;

/// Samples of one [`Audio`], at most: 40 ms at 48 kHz in two channels fits.
pub const MAX_SAMPLES: usize = 4 * 1024;
