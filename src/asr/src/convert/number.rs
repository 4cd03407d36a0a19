//! Half floats and the q8_0 block format.

/// Numbers in one q8_0 block; they share one scale.
pub(super) const BLOCK: usize = 32;

/// IEEE 754 binary16 to binary32; exact.
pub(super) fn f16_to_f32(bits: u16) -> f32 {
    let sign = u32::from(bits & 0x8000) << 16;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits & 0x3ff);
    match exponent {
        // Subnormal: fraction × 2^-24 is exact in binary32.
        0 => f32::from_bits(sign | (fraction as f32 * 2f32.powi(-24)).to_bits()),
        31 => f32::from_bits(sign | 0x7f80_0000 | (fraction << 13)),
        _ => f32::from_bits(sign | ((exponent + 112) << 23) | (fraction << 13)),
    }
}

/// Rounds to nearest, ties to even; too large becomes infinity.
pub(super) fn f32_to_f16(value: f32) -> u16 {
    let bits = value.to_bits();
    let sign = ((bits >> 16) & 0x8000) as u16;
    let magnitude = bits & 0x7fff_ffff;
    if magnitude > 0x7f80_0000 {
        return sign | 0x7e00;
    }
    if magnitude >= 0x4780_0000 {
        return sign | 0x7c00;
    }
    if magnitude < 0x3880_0000 {
        // Below the smallest normal half: adding 0.5 lines the bits up and rounds them.
        let shifted = f32::from_bits(magnitude) + 0.5;
        return sign | (shifted.to_bits() - 0.5f32.to_bits()) as u16;
    }
    let odd = (magnitude >> 13) & 1;
    let rounded = magnitude - (112 << 23) + 0xfff + odd;
    sign | (rounded >> 13) as u16
}

/// Appends `values` as q8_0: per block a half-float scale and 32 signed bytes.
///
/// The last block is cut short when `values` is no multiple of [`BLOCK`]; callers check.
pub(super) fn quantise_q8_0(values: &[f32], out: &mut Vec<u8>) {
    for block in values.chunks_exact(BLOCK) {
        let largest = block.iter().fold(0f32, |max, value| max.max(value.abs()));
        let scale = largest / 127.0;
        let inverse = if scale > 0.0 { 1.0 / scale } else { 0.0 };
        out.extend_from_slice(&f32_to_f16(scale).to_le_bytes());
        out.extend(
            block
                .iter()
                .map(|value| ((value * inverse).round() as i8).cast_unsigned()),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_the_way_there_and_back() {
        for bits in 0..=u16::MAX {
            let value = f16_to_f32(bits);
            if !value.is_nan() {
                assert_eq!(f32_to_f16(value), bits, "{bits:#06x}");
            }
        }
    }

    #[test]
    fn rounds_to_even_and_overflows_to_infinity() {
        assert_eq!(f32_to_f16(1.0 + 2f32.powi(-11)), 0x3c00);
        assert_eq!(f32_to_f16(1.0 + 3.0 * 2f32.powi(-11)), 0x3c02);
        assert_eq!(f32_to_f16(65_520.0), 0x7c00);
        assert_eq!(f32_to_f16(-1e9), 0xfc00);
    }

    #[test]
    fn a_block_keeps_its_values_within_half_a_step() {
        let values: Vec<f32> = (0..64).map(|i| (i as f32 - 31.5) / 10.0).collect();
        let mut out = Vec::new();
        quantise_q8_0(&values, &mut out);
        assert_eq!(out.len(), 2 * 34);
        for (block, original) in out.chunks(34).zip(values.chunks(BLOCK)) {
            let scale = f16_to_f32(u16::from_le_bytes([block[0], block[1]]));
            for (byte, value) in block[2..].iter().zip(original) {
                let back = f32::from(byte.cast_signed()) * scale;
                assert!((back - value).abs() <= scale * 0.6, "{value} came back as {back}");
            }
        }
    }

    #[test]
    fn a_block_of_zeros_is_zeros() {
        let mut out = Vec::new();
        quantise_q8_0(&[0.0; BLOCK], &mut out);
        assert_eq!(out, [0; 34]);
    }
}
