//! Sums of money with decimals: 三块五, 三千三百八十元五角八分.

use super::about;
use super::lexicon;
use super::reading::{Reading, Span};
use super::spot::{Spot, first_of, starts};
use super::value::{Number, any_digit, parse};

/// A whole sum, and what follows 块 or 元 as its decimals. Sums without decimals are measured like everything else.
pub(super) fn amount(spot: Spot<'_>) -> Option<Span> {
    let yuan = parse(spot.numerals())?;
    if matches!(yuan, Number::Digits(_)) {
        return None;
    }
    let unit = first_of(spot.after(), &["块", "元"])?;
    let tail = spot.skip(spot.run() + unit);
    // 元 is said with 角 and 分; after 块 they may be left out.
    let (decimals, len) = with_units(tail).or_else(|| starts(spot.after(), "块").then(|| without_units(tail))?)?;
    let end = spot.run() + unit + len;
    let qian = usize::from(starts(spot.skip(end).rest(), "钱"));
    Some(Span::new(Reading::Money { yuan, decimals }, end + qian))
}

/// 五角八分, 六毛, 六毛五, 零五分, 零五毛: the decimals, and how many characters they are.
fn with_units(tail: Spot<'_>) -> Option<(String, usize)> {
    let zero = zeros(tail.rest());
    let digit = sum_digit(tail.rest().get(zero))?;
    let next = tail.skip(zero + 1);
    if starts(next.rest(), "分") && !starts(next.rest(), "分之") && !starts(next.rest(), "分钟") {
        return Some((format!("0{digit}"), zero + 2));
    }
    first_of(next.rest(), &["角", "毛"])?;
    let fen = next.skip(1);
    let fen_zero = zeros(fen.rest());
    let jiao_only = (digit.to_string(), zero + 2);
    let Some(cents) = sum_digit(fen.rest().get(fen_zero)) else {
        return Some(jiao_only);
    };
    let end = fen.skip(fen_zero + 1);
    let unit = usize::from(starts(end.rest(), "分"));
    let is_cents = unit > 0 || (fen.run() == fen_zero + 1 && !lexicon::counted(end.rest()));
    Some(if is_cents {
        (format!("{digit}{cents}"), zero + 2 + fen_zero + 1 + unit)
    } else {
        jiao_only
    })
}

/// 三块五, 四块二五, 三块零五. 五十块一天 and 三块五六 are none.
fn without_units(tail: Spot<'_>) -> Option<(String, usize)> {
    let numerals = tail.numerals();
    // 一百块一共: what follows is a word.
    if lexicon::ends_number(tail.rest()) {
        return None;
    }
    let end = !lexicon::counted(tail.after()) && !starts(tail.after(), "点") && !starts(tail.after(), "几");
    match numerals {
        [d] if end => Some((sum_digit(Some(d))?.to_string(), 1)),
        ['零' | '〇', d] if end => Some((format!("0{}", sum_digit(Some(d))?), 2)),
        [a, b] if end && !about::pair(numerals) => Some((format!("{}{}", sum_digit(Some(a))?, sum_digit(Some(b))?), 2)),
        // 三块五一斤: the price, and what it is for.
        [d, _] if !end => Some((sum_digit(Some(d))?.to_string(), 1)),
        _ => None,
    }
}

fn zeros(chars: &[char]) -> usize {
    usize::from(matches!(chars.first(), Some('零' | '〇')))
}

fn sum_digit(c: Option<&char>) -> Option<u64> {
    any_digit(*c?).filter(|&d| d > 0)
}
