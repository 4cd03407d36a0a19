//! Payload bytes to linear PCM.

mod decoder;
mod g711;
mod opus;

pub use decoder::{Decoded, Decoder};
pub use g711::{Law, decode_g711, encode_g711};
pub use opus::OpusVoice;

use sidetone_base::{RtpClock, SampleRate};

/// What a payload type carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 µ-law.
    Pcmu,
    /// G.711 A-law.
    Pcma,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus, whatever its bandwidth.
    Opus,
    /// Linear 16-bit, big-endian (RFC 3551 §4.5.11).
    L16 {
        /// Of the audio, and of its RTP clock.
        rate: SampleRate,
        /// Interleaved; the first is heard.
        channels: u8,
    },
    /// Comfort noise (RFC 3389): silence.
    ComfortNoise,
    /// Keys pressed (RFC 4733): never audio, never looked at.
    TelephoneEvent,
}

impl Codec {
    /// What a static payload type carries (RFC 3551 §6).
    #[must_use]
    pub const fn from_static(payload_type: u8) -> Option<Self> {
        const CD: SampleRate = SampleRate(44_100);
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            9 => Some(Self::G722),
            10 => Some(Self::L16 { rate: CD, channels: 2 }),
            11 => Some(Self::L16 { rate: CD, channels: 1 }),
            13 => Some(Self::ComfortNoise),
            _ => None,
        }
    }

    /// The codec of an `a=rtpmap` line: `opus/48000/2`, `L16/16000`.
    #[must_use]
    pub fn from_rtpmap(map: &str) -> Option<Self> {
        let mut parts = map.trim().split('/');
        let name = parts.next()?.to_ascii_uppercase();
        let rate = parts.next().and_then(|rate| rate.parse().ok());
        let channels = parts.next().map_or(Some(1), |channels| channels.parse().ok())?;
        match name.as_str() {
            "PCMU" => Some(Self::Pcmu),
            "PCMA" => Some(Self::Pcma),
            "G722" => Some(Self::G722),
            "OPUS" => Some(Self::Opus),
            "CN" => Some(Self::ComfortNoise),
            "TELEPHONE-EVENT" => Some(Self::TelephoneEvent),
            "L16" => Some(Self::L16 {
                rate: SampleRate(rate.filter(|rate| (8_000..=48_000).contains(rate))?),
                channels: Some(channels).filter(|channels| (1..=2).contains(channels))?,
            }),
            _ => None,
        }
    }

    /// Ticks per second of the RTP timestamp.
    #[must_use]
    pub const fn clock(self) -> RtpClock {
        match self {
            Self::L16 { rate, .. } => RtpClock(rate.0),
            Self::Opus => RtpClock(48_000),
            // G.722 too, by a mistake that became the standard.
            _ => RtpClock(8_000),
        }
    }

    /// Samples per second of what [`Decoder`] makes of it.
    #[must_use]
    pub const fn rate(self) -> SampleRate {
        match self {
            Self::L16 { rate, .. } => rate,
            // Opus decodes to any rate at the same cost; the one that is wanted needs no resampling.
            Self::Opus | Self::G722 => SampleRate::WIDE,
            _ => SampleRate::NARROW,
        }
    }

    /// Is there sound in it?
    #[must_use]
    pub const fn is_audio(self) -> bool {
        !matches!(self, Self::ComfortNoise | Self::TelephoneEvent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rtpmap_lines_are_understood() {
        assert_eq!(Codec::from_rtpmap("opus/48000/2"), Some(Codec::Opus));
        let wide = Codec::L16 {
            rate: SampleRate::WIDE,
            channels: 1,
        };
        assert_eq!(Codec::from_rtpmap("L16/16000"), Some(wide));
        assert_eq!(Codec::from_rtpmap("L16/0"), None);
        assert_eq!(Codec::from_rtpmap("G729/8000"), None);
    }

    #[test]
    fn g722_has_the_clock_of_narrowband_and_the_audio_of_wideband() {
        assert_eq!(
            (Codec::G722.clock(), Codec::G722.rate()),
            (RtpClock(8_000), SampleRate::WIDE)
        );
    }
}
