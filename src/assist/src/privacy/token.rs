//! The digits of a text, however they are written, and what lies between them.

use sidetone_language::zh;

use super::words;

/// What lies between a digit and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    /// Nothing.
    None,
    /// Blanks, hyphens, hesitation: the number goes on.
    Soft,
    /// Punctuation of a list or a sentence: it may go on.
    Clause,
    /// A few other words: only a number that proves itself goes on.
    Words,
    /// More words than that.
    Wall,
}

/// One digit, or the X of an 身份证.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// `0` to `9` or `X`.
    pub(super) value: u8,
    /// First character in the text; `None` for a digit of the turn before.
    pub(super) begin: Option<usize>,
    /// One past its last character.
    pub(super) end: usize,
    /// What lies before it.
    pub(super) gap: Gap,
}

/// More between two digits than this is no hesitation.
const LONGEST_GAP: usize = 14;
/// Of words that are no hesitation, so many may stand between two groups of one number.
const LONGEST_WORDS: usize = 8;

/// The value of a digit, written or spoken, with the characters that 幺 is often heard as.
pub(super) fn digit(c: char) -> Option<u8> {
    match c {
        '0'..='9' => Some(c as u8),
        '０'..='９' => Some(b'0' + (c as u32 - '０' as u32) as u8),
        _ => zh().numbers.heard(c).map(|digit| b'0' + digit),
    }
}

/// How many characters at the head of `rest` say the X of an 身份证.
fn letter_x(rest: &[char]) -> usize {
    match rest {
        ['X' | 'x' | 'Ｘ' | 'ｘ', ..] => 1,
        _ => zh().numbers.letter_x.head(rest).unwrap_or(0),
    }
}

/// A digit said several times at the head of `rest` (`N` of it, or twice it): its value, how often, how many
/// characters.
pub(super) fn repeated(rest: &[char]) -> Option<(u8, usize, usize)> {
    let (count, at) = match rest {
        [twin, ..] if zh().numbers.twice.has(*twin) => (2, 1),
        [count, counter, ..] if zh().numbers.counter.has(*counter) => (usize::from(digit(*count)? - b'0'), 2),
        _ => return None,
    };
    let value = digit(*rest.get(at)?)?;
    // A date or an amount may follow a counter: 3 of 5 characters are then no digits.
    let alone = !rest
        .get(at + 1)
        .is_some_and(|c| zh().numbers.counter.has(*c) || words().unit(&[*c]).is_some());
    (count >= 2 && alone).then_some((value, count, at + 1))
}

/// A single numeral in characters that other words stand around is part of a word.
fn lone_word(chars: &[char], at: usize) -> bool {
    let alone = at.checked_sub(1).is_none_or(|before| digit(chars[before]).is_none());
    let rest = &chars[at..];
    alone
        && !chars[at].is_ascii_digit()
        && digit(chars[at]).is_some()
        && repeated(rest).is_none()
        && letter_x(&rest[1..]) == 0
        && rest
            .get(1)
            .is_some_and(|c| filler(&rest[1..]).is_none() && digit(*c).is_none() && words().unit(&rest[1..]).is_none())
}

/// A character that is heard for a one, with a digit on either side, or at the head of a group of some length.
fn within(chars: &[char], at: usize) -> bool {
    const GROUP: std::ops::RangeInclusive<usize> = 3..=8;
    let digits = chars[at + 1..].iter().take_while(|c| digit(**c).is_some()).count();
    let before = at.checked_sub(1).map(|before| chars[before]);
    let follows = before.is_some_and(|c| digit(c).is_some()) && digits > 0;
    let opens = before.is_none_or(|c| !c.is_alphanumeric())
        && GROUP.contains(&digits)
        && (words().unit(&chars[at + 1 + digits..]).is_none() || repeated(&chars[at + digits..]).is_some());
    zh().numbers.within.has(chars[at]) && (follows || opens)
}

