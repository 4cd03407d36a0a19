//! Who and what a made-up dialogue is about.

use std::collections::HashMap;

use sidetone_assist::privacy::Label;

use super::dice::Dice;
use super::lines::expand;
use super::lists::Lists;
use super::marked::{Mark, Marked};
use super::numbers::{self, Number};
use super::person::Person;
use super::say::Style;

/// The things of one dialogue: what was made up once stays the same in it.
pub(super) struct Cast<'a> {
    lists: &'a Lists,
    dice: Dice,
    line: String,
    numbers: HashMap<String, Number>,
    people: HashMap<String, Person>,
    said: HashMap<String, Marked>,
    dates: HashMap<String, [usize; 3]>,
    styles: [Style; 2],
    other: bool,
    /// A slot that nothing fills.
    unknown: Option<String>,
}

impl<'a> Cast<'a> {
    pub(super) fn new(lists: &'a Lists, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let styles = [Style::new(&mut dice), Style::plain(&mut dice)];
        Self {
            lists,
            dice,
            line: String::new(),
            numbers: HashMap::new(),
            people: HashMap::new(),
            said: HashMap::new(),
            dates: HashMap::new(),
            styles,
            other: false,
            unknown: None,
        }
    }

    pub(super) const fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }

    /// A slot that nothing fills, if a line had one.
    pub(super) fn unknown(&self) -> Option<&str> {
        self.unknown.as_deref()
    }

    /// A new dialogue begins.
    pub(super) fn begin(&mut self, line: &str) {
        line.clone_into(&mut self.line);
        self.numbers.clear();
        self.people.clear();
        self.said.clear();
        self.dates.clear();
        self.styles = [Style::new(&mut self.dice), Style::plain(&mut self.dice)];
    }

    /// Whose turn it is.
    pub(super) const fn speak(&mut self, other: bool) {
        self.other = other;
    }

    /// What a slot becomes.
    pub(super) fn fill(&mut self, slot: &str, mark: Mark, of: &str) -> Marked {
        if let Some(part) = slot.strip_prefix('.') {
            return match part.strip_prefix(':') {
                Some(part) => self.form(of, part),
                None => self.date_part(of, part, mark),
            };
        }
        let (thing, part) = slot.split_once(':').unwrap_or((slot, ""));
        let kind = thing.trim_end_matches(|c: char| c.is_ascii_digit());
        if kind == "name" {
            return self.name(thing, part);
        }
        if let Some(said) = self.number(kind, thing, part) {
            return said;
        }
        if self.lists.forms.contains_key(kind) || self.lists.forms.contains_key(&format!("{kind}:{part}")) {
            return self.form(thing, part);
        }
        let mut out = Marked::default();
        let text = self.word(kind, part);
        let label = match mark {
            Mark::Stay if kind == "mname" => Mark::Must(Label::Name),
            mark => mark,
        };
        out.push(&text, label);
        out
    }

    fn name(&mut self, thing: &str, part: &str) -> Marked {
        let spelled = self.line.contains(&format!("{{{thing}:sp}}"));
        if !self.people.contains_key(thing) {
            let person = Person::new(self.lists, &mut self.dice, spelled);
            self.people.insert(thing.to_owned(), person);
        }
        let person = &self.people[thing];
        person.part(part, self.lists, &mut self.dice)
    }

    fn number(&mut self, kind: &str, thing: &str, part: &str) -> Option<Marked> {
        if !numbers::KINDS.contains(&kind) {
            return None;
        }
        if !self.numbers.contains_key(thing) {
            let number = Number::new(kind, self.lists, &mut self.dice);
            self.numbers.insert(thing.to_owned(), number);
        }
        let most = (1..=6).rev().find(|at| self.line.contains(&format!("{{{thing}:{at}")));
        let style = self.styles[usize::from(self.other)];
        let number = &self.numbers[thing];
        Some(number.part(part, most.unwrap_or(1), style, self.lists, &mut self.dice))
    }

    /// A thing of a form, or a part of one, the same each time but for other words.
    fn form(&mut self, thing: &str, part: &str) -> Marked {
        let kind = thing.trim_end_matches(|c: char| c.is_ascii_digit() || c == '~');
        let (part, wrong) = (part.trim_end_matches('~'), part.ends_with('~'));
        let key = if part.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}:{part}")
        };
        let thing = if wrong { format!("{thing}~") } else { thing.to_owned() };
        let whole = format!("{thing}:{part}");
        let kept = key.starts_with("addr:");
        if let Some(said) = self.said.get(&whole).filter(|_| kept) {
            return said.clone();
        }
        let lists = self.lists;
        let Some(form) = lists.forms.get(&key) else {
            return Marked::default();
        };
        let line: Vec<char> = self.dice.one(&form.lines).chars().collect();
        let said = expand(self, &line, form.label().map_or(Mark::Stay, Mark::Must), &thing);
        if kept {
            self.said.insert(whole, said.clone());
        }
        said
    }

    fn date_part(&mut self, of: &str, part: &str, mark: Mark) -> Marked {
        let dice = &mut self.dice;
        let drawn = [dice.between(1930, 2012), dice.between(1, 12), dice.between(1, 28)];
        let [year, month, day] = *self.dates.entry(of.to_owned()).or_insert(drawn);
        let spoken = self.styles[usize::from(self.other)].spoken;
        let written = |number: String| match spoken {
            true => self.lists.spell(&number),
            false => number,
        };
        let text = match part {
            "y4" => written(year.to_string()),
            "y2" => written(format!("{:02}", year % 100)),
            "m2" => written(format!("{month:02}")),
            "d2" => written(format!("{day:02}")),
            "m" if spoken => self.lists.count(month),
            "d" if spoken => self.lists.count(day),
            "m" => month.to_string(),
            _ => day.to_string(),
        };
        let mut out = Marked::default();
        out.push(&text, mark);
        out
    }

    /// What is no one's: amounts, years, offices; and words of addresses, whose marks are their form's.
    fn word(&mut self, kind: &str, part: &str) -> String {
        let (lists, dice) = (self.lists, &mut self.dice);
        let spoken = self.styles[usize::from(self.other)].spoken;
        let (least, most) = part
            .split_once('-')
            .and_then(|(least, most)| Some((least.parse().ok()?, most.parse().ok()?)))
            .unwrap_or((1, 60));
        match kind {
            "n" if spoken => lists.count(dice.between(least, most)),
            "n" => dice.between(least, most).to_string(),
            "k" => format!("{}00", dice.between(1, 300)),
            "y" => dice.between(least, most).to_string(),
            "ys" => lists.spell(&dice.between(least, most).to_string()),
            "yt" => lists.spell(&format!("{:02}", dice.between(least, most) % 100)),
            "d" => {
                let len = part.parse().unwrap_or(3);
                dice.digits(len)
            }
            "L" => char::from(b'A' + dice.roll(26) as u8).to_string(),
            "room" => {
                let room = format!("{}0{}", dice.between(1, 33), dice.between(1, 4));
                if spoken { lists.spell(&room) } else { room }
            }
            "ref" => self.reference(),
            "hot" if dice.chance(30) => lists.spoken_hotlines.any(dice).to_owned(),
            "hot" => lists.hotlines.any(dice).to_owned(),
            "mname" => {
                let first = lists.minority.any(dice);
                match part {
                    "1" => first.to_owned(),
                    _ => format!("{first}·{}", lists.minority_last.any(dice)),
                }
            }
            _ => match lists.named(kind, dice) {
                Some(word) => word.to_owned(),
                None => {
                    self.unknown.get_or_insert_with(|| kind.to_owned());
                    String::new()
                }
            },
        }
    }

    /// A number of a matter, the same in all of the dialogue.
    fn reference(&mut self) -> String {
        let dice = &mut self.dice;
        let letters = if dice.chance(25) { "DY" } else { "" };
        let short = dice.between(4, 7);
        let drawn = match dice.roll(4) {
            3 => dice.digits(short),
            0 => format!("{letters}20{}{}", dice.between(18, 26), dice.digits(8)),
            1 => format!("{letters}{}", dice.digits(10)),
            _ => format!("20{}0{}{}", dice.between(18, 26), dice.between(1, 9), dice.digits(6)),
        };
        let kept = self
            .said
            .entry("ref".to_owned())
            .or_insert_with(|| Marked::plain(&drawn));
        let text = kept.text();
        match self.styles[usize::from(self.other)].spoken {
            true => self.lists.spell(&text),
            false => text,
        }
    }
}
