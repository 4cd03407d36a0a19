//! Words of letters and digits.

use std::ops::Range;

use crate::privacy::shape;
use crate::privacy::span::latin;
use crate::privacy::token::digit;

/// A stretch of letters and digits, written or spoken, with nothing between them.
pub(super) struct Code {
    pub(super) range: Range<usize>,
    /// Digits and small letters.
    pub(super) value: Vec<u8>,
}

/// All of them, in order.
pub(super) fn codes(chars: &[char]) -> Vec<Code> {
    let mut found: Vec<Code> = Vec::new();
    for (at, c) in chars.iter().enumerate() {
        let Some(value) = value(*c) else { continue };
        match found.last_mut() {
            Some(code) if code.range.end == at => {
                code.range.end = at + 1;
                code.value.push(value);
            }
            _ => found.push(Code {
                range: at..at + 1,
                value: vec![value],
            }),
        }
    }
    found
}

/// The digit, or the small letter.
pub(in crate::privacy) fn value(c: char) -> Option<u8> {
    digit(c).or_else(|| {
        let plain = match c {
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0)?,
            _ => c,
        };
        latin(c).then(|| plain.to_ascii_lowercase() as u8)
    })
}

impl Code {
    /// Its length, coarse where it is long.
    pub(super) fn length(&self) -> u32 {
        length(self.value.len())
    }

    /// Digits only, letters only, or which comes first.
    pub(super) fn mix(&self) -> u32 {
        let digits = self.value.iter().filter(|value| value.is_ascii_digit()).count();
        match digits {
            0 => 0,
            _ if digits == self.value.len() => 1,
            _ => 2 + u32::from(self.value[0].is_ascii_digit()),
        }
    }

    /// How it begins, as far as that tells kinds of numbers apart.
    pub(super) fn head(&self) -> u32 {
        head(&self.value)
    }
}

/// A length, coarse where it is long.
pub(super) fn length(len: usize) -> u32 {
    match len {
        0..=8 => len as u32,
        9..=10 => 9,
        11 => 10,
        12..=14 => 11,
        15 => 12,
        16..=17 => 13,
        18 => 14,
        19 => 15,
        _ => 16,
    }
}

/// How a number begins, as far as that tells kinds apart.
pub(super) fn head(value: &[u8]) -> u32 {
    if shape::is_hotline(value) || shape::is_local_hotline(value) {
        return 1;
    }
    if shape::is_year(value) {
        return 2;
    }
    if shape::is_date(value) {
        return 3;
    }
    let round = value.len() >= 3 && value.ends_with(b"00");
    match value {
        [b'1', b'3'..=b'9', ..] if value.len() > 2 => 4 + u32::from(round),
        [b'0', ..] => 6,
        [b'6', b'2', ..] => 7,
        _ if value.len() >= 6 && shape::is_region(&value[..6]) => 8,
        [b'1' | b'2', b'9' | b'0', _, _, ..] => 9,
        _ if value.iter().all(|digit| *digit == value[0]) => 10,
        _ => 11 + u32::from(round),
    }
}
