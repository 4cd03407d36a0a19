//! Names: behind the words that give one, spelled, in answer to a question, and said again.

use std::collections::VecDeque;

use sidetone_language::is_han;
use sidetone_schema::RedactionKind;

use super::span::Span;
use super::token::is_filler;
use super::words;

/// No name of another people has more characters in one part.
const LONGEST: usize = 8;
/// As far behind a name it may be spelled, or said whole.
const NEAR: usize = 40;

/// The names of a call so far, and whether one was asked for.
#[derive(Clone, Default)]
pub(super) struct Names {
    known: VecDeque<Vec<char>>,
    /// Settled turns until the other party's question is forgotten.
    asked: u8,
    /// As long until this party's own is.
    asks: u8,
}

impl Names {
    /// Names that are remembered; beyond it the oldest is forgotten.
    const MOST: usize = 8;
    /// Turns that may pass between question and answer.
    const PATIENCE: u8 = 2;

    /// Remembers the whole names among what was covered.
    pub(super) fn learn(&mut self, chars: &[char], covered: &[Span]) {
        for (range, kind) in covered {
            let said = &chars[range.clone()];
            match kind {
                RedactionKind::Name => {
                    self.keep(said.to_vec());
                    // Its parts may be said alone.
                    said.split(|c| is_dot(*c)).for_each(|part| self.keep(part.to_vec()));
                }
                // However it is spelled, it may be said again without pauses.
                RedactionKind::Account => self.keep(
                    said.iter()
                        .copied()
                        .filter(|c| !is_han(*c) && c.is_alphanumeric())
                        .collect(),
                ),
                _ => {}
            }
        }
    }

    fn keep(&mut self, said: Vec<char>) {
        if said.len() < 2 || self.known.contains(&said) {
            return;
        }
        if self.known.len() == Self::MOST {
            self.known.pop_front();
        }
        self.known.push_back(said);
    }

    /// What the other party said last, which may ask for one.
    pub(super) fn hear_other(&mut self, chars: &[char]) {
        self.asks = self.asks.saturating_sub(1);
        if words().name_ask.within(chars) {
            self.asked = Self::PATIENCE;
        }
    }

    /// What this party said last.
    pub(super) fn hear_own(&mut self, chars: &[char]) {
        self.asked = self.asked.saturating_sub(1);
        if words().name_ask.within(chars) {
            self.asks = Self::PATIENCE;
        }
    }

    /// Whether the other party asked for one.
    pub(super) fn is_asked(&self) -> bool {
        self.asked > 0
    }

    /// Which characters stand in a known name.
    pub(super) fn within(&self, chars: &[char]) -> Vec<bool> {
        let mut found = vec![false; chars.len()];
        for at in 0..chars.len() {
            if let Some(len) = self.head(&chars[at..]) {
                found[at..at + len].fill(true);
            }
        }
        found
    }

    /// Whether a known name has the character.
    pub(super) fn holds(&self, c: char) -> bool {
        is_han(c) && self.known.iter().any(|name| name.contains(&c))
    }

    /// How long the longest known name at the head of `rest` is.
    fn head(&self, rest: &[char]) -> Option<usize> {
        let known = self.known.iter().filter(|name| rest.starts_with(name));
        known.map(Vec::len).max()
    }
}

