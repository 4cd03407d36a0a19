//! Spoken numbers as digits (inverse text normalisation).
//!
//! Policy, in one place:
//!
//! - A number of ten or more becomes digits: 两千四百 → 2400, 十五 → 15, 一万二 → 12000. Whole
//!   ten-thousands keep 万: 五十万 → 50万; 亿 is kept with what follows: 一亿三千万 → 1亿3000万.
//!   Three digits or more read out one by one become digits; so do plates and permits (鲁E一二三四五).
//! - A number below ten stays a word (一个, 两个, 三险一金, 一次性, 二维码) unless a unit of measurement
//!   follows: 六年 → 6年, 五块钱 → 5元, 一级 → 1级. 十 alone needs a unit or a classifier: 十分 and 十足 stay.
//! - 百分之九十 and 百分九十 → 90%; 二十点六七 → 20.67; 八点三十 and 下午两点 are times of day; 三月二号 → 3月2日;
//!   人社发二零二四七十二号 → 人社发〔2024〕72号; money is in 元: 三块五 → 3.5元.
//! - What follows 第 stays as statutes are cited: 第四十五条. So do days of the week and of the lunar year (正月十五), fractions
//!   (三分之一), a few 毛 or 分 without 元, approximate numbers (三四十, 十几, 二三十; 五十多岁 → 50多岁) and
//!   the words of `words.txt`.
//! - Arabic digits pass unchanged, and a second pass changes nothing.
//!
//! How that differs from what other normalisers write: units stay Chinese words (25千克, 38摄氏度; not kg, °C), and so
//! do currencies (1.25元, not ¥1.25), times (8点30, not 8:30a.m.), dates (2008年8月8日), ratios, signs and sums
//! (78比96, 负3.5, 一加二). About so many is never a range of digits (三四万, not 3~4万). Capital
//! numerals, 兆 and the radio digits 洞, 拐 are no numerals here.
//!
//! The grammar: [`Spot`] is a place and the numerals that stand there, a reader says what they are and how far it goes
//! ([`Span`]), and [`READERS`] is the order in which readers are asked. Each reader states the context that it needs.

mod about;
mod calendar;
mod clock;
mod count;
mod digits;
mod lexicon;
mod money;
mod ratio;
mod reading;
mod spot;
mod value;

use reading::Span;
use spot::Spot;
use value::Number;

type Reader = fn(Spot<'_>) -> Option<Span>;

/// The first that knows what it sees decides.
const READERS: &[Reader] = &[
    word,
    digits::code,
    calendar::weekday,
    calendar::lunar_day,
    ordinal,
    rank,
    ratio::percent,
    ratio::fraction,
    ratio::to_percent,
    digits::document,
    calendar::loose_year,
    about::so_many,
    about::rest_of_written,
    calendar::short_year,
    calendar::zero_month,
    calendar::day,
    clock::time,
    money::amount,
    count::decimal,
    count::joining_zero,
    count::measured,
    digits::string,
    count::cardinal,
    count::ten,
    count::range,
];

/// The text with spoken numbers as digits; see the module for what is left as words.
#[must_use]
pub fn normalise(text: &str) -> String {
    use std::fmt::Write as _;

    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let spot = Spot::new(&chars, at);
        let span = read(spot).unwrap_or_else(|| Span::as_said(spot, spot.run().max(1)));
        // Writing to a string cannot fail.
        let _ = write!(out, "{}", span.reading);
        at += span.len.max(1);
    }
    out
}

fn read(spot: Spot<'_>) -> Option<Span> {
    READERS.iter().find_map(|reader| reader(spot))
}

/// A word of the lexicon.
fn word(spot: Spot<'_>) -> Option<Span> {
    lexicon::word(spot.rest()).map(|len| Span::as_said(spot, len))
}

/// 第四十五条.
fn ordinal(spot: Spot<'_>) -> Option<Span> {
    (spot.run() > 0 && spot.last() == Some('第')).then(|| Span::as_said(spot, spot.run()))
}

/// 老二六十九: who is the second of the children, and how old.
fn rank(spot: Spot<'_>) -> Option<Span> {
    let (_, age) = spot.numerals().split_first()?;
    let is_rank = spot.last() == Some('老') && value::parse(spot.numerals()).is_none();
    (is_rank && matches!(value::parse(age), Some(Number::Cardinal(_)))).then(|| Span::as_said(spot, 1))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
