//! The words of a command: tables of data, by what is written and by how it sounds.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::cover::numerals;
use super::sound::{default_reading, near, readings, sounds_of};
use super::steps::ways;
use crate::query::FilterKey;

const WORDS: &str = include_str!("../../words/lexicon.tsv");
const CONCEPTS: &str = include_str!("../../words/concepts.tsv");
pub(super) const LONGEST_WORD: usize = 20;
pub(super) const COST_TOKEN: u32 = 10;
/// What a word costs more when only its sound agrees: less than a token, so that it wins over two words of one character.
const COST_SOUND: u32 = 7;
/// The same where the sounds are only near each other: more than a token, since two words as they are written are surer.
const COST_NEAR: u32 = 11;
/// The same for a word of one character.
const COST_SYLLABLE: u32 = 40;

/// One thing that a part of the text may mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    Number(i64),
    Value(FilterKey, String),
    /// A word of the tables: its kind and value.
    Word(&'static str, &'static str),
}

/// A part of the text; without a meaning nothing explains it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) means: Vec<Meaning>,
    /// Known by its sound alone.
    pub(super) heard: bool,
}

impl Token {
    /// The value, where the token may be a word of this kind.
    pub(super) fn word(&self, of: &str) -> Option<&'static str> {
        self.means.iter().find_map(|meaning| match meaning {
            Meaning::Word(kind, value) if *kind == of => Some(*value),
            _ => None,
        })
    }

    /// All values of this kind.
    pub(super) fn words(&self, of: &str) -> impl Iterator<Item = &'static str> {
        self.means.iter().filter_map(move |meaning| match meaning {
            Meaning::Word(kind, value) if *kind == of => Some(*value),
            _ => None,
        })
    }

    pub(super) fn number(&self) -> Option<i64> {
        self.means.iter().find_map(|meaning| match meaning {
            Meaning::Number(n) => Some(*n),
            _ => None,
        })
    }

    pub(super) fn value(&self) -> Option<(FilterKey, &str)> {
        self.means.iter().find_map(|meaning| match meaning {
            Meaning::Value(key, value) => Some((*key, value.as_str())),
            _ => None,
        })
    }
}

/// The values of the dimensions that a site has, with the names that people say.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    pub(super) words: Table,
}

impl Vocabulary {
    /// A value and one of its spoken names, also without what kind of thing it is at its end ("group"). A name of a
    /// single character is not taken: it stands in too many words.
    pub fn add(&mut self, key: FilterKey, value: &str, spoken: &str) {
        let mut names = vec![spoken.to_owned()];
        let ends = of_kind("ending");
        for end in ends.flat_map(|(_, surfaces)| surfaces.split(' ')) {
            names.extend(spoken.strip_suffix(end).map(str::to_owned));
        }
        names.extend(shortened(&names));
        let called = of_kind("called").filter(|(of, _)| *of == key.name());
        let heads = names.clone();
        for form in called.flat_map(|(_, forms)| forms.split(' ')) {
            names.extend(heads.iter().map(|head| form.replace("{}", head)));
        }
        for name in names.iter().filter(|name| name.chars().count() > 1) {
            self.words.add(name, &Meaning::Value(key, value.to_owned()));
        }
    }
}

/// The least characters of a part by which the whole is called.
const SHORTEST: usize = 3;

/// What people leave out of a name: one of two things that it joins, and words that say nothing beside others.
fn shortened(names: &[String]) -> Vec<String> {
    let mut short = Vec::new();
    for name in names {
        for word in of_kind("nameand").flat_map(|(_, words)| words.split(' ')) {
            if let Some((one, other)) = name.split_once(word) {
                short.extend([one, other].map(str::to_owned));
            }
        }
        for word in of_kind("inname").flat_map(|(_, words)| words.split(' ')) {
            let inner = name
                .split_once(word)
                .filter(|(head, tail)| !head.is_empty() && !tail.is_empty());
            short.extend(inner.map(|(head, tail)| format!("{head}{tail}")));
        }
    }
    short.retain(|name| name.chars().count() >= SHORTEST);
    short
}

