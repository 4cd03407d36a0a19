//! Personal data that is more than digits: mail addresses, plates, passports, homes, names.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::address::addresses;
use super::birth::birthdays;
use super::cue::{Cue, cues};
use super::mail::{emails, growing_word};
use super::name::{Names, names};
use super::token::{Gap, between, digit, is_filler, repeated};
use super::words;

/// A stretch of characters.
pub(super) type Span = (Range<usize>, RedactionKind);

/// What earlier turns have told.
pub(super) struct Known<'a> {
    /// What was asked for or begun.
    pub(super) open: Option<RedactionKind>,
    /// The names so far.
    pub(super) names: &'a Names,
    /// A date of birth was spoken of.
    pub(super) birthday: bool,
}

impl<'a> Known<'a> {
    /// Of no question.
    pub(super) const fn nothing(names: &'a Names) -> Self {
        Self {
            open: None,
            names,
            birthday: false,
        }
    }
}

/// Every stretch of the text; of a text that grows, what may become one, too.
pub(super) fn spans(chars: &[char], known: &Known<'_>, growing: bool) -> Vec<Span> {
    let open = known.open;
    let cues = announced(chars, open);
    let mut found = emails(chars, &cues);
    found.extend(codes(chars, &cues));
    found.extend(plates(chars, &cues, growing));
    found.extend(accounts(chars, open == Some(RedactionKind::Account)));
    found.extend(names(chars, known.names));
    found.extend(birthdays(chars, known.birthday, growing));
    found.extend(addresses(chars, open == Some(RedactionKind::Address), growing));
    if growing {
        found.extend(super::address::growing(chars));
        found.extend(growing_word(chars));
    }
    found.into_iter().flat_map(|span| pieces(chars, span)).collect()
}

/// The cues of the text, and before it the one of an earlier turn.
fn announced(chars: &[char], open: Option<RedactionKind>) -> Vec<Cue> {
    const REACH: usize = 12;
    let open = open.map(|kind| Cue {
        kind,
        end: 0,
        reach: REACH,
    });
    open.into_iter().chain(cues(chars)).collect()
}

/// A code that is said in groups is covered group by group; of mail addresses, homes and names all is covered.
fn pieces(chars: &[char], (range, kind): Span) -> Vec<Span> {
    if matches!(
        kind,
        RedactionKind::Email
            | RedactionKind::Address
            | RedactionKind::Name
            | RedactionKind::BirthDate
            | RedactionKind::Account
    ) {
        return vec![(range, kind)];
    }
    let mut found: Vec<Span> = Vec::new();
    let mut skipped = range.start;
    for at in range {
        if let Some(len) = words().filler.head(&chars[at..]) {
            skipped = skipped.max(at + len);
        }
        match found.last_mut() {
            _ if at < skipped || (digit(chars[at]).is_none() && between(&chars[at..=at]) < Gap::Words) => {}
            Some((last, _)) if last.end == at => last.end = at + 1,
            _ => found.push((at..at + 1, kind)),
        }
    }
    found
}

/// How many characters at the head no later word changes, of all that are spans.
pub(super) fn undecided(chars: &[char]) -> usize {
    /// As far behind it a stretch may still grow.
    const REACH: usize = 3;
    let open = spans(chars, &Known::nothing(&Names::default()), true)
        .into_iter()
        .filter(|(range, _)| range.end + REACH > chars.len());
    open.map(|(range, _)| range.start).min().unwrap_or(chars.len())
}

pub(super) fn latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９')
}

pub(super) fn letter(c: char) -> bool {
    latin(c) && digit(c).is_none()
}

/// Letters and digits with pauses between them, from `at`: the end, how many, and how many of them digits.
fn code(chars: &[char], mut at: usize, most: usize) -> (usize, usize, usize) {
    let (mut end, mut count, mut digits) = (at, 0, 0);
    while let Some(&c) = chars.get(at) {
        if let Some((_, times, len)) = repeated(&chars[at..]) {
            at += len;
            (count, digits) = (count + times, digits + times);
            end = at;
        } else if latin(c) || digit(c).is_some() {
            let counts = !latin(c) && words().unit(&chars[at + 1..]).is_some();
            if count >= most || counts {
                break;
            }
            at += 1;
            (count, digits) = (count + 1, digits + usize::from(digit(c).is_some()));
            end = at;
        } else if let Some(len) = words().filler.head(&chars[at..]).filter(|_| count > 0) {
            at += len;
        } else if between(&[c]) < Gap::Words {
            at += 1;
        } else if let Some(len) = words()
            .letter
            .head(&chars[at..])
            .filter(|_| count < most && digits == 0)
        {
            at += len;
            count += 1;
            end = at;
        } else {
            break;
        }
    }
    (end, count, digits)
}

