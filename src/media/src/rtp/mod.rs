//! RTP as a tap hears it (RFC 3550): sequence numbers unwrapped, packets in order.

mod jitter;
mod packet;
mod seq;

pub use jitter::{Discard, JitterBuffer, JitterConfig, Playout};
pub use packet::{RtpPacket, Ssrc};
pub use seq::{SeqNo, Sequence, Unwrapper};
