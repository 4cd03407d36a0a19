//! Numbers that the public is meant to know: those of services, by how they are built and by who is said to call them.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::judge::{Shown, split};
use super::shape;
use super::token::{Gap, Token};
use super::words;

/// As many groups has a number of a service, written or said.
const MOST_GROUPS: usize = 4;
/// Characters between the word for calling a number and the number.
const REACH: usize = 4;

/// Says of the digits of public numbers that they may be seen: whole numbers of a service (400…, 800…, an area code and a short
/// number) in groups, and short numbers that somebody dials. Digits that go on with others are none: they may be a part of a longer number;
/// nor are those beside what proved itself (`proven`).
pub(super) fn publics(chars: &[char], tokens: &[Token], proven: &[Option<RedactionKind>], found: &mut [Shown]) {
    let alone = |run: &Range<usize>| proven[run.clone()].iter().all(Option::is_none);
    for run in split(tokens, Gap::Words).into_iter().filter(alone) {
        let groups = groups(tokens, &run);
        let mut public: Vec<Range<usize>> = Vec::new();
        let mut at = 0;
        while at < groups.len() {
            let (first, of) = (&groups[at], groups.len().min(at + MOST_GROUPS));
            let service = (at + 1..=of).rev().find(|end| is_service(tokens, &groups[at..*end]));
            if let Some(end) = service {
                public.push(first.start..groups[end - 1].end);
                at = end;
            } else if is_dialled(chars, tokens, first) {
                public.push(first.clone());
                at += 1;
            } else if first.clone().all(|at| found[at] != Shown::No) {
                at += 1;
            } else {
                public.clear();
                break;
            }
        }
        for range in public {
            found[range].fill(Shown::Reference);
        }
    }
}

/// Stretches of digits with nothing between them.
fn groups(tokens: &[Token], run: &Range<usize>) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for at in run.clone() {
        match found.last_mut() {
            Some(last) if tokens[at].gap == Gap::None => last.end = at + 1,
            _ => found.push(at..at + 1),
        }
    }
    found
}

fn digits(tokens: &[Token], range: Range<usize>) -> Vec<u8> {
    tokens[range].iter().map(|token| token.value).collect()
}

/// Whether these groups are a whole number of a service, as its first group says.
fn is_service(tokens: &[Token], groups: &[Range<usize>]) -> bool {
    let (Some(first), Some(last)) = (groups.first(), groups.last()) else {
        return false;
    };
    if tokens[first.start].begin.is_none() {
        return false;
    }
    let all = digits(tokens, first.start..last.end);
    let head = all.len() == shape::SERVICE && all.iter().all(u8::is_ascii_digit) && shape::is_hotline(&all);
    let local = groups.len() > 1 && shape::is_area(&all[..first.len()]) && shape::is_local_hotline(&all);
    head || local
}

/// Whether the word for calling a number stands before a short one.
fn is_dialled(chars: &[char], tokens: &[Token], group: &Range<usize>) -> bool {
    let Some(begin) = tokens[group.start].begin else {
        return false;
    };
    let near = begin.saturating_sub(REACH)..=begin;
    let said = near.filter_map(|end| words().dials.tail(&chars[..end]).map(|_| &chars[end..begin]));
    let mut close = said.filter(|between| between.iter().all(|c| words().dials_of.has(*c)));
    close.next().is_some() && shape::is_short_number(&digits(tokens, group.clone()))
}
