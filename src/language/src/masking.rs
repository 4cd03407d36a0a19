//! What stands before, between and behind personal data.

use serde::Deserialize;
use sidetone_schema::RedactionKind;

use crate::Words;

/// What the masker has learned from `knowledge/zh/masking`, as it reads it.
pub const MASKING_WEIGHTS: &[u8] = include_bytes!("../../../knowledge/zh/masking/weights.bin");

/// The masker's words.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masking {
    /// Small words between two groups of one number: the number goes on behind them.
    pub filler: Words,
    /// Characters of the small words of an answer.
    pub answer: Words,
    /// Units of an amount, a date, a count.
    pub units: Vec<UnitRow>,
    /// Between a number and its unit: about so many.
    pub about: Words,
    /// Make of a unit none.
    pub no_unit: Words,
    /// Before digits that are an amount, a date or an article.
    pub opens_amount: Words,
    /// Announces a number of a matter or a paper, which is no person's.
    pub reference: Words,
    /// Take back a digit that was said.
    pub corrects: Words,
    /// What a question about an amount has.
    pub asks_amount: Words,
    /// A public place: road and number behind it are nobody's home.
    pub public_place: Words,
    /// Before a short number that somebody calls.
    pub dials: Words,
    /// May stand between that and the number.
    pub dials_of: Words,
    /// A part of the authority: its fixed line is public.
    pub office: Words,
    /// What a number plate begins with.
    pub province: Words,
    /// How the letters of a plate are heard.
    pub letter: Words,
    /// The sign of a mail address, written or said.
    pub mail_sign: Words,
    /// Said signs within a mail address.
    pub mail_part: Words,
    /// The dot of a mail address.
    pub mail_dot: Words,
    /// Ends the name of a province, a city, a county or a town.
    pub area: Words,
    /// Of these, those of a province, a city, a district or a county, which is nobody's home.
    pub district: Words,
    /// Ends the name of a road.
    pub road: Words,
    /// Ends the name of an estate, a village.
    pub estate: Words,
    /// Behind the number of a house, a flat, a door.
    pub house: Words,
    /// Scales within the number of a house.
    pub house_number: Words,
    /// May stand between an estate and its house.
    pub house_gap: Words,
    /// Parts of a house that have no number.
    pub house_word: Words,
    /// Announces the number of a house.
    pub door_cue: Words,
    /// What ends as a village or an estate does and names none.
    pub no_place: Words,
    /// Announces an address.
    pub home_cue: Words,
    /// Asks for a number of which only the kind is named.
    pub number_ask: Words,
    /// Asks for an address, or for the rest of one.
    pub home_ask: Words,
    /// Of the words of estates, those that name a village by themselves.
    pub village: Words,
    /// Before the last word of a village that has a family's name.
    pub family: Words,
    /// An address does not reach back over these.
    pub address_edge: Words,
    /// Announces a name.
    pub name_cue: Words,
    /// Before a name that a pause follows.
    pub person: Words,
    /// Behind a whole name at the head of a clause.
    pub name_behind: Words,
    /// Before a name of three characters that a pause follows.
    pub am: Words,
    /// Behind a whole name, whoever says it.
    pub title: Words,
    /// Behind a given name, whoever says it.
    pub given_title: Words,
    /// Before a given name of one character, which they make a name of.
    pub given_before: Words,
    /// Given names of two characters that are words of every day, too.
    pub given_word: Words,
    /// Behind a name by which somebody is addressed.
    pub addressed: Words,
    /// Before a given name of one character that is spelled.
    pub single_given: Words,
    /// Before the name of an estate or a village, whatever it ends with.
    pub place_cue: Words,
    /// What such a name does not end with.
    pub no_name_end: Words,
    /// Behind these a name stands whatever its first character is.
    pub sure_name_cue: Words,
    /// A name ends before these.
    pub name_edge: Words,
    /// Before a surname.
    pub surname_cue: Words,
    /// Between that and the whole name.
    pub called: Words,
    /// Before a surname that is the speaker's own.
    pub own_surname_cue: Words,
    /// Asks for a name.
    pub name_ask: Words,
    /// Between a word and that of its characters that a name has.
    pub spells: Words,
    /// Between a character of a name and the word that spells it.
    pub spelled_as: Words,
    /// How surnames are spelled by their parts; each ends with its surname.
    pub spelled: Words,
    /// Characters by which names of other peoples are written.
    pub foreign: Words,
    /// Surnames.
    pub surname: Words,
    /// Surnames that are words by themselves, too.
    pub surname_word: Words,
    /// Characters that stand in given names far more often than in words.
    pub given_often: Words,
    /// Of the others, those that do now and then.
    pub given_seldom: Words,
    /// Words that begin as a surname does.
    pub no_name: Words,
    /// Announces the name of an account.
    pub account: Words,
    /// Before a date of birth.
    pub birth_cue: Words,
    /// Asks for a time: of birth where [`Self::birth_verb`] follows.
    pub birth_when: Words,
    /// That somebody was born.
    pub birth_verb: Words,
    /// Words that have such a word in them and are about something else.
    pub no_birth: Words,
    /// Right behind a date that is no one's birth.
    pub dated: Words,
    /// Close behind a date of birth.
    pub born: Words,
    /// Ends the clause of a date of birth.
    pub born_end: Words,
    /// Behind a number that counts the digits of another.
    pub digit_count: Words,
    /// Behind the years of somebody's age, where [`Self::aged`] stands before them.
    pub age_end: Words,
    /// Whose age it is, or that it is one.
    pub aged: Words,
    /// Before a digit that is spoken of and not dictated.
    pub some: Words,
    /// Close before an amount that may have no unit.
    pub amount_name: Words,
    /// Before a day and a month that are a birthday.
    pub birthday_cue: Words,
    /// Months that are said in words.
    pub month_word: Words,
    /// Days that are said in words.
    pub day_word: Words,
    /// Words after which characters are personal.
    pub cues: Vec<Cue>,
}

/// Units with as many digits before them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitRow {
    /// Digits before one of them, at most: such a number is no person's.
    pub digits: usize,
    /// The units.
    pub words: Words,
}

/// Words after which characters are personal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    /// What they announce.
    pub kind: RedactionKind,
    /// How many characters behind them it may begin.
    pub reach: usize,
    /// The words.
    pub words: Words,
}

impl Masking {
    /// How many digits may stand before the unit at the head of `rest`.
    #[must_use]
    pub fn unit(&self, rest: &[char]) -> Option<usize> {
        /// No amount that is said roughly has more digits.
        const LONGEST: usize = 9;
        if self.no_unit.head(rest).is_some() {
            return None;
        }
        let row = |rest: &[char]| self.units.iter().find(|row| row.words.head(rest).is_some());
        let about = self.about.head(rest).map(|len| &rest[len..]);
        let about = about.filter(|rest| self.no_unit.head(rest).is_none()).and_then(row);
        about.map(|_| LONGEST).or_else(|| row(rest).map(|row| row.digits))
    }

    /// The longest cue at the head of `text`, and its length in characters.
    #[must_use]
    pub fn cue(&self, text: &[char]) -> Option<(&Cue, usize)> {
        let found = self.cues.iter().filter_map(|cue| Some((cue, cue.words.head(text)?)));
        found.rev().max_by_key(|(_, len)| *len)
    }
}
