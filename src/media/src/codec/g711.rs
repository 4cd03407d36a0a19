//! G.711, both ways. The other way is for tests and test calls.

use audio_codec::{Decoder as _, Encoder as _};
use audio_codec::{pcma, pcmu};

/// Which companding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Law {
    /// A-law, PCMA: Europe and China.
    A,
    /// µ-law, PCMU: North America and Japan.
    Mu,
}

/// Appends the samples of `bytes` to `out`.
pub fn decode_g711(law: Law, bytes: &[u8], out: &mut Vec<i16>) {
    let begin = out.len();
    out.resize(begin + bytes.len(), 0);
    let room = out.get_mut(begin..).unwrap_or_default();
    // One sample for each byte: there is room, so neither can fail.
    let _ = match law {
        Law::A => pcma::PcmaDecoder::new().decode_into(bytes, room),
        Law::Mu => pcmu::PcmuDecoder::new().decode_into(bytes, room),
    };
}

/// The bytes of 8 kHz samples: a raw A-law or µ-law file, or RTP payload.
#[must_use]
pub fn encode_g711(law: Law, samples: &[i16]) -> Vec<u8> {
    match law {
        Law::A => pcma::PcmaEncoder::new().encode(samples),
        Law::Mu => pcmu::PcmuEncoder::new().encode(samples),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn round_trip(law: Law, sample: i16) -> i16 {
        let mut out = Vec::new();
        decode_g711(law, &encode_g711(law, &[sample]), &mut out);
        assert_eq!(out.len(), 1);
        out[0]
    }

    #[test]
    fn silence_stays_silent() {
        assert_eq!(round_trip(Law::Mu, 0), 0);
        assert_eq!(round_trip(Law::A, 0), 8);
    }

    proptest! {
        #[test]
        fn a_round_trip_costs_at_most_a_sixteenth(sample in any::<i16>()) {
            for law in [Law::A, Law::Mu] {
                let error = (i32::from(round_trip(law, sample)) - i32::from(sample)).abs();
                let allowed = (i32::from(sample).abs() / 16).max(16) + if sample.unsigned_abs() > 32_000 { 700 } else { 0 };
                prop_assert!(error <= allowed, "{law:?}: {sample} is off by {error}");
            }
        }

        #[test]
        fn every_byte_has_a_fixed_point(byte in any::<u8>()) {
            for law in [Law::A, Law::Mu] {
                let mut once = Vec::new();
                decode_g711(law, &[byte], &mut once);
                // The library writes the smallest negative A-law step as the smallest positive one.
                let again = if (law, once[0]) == (Law::A, -8) { -round_trip(law, -8) } else { round_trip(law, once[0]) };
                prop_assert_eq!(again, once[0]);
            }
        }
    }
}
