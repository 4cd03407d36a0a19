//! From what is said of each character to what is shown.

use std::ops::Range;

use sidetone_language::zh;
use sidetone_schema::{Redaction, RedactionKind};

use super::birth::{is_dated, speaks_of_birth};
use super::judge::kind_of;
use super::masker::Masked;
use super::open::{amounts, references};
use super::span::Span;
use super::tagger::{Label, value};
use super::token::{Token, filler, is_filler};
use super::words;

/// What the rules cover, by character: the marked tokens of numbers, and the other stretches over them.
pub(super) fn overlay(
    chars: &[char],
    tokens: &[Token],
    marks: &[Option<RedactionKind>],
    spans: Vec<Span>,
) -> Vec<Option<RedactionKind>> {
    let mut found = vec![None; chars.len()];
    for (token, mark) in tokens.iter().zip(marks) {
        if let (Some(begin), Some(kind)) = (token.begin, *mark) {
            found[begin..token.end].fill(Some(kind));
        }
    }
    for (range, kind) in spans {
        // A stretch that it touches is part of it.
        let begin = (0..range.start)
            .rev()
            .take_while(|at| touches(&found, *at))
            .last()
            .unwrap_or(range.start);
        let end = (range.end..chars.len()).take_while(|at| touches(&found, *at)).count() + range.end;
        let (begin, end) = (
            if found[range.start].is_some() {
                begin
            } else {
                range.start
            },
            if found[range.end - 1].is_some() { end } else { range.end },
        );
        found[begin..end].fill(Some(kind));
    }
    found
}

fn touches(found: &[Option<RedactionKind>], at: usize) -> bool {
    found[at].is_some()
}

/// Which digits that no rule covers are nobody's, whatever the model says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    /// None: somebody's number was spoken of.
    None,
    /// A few of them within a turn; those that end it may begin a number.
    FewWithin,
    /// A few of them, wherever they stand.
    Few,
}

/// Where rules and model differ about numbers: three digits or more that a rule covers are covered, an amount that its unit
/// names is none of a number, and what only parts two groups is shown.
pub(super) fn settle(
    (chars, tokens): (&[char], &[Token]),
    labels: &mut [Label],
    rules: &[Option<Label>],
    doubt: Doubt,
) {
    const SHORTEST: usize = 3;
    const NEAR: usize = 16;
    const LONG: usize = 7;
    complete(labels, rules);
    let (amounts, references) = (amounts(chars), references(chars, tokens));
    let dates = &zh().measures.dates;
    let unit = |c: char| [&dates.year, &dates.month, &dates.day].iter().any(|words| words.has(c));
    let ruled = |at: usize| rules[at] == Some(Label::Number);
    let of_number = |at: &usize| ruled(*at) && value(chars[*at]).is_some();
    let near = |at: usize| {
        (at.saturating_sub(NEAR)..chars.len().min(at + NEAR))
            .filter(of_number)
            .count()
    };
    let few = few(chars);
    let ending = (0..chars.len()).rev().take_while(|at| value(chars[*at]).is_some());
    let ends = match doubt {
        Doubt::FewWithin => chars.len() - ending.count(),
        _ => chars.len(),
    };
    let numbers = || (0..labels.len()).filter(|at| labels[*at] == Label::Number && value(chars[*at]).is_some());
    let quiet = doubt != Doubt::None && numbers().count() < LONG && numbers().all(|at| few[at]);
    let last = (0..chars.len()).rev().take_while(|at| ruled(*at)).count();
    let named = |labels: &[Label], at: usize| labels.get(at) == Some(&Label::Name);
    let alone: Vec<bool> = (0..labels.len())
        .map(|at| !named(labels, at + 1) && at.checked_sub(1).is_none_or(|before| !named(labels, before)))
        .collect();
    for (at, label) in labels.iter_mut().enumerate() {
        let number = *label == Label::Number;
        let parts = (*label != Label::Name || alone[at]) && filler(&chars[at..=at]).is_some();
        let shown = value(chars[at]).is_none() && (parts || (number && unit(chars[at])));
        let few = quiet && number && few[at] && at < ends;
        if *label == Label::Other
            && ruled(at)
            && (value(chars[at]).is_none() || near(at) >= SHORTEST || chars.len() - at <= last)
        {
            *label = Label::Number;
        } else if rules[at].is_none() && (shown || few || (number && (amounts[at] || references[at]))) {
            *label = Label::Other;
        }
    }
}

/// A name, a home or a date of birth that a rule sees is covered to its end where more than a third of it is.
fn complete(labels: &mut [Label], rules: &[Option<Label>]) {
    let mut begin = 0;
    while begin < rules.len() {
        let end = begin + rules[begin..].iter().take_while(|next| **next == rules[begin]).count();
        if let Some(rule) = rules[begin].filter(|rule| *rule != Label::Number)
            && labels[begin..end].iter().filter(|label| **label == rule).count() * 3 > end - begin
        {
            let first = labels[begin..end].iter().position(|label| *label == rule).unwrap_or(0);
            labels[begin + first..end].fill(rule);
        }
        begin = end;
    }
}

/// Which characters are digits that are written with few others.
fn few(chars: &[char]) -> Vec<bool> {
    const MOST: usize = 6;
    let mut found = vec![false; chars.len()];
    let mut at = 0;
    while at < chars.len() {
        let len = chars[at..].iter().take_while(|c| value(**c).is_some()).count();
        let digits = chars[at..at + len].iter().all(char::is_ascii_digit);
        found[at..at + len].fill(digits && len <= MOST);
        at += len.max(1);
    }
    found
}

