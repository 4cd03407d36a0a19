//! Numbers that a recogniser wrote as words.

use super::cover::cover;
use super::lexicon::{DIGITS, Meaning, TABLE, Token, Vocabulary, digit_by_ear, short_units, syllable};

/// Reads by their sound what stands between words that are known as they are written: a character that nothing explains, one
/// that says nothing where something is wanted, and a unit without a number. Without `by_ear` only "to" between two times.
pub(super) fn beside(tokens: &mut [Token], by_ear: bool) {
    for at in 0..tokens.len() {
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        let sure = |token: Option<&Token>| token.is_none_or(|token| !token.means.is_empty() && !token.heard);
        if !sure(before) || !sure(tokens.get(at + 1)) {
            continue;
        }
        let token = &tokens[at];
        let number = before.is_some_and(|token| token.number().is_some());
        let wanted = |kinds: &[&str]| before.is_some_and(|t| kinds.iter().any(|kind| t.word(kind).is_some()));
        let silent = token
            .means
            .iter()
            .all(|meaning| matches!(meaning, Meaning::Word("noise", _)));
        let means: Vec<Meaning> = if !by_ear {
            let timed = wanted(&["unit", "weekday", "part", "clock", "day"]) && silent && !token.means.is_empty();
            let between = TABLE.between(&token.text).iter().filter(|_| timed);
            between
                .filter(|meaning| matches!(meaning, Meaning::Word("to", _)))
                .cloned()
                .collect()
        } else if token.means.is_empty() {
            TABLE.between(&token.text).to_vec()
        } else if silent && wanted(&["first", "behind"]) {
            let digit = token
                .text
                .chars()
                .next()
                .and_then(digit_or_ten)
                .filter(|_| token.text.chars().nth(1).is_none());
            digit.map(Meaning::Number).into_iter().collect()
        } else if silent && (number || wanted(&["unit", "weekday", "part", "clock", "day"])) {
            let between = TABLE.between(&token.text).iter();
            between
                .filter(|meaning| matches!(meaning, Meaning::Word("to" | "unit", _)))
                .cloned()
                .collect()
        } else if !number
            && token
                .means
                .iter()
                .all(|meaning| matches!(meaning, Meaning::Word("unit", _)))
        {
            TABLE.others(&token.text)
        } else {
            Vec::new()
        };
        if !means.is_empty() {
            tokens[at].means.extend(means);
            tokens[at].heard = true;
        }
    }
}

fn digit_or_ten(c: char) -> Option<i64> {
    let ten = DIGITS
        .iter()
        .find(|(_, value)| **value == 10)
        .and_then(|(ten, _)| syllable(*ten));
    let is_ten = || (syllable(c)? == ten?).then_some(10);
    digit_by_ear(c).map(|(digit, _)| digit).or_else(is_ten)
}

/// The text with each word of two characters that no table has, and that sounds like a digit and what it counts, as these;
/// none where there is no such word.
pub(super) fn counted_by_ear(text: &str) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut out = letters.clone();
    for at in 1..letters.len().saturating_sub(1) {
        // "Eleven o'clock", of which the second numeral is another word.
        if DIGITS.contains_key(&letters[at - 1])
            && short_units().any(|unit| unit == letters[at + 1])
            && !DIGITS.contains_key(&letters[at])
            && let Some((digit, _)) = digit_by_ear(letters[at])
            && let Some((c, _)) = DIGITS.iter().find(|(_, value)| **value == digit)
        {
            out[at] = *c;
        }
    }
    for at in 0..letters.len().saturating_sub(1) {
        let pair = [letters[at], letters[at + 1]];
        if out[at] == letters[at]
            && let Some(told) = told(pair).filter(|_| is_unknown(pair))
        {
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
