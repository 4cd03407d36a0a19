//! An author's dialogue with other people and other homes in it: what tells a name is where it stands, not which one it is.

use std::collections::HashMap;

use sidetone_assist::privacy::Label;
use sidetone_language::{is_han, zh};

use super::dice::Dice;
use super::lines::Turn;
use super::lists::Lists;
use super::marked::Mark;

/// Characters of a whole name, and of one with a surname of two.
const NAME: std::ops::RangeInclusive<usize> = 2..=3;
/// Of a hundred dialogues, so many stay as they were written.
const KEPT: usize = 30;
/// Of a hundred places with a name, so many get another.
const MOVED: usize = 50;

/// Which character stands for which.
type Cast = HashMap<char, char>;

/// The dialogue, most times with other names. Each character that is personal, or may be, is another one everywhere in it.
pub(super) fn recast(turns: &[Turn], lists: &Lists, dice: &mut Dice) -> Vec<Turn> {
    let mut turns = turns.to_vec();
    if dice.chance(KEPT) {
        return turns;
    }
    let mut cast = Cast::new();
    for (_, said) in &turns {
        names(&said.0, lists, dice, &mut cast);
        places(&said.0, lists, dice, &mut cast);
    }
    for (_, said) in &mut turns {
        for (c, mark) in &mut said.0 {
            if *mark != Mark::Stay
                && let Some(other) = cast.get(c)
            {
                *c = *other;
            }
        }
    }
    turns
}

fn names(said: &[(char, Mark)], lists: &Lists, dice: &mut Dice, cast: &mut Cast) {
    let of_name = |(c, mark): &(char, Mark)| is_han(*c) && matches!(mark, Mark::Must(Label::Name) | Mark::Cover);
    for name in said.split(|at| !of_name(at)).filter(|name| NAME.contains(&name.len())) {
        let chars: Vec<char> = name.iter().map(|(c, _)| *c).collect();
        if zh().masking.surname.head(&chars) != Some(1) {
            continue;
        }
        let surname = lists.surnames.any(dice).chars().next();
        cast.entry(chars[0]).or_insert(surname.unwrap_or(chars[0]));
        for c in &chars[1..] {
            cast.entry(*c).or_insert_with(|| lists.given_character(dice));
        }
    }
}

/// The characters of a home that are part of a name: no numbers, and no words that end its parts.
fn places(said: &[(char, Mark)], lists: &Lists, dice: &mut Dice, cast: &mut Cast) {
    let words = &zh().masking;
    let parts = [
        &words.road,
        &words.village,
        &words.estate,
        &words.house_word,
        &words.house,
        &words.area,
    ];
    let chars: Vec<char> = said.iter().map(|(c, _)| *c).collect();
    let mut part = vec![false; chars.len()];
    for at in 0..chars.len() {
        let len = parts.iter().filter_map(|words| words.head(&chars[at..])).max();
        part[at..at + len.unwrap_or(0)].fill(true);
    }
    for ((c, mark), part) in said.iter().zip(part) {
        let named = *mark == Mark::Must(Label::Address) && is_han(*c) && !part && !lists.place_parts.contains(*c);
        if named && dice.chance(MOVED) {
            cast.entry(*c).or_insert_with(|| lists.place_character(dice));
        }
    }
}