/// The digit at `at` with how often it is said, and how many characters that takes; or how many say none.
fn read(chars: &[char], at: usize, first: bool) -> (Option<(u8, usize)>, usize) {
    let rest = &chars[at..];
    // The numeral of a small word (the last four, wait a moment) is none of the number's digits.
    if let Some(len) = words().filler.head(rest).filter(|len| *len > 1) {
        return (None, len);
    }
    if lone_word(chars, at) {
        return (None, 1);
    }
    if within(chars, at) {
        return (Some((b'1', 1)), 1);
    }
    // The second number is none that is said twice.
    let ordinal = at > 0 && words().opens_amount.has(chars[at - 1]) && !chars[at - 1].is_ascii();
    if let Some((value, count, len)) = repeated(rest).filter(|_| !ordinal) {
        return (Some((value, count)), len);
    }
    if let Some(value) = digit(chars[at]) {
        return (Some((value, 1)), 1);
    }
    match letter_x(rest) {
        len if len > 0 && !first => (Some((b'X', 1)), len),
        _ => (None, 1),
    }
}

/// All digits of the text, after those that the turn before ended with.
pub(super) fn tokens(chars: &[char], carried: &[u8]) -> Vec<Token> {
    let mut found: Vec<Token> = carried
        .iter()
        .enumerate()
        .map(|(at, &value)| Token {
            value,
            begin: None,
            end: 0,
            gap: if at == 0 { Gap::Wall } else { Gap::None },
        })
        .collect();
    let mut at = 0;
    while at < chars.len() {
        let (read, len) = read(chars, at, found.is_empty());
        let end = at + len;
        let gap = match found.last() {
            None => Gap::Wall,
            // A new turn is at least a pause.
            Some(last) if last.begin.is_none() => between(&chars[..at]).max(Gap::Soft),
            Some(last) => between(&chars[last.end..at]),
        };
        // An X behind other words is a letter of theirs.
        if let Some((value, count)) = read.filter(|(value, _)| *value != b'X' || gap < Gap::Words) {
            let token = Token {
                value,
                begin: Some(at),
                end,
                gap,
            };
            found.push(token);
            found.extend((1..count).map(|_| Token {
                gap: Gap::None,
                ..token
            }));
        }
        at = end;
    }
    found
}

/// What kind of gap these characters are.
pub(super) fn between(chars: &[char]) -> Gap {
    if chars.is_empty() {
        return Gap::None;
    }
    let (mut gap, mut at, mut words) = (Gap::Soft, 0, 0);
    while at < chars.len() {
        let (len, kind) = filler(&chars[at..]).unwrap_or((1, Gap::Words));
        gap = gap.max(kind);
        words += if kind == Gap::Words { len } else { 0 };
        at += len;
    }
    if chars.len() > LONGEST_GAP || words > LONGEST_WORDS {
        return Gap::Wall;
    }
    gap
}

/// A separator or a hesitation at the head of `rest`.
pub(super) fn filler(rest: &[char]) -> Option<(usize, Gap)> {
    if let Some(len) = words().filler.head(rest) {
        return Some((len, Gap::Soft));
    }
    let kind = match rest.first()? {
        '-' | '－' | '—' | '–' | '‐' | '_' | '·' | '(' | ')' | '（' | '）' | '+' => Gap::Soft,
        ',' | '，' | '.' | '。' | '、' | ';' | '；' | ':' | '：' | '?' | '？' | '!' | '！' | '/' => Gap::Clause,
        c if c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}') => Gap::Soft,
        _ => return None,
    };
    Some((1, kind))
}

/// Whether a stretch holds nothing but fillers and the small words of an answer.
pub(super) fn is_filler(chars: &[char]) -> bool {
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        match filler(&chars[at..]) {
            Some((len, _)) => at += len,
            None if words().answer.has(*c) => at += 1,
            None => return false,
        }
    }
    true
}