#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    written: HashMap<String, Vec<Meaning>>,
    /// The words of the same toneless syllables.
    sounds: HashMap<String, Vec<String>>,
    /// By syllables without what recognisers confuse.
    near: HashMap<String, Vec<String>>,
    /// Words of one character by their syllable.
    syllables: HashMap<String, Vec<String>>,
    /// What stands between words, by its syllable.
    between: HashMap<String, Vec<Meaning>>,
}

impl Table {
    fn add(&mut self, surface: &str, meaning: &Meaning) {
        let plain = numerals(&surface.to_lowercase());
        let set = |map: &mut HashMap<String, Vec<String>>, key: String| {
            let words = map.entry(key).or_default();
            if !words.contains(&plain) {
                words.push(plain.clone());
            }
        };
        if let Meaning::Word(kind, _) = meaning
            && BETWEEN.contains(kind)
            && plain.chars().nth(1).is_none()
            && let Some(sound) = default_reading(&plain)
        {
            self.between.entry(sound).or_default().push(meaning.clone());
        }
        for sound in readings(&plain).into_iter().filter(|_| heard(meaning)) {
            match plain.chars().count() {
                1 if heard_alone(meaning) => set(&mut self.syllables, sound),
                1 => {}
                _ => {
                    set(&mut self.near, near(&sound));
                    set(&mut self.sounds, sound);
                }
            }
        }
        let means = self.written.entry(plain).or_default();
        if !means.contains(meaning) {
            means.push(meaning.clone());
        }
    }

    /// What a character may mean by its sound, between words that are known.
    pub(super) fn between(&self, text: &str) -> &[Meaning] {
        let sound = default_reading(text).filter(|_| text.chars().nth(1).is_none());
        sound
            .and_then(|sound| self.between.get(&sound))
            .map_or(&[], Vec::as_slice)
    }

    /// What a word that sounds like the other name of a digit means: "liang", two, is also an amount.
    pub(super) fn other_name(&self, digit: &str) -> Vec<Meaning> {
        let sounds = sounds_of(digit);
        let words = sounds
            .iter()
            .skip(1)
            .filter_map(|sound| self.syllables.get(sound))
            .flatten();
        words
            .filter_map(|word| self.written.get(word))
            .flatten()
            .cloned()
            .collect()
    }

    /// What other words of this sound mean.
    pub(super) fn others(&self, text: &str) -> Vec<Meaning> {
        let sounds = default_reading(text).and_then(|sound| self.sounds.get(&sound));
        let words = sounds.into_iter().flatten().filter(|word| *word != text);
        words
            .filter_map(|word| self.written.get(word))
            .flatten()
            .cloned()
            .collect()
    }

    /// What the text means and what that costs; with `by_ear` by its sound, too.
    pub(super) fn find(&self, text: &str, by_ear: bool) -> Option<(&[Meaning], u32)> {
        if let Some(means) = self.written.get(text) {
            return Some((means, COST_TOKEN));
        }
        let sounds = if by_ear { sounds_of(text) } else { Vec::new() };
        let one = text.chars().nth(1).is_none();
        let among = |map: &'_ HashMap<String, Vec<String>>, cost| {
            sounds
                .iter()
                .find_map(|sound| map.get(sound))
                .map(|words| (words.clone(), cost))
        };
        let (words, cost) = if one {
            among(&self.syllables, COST_SYLLABLE)?
        } else {
            let like = || sounds.iter().find_map(|sound| self.near.get(&near(sound)).cloned());
            among(&self.sounds, COST_SOUND).or_else(|| like().map(|words| (words, COST_NEAR)))?
        };
        // Of words of one sound, those that are asked about; where they mean different things, none.
        // A number is a word only where it says what is asked for.
        let numbers = text.bytes().filter(u8::is_ascii_digit).count();
        let fits = |means: &&Vec<Meaning>| {
            numbers == 0
                || means.iter().any(|m| match m {
                    Meaning::Word("concept" | "weak" | "season" | "sofar", _) => true,
                    // "A week a point" says a number twice.
                    Meaning::Word("grain", _) => numbers > 1,
                    _ => false,
                })
        };
        let all = || words.iter().filter_map(|word| self.written.get(word)).filter(fits);
        let asked: Vec<_> = all().filter(|means| means.iter().any(heard_alone)).collect();
        let mut means = if asked.is_empty() { all().collect() } else { asked }.into_iter();
        let first = means.next()?;
        means.all(|other| other == first).then_some((first, COST_TOKEN + cost))
    }
}