/// Every name of the text.
pub(super) fn names(chars: &[char], known: &Names) -> Vec<Span> {
    let mut found: Vec<Span> = Vec::new();
    for at in 0..chars.len() {
        if let Some(len) = words().name_cue.head(&chars[at..]) {
            let sure = words().sure_name_cue.head(&chars[at..]) == Some(len);
            found.extend(name(chars, at + len, sure));
        }
        let person = words().person.head(&chars[at..]);
        let person = person.and_then(|len| name(chars, at + len, false));
        found.extend(person.filter(|(range, _)| range.len() <= 3 && ends_clause(&chars[range.end..])));
        found.extend(clause_name(chars, at));
        found.extend(titled(chars, at));
        let single = words().single_given.head(&chars[at..]).map(|len| at + len);
        found.extend(
            single
                .filter(|at| chars.get(*at).is_some_and(|c| is_han(*c)))
                .map(|at| (at..at + 1, RedactionKind::Name)),
        );
        found.extend(surname_first(chars, at, known.asked > 0));
        found.extend(known.head(&chars[at..]).map(|len| (at..at + len, RedactionKind::Name)));
    }
    if known.asked > 0 {
        found.extend(answer(chars));
    }
    let again = again(chars, &found);
    found.extend(again);
    let whole: Vec<Vec<char>> = found
        .iter()
        .map(|(range, _)| chars[range.clone()].to_vec())
        .filter(|name| name.len() > 2)
        .collect();
    let repeated = (0..chars.len()).filter_map(|at| {
        let name = whole.iter().find(|name| chars[at..].starts_with(name))?;
        Some((at..at + name.len(), RedactionKind::Name))
    });
    found.extend(repeated);
    let spelled = spelled(chars, &found);
    found.extend(spelled);
    found
}

/// A surname that was given, said again near behind: alone, with the whole name, or at the end of how it is spelled.
fn again(chars: &[char], names: &[Span]) -> Vec<Span> {
    const LONGEST_SPELLING: usize = 6;
    let mut found = Vec::new();
    for (given, _) in names {
        let Some(len) = words().surname.head(&chars[given.clone()]) else {
            continue;
        };
        let surname = &chars[given.start..given.start + len];
        let near = &chars[given.end..chars.len().min(given.end + NEAR)];
        let mut begin = given.end;
        for clause in near.split(|c| !is_han(*c) && !is_dot(*c)) {
            let at = begin + leading(clause);
            let end = begin + clause.len();
            begin = end + 1;
            let said = &chars[at.min(end)..end];
            let spelled = said.len() > len && said.len() <= LONGEST_SPELLING && said.ends_with(surname);
            if said.starts_with(surname) && !words().spells.within(said) {
                let whole = length(said, false).filter(|whole| *whole > len).unwrap_or(len);
                found.push((at..at + whole, RedactionKind::Name));
            } else if spelled && words().spells.tail(&said[..said.len() - len]).is_none() {
                found.push((at..end, RedactionKind::Name));
            }
        }
    }
    found
}

/// Small words at the head of a clause.
fn leading(clause: &[char]) -> usize {
    let mut len = 0;
    while let Some(more) = words().filler.head(&clause[len..]) {
        len += more;
    }
    len
}

/// The name at `begin`, behind punctuation.
fn name(chars: &[char], begin: usize, sure: bool) -> Option<Span> {
    let pause = chars[begin..]
        .iter()
        .take_while(|c| !is_han(**c) && !c.is_alphanumeric());
    let begin = begin + pause.count();
    let len = length(&chars[begin..], sure)?;
    Some((begin..begin + len, RedactionKind::Name))
}

/// How long the name at the head of `rest` is: a surname and one or two characters, the name of another people, or what
/// stands there behind a sure cue.
fn length(rest: &[char], sure: bool) -> Option<usize> {
    let edge_at = |at: usize| words().name_edge.head(&rest[at..]).is_some();
    let han = rest.iter().take_while(|c| is_han(**c)).count();
    if han == 0 || words().no_name.head(rest).is_some() {
        return None;
    }
    let end = (1..han).find(|at| edge_at(*at)).unwrap_or(han);
    let foreign = rest.iter().take_while(|c| words().foreign.has(**c)).count();
    let surname = words().surname.head(rest);
    let dotted = rest.get(end).is_some_and(|c| is_dot(*c));
    let len = match surname {
        _ if foreign >= 3 || (dotted && end <= LONGEST) => end.min(LONGEST),
        None if foreign >= 1 && end >= 2 => end.min(LONGEST),
        None if sure && end >= 2 && !edge_at(0) => end.min(3),
        None => return None,
        // Four characters and nothing behind them are a name, too.
        Some(len) if end == han && han == len + 3 => han,
        Some(len) if end > len => end.min(len + 2),
        // A surname and nothing behind it is no name, save at the very end of what is heard, or before a pause and the
        // same surname.
        Some(len) => return (rest.len() == len || paused(rest, len)).then_some(len),
    };
    Some(len + dotted_rest(&rest[len..]))
}

