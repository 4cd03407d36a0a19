//! Which known words stand near a character.
//!
//! Authors choose different words of one kind (a document, a relation, a place): what the words are for tells more of a text that
//! nobody has seen than the words themselves.

use sidetone_language::{Words, is_han};

use super::Features;
use super::codes::value;
use super::features::{View, distance, feature};
use crate::privacy::cue::cues;
use crate::privacy::words;

/// As far away words are looked at, in characters.
const FAR: usize = 12;

/// For each character and each kind of word: how far it is to the last one before it, and to the next one.
pub(super) fn near_words(view: &View<'_>, found: &mut Features) {
    let chars = view.chars;
    for (list, words) in (0..).zip(lists()) {
        let ends: Vec<Option<usize>> = (0..chars.len())
            .map(|at| Some(at + words.head(&chars[at..])?))
            .collect();
        add(chars, list, &ends, found);
    }
    let mut ends = vec![None; chars.len()];
    for cue in cues(chars) {
        ends[cue.end - 1] = Some((cue.end, cue.kind as u32));
    }
    let kinds = ends.iter().flatten().map(|(_, kind)| *kind);
    for kind in kinds.collect::<std::collections::BTreeSet<u32>>() {
        let of = |end: &Option<(usize, u32)>| end.filter(|(_, of)| *of == kind).map(|(end, _)| end);
        add(chars, 100 + kind, &ends.iter().map(of).collect::<Vec<_>>(), found);
    }
}

/// `ends` has where the word ends that begins at each character, if one does.
fn add(chars: &[char], list: u32, ends: &[Option<usize>], found: &mut Features) {
    if ends.iter().all(Option::is_none) {
        return;
    }
    let last = |at: usize| {
        let words = (at.saturating_sub(2 * FAR)..at).rev().filter_map(|begin| ends[begin]);
        words
            .filter(|end| *end <= at)
            .max()
            .map(|end| at - end)
            .filter(|far| *far < FAR)
    };
    let next = |at: usize| {
        (at..chars.len().min(at + FAR))
            .find(|begin| ends[*begin].is_some())
            .map(|begin| begin - at)
    };
    for (at, found) in found.iter_mut().enumerate() {
        let kind = kind(chars[at]);
        if let Some(far) = last(at) {
            found.push(feature(&[500, list, distance(far), kind]));
        }
        if let Some(far) = next(at) {
            found.push(feature(&[501, list, distance(far), kind]));
        }
    }
}

/// A digit, written or said; a letter; another character; a mark.
fn kind(c: char) -> u32 {
    match value(c) {
        Some(b'0'..=b'9') => 0,
        Some(_) => 1,
        None if is_han(c) => 2,
        None => 3,
    }
}

fn lists() -> [&'static Words; 30] {
    let lists = words();
    [
        &lists.person,
        &lists.title,
        &lists.name_cue,
        &lists.am,
        &lists.surname_cue,
        &lists.own_surname_cue,
        &lists.name_ask,
        &lists.called,
        &lists.spells,
        &lists.account,
        &lists.mail_sign,
        &lists.mail_part,
        &lists.reference,
        &lists.corrects,
        &lists.asks_amount,
        &lists.amount_name,
        &lists.public_place,
        &lists.home_cue,
        &lists.door_cue,
        &lists.place_cue,
        &lists.road,
        &lists.estate,
        &lists.house,
        &lists.area,
        &lists.birth_cue,
        &lists.born,
        &lists.digit_count,
        &lists.number_ask,
        &lists.home_ask,
        &lists.no_name,
    ]
}
