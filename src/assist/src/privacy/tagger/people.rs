//! Where a name may stand: words of every day, surnames, and the characters of given names.
//!
//! Nobody's list of names is long enough, but a name is seldom a word: of the characters of names one in ten stands in a word of every
//! day, of those of other talk every second.

use std::ops::Range;

use sidetone_language::{is_han, zh};

use super::Features;
use super::features::{View, feature};
use crate::privacy::words;

/// Adds to the features of each character.
pub(super) fn people(view: &View<'_>, found: &mut Features) {
    let chars = view.chars;
    let places = places_in_words(chars);
    let candidates = candidates(chars, &places);
    let mut best: Vec<Option<&Candidate>> = vec![None; chars.len()];
    for candidate in &candidates {
        for slot in &mut best[candidate.range.clone()] {
            if slot.is_none_or(|other| other.likeness() < candidate.likeness()) {
                *slot = Some(candidate);
            }
        }
    }
    let asked = view.state >> 4;
    let place = |at: Option<usize>| at.and_then(|at| places.get(at)).map_or(9, Place::code);
    let given = |at: Option<usize>| at.and_then(|at| chars.get(at)).map_or(3, |c| of_given(*c));
    for (at, found) in found.iter_mut().enumerate() {
        let (last, next) = (at.checked_sub(1), Some(at + 1));
        let surname = |at: Option<usize>| u32::from(at.is_some_and(|at| words().surname.head(&chars[at..]).is_some()));
        let surnames = surname(Some(at)) + 2 * surname(last) + 4 * surname(at.checked_sub(2));
        let here = place(Some(at));
        found.extend([
            feature(&[600, place(last), here, place(next)]),
            feature(&[601, here, surnames]),
            feature(&[602, given(last), given(Some(at)), given(next), here]),
            feature(&[603, here, given(Some(at)), surnames]),
        ]);
        match best[at] {
            Some(candidate) => candidate.features(at, asked, found),
            None => found.push(feature(&[616, here, asked])),
        }
    }
}

/// Where in a word of every day a character stands.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Characters of the word; none where it stands in no word.
    len: usize,
    /// Characters of it before this one.
    before: usize,
}

impl Place {
    fn code(&self) -> u32 {
        let part = match self.before {
            _ if self.len == 0 => return 0,
            0 => 1,
            before if before + 1 == self.len => 2,
            _ => 3,
        };
        part + if self.len > 2 { 3 } else { 0 }
    }

    const fn begins(self) -> bool {
        self.len > 0 && self.before == 0
    }

    const fn ends(self) -> bool {
        self.len > 0 && self.before + 1 == self.len
    }

    /// Whether it and the one before it are of one word.
    const fn goes_on(self) -> bool {
        self.before > 0
    }
}

/// Of the longest word that takes in each character.
fn places_in_words(chars: &[char]) -> Vec<Place> {
    let mut places = vec![Place::default(); chars.len()];
    for begin in 0..chars.len() {
        let Some(len) = zh().vocabulary.head(&chars[begin..]) else {
            continue;
        };
        if places[begin..begin + len].iter().all(|place| place.len < len) {
            for (before, place) in places[begin..begin + len].iter_mut().enumerate() {
                *place = Place { len, before };
            }
        }
    }
    // Of a word that lost a character to a longer one nothing is left.
    for at in 0..places.len() {
        let Place { len, before } = places[at];
        let whole = |other: usize| {
            places
                .get(other)
                .is_some_and(|place| place.len == len && place.before + at == before + other)
        };
        if len > 0 && !(at - before..at - before + len).all(whole) {
            places[at] = Place::default();
        }
    }
    places
}

/// How often a character stands in given names.
fn of_given(c: char) -> u32 {
    match c {
        _ if words().given_often.has(c) => 2,
        _ if words().given_seldom.has(c) => 1,
        _ => 0,
    }
}

/// A surname and one or two characters behind it.
struct Candidate {
    range: Range<usize>,
    /// A surname of one character, one that is a word, too, or one of two.
    surname: u32,
    /// Characters of the given name.
    given: u32,
    /// How often they stand in given names, summed.
    often: u32,
    /// Whether it is a word itself, or cuts one in two.
    word: u32,
    /// What stands before and behind it.
    sides: [u32; 2],
}

