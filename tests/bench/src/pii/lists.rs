//! What made-up lines are filled with.

use std::collections::HashMap;

use serde::Deserialize;
use sidetone_assist::privacy::Label;

use super::dice::Dice;

/// Words with blanks between them.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "String")]
pub(super) struct List(Vec<String>);

impl From<String> for List {
    fn from(line: String) -> Self {
        Self(line.split_whitespace().map(str::to_owned).collect())
    }
}

impl List {
    pub(super) fn any(&self, dice: &mut Dice) -> &str {
        dice.one::<String>(&self.0)
    }

    pub(super) fn get(&self, at: usize) -> &str {
        &self.0[at % self.0.len()]
    }

    /// How many characters the longest word has that stands at the head of `text`.
    pub(super) fn head(&self, text: &[char]) -> Option<usize> {
        let said = |word: &&String| text.iter().copied().take(word.chars().count()).eq(word.chars());
        self.0.iter().filter(said).map(|word| word.chars().count()).max()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

/// The lists of `knowledge/zh/masking/lists.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lists {
    pub(super) surnames: List,
    /// Characters of given names, each with the words that spell it.
    pub(super) given: Vec<(String, List)>,
    /// Further characters of given names.
    pub(super) more_given: String,
    /// Characters of places' names.
    pub(super) place_names: String,
    /// Characters of homes that are no names: numbers, directions, what is there.
    pub(super) place_parts: String,
    /// Two characters of one sound each.
    pub(super) wrong: List,
    pub(super) minority: List,
    pub(super) minority_last: List,
    pub(super) provinces: List,
    pub(super) cities: List,
    pub(super) counties: List,
    pub(super) towns: List,
    pub(super) villages: List,
    pub(super) roads: List,
    pub(super) estates: List,
    pub(super) offices: List,
    pub(super) office_roads: List,
    pub(super) papers: List,
    pub(super) people: List,
    /// Words for somebody of whom is spoken.
    pub(super) pronouns: List,
    /// Words for who employs somebody.
    pub(super) workplaces: List,
    /// What names of firms end with.
    pub(super) firm_ends: List,
    pub(super) spoken: List,
    pub(super) one: String,
    pub(super) pair: List,
    pub(super) counter: List,
    pub(super) pauses: Vec<String>,
    pub(super) between: Vec<String>,
    pub(super) at: Vec<String>,
    pub(super) dot: Vec<String>,
    pub(super) underscore: Vec<String>,
    pub(super) providers: Vec<String>,
    pub(super) endings: Vec<String>,
    pub(super) users: List,
    pub(super) plate_provinces: List,
    /// Between the letter and the digits of a plate.
    pub(super) dot_in_plate: List,
    pub(super) months: List,
    pub(super) days: List,
    pub(super) door_words: List,
    pub(super) far_ends: List,
    pub(super) letters_in_house: List,
    pub(super) laws: List,
    pub(super) hotlines: List,
    pub(super) spoken_hotlines: List,
    pub(super) reference_names: List,
    pub(super) errors: List,
    pub(super) floors: List,
    pub(super) scales: List,
    /// Year, month, day.
    pub(super) date_units: List,
    /// Between a word and its character.
    pub(super) of: String,
    pub(super) that: List,
    /// What a slot becomes.
    pub(super) forms: HashMap<String, Form>,
}

impl Lists {
    /// Digits one by one, as they are said.
    pub(super) fn spell(&self, digits: &str) -> String {
        let said = |c: char| {
            c.to_digit(10)
                .map_or(c.to_string(), |value| self.spoken.get(value as usize).to_owned())
        };
        digits.chars().map(said).collect()
    }

    /// A count up to 99,999 as it is said.
    pub(super) fn count(&self, value: usize) -> String {
        let digit = |value: usize| self.spoken.get(value).to_owned();
        match value {
            0..=9 => digit(value),
            10..=19 => format!(
                "{}{}",
                self.scales.get(0),
                if value == 10 { String::new() } else { digit(value % 10) }
            ),
            _ => {
                let scale = (0..4)
                    .rev()
                    .find(|at| value >= 10_usize.pow(*at as u32 + 1))
                    .unwrap_or(0);
                let size = 10_usize.pow(scale as u32 + 1);
                let rest = value % size;
                let zero = rest > 0 && rest < size / 10;
                let small = if rest > 0 && (10..=19).contains(&rest) {
                    digit(1)
                } else {
                    String::new()
                };
                format!(
                    "{}{}{}{small}{}",
                    self.count(value / size),
                    self.scales.get(scale),
                    if zero { digit(0) } else { String::new() },
                    if rest > 0 { self.count(rest) } else { String::new() }
                )
            }
        }
    }

    /// The other character of the same sound.
    pub(super) fn sounds_like(&self, c: &str) -> Option<String> {
        let pair = self.wrong.iter().find(|pair| pair.contains(c))?;
        pair.chars().map(String::from).find(|other| other != c)
    }

    /// Of a given name.
    pub(super) fn given_character(&self, dice: &mut Dice) -> char {
        let known = self.given.len();
        let more: Vec<char> = self.more_given.chars().filter(|c| !c.is_whitespace()).collect();
        let at = dice.roll(known + more.len());
        let spelled = self.given.get(at).and_then(|(c, _)| c.chars().next());
        spelled.unwrap_or_else(|| *dice.one(&more))
    }

    /// Of a place's name.
    pub(super) fn place_character(&self, dice: &mut Dice) -> char {
        let all: Vec<char> = self.place_names.chars().filter(|c| !c.is_whitespace()).collect();
        *dice.one(&all)
    }

    /// One of the list of this name.
    pub(super) fn named(&self, list: &str, dice: &mut Dice) -> Option<&str> {
        let list = match list {
            "county" => &self.counties,
            "city" => &self.cities,
            "province" => &self.provinces,
            "town" => &self.towns,
            "village" => &self.villages,
            "road" => &self.roads,
            "estate" => &self.estates,
            "office" => &self.offices,
            "officeroad" => &self.office_roads,
            "paper" => &self.papers,
            "people" => &self.people,
            "law" => &self.laws,
            "refname" => &self.reference_names,
            "errcode" => &self.errors,
            "floor" => &self.floors,
            "monthword" => &self.months,
            "dayword" => &self.days,
            "door" => &self.door_words,
            "far" => &self.far_ends,
            "house_letter" => &self.letters_in_house,
            _ => return None,
        };
        Some(list.any(dice))
    }
}

/// What a slot becomes: one of the lines.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    label: Option<Named>,
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Named {
    Birth,
    Address,
}

impl Form {
    /// What its characters are, where they are personal.
    pub(super) fn label(&self) -> Option<Label> {
        self.label.map(|label| match label {
            Named::Birth => Label::Birth,
            Named::Address => Label::Address,
        })
    }
}