/// Whether a pause follows the surname, and soon the surname again.
fn paused(rest: &[char], surname: usize) -> bool {
    const LONGEST: usize = 4;
    let behind = &rest[surname..];
    let pause = behind.first().is_some_and(|c| !is_han(*c) && !is_dot(*c));
    pause && (1..LONGEST.min(behind.len())).any(|at| behind[at..].starts_with(&rest[..surname]))
}

const fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '．')
}

/// The parts of a name behind its dots.
fn dotted_rest(rest: &[char]) -> usize {
    let mut len = 0;
    while rest.get(len).is_some_and(|c| is_dot(*c)) {
        let part = &rest[len + 1..];
        let han = part.iter().take_while(|c| is_han(**c)).take(LONGEST).count();
        let end = (1..han)
            .find(|at| words().name_edge.head(&part[*at..]).is_some())
            .unwrap_or(han);
        len += 1 + end;
    }
    len
}

/// A name that a clause is, or ends with: behind words that introduce somebody, or before words that ask who it is.
fn clause_name(chars: &[char], at: usize) -> Option<Span> {
    let called = words()
        .called
        .head(&chars[at..])
        .filter(|_| at > 0 && is_han(chars[at - 1]));
    if let Some(len) = called {
        let name = name(chars, at + len, false)?;
        return (name.0.len() <= 3 && name.0.start == at + len && ends_clause(&chars[name.0.end..])).then_some(name);
    }
    if let Some(len) = words().am.head(&chars[at..]) {
        let name = name(chars, at + len, false)?;
        let last = words().no_name_end.tail(&chars[..name.0.end]).is_some();
        return (name.0.len() == 3 && name.0.start == at + len && !last && ends_clause(&chars[name.0.end..]))
            .then_some(name);
    }
    if at > 0 && is_han(chars[at - 1]) {
        return None;
    }
    let rest = &chars[at..];
    let found = (2..=4).find(|len| {
        rest.get(*len..)
            .is_some_and(|rest| words().name_behind.head(rest).is_some())
    })?;
    (length(&rest[..found], false) == Some(found)).then_some((at..at + found, RedactionKind::Name))
}

/// A whole name before a title at `at`. A surname alone stays.
fn titled(chars: &[char], at: usize) -> Option<Span> {
    words().title.head(&chars[at..])?;
    let surname = |begin: usize| {
        words()
            .surname
            .head(&chars[begin..at])
            .is_some_and(|len| begin + len < at)
    };
    let three = at.checked_sub(3).filter(|begin| surname(*begin) && !surname(begin + 1));
    let two = at
        .checked_sub(2)
        .filter(|begin| surname(*begin) && words().surname.head(&chars[begin + 1..at]).is_none());
    let begin = three.or(two)?;
    let whole = chars[begin..at].iter().all(|c| is_han(*c)) && words().no_name.head(&chars[begin..]).is_none();
    whole.then_some((begin..at, RedactionKind::Name))
}

/// Nothing but a pause follows.
fn ends_clause(rest: &[char]) -> bool {
    rest.first().is_none_or(|c| !is_han(*c) && !c.is_alphanumeric())
}

/// A surname, given first, and the whole name near behind it. A surname alone is covered where it is the speaker's own.
fn surname_first(chars: &[char], at: usize, asked: bool) -> Vec<Span> {
    let cue = words()
        .surname_cue
        .head(&chars[at..])
        .or_else(|| words().own_surname_cue.head(&chars[at..]));
    let Some(cue) = cue else { return Vec::new() };
    let at = at + cue;
    let Some(len) = words().surname.head(&chars[at..]) else {
        return Vec::new();
    };
    let surname = &chars[at..at + len];
    let mut found = Vec::new();
    if asked || words().own_surname_cue.tail(&chars[..at]).is_some() {
        found.push((at..at + len, RedactionKind::Name));
    }
    let near = at + len..chars.len().min(at + len + NEAR);
    let whole = near.filter_map(|at| {
        let begin = at + words().called.head(&chars[at..])?;
        name(chars, begin, false).filter(|(range, _)| chars[range.start..].starts_with(surname))
    });
    if let Some(whole) = whole.take(1).last() {
        found.extend([(at..at + len, RedactionKind::Name), whole]);
        return found;
    }
    // The given name alone, close behind.
    let pause = chars[at + len..]
        .iter()
        .take_while(|c| !is_han(**c) && !c.is_alphanumeric())
        .count();
    if let Some(called) = words().called.head(&chars[at + len + pause..]) {
        let begin = at + len + pause + called;
        let rest = &chars[begin..];
        let given =
            (0..rest.len().min(2)).take_while(|at| is_han(rest[*at]) && words().name_edge.head(&rest[*at..]).is_none());
        let given = given.count();
        if given > 0 {
            found.extend([
                (at..at + len, RedactionKind::Name),
                (begin..begin + given, RedactionKind::Name),
            ]);
        }
    }
    found
}

