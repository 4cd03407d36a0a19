//! An author's dialogue with other people and other homes in it: what tells a name is where it stands, not which one it is. And ordinary
//! talk with people in it.

use std::collections::HashMap;

use sidetone_assist::privacy::Label;
use sidetone_language::{is_han, zh};

use super::dice::Dice;
use super::lines::Turn;
use super::lists::Lists;
use super::marked::{Mark, Marked};
use super::person::Person;

/// Characters of a whole name, and of one with a surname of two.
const NAME: std::ops::RangeInclusive<usize> = 2..=3;
/// Of a hundred dialogues, so many stay as they were written.
const KEPT: usize = 30;
/// Of a hundred places with a name, so many get another.
const MOVED: usize = 50;

/// Of a hundred dialogues of ordinary talk, so many name who is spoken of, where somebody is.
const NAMED: usize = 40;
/// Of a hundred places with somebody, so many have the name.
const SAID: usize = 60;

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

/// Ordinary talk, now and then with a name in place of a pronoun, or behind the word for a relation: a name may stand wherever somebody
/// is spoken of. And with a firm in place of the word for one: its name has the same characters and is nobody's.
pub(super) fn name_somebody(turns: &[Turn], lists: &Lists, dice: &mut Dice) -> Vec<Turn> {
    let mut turns = turns.to_vec();
    if !dice.chance(NAMED) {
        return turns;
    }
    let person = Person::new(lists, dice, false);
    let firm = firm(lists, dice);
    for (_, said) in &mut turns {
        let chars: Vec<char> = said.0.iter().map(|(c, _)| *c).collect();
        let mut out = Marked::default();
        let mut at = 0;
        while at < chars.len() {
            let rest = &chars[at..];
            let found = [
                is_pronoun(&chars, at, lists).then_some((Spoken::Of, 1)),
                lists
                    .people
                    .head(rest)
                    .filter(|len| *len > 1)
                    .map(|len| (Spoken::Relation, len)),
                lists.workplaces.head(rest).map(|len| (Spoken::Firm, len)),
            ];
            let found = found.into_iter().flatten().next().filter(|_| dice.chance(SAID));
            let (of, len) = found.map_or((None, 1), |(of, len)| (Some(of), len));
            if matches!(of, None | Some(Spoken::Relation)) {
                out.0.extend_from_slice(&said.0[at..at + len]);
            }
            match of {
                Some(Spoken::Firm) => out.stay(&firm),
                Some(_) => out.append(person.part("", lists, dice)),
                None => {}
            }
            at += len;
        }
        *said = out;
    }
    turns
}

/// How somebody is spoken of.
enum Spoken {
    Of,
    Relation,
    Firm,
}

/// A firm's name: two characters that may be a person's or a place's, and what firms do.
fn firm(lists: &Lists, dice: &mut Dice) -> String {
    let first = match dice.chance(MOVED) {
        true => lists.surnames.any(dice).to_owned(),
        false => lists.place_character(dice).to_string(),
    };
    let second = match dice.chance(MOVED) {
        true => lists.given_character(dice),
        false => lists.place_character(dice),
    };
    format!("{first}{second}{}", lists.firm_ends.any(dice))
}

/// Whether a pronoun stands there that is no part of another word.
fn is_pronoun(chars: &[char], at: usize, lists: &Lists) -> bool {
    let word = |begin: usize| zh().vocabulary.head(&chars[begin..]).is_some();
    lists.pronouns.head(&chars[at..]) == Some(1) && !word(at) && !at.checked_sub(1).is_some_and(word)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../knowledge/zh/masking/lists.toml");
        toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
    }

    #[test]
    fn somebody_is_named_and_a_firm_is_nobody() {
        let lists = lists();
        let turns = [(false, Marked::plain("他说他们单位不给交"))];
        let said: Vec<Marked> = (0..200)
            .map(|seed| name_somebody(&turns, &lists, &mut Dice::new(seed)).remove(0).1)
            .collect();
        let named = |said: &&Marked| said.0[0].1 == Mark::Must(Label::Name);
        assert!(said.iter().filter(named).count() > 20);
        assert!(
            said.iter().all(|said| said.text().contains("他们")),
            "a part of another word"
        );
        let firms = |said: &&Marked| !said.text().contains("单位");
        assert!(said.iter().filter(firms).count() > 20);
        let of_names = |said: &Marked| said.0.iter().rev().take(6).any(|(_, mark)| *mark != Mark::Stay);
        assert!(!said.iter().any(of_names));
    }
}
