//! A place in the text, and what is said around it.

use super::lexicon;
use super::value::{any_digit, is_numeral, parse};

/// A place in the text where something may begin, and how many numerals stand there.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    text: &'a [char],
    at: usize,
    run: usize,
}

impl<'a> Spot<'a> {
    pub(super) fn new(text: &'a [char], at: usize) -> Self {
        let rest = &text[at..];
        let all = rest.iter().take_while(|&&c| is_numeral(c)).count();
        // 幺二三三三一直: the last numeral begins a word. 二十一年一次 is said of 21.
        let begins_word = |&i: &usize| {
            let completes = rest[i - 1] == '十' && lexicon::counted(&rest[i + 1..]);
            any_digit(rest[i]).is_some() && !completes && lexicon::ends_number(&rest[i..])
        };
        let mut run = (1..all).find(begins_word).unwrap_or(all);
        // 二十千米: 千 belongs to the unit where it is no part of the number.
        let of_unit = run > 1 && rest[run - 1] == '千' && matches!(rest.get(run), Some('米' | '克' | '瓦'));
        if of_unit && parse(&rest[..run]).is_none() {
            run -= 1;
        }
        Self { text, at, run }
    }

    /// The place `by` characters further on.
    pub(super) fn skip(self, by: usize) -> Self {
        Self::new(self.text, (self.at + by).min(self.text.len()))
    }

    /// How many numerals stand here.
    pub(super) fn run(self) -> usize {
        self.run
    }

    pub(super) fn numerals(self) -> &'a [char] {
        &self.text[self.at..self.at + self.run]
    }

    /// Everything from here.
    pub(super) fn rest(self) -> &'a [char] {
        &self.text[self.at..]
    }

    /// What follows the numerals.
    pub(super) fn after(self) -> &'a [char] {
        &self.text[self.at + self.run..]
    }

    /// Everything before.
    pub(super) fn before(self) -> &'a [char] {
        &self.text[..self.at]
    }

    /// The character before.
    pub(super) fn last(self) -> Option<char> {
        self.before().last().copied()
    }
}

pub(super) fn starts(chars: &[char], word: &str) -> bool {
    let mut at = chars.iter();
    word.chars().all(|c| at.next() == Some(&c))
}

pub(super) fn ends(chars: &[char], word: &str) -> bool {
    let mut at = chars.iter().rev();
    word.chars().rev().all(|c| at.next() == Some(&c))
}

/// The first of `words` that `chars` begin with.
pub(super) fn first_of(chars: &[char], words: &[&str]) -> Option<usize> {
    words
        .iter()
        .find(|word| starts(chars, word))
        .map(|word| word.chars().count())
}
