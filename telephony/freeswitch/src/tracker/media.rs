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

/// Names of the codecs whose packets `sidetone-media` decodes.
const DECODED: [&str; 5] = ["PCMU", "PCMA", "G722", "opus", "L16"];

impl Codec {
    /// Whether packets as the leg sends them are of any use.
    ///
    /// # Errors
    /// For a codec that only the switch can decode (G.729, GSM, AMR and others), in plain words.
    pub fn decodable(&self) -> Result<(), String> {
        if DECODED.iter().any(|known| known.eq_ignore_ascii_case(&self.name)) {
            return Ok(());
        }
        Err(format!(
            "the leg speaks {}, which only the switch can decode (Sidetone decodes {}): it takes the tap eavesdrop or module",
            self.name,
            DECODED.join(", ")
        ))
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_to_be_decoded_is() {
        for name in DECODED {
            let map = format!("{name}/8000");
            assert!(sidetone_media::Codec::from_rtpmap(&map).is_some(), "{map}");
        }
    }
}