/// Kinds of words that a recogniser may have written otherwise. What says nothing, joins, or refuses is believed as written.
const HEARD: [&str; 41] = [
    "concept",
    "weak",
    "dimension",
    "day",
    "dayparts",
    "week",
    "weekend",
    "month",
    "quarter",
    "year",
    "half",
    "season",
    "part",
    "unit",
    "weekday",
    "weekdays",
    "last",
    "grain",
    "compare",
    "extreme",
    "sofar",
    "duration",
    "now",
    "relative",
    "op",
    "percent",
    "which",
    "who",
    "particle",
    "opafter",
    "thirds",
    "change",
    "follow",
    "trend",
    "rank",
    "sort",
    "edge",
    "start",
    "sametime",
    "firstday",
    "bybehind",
];

/// Kinds of words of one character that are believed by their sound between words that are known as they are written.
const BETWEEN: [&str; 9] = [
    "to", "and", "by", "first", "behind", "compare", "count", "unit", "monthend",
];

fn heard(meaning: &Meaning) -> bool {
    match meaning {
        Meaning::Word(kind, _) => HEARD.contains(kind),
        _ => true,
    }
}

/// A single syllable is believed only where it says what is asked for.
fn heard_alone(meaning: &Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Word("concept" | "dimension" | "unit" | "particle" | "follow", _)
    )
}

/// Kind, value and surfaces of each line.
fn rows(text: &'static str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.splitn(3, '\t');
        Some((fields.next()?, fields.next()?, fields.next()?))
    })
}

/// The rows of each kind of words.
static KINDS: LazyLock<HashMap<&'static str, Vec<(&'static str, &'static str)>>> = LazyLock::new(|| {
    let mut kinds: HashMap<_, Vec<_>> = HashMap::new();
    for (kind, value, surfaces) in rows(WORDS) {
        kinds.entry(kind).or_default().push((value, surfaces));
    }
    kinds
});

/// Value and surfaces of each row of a kind of words.
pub(super) fn of_kind(kind: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    KINDS.get(kind).map_or(&[][..], Vec::as_slice).iter().copied()
}

/// What concepts a metric may leave over, by its unit, the head of its key, or its id.
pub(super) fn light() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(CONCEPTS)
        .filter(|(kind, _, _)| *kind == "light")
        .map(|(_, of, names)| (of, names))
}

/// The metrics of which the highest, or the lowest, value is the best.
pub(super) fn good(end: &str) -> impl Iterator<Item = &'static str> {
    rows(CONCEPTS)
        .filter(move |(kind, of, _)| *kind == "good" && *of == end)
        .flat_map(|(_, _, ids)| ids.split(' '))
}

/// The text with words such as "the two" as a number and what it counts, and numerals that are a holiday's name apart from
/// those that follow.
pub(super) fn unfused(text: &str) -> String {
    let text = of_kind("fused").fold(text.to_owned(), |text, (apart, word)| text.replace(word, apart));
    let parting = of_kind("parting").next().map_or("", |(_, mark)| mark);
    let named = of_kind("season").flat_map(|(_, names)| names.split(' '));
    let numerals =
        named.filter(|name| name.chars().count() > 1 && name.chars().skip(1).all(|c| DIGITS.contains_key(&c)));
    numerals.fold(text, |text, name| {
        let Some((before, behind)) = text.split_once(name) else {
            return text;
        };
        if behind.starts_with(|c: char| DIGITS.contains_key(&c) || c.is_ascii_digit()) {
            format!("{before}{name}{parting}{behind}")
        } else {
            text
        }
    })
}

