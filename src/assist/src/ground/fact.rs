//! Numbers with what they count, and what stands around them.

use sidetone_language::{is_han, number, zh};

use crate::understand::text::{Pair, fold, pairs};

/// Characters before a number that say what it is of.
const BEFORE: usize = 8;
/// Characters behind it.
const BEHIND: usize = 4;
/// Two values closer than this are one.
const SAME: f64 = 1e-6;

/// One number of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fact {
    value: f64,
    /// What is counted, in one spelling.
    unit: String,
    /// The words around it.
    around: Vec<Pair>,
}

impl Fact {
    /// The same number of the same unit.
    pub(super) fn is(&self, other: &Self) -> bool {
        self.unit == other.unit && (self.value - other.value).abs() < SAME
    }

    fn near(&self, other: &Self) -> usize {
        self.around
            .iter()
            .filter(|pair| other.around.binary_search(pair).is_ok())
            .count()
    }

    /// Whether one of `known` says it, and no other number of its unit stands closer to what it is said of.
    pub(super) fn is_said(&self, known: &[Self]) -> bool {
        let same_unit = || known.iter().filter(|fact| fact.unit == self.unit);
        let nearest = same_unit().map(|fact| self.near(fact)).max().unwrap_or(0);
        same_unit().any(|fact| self.is(fact) && self.near(fact) == nearest)
    }
}

/// The numbers of `text` in their order.
pub(super) fn facts(text: &str) -> Vec<Fact> {
    let text = fold(text);
    let mut out = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match fact_at(&text, at) {
            Some((value, unit, len)) => {
                let around = around(&text, at, at + len);
                out.push(Fact { value, unit, around });
                at += len;
            }
            None => at += 1,
        }
    }
    out
}

/// How many characters of folded `text` the number and its unit at `at` take.
pub(super) fn length_at(text: &[char], at: usize) -> Option<usize> {
    fact_at(text, at).map(|(_, _, len)| len)
}

/// The value, its unit and how many characters both take.
fn fact_at(text: &[char], at: usize) -> Option<(f64, String, usize)> {
    let rest = &text[at..];
    let measures = &zh().measures;
    if let Some(before) = measures.percent_before.head(rest) {
        let found = number(&rest[before..])?;
        return Some((found.value, "%".to_owned(), before + found.len));
    }
    if rest.first() == Some(&zh().grounding.half) {
        return Some((0.5, String::new(), 1));
    }
    let found = number(rest)?;
    let (unit, len) = unit(&rest[found.len..]);
    // A single one without a unit is part of a word more often than a number.
    let is_word = found.len == 1 && !rest[0].is_ascii_digit() && found.value <= 1.0 && len == 0;
    (!is_word).then_some((found.value, unit, found.len + len))
}

/// The unit at the head of `text` in one spelling, and its length; 0 where it is no known one.
fn unit(text: &[char]) -> (String, usize) {
    let measures = &zh().measures;
    let dates = &measures.dates;
    let about = measures.about.head(text).unwrap_or(0);
    let rest = &text[about..];
    let first = |words: &sidetone_language::Words| words.iter().next().unwrap_or_default().to_owned();
    let alike = [
        (&measures.percent_behind, "%".to_owned()),
        (&measures.months, first(&measures.months)),
        (&measures.money, first(&measures.money)),
        (&dates.year, first(&dates.year)),
        (&dates.month, first(&dates.month)),
        (&dates.day, first(&dates.day)),
    ];
    // The longest word wins: a rate in money for each month is another unit than money.
    let spelled = alike
        .into_iter()
        .filter_map(|(words, name)| Some((words.head(rest)?, name)));
    let plain = measures
        .stressed
        .units
        .head(rest)
        .map(|len| (len, rest[..len].iter().collect()));
    match spelled
        .chain(plain)
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
    {
        Some((len, name)) => (name, about + len),
        None => (
            rest.first()
                .filter(|c| is_han(**c))
                .map(char::to_string)
                .unwrap_or_default(),
            0,
        ),
    }
}

fn around(text: &[char], begin: usize, end: usize) -> Vec<Pair> {
    let before = &text[begin.saturating_sub(BEFORE)..begin];
    let behind = &text[end..text.len().min(end + BEHIND)];
    let mut out = pairs(before);
    out.extend(pairs(behind));
    out.retain(|(one, two)| !one.is_ascii_digit() && !two.is_ascii_digit());
    out.sort_unstable();
    out.dedup();
    out
}
