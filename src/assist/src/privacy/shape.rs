//! What a string of digits looks like.

/// Digits of a 居民身份证, the check digit among them.
pub(super) const ID_CARD: usize = 18;

/// 居民身份证: 17 digits and a checksum that may be X (GB 11643).
pub(super) fn is_id_card(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let [body @ .., check] = digits else { return false };
    if body.len() != ID_CARD - 1 || body.contains(&b'X') {
        return false;
    }
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(d, w)| u32::from(d - b'0') * w).sum();
    b"10X98765432"[(sum % 11) as usize] == *check
}

/// A length and a birth date that make a run look like an 身份证, whatever its checksum.
pub(super) fn resembles_id_card(digits: &[u8]) -> bool {
    match digits.len() {
        15 => two(&digits[8..]).is_some_and(|m| (1..=12).contains(&m)) && two(&digits[10..]).is_some_and(day),
        16..=18 => is_date(&digits[6..14]),
        _ => false,
    }
}

/// 20240101.
pub(super) fn is_date(digits: &[u8]) -> bool {
    digits.len() == 8
        && is_year(&digits[..4])
        && two(&digits[4..]).is_some_and(|m| (1..=12).contains(&m))
        && two(&digits[6..]).is_some_and(day)
}

/// A year of the last or of this century.
pub(super) fn is_year(digits: &[u8]) -> bool {
    digits.len() == 4 && (digits.starts_with(b"19") || digits.starts_with(b"20"))
}

fn day(d: u8) -> bool {
    (1..=31).contains(&d)
}

fn two(digits: &[u8]) -> Option<u8> {
    match digits {
        [a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => Some((a - b'0') * 10 + b - b'0'),
        _ => None,
    }
}

/// Eleven digits of a mobile number.
pub(super) fn is_mobile(digits: &[u8]) -> bool {
    digits.len() == 11 && digits[0] == b'1' && (b'3'..=b'9').contains(&digits[1]) && !digits.contains(&b'X')
}

/// Area code and number.
pub(super) fn is_fixed_line(digits: &[u8]) -> bool {
    (10..=12).contains(&digits.len()) && digits[0] == b'0' && digits[1] != b'0' && !digits.contains(&b'X')
}

/// The area code of a fixed-line number.
pub(super) fn is_area(digits: &[u8]) -> bool {
    (3..=4).contains(&digits.len()) && digits[0] == b'0' && digits[1] != b'0'
}

/// The first digits of a mobile number or a region code that may be an amount as well: not a round one, nor a year.
pub(super) fn is_short_head(digits: &[u8]) -> bool {
    let round = digits.ends_with(b"00") || is_hotline(digits);
    match digits {
        [b'1', b'3'..=b'8', _, _] => !round,
        [_, _, _] | [_, _, _, _] => !round && is_province(digits),
        _ => false,
    }
}

/// Whether the first two digits are a province's (GB/T 2260).
fn is_province(digits: &[u8]) -> bool {
    matches!(
        two(digits),
        Some(11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83)
    )
}

/// What an 身份证 begins with: six digits of a region.
pub(super) fn is_region(digits: &[u8]) -> bool {
    digits.len() == 6 && is_province(digits) && !digits.contains(&b'X')
}

/// A region code, alone or with a century, a year, a month or a day behind it.
pub(super) fn opens_id_card(digits: &[u8]) -> bool {
    matches!(digits.len(), 6 | 8 | 10 | 12 | 14)
        && is_region(&digits[..6])
        && matches!(digits[6..], [] | [b'1', b'9', ..] | [b'2', b'0', ..])
}

/// How a number begins of which a turn says no more: a mobile number, an area code, a region, a card.
pub(super) fn is_head(digits: &[u8]) -> bool {
    match digits {
        [b'1', b'3'..=b'9', ..] if digits.len() != 4 => (3..=8).contains(&digits.len()),
        [b'0', _, _, ..] => digits.len() <= 5,
        [b'6', b'2', _, _, ..] => digits.len() <= 8,
        _ => opens_id_card(digits),
    }
}

/// A card number: 13 to 19 digits that pass the Luhn check.
pub(super) fn is_card(digits: &[u8]) -> bool {
    if !(13..=19).contains(&digits.len()) || digits.contains(&b'X') {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, d)| {
            let d = u32::from(d - b'0');
            match (at % 2, d * 2) {
                (0, _) => d,
                (_, double) if double > 9 => double - 9,
                (_, double) => double,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

/// A number that the public is meant to know.
pub(super) fn is_hotline(digits: &[u8]) -> bool {
    match digits.len() {
        3 => matches!(digits, b"110" | b"112" | b"114" | b"119" | b"120" | b"122"),
        5 => [&b"123"[..], b"100", b"95", b"96"]
            .iter()
            .any(|head| digits.starts_with(head)),
        SERVICE => digits.starts_with(b"400") || digits.starts_with(b"800"),
        _ => false,
    }
}

/// Digits of the number of a service that is called at its cost or at that of a local call (400, 800).
pub(super) const SERVICE: usize = 10;

/// Whether a number is as short as no subscriber's, and begins as those of services do (the numbering plan of China): 12333, 11185,
/// 95588, 961234.
pub(super) fn is_short_number(digits: &[u8]) -> bool {
    let begins = |heads: &[&[u8]]| heads.iter().any(|head| digits.starts_with(head));
    match digits.len() {
        3 => begins(&[b"11", b"12"]),
        5 => begins(&[b"10", b"11", b"12", b"95", b"96"]),
        6 => begins(&[b"116", b"118", b"95", b"96"]),
        _ => false,
    }
}

/// An area code and a public number behind it.
pub(super) fn is_local_hotline(digits: &[u8]) -> bool {
    (3..=4).any(|area| digits.len() == area + 5 && digits[0] == b'0' && is_hotline(&digits[area..]))
}
