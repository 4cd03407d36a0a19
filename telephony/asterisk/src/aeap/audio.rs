//! The sound that comes as it lies in the switch's memory.

use sidetone_base::{SampleRate, TapFrame};

/// How it is coded; the names are Asterisk's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// G.711 µ-law.
    ULaw,
    /// G.711 A-law.
    ALaw,
    /// Linear at 8 kHz, in the byte order of the switch: little-endian wherever Asterisk is run.
    Slin,
    /// The same at 16 kHz.
    Slin16,
}

impl Codec {
    /// By Asterisk's name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "ulaw" => Self::ULaw,
            "alaw" => Self::ALaw,
            "slin" => Self::Slin,
            "slin16" => Self::Slin16,
            _ => return None,
        })
    }

    /// Asterisk's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ULaw => "ulaw",
            Self::ALaw => "alaw",
            Self::Slin => "slin",
            Self::Slin16 => "slin16",
        }
    }

    /// Samples a second.
    #[must_use]
    pub const fn rate(self) -> SampleRate {
        match self {
            Self::Slin16 => SampleRate::WIDE,
            _ => SampleRate::NARROW,
        }
    }

    /// A frame; half a sample at its end is left out.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> TapFrame {
        let samples = match self {
            Self::ULaw => bytes.iter().map(|&byte| u_law(byte)).collect(),
            Self::ALaw => bytes.iter().map(|&byte| a_law(byte)).collect(),
            Self::Slin | Self::Slin16 => bytes
                .chunks_exact(2)
                .map(|pair| i16::from_le_bytes([pair[0], pair[1]]))
                .collect(),
        };
        TapFrame::Pcm {
            rate: self.rate(),
            samples,
        }
    }
}

/// ITU-T G.711.
fn u_law(byte: u8) -> i16 {
    let byte = !byte;
    let magnitude = ((i16::from(byte & 0x0f) << 3) + 0x84) << ((byte >> 4) & 7);
    if byte & 0x80 == 0 {
        magnitude - 0x84
    } else {
        0x84 - magnitude
    }
}

/// ITU-T G.711.
fn a_law(byte: u8) -> i16 {
    let byte = byte ^ 0x55;
    let (exponent, mantissa) = ((byte >> 4) & 7, i16::from(byte & 0x0f));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if byte & 0x80 == 0 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_values_of_the_standard() {
        assert_eq!([0xff, 0x7f, 0x80, 0x00, 0xef].map(u_law), [0, 0, 32_124, -32_124, 132]);
        assert_eq!([0xd5, 0x55, 0xaa, 0x2a].map(a_law), [8, -8, 32_256, -32_256]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            for codec in [Codec::ULaw, Codec::ALaw, Codec::Slin, Codec::Slin16] {
                prop_assert_eq!(Codec::from_name(codec.name()), Some(codec));
                let TapFrame::Pcm { samples, .. } = codec.decode(&bytes) else { panic!() };
                let half = matches!(codec, Codec::Slin | Codec::Slin16);
                prop_assert_eq!(samples.len(), if half { bytes.len() / 2 } else { bytes.len() });
            }
        }
    }
}
