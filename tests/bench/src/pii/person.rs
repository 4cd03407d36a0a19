//! Made-up names and how they are spelled.

use sidetone_assist::privacy::Label;
use sidetone_language::zh;

use super::dice::Dice;
use super::lists::Lists;
use super::marked::{Mark, Marked};

/// A name: surname and one or two characters.
pub(super) struct Person {
    surname: String,
    /// How the surname is spelled, if there is a way.
    spelled: Option<String>,
    /// The given name's characters, each with the words that spell it.
    given: Vec<(String, String)>,
    /// Another character for the last one.
    wrong: String,
}

impl Person {
    pub(super) fn new(lists: &Lists, dice: &mut Dice, spelled: bool) -> Self {
        let ways: Vec<&str> = zh().masking.spelled.iter().collect();
        let last = |way: &str| way.chars().next_back().map(String::from).unwrap_or_default();
        let surname = match spelled && dice.chance(90) {
            true => last(dice.pick(&ways)),
            false => lists.surnames.any(dice).to_owned(),
        };
        let spelled = ways
            .iter()
            .filter(|way| last(way) == surname)
            .map(|way| (*way).to_owned());
        let spelled: Vec<String> = spelled.collect();
        let count = if dice.chance(20) { 1 } else { 2 };
        let given: Vec<(String, String)> = (0..count)
            .map(|_| {
                let (c, words) = dice.one(&lists.given);
                (c.clone(), words.any(dice).to_owned())
            })
            .collect();
        let wrong = given.last().and_then(|(c, _)| lists.sounds_like(c));
        let wrong = wrong.unwrap_or_else(|| dice.one(&lists.given).0.clone());
        Self {
            spelled: (!spelled.is_empty()).then(|| dice.one(&spelled).clone()),
            surname,
            given,
            wrong,
        }
    }

    fn whole(&self) -> String {
        self.given.iter().fold(self.surname.clone(), |name, (c, _)| name + c)
    }

    /// A part: the surname, the given name, a character, how one is spelled, another name that sounds like it.
    pub(super) fn part(&self, part: &str, lists: &Lists, dice: &mut Dice) -> Marked {
        let name = |text: &str| Marked::must(text, Label::Name);
        let last = self.given.last().map(|(c, _)| c.as_str()).unwrap_or_default();
        match part {
            "s" => name(&self.surname),
            "g" => name(&self.given.iter().map(|(c, _)| c.as_str()).collect::<String>()),
            "1" => name(&self.given[0].0),
            "2" => name(last),
            "~2" => Marked::plain(&self.wrong),
            "~" => {
                let head = self.whole();
                let head = head.strip_suffix(last).unwrap_or(&head);
                name(&format!("{head}{}", self.wrong))
            }
            "sp" => match &self.spelled {
                Some(way) => name(way),
                None => name(&self.surname),
            },
            "w1" => spell(&self.given[0], lists, dice),
            "w2" => self
                .given
                .last()
                .map(|given| spell(given, lists, dice))
                .unwrap_or_default(),
            "w~2" => {
                let mut word = Marked::default();
                word.push(&format!("{}{}", self.wrong, lists.of), Mark::May);
                word
            }
            _ => name(&self.whole()),
        }
    }
}

/// A word that has the character, and the character.
fn spell((c, word): &(String, String), lists: &Lists, dice: &mut Dice) -> Marked {
    let mut out = Marked::default();
    for part in word.chars().map(|part| part.to_string()) {
        let mark = if part == *c { Mark::Must(Label::Name) } else { Mark::May };
        out.push(&part, mark);
    }
    let word_ends = word.ends_with(lists.of.as_str());
    let of = if dice.chance(85) {
        lists.of.as_str()
    } else {
        lists.that.any(dice)
    };
    out.push(if word_ends { "" } else { of }, Mark::May);
    out.push(c, Mark::Must(Label::Name));
    out
}