/// The ways of asking which of two opposite changes there was.
fn either(pair: &str) -> Vec<String> {
    let mut letters = pair.chars();
    let (Some(a), Some(b)) = (letters.next(), letters.next()) else {
        return Vec::new();
    };
    let forms = of_kind("either").flat_map(|(_, forms)| forms.split(' '));
    forms
        .flat_map(|form| {
            [(a, b), (b, a)].map(|(a, b)| form.replace("{0}", &a.to_string()).replace("{1}", &b.to_string()))
        })
        .collect()
}

/// A word asked as "is it or not": the word twice with a negation between; of two characters the first may stand alone.
fn doubled(surface: &str) -> Vec<String> {
    let mut letters = surface.chars();
    let (Some(first), second, None) = (letters.next(), letters.next(), letters.next()) else {
        return Vec::new();
    };
    let marks = of_kind("doubled");
    let mut forms = Vec::new();
    for mark in marks.flat_map(|(_, marks)| marks.split(' ')) {
        forms.push(format!("{surface}{mark}{surface}"));
        if second.is_some() {
            forms.push(format!("{first}{mark}{surface}"));
        }
    }
    forms
}

/// The digits and powers of ten of Chinese numerals.
pub(super) static DIGITS: LazyLock<HashMap<char, i64>> = LazyLock::new(|| {
    let pairs = of_kind("digit").filter_map(|(value, chars)| Some((value.parse().ok()?, chars)));
    pairs
        .flat_map(|(value, chars): (i64, &str)| chars.chars().filter(|c| *c != ' ').map(move |c| (c, value)))
        .collect()
});

/// The digits by their syllables.
static DIGIT_SOUNDS: LazyLock<HashMap<String, i64>> = LazyLock::new(|| {
    let digits = DIGITS.iter().filter(|(_, value)| (1..10).contains(*value));
    digits
        .filter_map(|(c, value)| Some((default_reading(&c.to_string())?, *value)))
        .collect()
});

/// The syllable of a character, without its tone.
pub(super) fn syllable(c: char) -> Option<String> {
    default_reading(&c.to_string())
}

/// The unit words of one character that a number goes with.
pub(super) fn short_units() -> impl Iterator<Item = char> {
    let units = of_kind("unit").chain(of_kind("count"));
    let words = units.flat_map(|(_, words)| words.split(' '));
    words.filter_map(|word| {
        let mut letters = word.chars();
        letters.next().filter(|c| letters.next().is_none() && !c.is_ascii())
    })
}

/// A digit that one character sounds like, and what that costs.
pub(super) fn digit_by_ear(c: char) -> Option<(i64, u32)> {
    let value = DIGIT_SOUNDS.get(&default_reading(&c.to_string())?)?;
    Some((*value, COST_TOKEN + COST_SYLLABLE + 1))
}

/// The words that are built in.
pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for (kind, value, surfaces) in rows(WORDS).chain(rows(CONCEPTS)) {
        if matches!(
            kind,
            "digit"
                | "reading"
                | "light"
                | "ending"
                | "called"
                | "fused"
                | "doubled"
                | "good"
                | "parting"
                | "either"
                | "aside"
                | "address"
                | "speaker"
                | "purpose"
                | "subject"
                | "adverb"
                | "request"
                | "narrow"
                | "seems"
                | "inname"
                | "nameand"
                | "step"
                | "stepform"
                | "stepslot"
                | "less"
        ) {
            continue;
        }
        for surface in surfaces.split(' ') {
            if kind == "pair" {
                for form in either(surface) {
                    table.add(&form, &Meaning::Word("change", value));
                }
                continue;
            }
            table.add(surface, &Meaning::Word(kind, value));
            // "Has it grown" is no question after something long.
            let changes = |table: &Table, form: &str| {
                let means = table.written.get(form).into_iter().flatten();
                kind == "concept" && means.into_iter().any(|m| matches!(m, Meaning::Word("change", _)))
            };
            for form in doubled(surface)
                .into_iter()
                .filter(|_| matches!(kind, "change" | "concept"))
            {
                if !changes(&table, &form) {
                    table.add(&form, &Meaning::Word(kind, value));
                }
            }
        }
    }
    for (step, way) in ways() {
        table.add(&way, &Meaning::Word("grain", step));
    }
    table
});
