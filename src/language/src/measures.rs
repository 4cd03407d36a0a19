//! Units of what is counted.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::Words;

/// Units behind a number, and what stands beside them.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measures {
    /// Between a number and its unit: about so much.
    pub about: Words,
    /// Behind a number of years: and a half.
    pub half: Words,
    /// Between years and months.
    pub and: Words,
    /// Half a year, without a number.
    pub half_year: Words,
    /// Half a month, without a number.
    pub half_month: Words,
    /// Months as a length of time.
    pub months: Words,
    /// Behind one month: it is a length of time, and not "per month".
    pub month_lasts: Words,
    /// Days as a length of time.
    pub days: Words,
    /// Years of age.
    pub age: Words,
    /// Before the number of a percentage.
    pub percent_before: Words,
    /// Behind the number of a percentage.
    pub percent_behind: Words,
    /// CNY.
    pub money: Words,
    /// Behind the number of a figure that a document sets, and that changes with it.
    pub figure: Words,
    /// Shortly before a number without a unit: it is money.
    pub money_near: Words,
    /// What stands out in a text.
    pub stressed: Stressed,
    /// Dates.
    pub dates: Dates,
}

/// What stands out in a text.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stressed {
    /// With a number before them.
    pub units: Words,
    /// Numbers written in characters that callers act upon.
    pub words: Words,
}

/// Words of a date.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dates {
    /// Behind the number of a year.
    pub year: Words,
    /// Behind the number of a month.
    pub month: Words,
    /// Behind the number of a day.
    pub day: Words,
    /// Between a year and its month.
    pub of: Words,
    /// Behind a year of two digits: somebody was born then.
    pub born: Words,
    /// Behind a year of two digits: it is a year and no length of time.
    pub at: Words,
    /// Before two digits of years: it is a length of time.
    pub lasts: Words,
    /// Points back to a day that was named.
    pub that_time: Words,
    /// How many years before the current one.
    pub years_back: BTreeMap<String, i16>,
    /// How many months before the current one.
    pub months_back: BTreeMap<String, i16>,
}

impl Dates {
    /// A year that is named by its distance, at the head of `text`: its length in characters and how many years ago.
    #[must_use]
    pub fn year_back(&self, text: &[char]) -> Option<(usize, i16)> {
        longest(&self.years_back, text)
    }

    /// As [`Self::year_back`], for months.
    #[must_use]
    pub fn month_back(&self, text: &[char]) -> Option<(usize, i16)> {
        longest(&self.months_back, text)
    }
}

fn longest(words: &BTreeMap<String, i16>, text: &[char]) -> Option<(usize, i16)> {
    let at_head = words.iter().filter_map(|(word, back)| {
        let len = word.chars().count();
        (len <= text.len() && word.chars().eq(text[..len].iter().copied())).then_some((len, *back))
    });
    at_head.max()
}
