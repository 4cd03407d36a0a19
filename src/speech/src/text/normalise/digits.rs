//! Digits read out one by one: telephone and identity numbers, plates, documents.

use super::about;
use super::lexicon;
use super::reading::{Reading, Span};
use super::spot::{Spot, starts};
use super::value::{Number, any_digit, is_scale, parse};

/// What the number of a document follows: 人社发, 鲁政字, 办函.
const DOCUMENTS: &str = "发字函办规令文〕";
/// So many digits in a row are read out, not guessed.
const READ_OUT: usize = 3;

/// 幺三八零零, 尾号零零一; two digits only beside written ones. 三四五月 names months.
pub(super) fn string(spot: Spot<'_>) -> Option<Span> {
    let Number::Digits(digits) = parse(spot.numerals())? else {
        return None;
    };
    let beside =
        spot.last().is_some_and(|c| c.is_ascii_digit()) || spot.after().first().is_some_and(char::is_ascii_digit);
    let long = digits.len() >= READ_OUT && !enumeration(spot);
    (long || (beside && !about::pair(spot.numerals()))).then(|| Span::new(Reading::Digits(digits), spot.run()))
}

/// 一二三级, 三四五月份: one after the other, all of one kind.
fn enumeration(spot: Spot<'_>) -> bool {
    let one_up = |w: &[char]| any_digit(w[0]).zip(any_digit(w[1])).is_some_and(|(a, b)| b == a + 1);
    let after = spot.after();
    spot.numerals().windows(2).all(one_up)
        && !starts(after, "年")
        && !starts(after, "号")
        && (lexicon::counted(after) || after.first().is_some_and(|&c| "等线季类档楼产".contains(c)))
}

/// 鲁E一二三四五, 零零二X: letters and digits in one word, three spoken digits or more.
pub(super) fn code(spot: Spot<'_>) -> Option<Span> {
    if spot.last().is_some_and(|c| c.is_ascii_alphanumeric()) {
        return None;
    }
    let of_code = |c: &&char| c.is_ascii_alphanumeric() || any_digit(**c).is_some();
    let token: Vec<char> = spot.rest().iter().take_while(of_code).copied().collect();
    let spoken = token.iter().filter(|&&c| any_digit(c).is_some()).count();
    if spoken < READ_OUT || !token.iter().any(char::is_ascii_alphabetic) {
        return None;
    }
    let written = |&c: &char| any_digit(c).map_or(c.to_string(), |d| d.to_string());
    Some(Span::new(
        Reading::Digits(token.iter().map(written).collect()),
        token.len(),
    ))
}

/// 人社发二零二四七十二号, 鲁政字二零二五第一百四十号: year and number of a document.
pub(super) fn document(spot: Spot<'_>) -> Option<Span> {
    let year = year_of_ours(spot.numerals())?;
    let named = spot.last().is_some_and(|c| DOCUMENTS.contains(c));
    let number = if spot.run() > 4 {
        spot.skip(4)
    } else if starts(spot.after(), "第") {
        spot.skip(5)
    } else {
        return None;
    };
    // 房号二零一七八号 has no 十: it is a document only by name.
    if !named && !number.numerals().iter().any(|&c| is_scale(c)) {
        return None;
    }
    let len = spot.rest().len() - number.after().len() + 1;
    let number = parse(number.numerals()).filter(|_| starts(number.after(), "号"))?;
    Some(Span::new(Reading::Document { year, number }, len))
}

/// Four digits of a year of ours, read out one by one.
fn year_of_ours(numerals: &[char]) -> Option<String> {
    let digits: Option<String> = numerals
        .get(..4)?
        .iter()
        .map(|&c| any_digit(c).map(|d| d.to_string()))
        .collect();
    digits.filter(|year| year.starts_with("19") || year.starts_with("20"))
}
