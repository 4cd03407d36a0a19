//! Telephones that send a tone each, record what they get, and measure it.
//!
//! With them a test shows that no party of a call hears anything else because Sidetone listens, and that words
//! are placed where they were said. Everything runs on loopback, without registration.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::missing_panics_doc)]
#![forbid(unsafe_code)]

mod ami;
mod asterisk;
mod dialog;
mod figures;
mod freeswitch;
mod heard;
mod media;
mod phone;
mod scenes;
mod sdp;
mod sip;
mod stage;
mod voice;
mod words;

pub use asterisk::Asterisk;
pub use figures::{Figures, Window, compare, measure};
pub use freeswitch::Freeswitch;
pub use heard::{Heard, Packet, Presence, presence};
pub use phone::{Line, Phone, Settings};
pub use scenes::assert_no_party_is_harmed;
pub use sdp::Direction;
pub use stage::{Common, Stage, Supervision};
pub use voice::{Pilot, level};
pub use words::assert_words_in_place;
