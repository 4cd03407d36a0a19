//! Mail addresses, written or read out.

use sidetone_schema::RedactionKind;

use super::cue::Cue;
use super::span::{Span, latin, letter};
use super::token::{digit, filler};
use super::words;

/// The longest pause within an address, in characters.
const LONGEST_PAUSE: usize = 8;

/// Mail addresses, and what stands behind a word that announces one.
pub(super) fn emails(chars: &[char], cues: &[Cue]) -> Vec<Span> {
    const SHORTEST: usize = 3;
    let mut found: Vec<Span> = Vec::new();
    let asked = |cue: &Cue| cue.end == 0 && cue.kind == RedactionKind::Email;
    for at in 0..chars.len() {
        let sign = words().mail_sign.head(&chars[at..]).or_else(|| spoken_at(chars, at));
        let Some(len) = sign else { continue };
        let (begin, end) = (account_begin(chars, at), domain_end(chars, at + len));
        // What stands before it may have been said in an earlier turn.
        if begin < at || (cues.iter().any(asked) && end > at + len) {
            found.push((begin..end.max(at + len), RedactionKind::Email));
        }
    }
    for cue in cues.iter().filter(|cue| cue.kind == RedactionKind::Email) {
        let begin = (cue.end..chars.len().min(cue.end + cue.reach)).find(|&at| latin(chars[at]));
        let Some(begin) = begin else { continue };
        let end = mail_end(chars, begin);
        if end - begin >= SHORTEST {
            found.push((begin..end, RedactionKind::Email));
        }
    }
    found
}

const fn sign(c: char) -> bool {
    matches!(c, '.' | '_' | '-' | '+')
}

/// What a mail address is made of, at the head of `rest`: how many characters.
fn mail_part(rest: &[char]) -> Option<usize> {
    let c = *rest.first()?;
    if latin(c) || sign(c) || digit(c).is_some() {
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

/// Small words and punctuation at the head of `rest`.
fn pause(rest: &[char]) -> usize {
    let mut len = 0;
    while let Some((more, _)) = filler(&rest[len..]).filter(|(more, _)| len + more <= LONGEST_PAUSE) {
        len += more;
    }
    len
}

/// The end of what stands behind the sign: over a pause as long as there is no whole domain yet.
fn domain_end(chars: &[char], from: usize) -> usize {
    let mut end = mail_end(chars, provider(chars, from));
    loop {
        let next = end + pause(&chars[end..]);
        let begins = chars.get(next).is_some_and(|c| latin(*c));
        let goes_on = chars
            .get(next..)
            .is_some_and(|rest| words().mail_dot.head(rest).is_some());
        if next == end || !(goes_on || (begins && !whole_domain(&chars[from..end]))) {
            return end;
        }
        end = mail_end(chars, provider(chars, next));
    }
}

/// The end of a provider's name that is said in Chinese before a dot.
fn provider(chars: &[char], from: usize) -> usize {
    const LONGEST: usize = 4;
    let dot = (1..=LONGEST).find(|len| {
        chars
            .get(from + len..)
            .is_some_and(|rest| words().mail_dot.head(rest).is_some())
    });
    let han = |len: &usize| chars[from..from + len].iter().all(|c| c.is_alphabetic() && !latin(*c));
    dot.filter(han).map_or(from, |len| from + len)
}

fn whole_domain(domain: &[char]) -> bool {
    let dot = words().mail_dot.find(domain);
    dot.is_some_and(|(at, len)| domain[at + len..].iter().filter(|c| latin(**c)).count() >= 2)
}

fn mail_begin(chars: &[char], end: usize) -> usize {
    let (mut at, mut begin) = (end, end);
    while at > 0 {
        let c = chars[at - 1];
        let part = words().mail_part.tail(&chars[..at]);
        if latin(c) || sign(c) || digit(c).is_some() {
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

/// The begin of what stands before the sign: back over a pause while what was found last is no word of its own.
fn account_begin(chars: &[char], end: usize) -> usize {
    let mut begin = mail_begin(chars, end);
    let mut piece = begin..end;
    // Digits alone at the head may be another number.
    let mut sure = begin;
    loop {
        let last = &chars[piece.clone()];
        let letters = last.iter().filter(|c| letter(**c)).count();
        let opens = words().mail_part.head(last).is_some() || last.first().is_some_and(|c| sign(*c));
        if letters > 0 || opens || sure == end {
            sure = begin;
        }
        let back = (1..=LONGEST_PAUSE.min(begin))
            .find(|len| pause(&chars[begin - len..begin]) == *len && joins(&chars[..begin - len]));
        let Some(len) = back.filter(|_| letters <= 1 || opens) else {
            return sure;
        };
        piece = mail_begin(chars, begin - len)..begin - len;
        begin = piece.start;
    }
}

/// Whether a piece of an address may end here.
fn joins(before: &[char]) -> bool {
    let last = before.last();
    last.is_some_and(|c| latin(*c) || digit(*c).is_some()) || words().mail_part.tail(before).is_some()
}

/// The English word for the sign, by itself, with a dot somewhere behind it.
fn spoken_at(chars: &[char], at: usize) -> Option<usize> {
    let pause = usize::from(chars[at] == ' ');
    let ['a', 't', behind @ ..] = &chars[at + pause..] else {
        return None;
    };
    let apart = pause > 0 || at == 0 || !latin(chars[at - 1]);
    if !apart || behind.first().is_none_or(|c| latin(*c)) {
        return None;
    }
    let blank = usize::from(behind.first() == Some(&' '));
    let from = at + pause + 2 + blank;
    let end = domain_end(chars, from);
    words().mail_dot.within(&chars[from..end]).then_some(pause + 2 + blank)
}

/// The letters that a growing text ends with may become a mail address.
pub(super) fn growing_word(chars: &[char]) -> Option<Span> {
    let len = chars.iter().rev().take_while(|c| latin(**c) || sign(**c)).count();
    let begin = chars.len() - len;
    let word = len >= 2 && chars[begin..].iter().any(|c| letter(*c));
    word.then_some((begin..chars.len(), RedactionKind::Email))
}
