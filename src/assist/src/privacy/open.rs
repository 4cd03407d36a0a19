//! What a text that still grows does not show yet.

use sidetone_language::zh;
use sidetone_schema::RedactionKind;

use super::dictation::decided;
use super::judge::{Shown, shown};
use super::shape;
use super::token::{Token, digit, tokens};
use super::words;

/// Of a text that goes on: how many characters at its head are shown as they are, or as `*`, until it is settled. A digit that is
/// hidden for now may be shown then.
#[must_use]
pub fn stable(text: &str) -> usize {
    let chars: Vec<char> = text.chars().collect();
    let mut covered = vec![None; chars.len()];
    let expected = Expected {
        number: true,
        birthday: true,
    };
    hide(&chars, &tokens(&chars, &[]), expected, &mut covered);
    let hidden = covered.iter().position(Option::is_some);
    decided(text).min(hidden.unwrap_or(chars.len()))
}

/// What may be said now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    /// A number is being dictated: a count of something may be a part of it, too.
    pub(super) number: bool,
    /// A date is one of birth.
    pub(super) birthday: bool,
}

/// Covers every digit whose unit does not say that it is an amount, or a length of time: what follows may make it a person's, and a date
/// or a house's number may be one's already. The settled text shows what nothing made personal.
pub(super) fn hide(chars: &[char], tokens: &[Token], expected: Expected, covered: &mut [Option<RedactionKind>]) {
    /// A number of so few digits may be a part of one.
    const EMERGENCY: usize = 3;
    let mut at = 0;
    while at < chars.len() {
        // A number in digits and one in characters behind it are two.
        let written = chars[at].is_ascii_digit();
        let same = |c: &&char| digit(**c).is_some() && c.is_ascii_digit() == written;
        let len = chars[at..].iter().take_while(same).count();
        if len == 0 {
            at += 1;
            continue;
        }
        let end = at + len;
        let digits: Vec<u8> = chars[at..end].iter().filter_map(|c| digit(*c)).collect();
        let public = len > EMERGENCY && shape::is_hotline(&digits) && end < chars.len();
        let spoken = chars[at..end].iter().all(|c| !c.is_ascii_digit());
        let word = spoken && !tokens.iter().any(|token| token.begin == Some(at));
        let lasts = !expected.number && !expected.birthday && is_duration(&digits, &chars[end..]);
        let of_house = [&words().road, &words().village]
            .iter()
            .any(|ends| ends.tail(&chars[..at]).is_some());
        if !public && !word && !lasts && (of_house || !is_amount(chars, end, len, expected.number)) {
            for slot in &mut covered[at..end] {
                slot.get_or_insert(RedactionKind::Digits);
            }
        }
        at = end;
    }
}

/// Whether a public number of five digits or more stands in the text.
pub(super) fn names_public_number(chars: &[char]) -> bool {
    const SHORTEST: usize = 5;
    let mut groups = chars.split(|c| !c.is_ascii_digit());
    groups.any(|group| {
        let digits: Vec<u8> = group.iter().map(|c| *c as u8).collect();
        digits.len() >= SHORTEST && shape::is_hotline(&digits)
    })
}

/// Which characters are letters and digits of a matter's or a paper's number, as the words before it say.
pub(super) fn references(chars: &[char], tokens: &[Token]) -> Vec<bool> {
    let mut found = vec![false; chars.len()];
    for (token, shown) in tokens.iter().zip(shown(chars, tokens)) {
        let Some(begin) = token.begin.filter(|_| shown == Shown::Reference) else {
            continue;
        };
        let letters = chars[..begin]
            .iter()
            .rev()
            .take_while(|c| c.is_ascii_alphanumeric())
            .count();
        found[begin - letters..token.end].fill(true);
    }
    found
}

/// Which characters are digits of an amount, as their unit says, of a ratio, or of a public number that is written in groups.
pub(super) fn amounts(chars: &[char]) -> Vec<bool> {
    let mut found = vec![false; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let (end, whole) = (stretch(chars, at, &[',', '.']), stretch(chars, at, &['-']));
        let digits = |end: usize| -> Vec<u8> {
            chars[at..end]
                .iter()
                .filter_map(|c| c.is_ascii_digit().then_some(*c as u8))
                .collect()
        };
        let ratio = stretch(chars, at, &['/']);
        let len = digits(end).len();
        let public = digits(whole);
        if len > 0 && is_amount(chars, end, len, false) {
            found[at..end].fill(true);
        } else if (public.len() == shape::SERVICE && shape::is_hotline(&public)) || shape::is_local_hotline(&public) {
            found[at..whole].fill(true);
        } else if ratio > end {
            found[at..ratio].fill(true);
        }
        at = end.max(whole).max(ratio).max(at + 1);
    }
    found
}

/// The units of so many digits and more are those of money and shares.
const MONEY: usize = 9;

/// The end of the digits at `at`, with these signs between them.
fn stretch(chars: &[char], at: usize, signs: &[char]) -> usize {
    let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
    let mut end = at;
    while digit(end) || (end > at && signs.contains(chars.get(end).unwrap_or(&' ')) && digit(end + 1)) {
        end += 1;
    }
    end
}

/// Whether the unit at `end` says that so many digits before it are an amount; where a number is being `dictated`, one of money.
fn is_amount(chars: &[char], end: usize, len: usize, dictated: bool) -> bool {
    let rest = &chars[end..];
    let dates = &zh().measures.dates;
    let other = [
        &dates.year,
        &dates.month,
        &dates.day,
        &words().house,
        &words().house_word,
    ];
    let least = if dictated { MONEY } else { 0 };
    words().unit(rest).is_some_and(|most| len <= most && most >= least)
        && other.iter().all(|words| words.head(rest).is_none())
}

/// Whether these digits before `rest` are a number of years that something lasts.
fn is_duration(digits: &[u8], rest: &[char]) -> bool {
    /// People pay, work and wait for no more years; of two digits, a year of birth is a later one or begins with a zero.
    const MOST: u32 = 39;
    if digits.len() > 2 || digits.first() == Some(&b'0') {
        return false;
    }
    let years = digits
        .iter()
        .fold(0, |years, digit| 10 * years + u32::from(digit - b'0'));
    let behind = zh().measures.dates.year.head(rest).and_then(|unit| rest.get(unit));
    years <= MOST && behind.is_some_and(|c| digit(*c).is_none())
}
