//! Numbers that a recogniser wrote as words.

use super::cover::cover;
use super::lexicon::{DIGITS, Vocabulary, digit_by_ear, short_units, syllable};

/// The text with each word of two characters that no table has, and that sounds like a digit and what it counts, as these;
/// none where there is no such word.
pub(super) fn counted_by_ear(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut out = letters.clone();
    for at in 0..letters.len().saturating_sub(1) {
        let pair = [letters[at], letters[at + 1]];
        if let Some(told) = told(pair).filter(|_| is_unknown(pair)) {
            out[at..at + 2].copy_from_slice(&told);
        }
    }
    (out != letters).then(|| out.into_iter().collect())
}

fn told([number, unit]: [char; 2]) -> Option<[char; 2]> {
    let (digit, _) = digit_by_ear(number).filter(|_| !DIGITS.contains_key(&number))?;
    let sound = syllable(unit)?;
    let unit = short_units().find(|unit| syllable(*unit).as_ref() == Some(&sound))?;
    Some([char::from_digit(u32::try_from(digit).ok()?, 10)?, unit])
}

/// Whether the two are no words as they are written.
fn is_unknown(pair: [char; 2]) -> bool {
    let text: String = pair.into_iter().collect();
    cover(&text, &Vocabulary::default(), false)
        .iter()
        .any(|token| token.means.is_empty())
}
