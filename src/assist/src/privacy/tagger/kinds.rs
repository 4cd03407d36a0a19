//! What the model looks at of names, homes and dates.

use sidetone_language::{is_han, zh};
use sidetone_schema::RedactionKind;

use super::Features;
use super::features::{View, class, distance, feature};
use crate::privacy::words;

/// Surnames, cues and what was said before of names.
pub(super) fn names(view: &View<'_>, found: &mut Features) {
    let chars = view.chars;
    let cue_ends: Vec<usize> = (0..chars.len())
        .filter_map(|at| Some(at + words().name_cue.head(&chars[at..])?))
        .collect();
    let known: Vec<bool> = view.names.within(chars);
    for (at, found) in found.iter_mut().enumerate() {
        let c = chars[at];
        let surname = |at: Option<usize>| {
            at.and_then(|at| chars.get(at..))
                .and_then(|rest| words().surname.head(rest))
                .map_or(0, |len| len as u32)
        };
        let surnames = [
            surname(at.checked_sub(2)),
            surname(at.checked_sub(1)),
            surname(Some(at)),
        ];
        let cue = cue_ends
            .iter()
            .rev()
            .find(|end| **end <= at)
            .map_or(7, |end| ((at - end) as u32).min(6));
        let edge = u32::from(words().name_edge.head(&chars[at..]).is_some());
        let next_edge = chars
            .get(at + 1)
            .map_or(2, |_| u32::from(words().name_edge.head(&chars[at + 1..]).is_some()));
        let foreign = u32::from(words().foreign.has(c));
        let clause = clause_place(chars, at);
        let seen = u32::from(known[at]);
        let character = u32::from(view.names.holds(c));
        let twice = again(chars, at);
        let of = u32::from(at > 0 && words().spells.tail(&chars[..at]).is_some());
        let spelled = spelled(chars, at);
        found.extend([
            feature(&[200, surnames[2], cue]),
            feature(&[201, surnames[1], cue, edge]),
            feature(&[202, surnames[0], surnames[1], surnames[2]]),
            feature(&[203, surnames[2], clause[0], clause[1]]),
            feature(&[204, surnames[1], clause[0], clause[1]]),
            feature(&[205, edge, next_edge, cue]),
            feature(&[206, foreign, cue]),
            feature(&[207, seen, character]),
            feature(&[208, seen, of, twice]),
            feature(&[209, character, of, twice, next_edge]),
            feature(&[210, of, twice, view.scene.others()[2]]),
            feature(&[211, spelled, view.scene.others()[2]]),
            feature(&[212, view.state, clause[0], clause[1], surnames[2]]),
            feature(&[213, view.state, surnames[1], clause[0]]),
            feature(&[214, character, view.scene.others()[2], class(chars, at.checked_sub(1))]),
            feature(&[215, spelled, of, twice]),
        ]);
    }
}

/// Where in its clause a character stands, and how long that is.
fn clause_place(chars: &[char], at: usize) -> [u32; 2] {
    let before = chars[..at].iter().rev().take_while(|c| c.is_alphanumeric()).count();
    let behind = chars[at..].iter().take_while(|c| c.is_alphanumeric()).count();
    [(before as u32).min(6), ((before + behind) as u32).min(8)]
}

/// Whether a character is said again within a few characters: before, behind.
fn again(chars: &[char], at: usize) -> u32 {
    const NEAR: usize = 5;
    if !is_han(chars[at]) {
        return 0;
    }
    let before = chars[at.saturating_sub(NEAR)..at].contains(&chars[at]);
    let behind = chars[at + 1..chars.len().min(at + 1 + NEAR)].contains(&chars[at]);
    u32::from(before) + 2 * u32::from(behind)
}

/// Whether a known way to spell a surname covers it, and where.
fn spelled(chars: &[char], at: usize) -> u32 {
    (0..3)
        .find_map(|back| {
            let begin = at.checked_sub(back)?;
            let len = words().spelled.head(&chars[begin..])?;
            (back < len).then_some(1 + back as u32)
        })
        .unwrap_or(0)
}