/// What the model sees and is none, unless a rule sees it, too: a small word at the head of an address, a home behind the name of a
/// public place, a name that is a word which begins as a surname does, a date where nothing is said of birth.
pub(super) fn trim(chars: &[char], labels: &mut [Label], rules: &[Option<Label>], of_birth: bool) {
    let of_birth = of_birth || speaks_of_birth(chars);
    let mut at = 0;
    while at < labels.len() {
        let end = at + labels[at..].iter().take_while(|label| **label == labels[at]).count();
        let range = at..end;
        let none = match labels[at] {
            _ if rules[range.clone()].iter().any(Option::is_some) => false,
            Label::Birth => (!of_birth && words().born.head(&chars[end..]).is_none()) || is_dated(&chars[end..]),
            Label::Address => is_public(chars, at),
            Label::Name => is_word(chars, &range) || is_latin(chars, &range),
            _ => false,
        };
        if none {
            labels[range].fill(Label::Other);
        } else if labels[at] == Label::Address && rules[at].is_none() {
            let small = words().address_edge.head(&chars[at..]) == Some(1);
            labels[at] = if small { Label::Other } else { Label::Address };
        }
        at = end;
    }
}

/// Whether a public place was named just before, or before the district that stands there.
fn is_public(chars: &[char], at: usize) -> bool {
    const NEAR: usize = 6;
    const DISTRICT: usize = 3;
    let of_district = at >= DISTRICT && words().district.has(chars[at - 1]);
    let at = if of_district { at - DISTRICT } else { at };
    words().public_place.within(&chars[at.saturating_sub(NEAR)..at])
}

fn is_word(chars: &[char], range: &Range<usize>) -> bool {
    let said = &chars[range.clone()];
    let introduced = words().am.tail(&chars[..range.start]).is_some();
    let ends = introduced && words().no_name_end.tail(said).is_some();
    said.len() > 1 && (ends || words().no_name.head(&chars[range.start..]).is_some())
}

/// Whether it has, or stands right behind, a word in Latin letters that is written as those of programs and products are, with a capital
/// and perhaps a digit or two (Word, PDF, Mate60), where no name is given. A few letters beside digits are those of plates and papers.
fn is_latin(chars: &[char], range: &Range<usize>) -> bool {
    const SHORTEST: usize = 3;
    const DIGITS: usize = 2;
    let before = &chars[..range.start];
    let given = [&words().name_cue, &words().called, &words().am]
        .iter()
        .any(|cues| cues.tail(before).is_some());
    let head = before.iter().rev().take_while(|c| c.is_ascii_alphanumeric()).count();
    let tail = chars[range.end..]
        .iter()
        .take_while(|c| c.is_ascii_alphanumeric())
        .count();
    let near = &chars[range.start - head..range.end + tail];
    let mut written = near.split(|c| !c.is_ascii_alphanumeric());
    let latin = written.any(|word| {
        let head = word.iter().take_while(|c| c.is_ascii_alphabetic()).count();
        let letters = head >= SHORTEST && word[head..].iter().all(char::is_ascii_digit) && word.len() <= head + DIGITS;
        letters && word.iter().any(char::is_ascii_uppercase)
    });
    latin && !given && before.iter().any(|c| !is_filler(&[*c]))
}

/// The kinds of redaction that labels stand for: the rules' where they see the same, else what the number looks like or what was asked for.
pub(super) fn kinds(
    chars: &[char],
    labels: &[Label],
    rules: &[Option<RedactionKind>],
    asked: Option<RedactionKind>,
) -> Vec<Option<RedactionKind>> {
    let mut found = vec![None; chars.len()];
    let mut begin = 0;
    while begin < labels.len() {
        let label = labels[begin];
        let end = begin + labels[begin..].iter().take_while(|next| **next == label).count();
        let same = |rule: &&Option<RedactionKind>| rule.is_some_and(|kind| Label::of(kind) == label);
        let ruled = rules[begin..end].iter().find(same).copied().flatten();
        let asked = asked.filter(|kind| Label::of(*kind) == label);
        let shaped = (label == Label::Number).then(|| looks_like(&chars[begin..end]));
        if let Some(kind) = label.kind() {
            let kind = ruled.or(asked).or(shaped).unwrap_or(kind);
            for at in begin..end {
                found[at] = rules[at].filter(|rule| Label::of(*rule) == label).or(Some(kind));
            }
        }
        begin = end;
    }
    found
}

fn looks_like(chars: &[char]) -> RedactionKind {
    let digits: Vec<u8> = chars.iter().filter_map(|c| value(*c)).collect();
    match digits.iter().all(u8::is_ascii_digit) {
        true => kind_of(&digits),
        false => RedactionKind::Digits,
    }
}

/// Stretches of one kind, in order.
pub(super) fn stretches(covered: &[Option<RedactionKind>]) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for (at, kind) in covered.iter().enumerate() {
        let Some(kind) = *kind else { continue };
        match found.last_mut() {
            Some((range, last)) if range.end == at && *last == kind => range.end = at + 1,
            _ => found.push((at..at + 1, kind)),
        }
    }
    found
}

/// The text with what is covered as `*`.
pub(super) fn render(chars: &[char], covered: &[Option<RedactionKind>]) -> Masked {
    let shown = chars
        .iter()
        .zip(covered)
        .map(|(c, covered)| if covered.is_some() { '*' } else { *c });
    let redactions = stretches(covered).into_iter().map(|(range, kind)| Redaction {
        kind,
        begin: range.start,
        end: range.end,
    });
    Masked {
        text: shown.collect(),
        redactions: redactions.collect(),
    }
}
