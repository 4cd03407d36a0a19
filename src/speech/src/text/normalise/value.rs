//! What a run of spoken numerals is worth.

use std::fmt;

const WAN: u64 = 10_000;
const YI: u64 = 100_000_000;

/// The characters of which a spoken number is made.
pub(super) fn is_numeral(c: char) -> bool {
    any_digit(c).is_some() || is_scale(c)
}

/// Ten, hundred and the like, which a digit before them multiplies.
pub(super) fn is_scale(c: char) -> bool {
    matches!(c, '十' | '百' | '千' | '万' | '亿')
}

/// The value of a digit as it is read out one by one; 两 and 幺 only stand for one in their place.
fn digit(c: char) -> Option<u64> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        _ => return None,
    })
}

/// A digit, 两 and 幺 among them.
pub(super) fn any_digit(c: char) -> Option<u64> {
    match c {
        '两' => Some(2),
        '幺' => Some(1),
        _ => digit(c),
    }
}

/// How a number was spoken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Number {
    /// One digit, 两 or 十 alone: a word as often as a number.
    Small(u64),
    /// Digits read out one by one.
    Digits(String),
    /// With 十, 百, 千, 万 or 亿.
    Cardinal(u64),
    /// With 点, as it is written.
    Decimal(String),
}

impl Number {
    /// In Arabic digits only.
    pub(super) fn in_full(&self) -> String {
        match self {
            Self::Small(n) | Self::Cardinal(n) => n.to_string(),
            Self::Digits(text) | Self::Decimal(text) => text.clone(),
        }
    }
}

/// Whole ten-thousands keep their 万, as people write them, and so does 亿.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cardinal(n) if *n >= YI => {
                write!(f, "{}亿", n / YI)?;
                match n % YI {
                    0 => Ok(()),
                    rest => write!(f, "{}", Self::Cardinal(rest)),
                }
            }
            Self::Cardinal(n) if *n >= WAN && n % WAN == 0 => write!(f, "{}万", n / WAN),
            other => f.write_str(&other.in_full()),
        }
    }
}

/// The value of a whole run, or `None` when it is no one number (三四十, 五六, 百千).
pub(super) fn parse(run: &[char]) -> Option<Number> {
    if let [one] = run {
        return match one {
            '十' => Some(Number::Small(10)),
            '幺' => None,
            c => any_digit(*c).map(Number::Small),
        };
    }
    if !run.is_empty() && run.iter().all(|&c| any_digit(c).is_some()) {
        let text = run
            .iter()
            .filter_map(|&c| any_digit(c))
            .map(|d| d.to_string())
            .collect();
        return Some(Number::Digits(text));
    }
    cardinal(run).map(Number::Cardinal)
}

/// 一亿两千万, 一万二, 三百零五.
fn cardinal(run: &[char]) -> Option<u64> {
    for (mark, unit) in [('亿', YI), ('万', WAN)] {
        if let Some(at) = run.iter().rposition(|&c| c == mark) {
            let high = group(&run[..at], mark == '亿')?;
            let rest = &run[at + 1..];
            let low = match rest {
                [] => 0,
                // 一万二 is 12,000, yet 一万零二 is 10,002.
                [d] => any_digit(*d).filter(|&d| d > 0)?.checked_mul(unit / 10)?,
                ['零' | '〇', more @ ..] => below(more, unit)?,
                // 一万三百: the 零 may be left out before what has its own unit; 一万二三 is no number.
                more => below(more, unit).filter(|_| more.iter().any(|&c| is_scale(c)))?,
            };
            return high.checked_mul(unit)?.checked_add(low);
        }
    }
    group(run, false)
}

fn below(run: &[char], limit: u64) -> Option<u64> {
    if run.is_empty() {
        return None;
    }
    let value = if let [d] = run { any_digit(*d)? } else { cardinal(run)? };
    (value > 0 && value < limit).then_some(value)
}

/// What stands before 万 or 亿, or a number without either.
fn group(run: &[char], may_hold_wan: bool) -> Option<u64> {
    if run.is_empty() {
        return None;
    }
    if may_hold_wan && run.contains(&'万') {
        return cardinal(run);
    }
    thousands(run)
}

/// A number below 10,000 in strict form: units fall, one digit before each, 零 where one is left out.
fn thousands(run: &[char]) -> Option<u64> {
    let (mut total, mut last_unit, mut pending, mut after_zero) = (0, 10_000_u64, None, false);
    for (at, &c) in run.iter().enumerate() {
        let unit = match c {
            '千' => 1_000,
            '百' => 100,
            '十' => 10,
            '零' | '〇' if at > 0 && pending.is_none() && !after_zero => {
                after_zero = true;
                continue;
            }
            c => {
                let d = any_digit(c).filter(|&d| d > 0 && pending.is_none())?;
                pending = Some(d);
                continue;
            }
        };
        // 十 may stand by itself at the head (十五) and after 零 (两千零十), and nothing else may.
        let d = match pending.take() {
            Some(d) => d,
            None if unit == 10 && (at == 0 || after_zero) => 1,
            None => return None,
        };
        if unit >= last_unit {
            return None;
        }
        total += d * unit;
        last_unit = unit;
        after_zero = false;
    }
    match pending {
        Some(_) if last_unit == 10_000 && run.len() > 1 => None,
        // 两千二, 三百五: the next lower unit is left out in speech.
        Some(d) if !after_zero && (100..10_000).contains(&last_unit) => Some(total + d * last_unit / 10),
        Some(d) => Some(total + d),
        None if after_zero => None,
        None => Some(total),
    }
}

#[cfg(test)]
mod tests {
    use super::{Number, parse};

    fn written(run: &str) -> Option<String> {
        parse(&run.chars().collect::<Vec<_>>()).map(|n| n.to_string())
    }

    #[test]
    fn one_number_has_one_value() {
        for (run, value) in [
            ("五", "5"),
            ("十", "10"),
            ("十五", "15"),
            ("二十", "20"),
            ("一百零五", "105"),
            ("一百一", "110"),
            ("一百一十", "110"),
            ("三百五", "350"),
            ("两千二", "2200"),
            ("两千二百", "2200"),
            ("两千零二十", "2020"),
            ("两千零二", "2002"),
            ("四千四百一十六", "4416"),
            ("一万", "1万"),
            ("一万二", "12000"),
            ("一万零二", "10002"),
            ("一万两千五", "12500"),
            ("二万二千零七十八", "22078"),
            ("十万", "10万"),
            ("十二万三", "123000"),
            ("一千二百万", "1200万"),
            ("一亿两千万", "1亿2000万"),
            ("一亿两千三百", "1亿2300"),
            ("一万三百", "10300"),
            ("两千零十", "2010"),
            ("两千零十二", "2012"),
            ("一百零十五", "115"),
            ("三亿", "3亿"),
            ("一三八零零", "13800"),
            ("幺二三三三", "12333"),
        ] {
            assert_eq!(written(run).as_deref(), Some(value), "{run}");
        }
    }

    #[test]
    fn what_is_no_number_has_none() {
        for run in [
            "三四十",
            "五六百",
            "十七八",
            "百千",
            "万一",
            "千万",
            "一百百",
            "十十",
            "一百零",
            "两千二三",
            "一万二三",
        ] {
            assert_eq!(written(run), None, "{run}");
        }
        assert_eq!(parse(&['幺']), None);
        assert_eq!(parse(&['两']), Some(Number::Small(2)));
    }
}
