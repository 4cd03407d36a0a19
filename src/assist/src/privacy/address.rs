//! Where somebody lives.

use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::span::Span;
use super::token::{digit, is_filler};
use super::words;

/// As far back a place's name may begin before its house.
const LONGEST_NAME: usize = 14;
/// As near to it a public place is the one that is spoken of.
const AROUND: usize = 12;
/// So few digits a house's number has.
const LONGEST_NUMBER: usize = 5;

/// Every address that names a house; with `open`, which an earlier turn asked for or began, the rest of one, too.
pub(super) fn addresses(chars: &[char], open: bool, growing: bool) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    if open {
        found.extend(rest(chars, growing));
    }
    for at in 0..chars.len() {
        found.extend(announced(chars, at));
    }
    let mut at = 0;
    while at < chars.len() {
        match place(chars, at).and_then(|name| home(chars, at, name)) {
            Some(range) => {
                at = range.end;
                found.push((range, RedactionKind::Address));
            }
            None => at += 1,
        }
    }
    found
}

/// A house without its road, at the head of a turn.
fn rest(chars: &[char], growing: bool) -> Option<Span> {
    let begin = (0..chars.len()).find(|at| !is_filler(&chars[*at..=*at]))?;
    if growing && digit(chars[begin]).is_some() {
        return Some((begin..chars.len(), RedactionKind::Address));
    }
    let (end, parts) = house(chars, begin, false);
    // A place's name alone.
    let clause = chars[begin..].iter().take_while(|c| c.is_alphanumeric()).count();
    let named = (2..=LONGEST_NAME).contains(&clause) && words().no_place.tail(&chars[..begin + clause]).is_none();
    let (estate, road) = (
        words().estate.tail(&chars[..begin + clause]),
        words().road.tail(&chars[..begin + clause]),
    );
    if parts == 0 && named && estate.or(road).is_some_and(|len| len < clause) {
        return Some((begin..begin + clause, RedactionKind::Address));
    }
    // The door's number alone is the whole turn.
    let door = chars[begin..].iter().take_while(|c| digit(**c).is_some()).count();
    let alone = (2..=LONGEST_NUMBER).contains(&door) && is_filler(&chars[begin + door..]);
    let end = if parts > 0 { end } else { begin + door };
    (parts > 0 || alone).then_some((begin..end, RedactionKind::Address))
}

/// What a cue at `at` announces: a house by its number, or an estate or a village by its name alone.
fn announced(chars: &[char], at: usize) -> Option<Span> {
    if let Some(len) = words().door_cue.head(&chars[at..]) {
        let (end, parts) = house(chars, at + len, false);
        return (parts > 0).then_some((at + len..end, RedactionKind::Address));
    }
    if let Some(len) = words().place_cue.head(&chars[at..]) {
        let begin = at + len;
        let name = chars[begin..].iter().take_while(|c| c.is_alphanumeric()).count();
        let named = (2..=LONGEST_NAME).contains(&name) && words().no_place.head(&chars[begin..]).is_none();
        return named.then(|| (begin..house(chars, begin + name, false).0, RedactionKind::Address));
    }
    let begin = at + words().home_cue.head(&chars[at..])?;
    let pause = chars[begin..].iter().take_while(|c| is_filler(&[**c])).count();
    let begin = begin + pause;
    let clause = chars[begin..]
        .iter()
        .take(LONGEST_NAME)
        .take_while(|c| c.is_alphanumeric())
        .count();
    let place = (begin + 1..begin + clause).find_map(|at| {
        let len = words().estate.head(&chars[at..])?;
        (chars[at..at + len].len() >= 2 || words().village.head(&chars[at..]).is_some()).then_some(at + len)
    })?;
    let unnamed = words().no_place.tail(&chars[..place]).is_some();
    let begin = begin.max(name_begin(chars, place));
    (!unnamed && place - begin >= 3).then(|| (begin..house(chars, place, false).0, RedactionKind::Address))
}

/// A road or an estate at `at`: how long the word is, and whether it is a road.
fn place(chars: &[char], at: usize) -> Option<(usize, bool)> {
    let road = words().road.head(&chars[at..]).map(|len| (len, true));
    road.or_else(|| words().estate.head(&chars[at..]).map(|len| (len, false)))
}

fn home(chars: &[char], at: usize, (len, road): (usize, bool)) -> Option<Range<usize>> {
    let (end, parts) = house(chars, at + len, road);
    let cue = cue_before(chars, at);
    // Whose address it is stands before the cue, or behind the house.
    let office = match cue {
        Some(cue) => {
            let before = &chars[cue.saturating_sub(AROUND)..at.max(cue)];
            words().public_place.within(before) || (parts == 1 && public(chars, end, end))
        }
        None => parts <= 2 && public(chars, at, end),
    };
    if parts == 0 || (road && office) {
        return None;
    }
    let begin = name_begin(chars, at);
    // A town in a clause of its own belongs to an address that was announced.
    let begin = cue.map_or(begin, |cue| begin.min(announced_begin(chars, cue, at)));
    (begin < at).then_some(begin..end)
}

