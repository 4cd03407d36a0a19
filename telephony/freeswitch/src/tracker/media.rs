//! How a leg's sound travels, as far as a tap must know.

use std::net::SocketAddr;

use sidetone_base::Secret;

/// The codec that a leg speaks to the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Codec {
    /// As the switch names it: `PCMU`, `G722`, `opus`, `L16`.
    pub name: String,
    /// Samples per second after decoding: 16,000 for G.722.
    pub rate: u32,
    /// Milliseconds of sound in a packet.
    pub ptime: u32,
}

impl Codec {
    /// As in `absolute_codec_string`.
    #[must_use]
    pub fn wish(&self) -> String {
        // G.722 is offered by its clock, not by its sample rate (RFC 3551 §4.5.2).
        if self.name.eq_ignore_ascii_case("G722") {
            format!("{}@{}i", self.name, self.ptime)
        } else {
            format!("{}@{}h@{}i", self.name, self.rate, self.ptime)
        }
    }
}

/// A leg's sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegMedia {
    /// What it is encoded with.
    pub codec: Codec,
    /// Where the switch receives it.
    pub local: Option<SocketAddr>,
    /// Where it comes from.
    pub remote: Option<SocketAddr>,
    /// The payload type that the leg sends with.
    pub payload: Option<u8>,
    /// The key that the leg encrypts with (RFC 4568 `inline:`), where SDES is in use.
    pub crypto: Option<Secret>,
    /// Keys are agreed on in the media path: nobody beside it can decrypt.
    pub dtls: bool,
}