/// Roads, estates, houses: how near the words are that end them.
pub(super) fn places(view: &View<'_>, found: &mut Features) {
    const NEAR: usize = 8;
    let chars = view.chars;
    let ends: Vec<Option<(u32, usize)>> = (0..chars.len()).map(|at| part(&chars[at..])).collect();
    let cue_ends: Vec<usize> = (0..chars.len())
        .filter_map(|at| Some(at + words().home_cue.head(&chars[at..])?))
        .collect();
    let public = words().public_place.within(chars);
    for (at, found) in found.iter_mut().enumerate() {
        let next = (at..chars.len().min(at + NEAR))
            .take_while(|near| chars[*near].is_alphanumeric())
            .find_map(|near| ends[near].map(|(kind, _)| 8 * kind + (near - at) as u32));
        let last = (0..NEAR * 2).find_map(|back| {
            let begin = at.checked_sub(back + 1)?;
            ends[begin].map(|(kind, len)| 8 * kind + distance((back + 1).saturating_sub(len)))
        });
        let cue = cue_ends
            .iter()
            .rev()
            .find(|end| **end <= at)
            .map_or(6, |end| distance(at - end));
        let parts = ends[at.saturating_sub(NEAR * 2)..chars.len().min(at + NEAR * 2)]
            .iter()
            .flatten()
            .count();
        let (next, last) = (next.unwrap_or(0), last.unwrap_or(0));
        let ruled = u32::from(view.rules[at] == Some(RedactionKind::Address));
        let parts = (parts as u32).min(5);
        let near = u32::from(public);
        found.extend([
            feature(&[300, next, cue]),
            feature(&[301, last, cue]),
            feature(&[302, next, last]),
            feature(&[303, parts, cue, near]),
            feature(&[304, next / 8, last / 8, parts, near]),
            feature(&[305, ruled, parts, near, cue]),
            feature(&[306, next, parts, class(chars, Some(at))]),
            feature(&[307, last / 8, class(chars, Some(at)), parts]),
            feature(&[308, next, view.scene.others()[0], near]),
            feature(&[309, parts, view.scene.others()[0], view.state]),
        ]);
    }
}

/// A word that ends a part of an address: which kind, and how long.
fn part(rest: &[char]) -> Option<(u32, usize)> {
    let lists = words();
    let kinds = [
        &lists.road,
        &lists.village,
        &lists.estate,
        &lists.house_word,
        &lists.house,
        &lists.area,
    ];
    kinds
        .iter()
        .zip(1..)
        .find_map(|(words, kind)| Some((kind, words.head(rest)?)))
}

/// Years, months, days.
pub(super) fn dates(view: &View<'_>, found: &mut Features) {
    const NEAR: usize = 12;
    let chars = view.chars;
    let dates = &zh().measures.dates;
    let unit = |at: usize| {
        let rest = &chars[at..];
        let kinds = [&dates.year, &dates.month, &dates.day];
        kinds
            .iter()
            .zip(1..)
            .find_map(|(words, kind)| words.head(rest).map(|_| kind))
    };
    let units: Vec<u32> = (0..chars.len()).map(|at| unit(at).unwrap_or(0)).collect();
    let ruled = view.rules.contains(&Some(RedactionKind::BirthDate));
    for (at, found) in found.iter_mut().enumerate() {
        let window = &chars[at.saturating_sub(NEAR)..chars.len().min(at + NEAR)];
        let cue = words().birth_cue.within(window);
        let born = words().born.within(window);
        let next = (at..chars.len().min(at + 5)).find(|near| units[*near] > 0);
        let next = next.map_or(0, |near| 4 * units[near] + ((near - at) as u32).min(3));
        let last = (0..4).find_map(|back| at.checked_sub(back + 1).filter(|near| units[*near] > 0));
        let last = last.map_or(0, |near| units[near]);
        let said = u32::from(cue) + 2 * u32::from(born) + 4 * u32::from(ruled);
        let whole = window
            .iter()
            .enumerate()
            .filter(|(near, _)| unit_in(window, *near))
            .count();
        found.extend([
            feature(&[400, next, said]),
            feature(&[401, next, last, view.scene.others()[1]]),
            feature(&[402, next, last, view.state]),
            feature(&[403, last, said, class(chars, Some(at))]),
            feature(&[404, next, said, view.scene.others()[1], (whole as u32).min(4)]),
            feature(&[405, next, last, said, (whole as u32).min(4)]),
        ]);
    }
}

fn unit_in(window: &[char], at: usize) -> bool {
    let dates = &zh().measures.dates;
    let rest = &window[at..];
    [&dates.year, &dates.month, &dates.day]
        .iter()
        .any(|words| words.head(rest).is_some())
}
