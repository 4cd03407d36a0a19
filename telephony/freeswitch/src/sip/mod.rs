//! A SIP endpoint that does one thing: it answers the calls by which the switch delivers a leg's sound
//! (RFC 3261, the least that a user agent server over UDP may do). No I/O, no clock.
//!
//! Only an INVITE that was asked for is accepted: from an allowed address, with the header
//! [`LEG_HEADER`] of a leg that is waited for and [`TAP_HEADER`] of this attempt.

mod dialog;
mod endpoint;
mod message;
mod sdp;
#[cfg(test)]
mod tests;

pub use endpoint::{Accepted, Endpoint, Expected, Input, Output, Refusal};
pub use message::{Method, ParseError, Request, Response, SipMessage};
pub use sdp::{Offer, SdpError, answer};

/// Names the leg that a tap delivers.
pub const LEG_HEADER: &str = "X-Sidetone-Leg";
/// Names the attempt, so that a late tap is not taken for the next one.
pub const TAP_HEADER: &str = "X-Sidetone-Tap";