/// A turn that is a name and nothing else, in answer to a question, or begins with one.
fn answer(chars: &[char]) -> Option<Span> {
    let begin = (0..chars.len()).find(|at| !is_filler(&chars[*at..=*at]))?;
    // Said character by character.
    let clauses = || {
        chars[begin..]
            .split(|c| !is_han(*c))
            .filter(|clause| !clause.is_empty())
    };
    let single = (2..=4).contains(&clauses().count()) && clauses().all(|clause| clause.len() == 1);
    if single && words().surname.head(&chars[begin..]).is_some() {
        return Some((begin..chars.len(), RedactionKind::Name));
    }
    let cue = words().called.head(&chars[begin..]).unwrap_or(0);
    let begin = begin + cue;
    let rest = &chars[begin..];
    let len = length(rest, false)?;
    let clause = rest.iter().take_while(|c| is_han(**c) || is_dot(**c)).count();
    let ends = clause == len || words().name_edge.head(&rest[len..]).is_some() && cue > 0;
    // A surname alone, or once more with the whole name.
    let alone = len == clause && (paused(rest, len) || is_filler(&rest[len..]));
    ((len >= 2 && ends) || alone).then_some((begin..begin + len, RedactionKind::Name))
}

/// Characters that spell a name: the last of the parts of a surname, and behind a word that has them.
fn spelled(chars: &[char], names: &[Span]) -> Vec<Span> {
    let mut found = Vec::new();
    let near = |at: usize| {
        let before = names
            .iter()
            .filter(|(range, _)| range.start <= at && at <= range.end + NEAR);
        before.map(|(range, _)| range.clone()).collect::<Vec<_>>()
    };
    for at in 0..chars.len() {
        if let Some(len) = words().spelled.head(&chars[at..]) {
            found.push((at..at + len, RedactionKind::Name));
        }
        // 建是建设的建.
        let opens = at == 0 || !is_han(chars[at - 1]);
        let as_word = opens && words().spelled_as.head(&chars[at + 1..]).is_some();
        if as_word
            && near(at)
                .iter()
                .any(|range| range.end <= at && chars[range.clone()].contains(&chars[at]))
        {
            found.push((at..at + 1, RedactionKind::Name));
        }
        let Some(len) = words().spells.head(&chars[at..]) else {
            continue;
        };
        let Some(&c) = chars.get(at + len).filter(|c| is_han(**c)) else {
            continue;
        };
        let names = near(at);
        let of_name = names.iter().any(|range| chars[range.clone()].contains(&c));
        let of_word = chars[..at]
            .iter()
            .rev()
            .take(4)
            .take_while(|c| is_han(**c))
            .any(|before| *before == c);
        if !names.is_empty() && (of_name || of_word) && ends_word(&chars[at + len + 1..]) {
            found.push((at + len..at + len + 1, RedactionKind::Name));
        }
    }
    found
}

/// Whether a word ends before `rest`: nothing, a pause, or another word that spells.
fn ends_word(rest: &[char]) -> bool {
    let han = rest.iter().take_while(|c| is_han(**c)).count();
    han == 0
        || words().name_edge.head(rest).is_some()
        || (2..=4).any(|at| at < han && words().spells.head(&rest[at..]).is_some())
}
