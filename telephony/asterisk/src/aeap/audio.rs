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
}

/// Sound in frames of any size: half a sample at the end of one is kept for the next.
#[derive(Clone, Debug)]
pub struct Decoder {
    codec: Codec,
    half: Option<u8>,
}

impl Decoder {
    /// For a new connection.
    #[must_use]
    pub const fn new(codec: Codec) -> Self {
        Self { codec, half: None }
    }

    /// How it is coded.
    #[must_use]
    pub const fn codec(&self) -> Codec {
        self.codec
    }

    /// One frame.
    pub fn decode(&mut self, bytes: &[u8]) -> TapFrame {
        let samples = match self.codec {
            Codec::ULaw => bytes.iter().map(|&byte| u_law(byte)).collect(),
            Codec::ALaw => bytes.iter().map(|&byte| a_law(byte)).collect(),
            Codec::Slin | Codec::Slin16 => self.linear(bytes),
        };
        TapFrame::Pcm {
            rate: self.codec.rate(),
            samples,
        }
    }

    fn linear(&mut self, bytes: &[u8]) -> Vec<i16> {
        let (first, rest) = match (self.half.take(), bytes) {
            (Some(low), &[high, ref rest @ ..]) => (Some(i16::from_le_bytes([low, high])), rest),
            (half, rest) => {
                self.half = half;
                (None, rest)
            }
        };
        let pairs = rest.chunks_exact(2);
        if let &[half] = pairs.remainder() {
            self.half = Some(half);
        }
        let samples = pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
        first.into_iter().chain(samples).collect()
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
        /// As it is whole, so it is in pieces of any size.
        #[test]
        fn cuts_do_not_matter(
            bytes in proptest::collection::vec(any::<u8>(), 0..2_000),
            cuts in proptest::collection::vec(0usize..400, 0..40),
        ) {
            for codec in [Codec::ULaw, Codec::ALaw, Codec::Slin, Codec::Slin16] {
                prop_assert_eq!(Codec::from_name(codec.name()), Some(codec));
                let read = |decoder: &mut Decoder, bytes: &[u8]| {
                    let TapFrame::Pcm { samples, .. } = decoder.decode(bytes) else { panic!() };
                    samples
                };
                let whole = read(&mut Decoder::new(codec), &bytes);
                let (mut decoder, mut rest, mut pieces) = (Decoder::new(codec), &bytes[..], Vec::new());
                for cut in &cuts {
                    let (now, later) = rest.split_at((*cut).min(rest.len()));
                    pieces.extend(read(&mut decoder, now));
                    rest = later;
                }
                pieces.extend(read(&mut decoder, rest));
                prop_assert_eq!(whole, pieces);
            }
        }
    }
}