impl Candidate {
    fn likeness(&self) -> u32 {
        let whole = if self.word == 0 { 8 } else { 0 };
        let edged = 2 * u32::from(self.sides[0] < 3) + 2 * u32::from(self.sides[1] < 3);
        whole + edged + 2 * self.often + self.given + u32::from(self.surname != 1)
    }

    fn features(&self, at: usize, asked: u32, found: &mut Vec<u32>) {
        let place = (at - self.range.start) as u32;
        let [before, behind] = self.sides;
        let name = self.surname + 3 * self.given + 9 * self.often + 45 * self.word;
        found.extend([
            feature(&[610, place, name]),
            feature(&[611, place, self.given, before, behind]),
            feature(&[612, place, self.word, self.often, before]),
            feature(&[613, place, name, before]),
            feature(&[614, place, name, behind]),
            feature(&[615, place.min(1), self.word, before, behind, asked]),
            feature(&[617, place, name, before, behind]),
        ]);
    }
}

fn candidates(chars: &[char], places: &[Place]) -> Vec<Candidate> {
    const LONGEST: usize = 2;
    let mut found = Vec::new();
    for begin in 0..chars.len() {
        let Some(surname) = words().surname.head(&chars[begin..]) else {
            continue;
        };
        let given = begin + surname;
        for end in given + 1..=chars.len().min(given + LONGEST) {
            if !is_han(chars[end - 1]) {
                break;
            }
            let cut = places[begin].goes_on() || places.get(end).is_some_and(|place| place.goes_on());
            let own = places[begin].len > 0 || places[given..end].iter().all(|place| place.len > 0);
            found.push(Candidate {
                range: begin..end,
                surname: match surname {
                    1 => u32::from(words().surname_word.has(chars[begin])),
                    _ => 2,
                },
                given: (end - given) as u32,
                often: chars[given..end].iter().map(|c| of_given(*c)).sum(),
                word: if cut { 2 } else { u32::from(own) },
                sides: [before(chars, places, begin), behind(chars, places, end)],
            });
        }
    }
    found
}

/// What stands before a name: nothing or a pause, a word that announces one, a person, the end of a word, something else.
fn before(chars: &[char], places: &[Place], begin: usize) -> u32 {
    let Some(last) = begin.checked_sub(1).map(|last| chars[last]) else {
        return 0;
    };
    let said = &chars[..begin];
    let lists = words();
    let announced = [&lists.name_cue, &lists.am, &lists.called];
    match last {
        _ if !last.is_alphanumeric() => 0,
        _ if announced.iter().any(|words| words.tail(said).is_some()) => 1,
        _ if lists.person.tail(said).is_some() => 2,
        _ if places[begin - 1].ends() => 3,
        _ if is_han(last) => 4,
        _ => 5,
    }
}

/// What stands behind one: nothing or a pause, what ends a name, a title, the head of a word, something else.
fn behind(chars: &[char], places: &[Place], end: usize) -> u32 {
    let Some(&next) = chars.get(end) else { return 0 };
    let rest = &chars[end..];
    match next {
        _ if !next.is_alphanumeric() => 0,
        _ if words().given_title.head(rest).is_some() => 1,
        _ if words().name_edge.head(rest).is_some() => 2,
        _ if places[end].begins() => 3,
        _ if is_han(next) => 4,
        _ => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn the_longest_word_is_each_characters_own() {
        let codes: Vec<u32> = places_in_words(&chars("马上办，曲丽娟"))
            .iter()
            .map(Place::code)
            .collect();
        assert_eq!(codes, [1, 2, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_name_is_likelier_than_a_word_that_begins_as_one_does() {
        let likeness = |text: &str| {
            let chars = chars(text);
            let found = candidates(&chars, &places_in_words(&chars));
            found.iter().map(Candidate::likeness).max().unwrap_or(0)
        };
        assert!(likeness("我闺女戚若彤，") > likeness("我马上办，"));
        assert_eq!(likeness("我的社保"), 0);
    }
}
