//! The offer of a tap's INVITE, and its answer: exactly one codec (RFC 3264, RFC 8866).

use std::net::{IpAddr, SocketAddr};

use sidetone_base::PayloadType;

/// What is offered beside a codec, and never carries the leg's speech.
const NO_CODECS: [&str; 3] = ["telephone-event", "CN", "red"];

/// Why an offer is of no use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// No audio stream with an address and a port.
    #[error("the offer has no audio stream with an address and a port")]
    NoAudio,
    /// The stream is encrypted or of another kind.
    #[error("the offer is for {0}, not RTP/AVP")]
    Profile(String),
    /// The codec that the leg speaks is not among the offered ones.
    #[error("the offer has {offered}, not the leg's {wanted}")]
    Codec {
        /// What is there.
        offered: String,
        /// What was asked for.
        wanted: String,
    },
}

/// What the switch will send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Where its packets come from.
    pub source: SocketAddr,
    /// Payload types in the order of preference, without tones and comfort noise.
    pub codecs: Vec<PayloadType>,
    /// Milliseconds of sound in a packet, as it was written.
    pub ptime: Option<String>,
}

impl Offer {
    /// Reads an offer.
    ///
    /// # Errors
    /// When there is no plain audio in it.
    pub fn parse(text: &str) -> Result<Self, SdpError> {
        let mut session_address = None;
        let mut media: Option<Media> = None;
        for line in text.lines() {
            let Some((kind, value)) = line.trim_end().split_once('=') else {
                continue;
            };
            match (kind, &mut media) {
                ("m", None) => media = Media::parse(value)?,
                // Only the first audio stream counts.
                ("m", Some(_)) => break,
                ("c", None) => session_address = address(value),
                ("c", Some(media)) => media.address = address(value),
                ("a", Some(media)) => media.attribute(value),
                _ => {}
            }
        }
        let media = media.ok_or(SdpError::NoAudio)?;
        let address = media.address.or(session_address).ok_or(SdpError::NoAudio)?;
        let codecs = media.codecs();
        Ok(Self {
            source: SocketAddr::new(address, media.port),
            codecs,
            ptime: media.ptime,
        })
    }

    /// The payload type that carries the codec of this name.
    ///
    /// # Errors
    /// When it is not offered.
    pub fn choose(&self, codec: &str) -> Result<&PayloadType, SdpError> {
        let named = |offered: &&PayloadType| {
            let name = offered.rtpmap.split('/').next().unwrap_or_default();
            name.eq_ignore_ascii_case(codec)
        };
        self.codecs.iter().find(named).ok_or_else(|| SdpError::Codec {
            offered: self
                .codecs
                .iter()
                .map(|offered| offered.rtpmap.as_str())
                .collect::<Vec<_>>()
                .join(", "),
            wanted: codec.to_owned(),
        })
    }
}

#[derive(Debug)]
struct Media {
    port: u16,
    numbers: Vec<u8>,
    address: Option<IpAddr>,
    maps: Vec<PayloadType>,
    ptime: Option<String>,
}

impl Media {
    /// `None` for a stream that is not audio, or refused.
    fn parse(value: &str) -> Result<Option<Self>, SdpError> {
        let mut words = value.split_ascii_whitespace();
        let (Some("audio"), Some(port), Some(profile)) = (words.next(), words.next(), words.next()) else {
            return Ok(None);
        };
        let port = port.split('/').next().and_then(|port| port.parse().ok());
        let Some(port) = port.filter(|port| *port != 0) else {
            return Ok(None);
        };
        if profile != "RTP/AVP" {
            return Err(SdpError::Profile(profile.to_owned()));
        }
        let numbers = words
            .filter_map(|word| word.parse().ok())
            .filter(|number| *number < 128);
        Ok(Some(Self {
            port,
            numbers: numbers.collect(),
            address: None,
            maps: Vec::new(),
            ptime: None,
        }))
    }

    fn attribute(&mut self, value: &str) {
        if let Some(map) = value.strip_prefix("rtpmap:") {
            if let Some((number, rtpmap)) = map.split_once(' ')
                && let Ok(number) = number.parse()
            {
                let rtpmap = rtpmap.trim().to_owned();
                self.maps.push(PayloadType { number, rtpmap });
            }
        } else if let Some(ptime) = value.strip_prefix("ptime:") {
            self.ptime = ptime.parse::<u16>().ok().map(|ptime| ptime.to_string());
        }
    }

    fn codecs(&self) -> Vec<PayloadType> {
        let mapped = |number: &u8| {
            let written = self.maps.iter().find(|map| map.number == *number);
            written.cloned().or_else(|| static_type(*number))
        };
        let all = self.numbers.iter().filter_map(mapped);
        all.filter(|codec| {
            let name = codec.rtpmap.split('/').next().unwrap_or_default();
            !NO_CODECS.iter().any(|other| other.eq_ignore_ascii_case(name))
        })
        .collect()
    }
}

/// RFC 3551 §6, as far as telephones use it.
fn static_type(number: u8) -> Option<PayloadType> {
    let rtpmap = match number {
        0 => "PCMU/8000",
        8 => "PCMA/8000",
        9 => "G722/8000",
        13 => "CN/8000",
        18 => "G729/8000",
        _ => return None,
    };
    Some(PayloadType {
        number,
        rtpmap: rtpmap.to_owned(),
    })
}

fn address(value: &str) -> Option<IpAddr> {
    let mut words = value.split_ascii_whitespace();
    match (words.next(), words.next()) {
        (Some("IN"), Some("IP4" | "IP6")) => words.next()?.split('/').next()?.parse().ok(),
        _ => None,
    }
}

/// The answer: this codec and nothing else, received at `local`.
#[must_use]
pub fn answer(local: SocketAddr, codec: &PayloadType, ptime: Option<&str>) -> String {
    let family = if local.is_ipv4() { "IP4" } else { "IP6" };
    let (ip, port, number) = (local.ip(), local.port(), codec.number);
    let mut text = format!(
        "v=0\r\no=sidetone 1 1 IN {family} {ip}\r\ns=sidetone\r\nc=IN {family} {ip}\r\nt=0 0\r\n\
         m=audio {port} RTP/AVP {number}\r\na=rtpmap:{number} {}\r\n",
        codec.rtpmap
    );
    if let Some(ptime) = ptime {
        text.push_str(&format!("a=ptime:{ptime}\r\n"));
    }
    text
}
