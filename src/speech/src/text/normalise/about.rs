//! About so many: 三四十, 十几, 几十, 数十, 十来天, 四十大几. They stay words, for there is no one number to write.

use super::lexicon;
use super::reading::Span;
use super::spot::Spot;
use super::value::{any_digit, is_scale, parse};

/// What can be counted by a noun in 数: 人数十人 is ten people, 数十人 is dozens.
const COUNTED_BY_SHU: &str = "人次天年月总基件户倍个岁分参系指";

/// Numerals that are no one number, or whose neighbours make them a guess.
///
/// 几, 数 and 来 do that only where they stand for a digit beside 十, 百, 千, 万: 您好幺二三三三 and 打12333来问 hold
/// numbers.
pub(super) fn so_many(spot: Spot<'_>) -> Option<Span> {
    let numerals = spot.numerals();
    let (first, last) = (*numerals.first()?, *numerals.last()?);
    let before = spot.before();
    let digit_before = match before {
        [.., '几'] => true,
        [.., noun, '数'] => !COUNTED_BY_SHU.contains(*noun),
        ['数'] => true,
        _ => false,
    };
    let digit_after = match spot.after() {
        ['几', ..] | ['大', '几', ..] => true,
        ['来', counted @ ..] => lexicon::counted(counted),
        _ => false,
    };
    // 十几二十年: a guess goes on.
    let goes_on = matches!(before, [.., scale, '几'] if is_scale(*scale));
    let guess =
        goes_on || (digit_before && is_scale(first)) || (digit_after && is_scale(last)) || parse(numerals).is_none();
    guess.then(|| Span::as_said(spot, spot.run()))
}

/// 2万三, 3十: the recogniser wrote the first part itself.
pub(super) fn rest_of_written(spot: Spot<'_>) -> Option<Span> {
    let first = *spot.numerals().first()?;
    let written = spot.last().is_some_and(|c| c.is_ascii_digit());
    (written && any_digit(first).is_none()).then(|| Span::as_said(spot, spot.run()))
}

/// Two digits side by side that mean about so many: 三四, 六七, 三五.
pub(super) fn pair(numerals: &[char]) -> bool {
    let [a, b] = numerals else { return false };
    match (any_digit(*a), any_digit(*b)) {
        (Some(3), Some(5)) => true,
        (Some(a), Some(b)) => b == a + 1,
        _ => false,
    }
}
