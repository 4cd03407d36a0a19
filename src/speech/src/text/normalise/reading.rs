//! What numerals can be, and how each kind is written.

use std::fmt;

use super::spot::Spot;
use super::value::Number;

/// What a span of the text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Words, ordinals, fractions, about so many.
    AsSaid(String),
    /// Digits read out one by one.
    Digits(String),
    /// A number, with the unit as it is written.
    Count { number: Number, unit: &'static str },
    /// A share of a hundred or a thousand, with its sign.
    Share { value: Number, sign: char },
    /// A sum of money, with the decimals of 元.
    Money { yuan: Number, decimals: String },
    /// A year of two digits.
    Year(String),
    /// A month that is read out as in a form: 03月.
    Month(String),
    /// A day of a month.
    Day(String),
    /// A time of day.
    Time { hour: u64, minute: String },
    /// Year and number of a document.
    Document { year: String, number: Number },
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AsSaid(text) | Self::Digits(text) => f.write_str(text),
            Self::Count { number, unit } => write!(f, "{number}{unit}"),
            Self::Share { value, sign } => write!(f, "{}{sign}", value.in_full()),
            Self::Money { yuan, decimals } => write!(f, "{}.{decimals}元", yuan.in_full()),
            Self::Year(digits) => write!(f, "{digits}年"),
            Self::Month(digits) => write!(f, "{digits}月"),
            Self::Day(digits) => write!(f, "{digits}日"),
            Self::Time { hour, minute } => write!(f, "{hour}点{minute}"),
            Self::Document { year, number } => write!(f, "〔{year}〕{number}号"),
        }
    }
}

/// A reading, and how many characters from its [`Spot`] it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) reading: Reading,
    pub(super) len: usize,
}

impl Span {
    pub(super) fn new(reading: Reading, len: usize) -> Self {
        Self { reading, len }
    }

    /// `len` characters that stay as they are.
    pub(super) fn as_said(spot: Spot<'_>, len: usize) -> Self {
        let text = spot.rest().iter().take(len).collect();
        Self::new(Reading::AsSaid(text), len)
    }
}