/// Where an announced address begins: behind its cue and small words, or at `at` when it does not reach so far.
fn announced_begin(chars: &[char], cue: usize, at: usize) -> usize {
    let mut begin = cue;
    while begin < at {
        match words().filler.head(&chars[begin..at]) {
            Some(len) => begin += len,
            None if is_filler(&chars[begin..=begin]) => begin += 1,
            None => break,
        }
    }
    let clauses = chars[begin..at].iter().filter(|c| edge(**c)).count();
    let said = chars[begin..at].iter().any(|c| !c.is_alphanumeric() && !edge(*c));
    if clauses > 3 || said { at } else { begin }
}

/// The end of the house's number behind a place's name, and how many parts it has. An estate may follow a road.
fn house(chars: &[char], from: usize, road: bool) -> (usize, usize) {
    let (mut at, mut end, mut parts) = (from, from, 0);
    while at < chars.len() {
        if let Some(len) = words().house_word.head(&chars[at..]) {
            at += len;
            end = at;
            parts += 1;
            continue;
        }
        let digits = number(&chars[at..]);
        if digits > 0 && digits <= LONGEST_NUMBER {
            let behind = &chars[at + digits..];
            match words().house.head(behind) {
                Some(unit) => at += digits + unit,
                // The door's number stands alone.
                None if parts > 0 && digits >= 2 => at += digits,
                None => break,
            }
            end = at;
            parts += 1;
        } else if chars[at] == ' ' || words().house_gap.has(chars[at]) {
            at += 1;
        } else if let Some(len) = words().filler.head(&chars[at..]) {
            at += len;
        } else if let Some((len, _)) = words().estate.head(&chars[at..]).map(|len| (len, ())) {
            at += len;
        } else if (parts > 0 || road) && at - end < 7 && next_place(&chars[at..]) {
            at += 1;
        } else {
            break;
        }
    }
    (end, parts)
}

/// How long the number of a house is: digits, or one letter.
fn number(rest: &[char]) -> usize {
    let digits = rest
        .iter()
        .take_while(|c| digit(**c).is_some() || words().house_number.has(**c));
    let letter = rest.first().is_some_and(char::is_ascii_alphabetic) && words().house.head(&rest[1..]).is_some();
    digits.count().max(usize::from(letter))
}

/// An estate's name and its house stand close behind a road's number.
fn next_place(rest: &[char]) -> bool {
    (1..rest.len().min(6)).any(|at| {
        words()
            .estate
            .head(&rest[at..])
            .is_some_and(|len| numbered(&rest[at + len..]))
    }) && rest.first().is_some_and(|c| c.is_alphabetic())
}

/// Whether a number follows, if only behind a pause.
fn numbered(rest: &[char]) -> bool {
    const LONGEST_PAUSE: usize = 5;
    let pause = rest
        .iter()
        .take(LONGEST_PAUSE)
        .take_while(|c| is_filler(&[**c]))
        .count();
    rest.get(pause)
        .is_some_and(|c| digit(*c).is_some() || words().house_number.has(*c))
}

fn edge(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '-')
}

/// A cue in the same sentence before `at`: one past its last character.
fn cue_before(chars: &[char], at: usize) -> Option<usize> {
    let from = at.saturating_sub(LONGEST_NAME * 2);
    (from..at)
        .rev()
        .find_map(|at| words().home_cue.head(&chars[at..]).map(|len| at + len))
}

fn name_begin(chars: &[char], at: usize) -> usize {
    let least = at.saturating_sub(LONGEST_NAME);
    let mut begin = at;
    while begin > least && !edge(chars[begin - 1]) {
        // A village has a family's name (李家庄): that is no end of a word.
        let family = words().family.has(chars[begin - 1]) && words().surname.tail(&chars[..begin - 1]).is_some();
        if !family && words().address_edge.tail(&chars[..begin]).is_some() {
            break;
        }
        begin -= 1;
    }
    begin
}

/// Whether the sentence is about a public place.
fn public(chars: &[char], at: usize, end: usize) -> bool {
    words()
        .public_place
        .within(&chars[at.saturating_sub(AROUND)..chars.len().min(end + AROUND)])
}

/// What stands behind the words that announce an address, while it is being said.
pub(super) fn growing(chars: &[char]) -> Vec<Span> {
    const LONGEST: usize = 40;
    let cue = (0..chars.len())
        .rev()
        .find_map(|at| words().home_cue.head(&chars[at..]).map(|len| at + len));
    let begin = cue.filter(|&begin| begin < chars.len() && chars.len() - begin <= LONGEST);
    let Some(begin) = begin else { return Vec::new() };
    if chars[begin..].contains(&'，') {
        return Vec::new();
    }
    vec![(begin..chars.len(), RedactionKind::Address)]
}
