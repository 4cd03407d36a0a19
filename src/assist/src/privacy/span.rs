//! Personal data that is more than digits: mail addresses, plates, passports, homes, names.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::address::addresses;
use super::cue::cues;
use super::name::names;
use super::token::{Gap, between, digit};
use super::words;

/// A stretch of characters.
pub(super) type Span = (Range<usize>, RedactionKind);

/// Every stretch of the text; of a text that grows, what may become one, too.
pub(super) fn spans(chars: &[char], growing: bool) -> Vec<Span> {
    let mut found = emails(chars);
    found.extend(codes(chars));
    found.extend(plates(chars, growing));
    found.extend(names(chars));
    found.extend(addresses(chars));
    if growing {
        found.extend(super::address::growing(chars));
        found.extend(growing_word(chars));
    }
    found.into_iter().flat_map(|span| pieces(chars, span)).collect()
}

/// A code that is said in groups is covered group by group; of mail addresses, homes and names all is covered.
fn pieces(chars: &[char], (range, kind): Span) -> Vec<Span> {
    if matches!(
        kind,
        RedactionKind::Email | RedactionKind::Address | RedactionKind::Name
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
    let open = spans(chars, true)
        .into_iter()
        .filter(|(range, _)| range.end + REACH > chars.len());
    open.map(|(range, _)| range.start).min().unwrap_or(chars.len())
}

fn latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, 'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９')
}

fn letter(c: char) -> bool {
    latin(c) && digit(c).is_none()
}

/// What a mail address is made of, at the head of `rest`: how many characters.
fn mail_part(rest: &[char]) -> Option<usize> {
    let c = *rest.first()?;
    if latin(c) || matches!(c, '.' | '_' | '-' | '+') || digit(c).is_some() {
        return Some(1);
    }
    words().mail_part.head(rest).or_else(|| words().mail_sign.head(rest))
}

/// The end of a stretch of such parts, with single blanks between them.
fn mail_end(chars: &[char], mut at: usize) -> usize {
    let mut end = at;
    while let Some(rest) = chars.get(at..) {
        match mail_part(rest) {
            Some(len) => {
                at += len;
                end = at;
            }
            None if at == end && rest.first() == Some(&' ') => at += 1,
            None => break,
        }
    }
    end
}

fn mail_begin(chars: &[char], end: usize) -> usize {
    let (mut at, mut begin) = (end, end);
    while at > 0 {
        let c = chars[at - 1];
        let part = words().mail_part.tail(&chars[..at]);
        if latin(c) || matches!(c, '.' | '_' | '-' | '+') || digit(c).is_some() {
            at -= 1;
        } else if let Some(len) = part {
            at -= len;
        } else if c == ' ' && at == begin {
            at -= 1;
            continue;
        } else {
            break;
        }
        begin = at;
    }
    begin
}

/// Mail addresses, written or read out, and what stands behind a word that announces one.
fn emails(chars: &[char]) -> Vec<Span> {
    const SHORTEST: usize = 3;
    let mut found: Vec<Span> = Vec::new();
    for at in 0..chars.len() {
        let sign = words().mail_sign.head(&chars[at..]).or_else(|| spoken_at(&chars[at..]));
        let Some(len) = sign else { continue };
        let (begin, end) = (mail_begin(chars, at), mail_end(chars, at + len));
        if begin < at {
            found.push((begin..end.max(at + len), RedactionKind::Email));
        }
    }
    for cue in cues(chars).iter().filter(|cue| cue.kind == RedactionKind::Email) {
        let begin = (cue.end..chars.len().min(cue.end + cue.reach)).find(|&at| latin(chars[at]));
        let Some(begin) = begin else { continue };
        let end = mail_end(chars, begin);
        if end - begin >= SHORTEST {
            found.push((begin..end, RedactionKind::Email));
        }
    }
    found
}

/// The English word for the sign, with a dot somewhere behind it.
fn spoken_at(rest: &[char]) -> Option<usize> {
    let [' ', 'a', 't', ' ', behind @ ..] = rest else {
        return None;
    };
    words().mail_dot.within(&behind[..mail_end(behind, 0)]).then_some(4)
}

/// Letters and digits with pauses between them, from `at`: the end, how many, and how many of them digits.
fn code(chars: &[char], mut at: usize, most: usize) -> (usize, usize, usize) {
    let (mut end, mut count, mut digits) = (at, 0, 0);
    while let Some(&c) = chars.get(at) {
        if latin(c) || digit(c).is_some() {
            if count == most {
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
fn codes(chars: &[char]) -> Vec<Span> {
    const SHORTEST: usize = 6;
    const LONGEST: usize = 20;
    let mut found = Vec::new();
    let kinds = [
        RedactionKind::Passport,
        RedactionKind::Permit,
        RedactionKind::SocialSecurity,
    ];
    for cue in cues(chars).iter().filter(|cue| kinds.contains(&cue.kind)) {
        let reach = cue.end..chars.len().min(cue.end + cue.reach);
        let Some(begin) = reach.clone().find(|&at| latin(chars[at]) || digit(chars[at]).is_some()) else {
            continue;
        };
        let (end, count, digits) = code(chars, begin, LONGEST);
        if count >= SHORTEST && digits >= 5 {
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

/// Number plates: a province, a letter, five or six letters and digits.
fn plates(chars: &[char], growing: bool) -> Vec<Span> {
    const LONGEST: usize = 7;
    let mut found = Vec::new();
    let cues = cues(chars);
    for begin in 0..chars.len() {
        let cued = cues
            .iter()
            .any(|cue| cue.kind == RedactionKind::Plate && (cue.end..cue.end + cue.reach).contains(&begin));
        let province = words().province.has(chars[begin]);
        if !(province || cued && latin(chars[begin])) {
            continue;
        }
        let (end, count, digits) = code(chars, begin + usize::from(province), LONGEST);
        let lettered = chars.get(begin + 1).is_some_and(|c| letter(*c)) || cued;
        let open = growing && end == chars.len();
        if (lettered && count >= 6 && digits >= 2) || (cued && digits >= 3 && count >= 5) {
            found.push((begin..end, RedactionKind::Plate));
        } else if open && (cued || (lettered && count >= 1)) {
            found.push((begin..end.max(begin + 1), RedactionKind::Plate));
        }
    }
    found
}

/// The letters that a growing text ends with may become a mail address.
fn growing_word(chars: &[char]) -> Option<Span> {
    let len = chars
        .iter()
        .rev()
        .take_while(|c| latin(**c) || matches!(c, '.' | '_' | '-'))
        .count();
    let begin = chars.len() - len;
    let word = len >= 2 && chars[begin..].iter().any(|c| letter(*c));
    word.then_some((begin..chars.len(), RedactionKind::Email))
}