/// Passports and permits: letters and digits behind their names, and a letter before a long number.
fn codes(chars: &[char], cues: &[Cue]) -> Vec<Span> {
    const SHORTEST: usize = 6;
    const LONGEST: usize = 20;
    let mut found = Vec::new();
    let kinds = [
        RedactionKind::Passport,
        RedactionKind::Permit,
        RedactionKind::SocialSecurity,
    ];
    for cue in cues.iter().filter(|cue| kinds.contains(&cue.kind)) {
        let reach = cue.end..chars.len().min(cue.end + cue.reach);
        let Some(begin) = reach.clone().find(|&at| latin(chars[at]) || digit(chars[at]).is_some()) else {
            continue;
        };
        let (end, count, digits) = code(chars, begin, LONGEST);
        // It may come in several turns.
        let alone = count <= 2 && is_filler(&chars[end..]);
        let begun = cue.end == 0 && letter(chars[begin]) && (digits > 0 || alone);
        if begun || (count >= SHORTEST && digits >= 5) {
            found.push((begin..end, cue.kind));
        }
    }
    for begin in 0..chars.len() {
        if !letter(chars[begin]) || begin.checked_sub(1).is_some_and(|at| latin(chars[at])) {
            continue;
        }
        let letters = chars[begin..].iter().take_while(|c| letter(**c)).count();
        let digits = chars[begin + letters..]
            .iter()
            .take_while(|c| digit(**c).is_some())
            .count();
        if letters <= 2 && (7..=10).contains(&digits) {
            found.push((begin..begin + letters + digits, RedactionKind::Passport));
        }
    }
    found
}

/// Names of accounts behind the words that announce them.
fn accounts(chars: &[char], open: bool) -> Vec<Span> {
    const REACH: usize = 4;
    const SHORTEST: usize = 5;
    const LONGEST: usize = 20;
    // A provider's name within a mail address announces nothing.
    let within = |at: usize| chars.get(at).is_some_and(|c| latin(*c) || matches!(c, '.' | '@'));
    let announced = (0..chars.len()).filter_map(|at| {
        let from = at + words().account.head(&chars[at..])?;
        let alone = !at.checked_sub(1).is_some_and(within) && chars.get(from) != Some(&'.');
        alone.then_some(from)
    });
    let mut found = Vec::new();
    for from in open.then_some(0).into_iter().chain(announced) {
        let begin = (from..chars.len().min(from + REACH)).find(|&at| latin(chars[at]) || digit(chars[at]).is_some());
        let Some(begin) = begin else { continue };
        let (end, count, digits) = code(chars, begin, LONGEST);
        // An amount, or a public number, has no letters.
        let number = digits == count && (count <= SHORTEST || words().unit(&chars[end..]).is_some());
        if count >= SHORTEST && !number {
            found.push((begin..end, RedactionKind::Account));
        }
    }
    found
}

/// Number plates: a province, a letter, five or six letters and digits.
fn plates(chars: &[char], cues: &[Cue], growing: bool) -> Vec<Span> {
    const LONGEST: usize = 7;
    let mut found = Vec::new();
    for begin in 0..chars.len() {
        let cued = cues
            .iter()
            .any(|cue| cue.kind == RedactionKind::Plate && (cue.end..cue.end + cue.reach).contains(&begin));
        let province = words().province.has(chars[begin]);
        if !(province || cued && latin(chars[begin])) {
            continue;
        }
        let pause = chars[begin + 1..]
            .iter()
            .take(2)
            .take_while(|c| is_filler(&[**c]))
            .count();
        let from = if province { begin + 1 + pause } else { begin };
        let (end, count, digits) = code(chars, from, LONGEST);
        let lettered = chars.get(begin + 1 + pause).is_some_and(|c| letter(*c)) || cued;
        let open = growing && end == chars.len();
        // The rest of it comes in another turn.
        let capital = chars.get(from).is_some_and(|c| c.is_uppercase());
        let begun = province && capital && is_filler(&chars[end..]);
        if begun || (lettered && count >= 6 && digits >= 2) || (cued && digits >= 3 && count >= 5) {
            found.push((begin..end, RedactionKind::Plate));
        } else if open && (cued || (lettered && count >= 1)) {
            found.push((begin..end.max(begin + 1), RedactionKind::Plate));
        }
    }
    found
}
