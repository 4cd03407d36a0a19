//! The words and units that the grammar knows, from the data files beside it.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::spot::starts;
use super::value::{any_digit, is_numeral};

/// Classifiers that make 十 a number: 十个, 十次.
const CLASSIFIERS: &str = "个次位名人份张条项家户种件号日套万页本笔遍趟轮栋台间";

struct Word {
    text: Vec<char>,
    /// Characters that make another word of it when they follow.
    unless: Vec<char>,
}

static WORDS: LazyLock<HashMap<char, Vec<Word>>> = LazyLock::new(|| {
    let mut words: HashMap<char, Vec<Word>> = HashMap::new();
    for line in lines(include_str!("words.txt")) {
        let (text, unless) = line.split_once('!').unwrap_or((line, ""));
        let text: Vec<char> = text.chars().collect();
        if let Some(&first) = text.first() {
            let unless = unless.chars().collect();
            words.entry(first).or_default().push(Word { text, unless });
        }
    }
    for same_head in words.values_mut() {
        same_head.sort_by_key(|word| std::cmp::Reverse(word.text.len()));
    }
    words
});

/// Longest first, so that none hides another that it begins.
static UNITS: LazyLock<Vec<Unit>> = LazyLock::new(|| {
    let mut units: Vec<Unit> = lines(include_str!("units.txt"))
        .map(|line| {
            let (said, written) = line.split_once('\t').unwrap_or((line, line));
            Unit { said, written }
        })
        .collect();
    units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
    units
});

fn lines(data: &'static str) -> impl Iterator<Item = &'static str> {
    data.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A unit of measurement.
#[derive(Clone, Copy)]
pub(super) struct Unit {
    pub(super) said: &'static str,
    pub(super) written: &'static str,
}

impl Unit {
    /// How many characters are said.
    pub(super) fn len(self) -> usize {
        self.said.chars().count()
    }
}

impl Word {
    fn begins(&self, rest: &[char]) -> bool {
        let next = rest.get(self.text.len());
        // 七七八八 is a word by itself, and digits in a longer number.
        let goes_on = self.is_digits() && next.is_some_and(|&c| is_numeral(c));
        rest.starts_with(&self.text) && !goes_on && !next.is_some_and(|next| self.unless.contains(next))
    }

    fn is_digits(&self) -> bool {
        self.text.iter().all(|&c| any_digit(c).is_some())
    }
}

fn at_head(rest: &[char]) -> impl Iterator<Item = &'static Word> {
    let same_head = rest.first().and_then(|first| WORDS.get(first));
    same_head.into_iter().flatten().filter(|word| word.begins(rest))
}

/// The length of the longest word that `rest` begins with.
pub(super) fn word(rest: &[char]) -> Option<usize> {
    at_head(rest).next().map(|word| word.text.len())
}

/// Whether a word begins here that ends a number in front of it.
pub(super) fn ends_number(rest: &[char]) -> bool {
    at_head(rest).any(|word| !word.is_digits())
}

/// The unit of measurement that `after` begins with.
pub(super) fn unit(after: &[char]) -> Option<Unit> {
    UNITS.iter().find(|unit| starts(after, unit.said)).copied()
}

/// Whether something is counted: a classifier or a unit follows.
pub(super) fn counted(after: &[char]) -> bool {
    classifier(after) || unit(after).is_some()
}

pub(super) fn classifier(after: &[char]) -> bool {
    after.first().is_some_and(|&c| CLASSIFIERS.contains(c))
}
