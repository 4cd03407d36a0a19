//! Days of the week, years of two digits, months and days of a date.

use super::about;
use super::reading::{Reading, Span};
use super::spot::{Spot, ends, first_of, starts};
use super::value::{Number, any_digit, is_numeral, parse};

/// What is said of a year and not of so many years.
const OF_A_YEAR: &[&str] = &[
    "出生", "生人", "生的", "参加", "入伍", "入党", "初", "底", "年初", "年底", "开始",
];

/// 星期三, 周三十点: the day of the week is one numeral. 每周三天 and 一周五天 count.
pub(super) fn weekday(spot: Spot<'_>) -> Option<Span> {
    names_weekday(spot.before(), spot.rest()).then(|| Span::as_said(spot, 1))
}

/// 正月十五, 腊月二十三: days of the lunar year are written as they are said.
pub(super) fn lunar_day(spot: Spot<'_>) -> Option<Span> {
    let is_lunar = matches!(spot.before(), [.., '正' | '冬' | '腊', '月']);
    let day = || match parse(spot.numerals()) {
        Some(Number::Small(n) | Number::Cardinal(n)) => (1..=30).contains(&n),
        _ => false,
    };
    (is_lunar && !starts(spot.after(), "号") && day()).then(|| Span::as_said(spot, spot.run()))
}

/// Whether the day of the week is the last that was said.
pub(super) fn ends_in_weekday(before: &[char]) -> bool {
    let last = before.len().saturating_sub(1);
    names_weekday(&before[..last], &before[last..])
}

fn names_weekday(head: &[char], rest: &[char]) -> bool {
    if !matches!(rest.first(), Some('一' | '二' | '三' | '四' | '五' | '六')) {
        return false;
    }
    if ends(head, "星期") || ends(head, "礼拜") {
        // 一个星期三天 is rarer than 星期三.
        return true;
    }
    let counted = matches!(rest.get(1), Some('天' | '次' | '个'));
    let weeks = matches!(head, [.., number, '周'] if is_numeral(*number) || number.is_ascii_digit());
    ends(head, "周") && !counted && !weeks
}

/// 零八年, 八五年三月, 二六年.
///
/// 六七年 is about six or seven unless a month or what is said of a year follows. About one or two is said with 两
/// (一两年, 两三年): 一二年 and 二三年 are years, and so is 零一年.
pub(super) fn short_year(spot: Spot<'_>) -> Option<Span> {
    let [a, b] = spot.numerals() else {
        return None;
    };
    let after = spot.after();
    if *a == '两' || *b == '两' || !starts(after, "年") || starts(after, "年级") {
        return None;
    }
    let guess = about::pair(&[*a, *b]) && !matches!(a, '零' | '〇' | '一' | '幺' | '二');
    if guess && !of_a_year(spot.skip(3)) {
        return None;
    }
    let digits = format!("{}{}", any_digit(*a)?, any_digit(*b)?);
    Some(Span::new(Reading::Year(digits), 3))
}

/// 两千零一八年, 两千一八年: 两千 and the rest of the year read out.
pub(super) fn loose_year(spot: Spot<'_>) -> Option<Span> {
    let (['两' | '二', '千', '零' | '〇', a, b] | ['两' | '二', '千', a, b]) = spot.numerals() else {
        return None;
    };
    let digits = format!("20{}{}", any_digit(*a)?, any_digit(*b)?);
    starts(spot.after(), "年").then(|| Span::new(Reading::Year(digits), spot.run() + 1))
}

fn of_a_year(next: Spot<'_>) -> bool {
    let month = next.run() > 0 && starts(next.after(), "月");
    month || first_of(next.rest(), OF_A_YEAR).is_some()
}

/// 八五年零三月: a month as forms have it, after a year that is read out. 两年零三个月 and 十年零三月 are durations.
pub(super) fn zero_month(spot: Spot<'_>) -> Option<Span> {
    let digit = zero_digit(spot.numerals())?;
    let is_digit = |c: &char| any_digit(*c).is_some() || c.is_ascii_digit();
    let of_year = matches!(spot.before(), [.., a, b, '年'] if is_digit(a) && is_digit(b));
    let date = of_year && starts(spot.after(), "月");
    date.then(|| Span::new(Reading::Month(digit), 3))
}

/// 三月二号, 三月二号到五号: the day after a month, which may be in digits already.
pub(super) fn day(spot: Spot<'_>) -> Option<Span> {
    let of_month = ends_in_month(spot.before()) || ends_in_first_day(spot.before());
    if !of_month || !matches!(spot.after().first(), Some('号' | '日')) {
        return None;
    }
    let digits = match parse(spot.numerals())? {
        Number::Small(n) | Number::Cardinal(n) if (1..=31).contains(&n) => n.to_string(),
        _ => zero_digit(spot.numerals())?,
    };
    Some(Span::new(Reading::Day(digits), spot.run() + 1))
}

fn ends_in_month(before: &[char]) -> bool {
    matches!(before, [.., c, '月'] if is_number(c))
}

fn ends_in_first_day(before: &[char]) -> bool {
    let [head @ .., '号' | '日', '到' | '至'] = before else {
        return false;
    };
    let day = head.iter().rev().take_while(|c| is_number(c)).count();
    day > 0 && ends_in_month(&head[..head.len() - day])
}

fn is_number(c: &char) -> bool {
    is_numeral(*c) || c.is_ascii_digit()
}

fn zero_digit(numerals: &[char]) -> Option<String> {
    match numerals {
        ['零' | '〇', d] => any_digit(*d).filter(|&d| d > 0).map(|d| format!("0{d}")),
        _ => None,
    }
}
