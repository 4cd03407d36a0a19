//! Percent, per mille and fractions.

use super::about;
use super::count::point;
use super::lexicon;
use super::reading::{Reading, Span};
use super::spot::{Spot, ends, starts};
use super::value::{Number, is_numeral, parse};

/// 百分之九十点五, 百分三十, 千分之三. 百分点 and 一百分 are none.
pub(super) fn percent(spot: Spot<'_>) -> Option<Span> {
    let (sign, head) = match spot.numerals() {
        ['百'] if starts(spot.after(), "分之") => ('%', 3),
        ['百'] if starts(spot.after(), "分") && spot.skip(2).run() > 0 => ('%', 2),
        ['千'] if starts(spot.after(), "分之") => ('‰', 3),
        _ => return None,
    };
    let value = spot.skip(head);
    if value.run() == 0 {
        return written(value.rest(), sign, head);
    }
    let share = |value, len| Some(Span::new(Reading::Share { value, sign }, head + len));
    if value.numerals() == ['百'] {
        return share(Number::Cardinal(100), 1);
    }
    if let Some((number, len)) = point(value) {
        return share(number, len);
    }
    // 百分之三四十, 百分之十几: all of it stays.
    let guess = about::so_many(value).is_some() || about::pair(value.numerals());
    match parse(value.numerals()).filter(|_| !guess) {
        Some(number) => share(number, value.run()),
        None => Some(Span::as_said(spot, head + value.run())),
    }
}

/// 百分之三十到四十一: what follows 到 is a share as well, unless it counts something.
pub(super) fn to_percent(spot: Spot<'_>) -> Option<Span> {
    let [head @ .., '到' | '至'] = spot.before() else {
        return None;
    };
    let of_number = |c: &&char| is_numeral(**c) || **c == '点';
    let number = head.iter().rev().take_while(of_number).count();
    if number == 0 || !ends(&head[..head.len() - number], "百分之") {
        return None;
    }
    let (value, len) = match point(spot) {
        Some(found) => found,
        None => (
            parse(spot.numerals()).filter(|n| !matches!(n, Number::Digits(_)))?,
            spot.run(),
        ),
    };
    let after = spot.skip(len).rest();
    let of_its_own = lexicon::counted(after) || ["几", "来", "分", "点"].iter().any(|word| starts(after, word));
    (!of_its_own).then(|| Span::new(Reading::Share { value, sign: '%' }, len))
}

/// 百分之20: the recogniser wrote the value itself.
fn written(value: &[char], sign: char, head: usize) -> Option<Span> {
    let digits: String = value.iter().take_while(|c| c.is_ascii_digit() || **c == '.').collect();
    let digits = digits.trim_end_matches('.');
    let len = head + digits.len();
    (!digits.is_empty()).then(|| Span::new(Reading::Digits(format!("{digits}{sign}")), len))
}

/// 三分之一 stays, with its numerator.
pub(super) fn fraction(spot: Spot<'_>) -> Option<Span> {
    if spot.run() == 0 || !starts(spot.after(), "分之") {
        return None;
    }
    let numerator = spot.skip(spot.run() + 2);
    Some(Span::as_said(spot, spot.run() + 2 + numerator.run()))
}
