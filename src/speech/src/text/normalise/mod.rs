//! Spoken numbers as digits (inverse text normalisation).
//!
//! Policy, in one place:
//!
//! - A number of ten or more becomes digits: 两千四百 → 2400, 十五 → 15, 一万二 → 12000. Whole
//!   ten-thousands keep 万: 五十万 → 50万. Three digits or more read out one by one become digits.
//! - A number below ten stays a word (一个, 两个, 三险一金, 一次性, 二维码) unless a unit of measurement
//!   follows: 六年 → 6年, 五块钱 → 5元, 一级 → 1级. 十 alone needs a unit or a classifier: 十分 and 十足 stay.
//! - 百分之九十 → 90%; 二十点六七 → 20.67; 八点三十 and 下午两点 are times of day; 三月二号 → 3月2日;
//!   人社发二零二四七十二号 → 人社发〔2024〕72号; money is in 元.
//! - What follows 第 stays as statutes are cited: 第四十五条. So do days of the week, fractions
//!   (三分之一), approximate numbers (三四十, 十几, 二三十) and the words of [`words`].
//! - Arabic digits pass unchanged, and a second pass changes nothing.

mod units;
mod value;
mod words;

use units::Unit;
use value::{Number, any_digit, is_numeral, parse};

/// The text with spoken numbers as digits; see the module for what is left as words.
#[must_use]
pub fn normalise(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let next = rewrite(&chars, at);
        match next {
            Some((written, len)) => {
                out.push_str(&written);
                at += len.max(1);
            }
            None => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

type Rewrite = Option<(String, usize)>;

/// What stands for the characters from `at`, and how many they are.
fn rewrite(chars: &[char], at: usize) -> Rewrite {
    let rest = &chars[at..];
    if let Some(len) = words::kept(chars, at) {
        return Some((rest[..len].iter().collect(), len));
    }
    if let Some(found) = percent(rest) {
        return Some(found);
    }
    if !is_numeral(rest[0]) || (at > 0 && is_numeral(chars[at - 1]) && !after_weekday(chars, at)) {
        return None;
    }
    let run = rest.iter().take_while(|&&c| is_numeral(c)).count();
    if let Some(kept) = words::kept_run(chars, at, run) {
        return Some((rest[..kept].iter().collect(), kept));
    }
    document(rest, run)
        .or_else(|| year(rest, run))
        .or_else(|| time_of_day(chars, at, run))
        .or_else(|| decimal(rest, run))
        .or_else(|| date_day(chars, at, run))
        .or_else(|| after_zero(chars, at, run))
        .or_else(|| number(chars, at, run))
        .or_else(|| Some((rest[..run].iter().collect(), run)))
}

/// The day of the week is one numeral; a number may follow at once (周三十点).
fn after_weekday(chars: &[char], at: usize) -> bool {
    at >= 1 && words::is_weekday(chars, at - 1)
}

/// 百分之九十点五.
fn percent(rest: &[char]) -> Rewrite {
    let sign = if starts(rest, "百分之") {
        '%'
    } else if starts(rest, "千分之") {
        '‰'
    } else {
        return None;
    };
    let value = &rest[3..];
    let run = value.iter().take_while(|&&c| is_numeral(c)).count();
    if run == 0 {
        let len = value.iter().take_while(|c| c.is_ascii_digit() || **c == '.').count();
        let digits: String = value[..len].iter().collect();
        let digits = digits.trim_end_matches('.');
        return (!digits.is_empty()).then(|| (format!("{digits}{sign}"), 3 + digits.chars().count()));
    }
    if value[..run] == ['百'] {
        return Some((format!("100{sign}"), 4));
    }
    let (written, len) = match point(value, run) {
        Some(found) => found,
        None => (
            parse(&value[..run])
                .filter(|n| !approximate(&value[..run], n))?
                .written(),
            run,
        ),
    };
    Some((format!("{written}{sign}"), 3 + len))
}

/// 二零二四七十二号, 二零二四第七十二号: the year and number of a document.
fn document(rest: &[char], run: usize) -> Rewrite {
    let year = year_digits(rest)?;
    let (from, len) = if run > 4 {
        (4, run - 4)
    } else if rest.get(4) == Some(&'第') {
        (5, rest[5..].iter().take_while(|&&c| is_numeral(c)).count())
    } else {
        return None;
    };
    let number = parse(&rest[from..from + len])?;
    (rest.get(from + len) == Some(&'号')).then(|| (format!("〔{year}〕{}号", number.written()), from + len + 1))
}

/// Four digits of a year of ours, read out one by one.
fn year_digits(rest: &[char]) -> Option<String> {
    let text: String = rest
        .iter()
        .take(4)
        .map_while(|&c| any_digit(c))
        .map(|d| d.to_string())
        .collect();
    (text.len() == 4 && (text.starts_with("19") || text.starts_with("20"))).then_some(text)
}

/// 零八年, 二六年: two digits of a year; 六七年 is about six.
fn year(rest: &[char], run: usize) -> Rewrite {
    if run != 2 || rest.get(2) != Some(&'年') || starts(&rest[2..], "年级") {
        return None;
    }
    let (a, b) = (any_digit(rest[0])?, any_digit(rest[1])?);
    (rest[0] != '两' && b != a + 1).then(|| (format!("{a}{b}"), 2))
}

/// 八点三十分, 下午两点, 三点半. The word 点 stays, the numbers become digits.
fn time_of_day(chars: &[char], at: usize, run: usize) -> Rewrite {
    let rest = &chars[at..];
    if rest.get(run) != Some(&'点') {
        return None;
    }
    let hour = match parse(&rest[..run])? {
        Number::Small(n) | Number::Cardinal(n) if n <= 24 => n,
        _ => return None,
    };
    let after = &rest[run + 1..];
    let minutes = after.iter().take_while(|&&c| is_numeral(c)).count();
    let cued = words::time_cue(&chars[..at]);
    if minutes == 0 {
        let plain = cued || ["半", "钟", "整", "到", "至"].iter().any(|word| starts(after, word));
        let plain = plain && !(hour == 1 && !cued && !starts(after, "钟") && !starts(after, "半"));
        return plain.then(|| (format!("{hour}点"), run + 1));
    }
    if after.get(minutes) == Some(&'刻') {
        return Some((format!("{hour}点"), run + 1));
    }
    let minute = match after[..minutes] {
        [a @ ('零' | '〇'), b] if after.get(2) == Some(&'分') || cued => {
            format!("{}{}", any_digit(a)?, any_digit(b)?)
        }
        _ => match parse(&after[..minutes])? {
            Number::Cardinal(n) if (10..60).contains(&n) => n.to_string(),
            Number::Small(n)
                if n == 10 || (after.get(minutes) == Some(&'分') && !starts(&after[minutes..], "分之")) =>
            {
                n.to_string()
            }
            _ => return None,
        },
    };
    Some((format!("{hour}点{minute}"), run + 1 + minutes))
}

/// 二十点六七, 一点二万; the unit after it is written with it.
fn decimal(rest: &[char], run: usize) -> Rewrite {
    let (written, len) = point(rest, run)?;
    let (unit, unit_len) = match rest.get(len) {
        Some(c @ ('万' | '亿')) => (c.to_string(), 1),
        _ => (String::new(), 0),
    };
    let end = len + unit_len;
    match units::measure(&rest[end..]) {
        Some(unit_found) => Some((format!("{written}{unit}{}", unit_found.written), end + unit_found.len)),
        None => Some((format!("{written}{unit}"), end)),
    }
}

/// A number, 点 and digits that are read out one by one.
fn point(rest: &[char], run: usize) -> Rewrite {
    if rest.get(run) != Some(&'点') {
        return None;
    }
    let number = parse(&rest[..run]).filter(|n| !approximate(&rest[..run], n))?;
    let after = &rest[run + 1..];
    let places = after
        .iter()
        .take_while(|&&c| any_digit(c).is_some_and(|_| c != '两' && c != '幺'))
        .count();
    // 一点一点 is a way of speaking; 八点十五 a time; 三点二十 too.
    if places == 0
        || matches!(
            after.get(places),
            Some('十' | '百' | '千' | '点' | '分' | '个' | '些' | '两' | '幺')
        )
    {
        return None;
    }
    let whole = match number {
        Number::Small(n) | Number::Cardinal(n) => n.to_string(),
        Number::Digits(text) => text,
    };
    let digits: String = after[..places]
        .iter()
        .filter_map(|&c| any_digit(c))
        .map(|d| d.to_string())
        .collect();
    Some((format!("{whole}.{digits}"), run + 1 + places))
}

/// 三月二号 → 3月2日: the day after a month, spoken or already in digits.
fn date_day(chars: &[char], at: usize, run: usize) -> Rewrite {
    let rest = &chars[at..];
    let month_before =
        at >= 2 && chars[at - 1] == '月' && (is_numeral(chars[at - 2]) || chars[at - 2].is_ascii_digit());
    if !month_before || !matches!(rest.get(run), Some('号' | '日')) {
        return None;
    }
    match parse(&rest[..run])? {
        Number::Small(n) | Number::Cardinal(n) if (1..=31).contains(&n) => Some((format!("{n}日"), run + 1)),
        _ => None,
    }
}

/// 两年零三个月: the 零 joins two durations.
fn after_zero(chars: &[char], at: usize, run: usize) -> Rewrite {
    let joins = run >= 2 && chars[at] == '零' && at > 0 && matches!(chars[at - 1], '年' | '月' | '天');
    let (written, len) = joins.then(|| number(chars, at + 1, run - 1)).flatten()?;
    Some((format!("零{written}"), len + 1))
}

/// Everything else: a number and, where it has one, its unit.
fn number(chars: &[char], at: usize, run: usize) -> Rewrite {
    let rest = &chars[at..];
    let number = parse(&rest[..run])?;
    if approximate(&rest[..run], &number) || words::vague(chars, at, run) {
        return None;
    }
    let after = &rest[run..];
    if starts(after, "分之") {
        return None;
    }
    match &number {
        Number::Digits(text) if text.len() < 3 && !beside_digit(chars, at, run) => None,
        Number::Digits(_) => Some((number.written(), run)),
        Number::Small(n) => small(chars, at, run, *n),
        Number::Cardinal(_) => {
            let (more, unit) = money_tail(after).map_or_else(
                || (String::new(), units::measure(after)),
                |(jiao, unit)| (jiao, Some(unit)),
            );
            let (unit, len) = unit.map_or((String::new(), 0), |u| (u.written, u.len));
            Some((format!("{}{more}{unit}", number.written()), run + len))
        }
    }
}

/// One numeral: only with a unit of measurement, or as the first of a range whose last has one.
fn small(chars: &[char], at: usize, run: usize, n: u64) -> Rewrite {
    let rest = &chars[at..];
    let after = &rest[run..];
    if let Some((jiao, unit)) = money_tail(after) {
        return Some((format!("{n}{jiao}{}", unit.written), run + unit.len));
    }
    if let Some(unit) = units::measure(after) {
        let allowed = n == 10 || words::unit_counts(chars, at, run, &unit);
        return allowed.then(|| (format!("{n}{}", unit.written), run + unit.len));
    }
    if n == 10 && units::classifier(after) {
        return Some((n.to_string(), run));
    }
    if let Some('到' | '至') = after.first() {
        let from = at + run + 1;
        let next = chars[from..].iter().take_while(|&&c| is_numeral(c)).count();
        let number_follows = next > 0 && rewrite_range_end(chars, from, next);
        return number_follows.then(|| (n.to_string(), run));
    }
    None
}

fn rewrite_range_end(chars: &[char], from: usize, run: usize) -> bool {
    parse(&chars[from..from + run]).is_some_and(|n| match n {
        Number::Small(_) => {
            units::measure(&chars[from + run..]).is_some_and(|unit| words::unit_counts(chars, from, run, &unit))
        }
        Number::Cardinal(_) => !words::vague(chars, from, run),
        Number::Digits(_) => false,
    })
}

/// 两块五, 十块零五毛: what follows a sum in 块, as decimals of 元.
fn money_tail(after: &[char]) -> Option<(String, Unit)> {
    if after.first() != Some(&'块') {
        return None;
    }
    let jiao = any_digit(*after.get(1)?).filter(|&d| d > 0)?;
    let mut len = 2;
    // 两块五个 counts pieces.
    if after
        .get(2)
        .is_some_and(|&c| is_numeral(c) || matches!(c, '个' | '年' | '月' | '天' | '点' | '次' | '种'))
    {
        return None;
    }
    let mut decimals = jiao.to_string();
    if matches!(after.get(len), Some('毛' | '角')) {
        len += 1;
        if let Some(fen) = after.get(len).and_then(|&c| any_digit(c)).filter(|&d| d > 0) {
            decimals.push_str(&fen.to_string());
            len += 1;
            len += usize::from(after.get(len) == Some(&'分'));
        }
    }
    len += usize::from(after.get(len) == Some(&'钱'));
    Some((
        format!(".{decimals}"),
        Unit {
            written: "元".to_owned(),
            len,
        },
    ))
}

/// 三四, 五六百: two neighbours side by side are a guess, not a number.
fn approximate(run: &[char], number: &Number) -> bool {
    match number {
        Number::Digits(text) if text.len() == 2 => run
            .windows(2)
            .any(|w| any_digit(w[0]).zip(any_digit(w[1])).is_some_and(|(a, b)| b == a + 1)),
        _ => false,
    }
}

fn beside_digit(chars: &[char], at: usize, run: usize) -> bool {
    (at > 0 && chars[at - 1].is_ascii_digit()) || chars.get(at + run).is_some_and(char::is_ascii_digit)
}

fn starts(chars: &[char], word: &str) -> bool {
    let mut at = chars.iter();
    word.chars().all(|c| at.next() == Some(&c))
}

#[cfg(test)]
mod tests;
