//! How a leg's sound travels, as far as a tap must know.

use std::net::SocketAddr;

use sidetone_base::{Secret, TapKind};

use super::bugs::Bugs;

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

/// Linear samples: as a codec of RTP, or what the switch decoded for an application.
pub(super) const L16: &str = "L16";
/// Names of the codecs whose packets `sidetone-media` decodes.
const DECODED: [&str; 5] = ["PCMU", "PCMA", "G722", "opus", L16];

impl Codec {
    /// Whether packets as the leg sends them are of any use.
    ///
    /// # Errors
    /// For a codec that only the switch can decode (G.729, GSM, AMR and others), in plain words.
    pub fn decodable(&self) -> Result<(), String> {
        if DECODED.iter().any(|known| known.eq_ignore_ascii_case(&self.name)) {
            return Ok(());
        }
        if self.is_proxy() {
            return Err(PROXIED.to_owned());
        }
        Err(format!(
            "the leg speaks {}, which only the switch can decode (Sidetone decodes {}): it takes the tap eavesdrop or module",
            self.name,
            DECODED.join(", ")
        ))
    }

    /// What a channel has instead of a codec when its packets are passed on unread.
    pub(super) fn is_proxy(&self) -> bool {
        self.name == "PROXY"
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

const PROXIED: &str = "proxy media: the switch passes the leg's packets on without reading them, so no tap within it \
                       hears them (proxy_media, inbound-proxy-media)";

/// Which way a leg's sound takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    /// Through the switch, which reads it.
    #[default]
    Read,
    /// Through the switch, which passes packets on without reading them (`proxy_media`).
    Proxied,
    /// From phone to phone (`bypass_media`, `uuid_media off`).
    Bypassed,
}

impl Path {
    /// Whether a tap of this kind hears the leg.
    ///
    /// # Errors
    /// Why none does, in plain words.
    pub fn audible(self, kind: TapKind) -> Result<(), String> {
        let reason = match self {
            Self::Read => return Ok(()),
            Self::Proxied if kind == TapKind::Passive => return Ok(()),
            Self::Proxied => PROXIED,
            Self::Bypassed => {
                "bypass media: the leg's packets go from phone to phone and not through the switch \
                 (bypass_media, inbound-bypass-media, uuid_media off); it is heard when they come back"
            }
        };
        Err(reason.to_owned())
    }
}

/// What a tap must know of its leg's channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LegLine {
    /// How its sound travels, once that is known.
    pub media: Option<LegMedia>,
    /// Which way.
    pub path: Path,
    /// It has its partner on hold, or is on hold itself: silence is no fault.
    pub held: bool,
    /// Media bugs on it.
    pub bugs: Bugs,
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
    /// Its codec has two channels for the switch (Opus with `stereo=1`).
    pub stereo: bool,
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
