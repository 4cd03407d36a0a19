//! Dates of birth: a year, a month and a day beside words that say so.

use sidetone_language::zh;
use sidetone_schema::RedactionKind;

use super::shape;
use super::span::Span;
use super::token::{digit, is_filler};
use super::words;

/// As far before a date its cue may stand.
const NEAR: usize = 12;
/// As far behind it.
const BEHIND: usize = 3;

/// A date, or the head of one.
struct Date {
    end: usize,
    year: bool,
    month: bool,
    day: bool,
}

/// Dates of birth. `asked`: an earlier turn was about one. Of a text that grows, any date at its end may become one.
pub(super) fn birthdays(chars: &[char], asked: bool, growing: bool) -> Vec<Span> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let Some(date) = date(chars, at) else {
            at += 1;
            continue;
        };
        let behind = &chars[date.end..];
        let before = &chars[at.saturating_sub(NEAR)..at];
        let later = (1..BEHIND.min(behind.len())).any(|at| words().birth_cue.head(&behind[at..]).is_some());
        let born = words().born.head(behind).is_some() || later || ends_born(behind);
        let said = born || speaks_of_birth(before) || (asked && !is_dated(behind));
        let whole = date.year && date.month && date.day && said;
        let answers = asked && chars[..at].iter().all(|c| is_filler(&[*c]));
        let day = !date.year && date.month && date.day && (answers || words().birthday_cue.within(before));
        let began = date.year || answers || words().birthday_cue.within(before);
        let open = growing && began && goes_on(&date, behind);
        if whole || day || open {
            found.push((at..date.end, RedactionKind::BirthDate));
        }
        at = date.end;
    }
    found
}

/// Whether a text speaks of when somebody was born, by a word for that day or by asking when it was.
pub(super) fn speaks_of_birth(chars: &[char]) -> bool {
    words().birth_cue.within(chars) || (0..chars.len()).any(|at| asks_birth(chars, at))
}

/// Whether a word that asks for a time stands at `at`, and close behind it, in its clause, that somebody was born.
fn asks_birth(chars: &[char], at: usize) -> bool {
    const REACH: usize = 6;
    let Some(when) = words().birth_when.head(&chars[at..]) else {
        return false;
    };
    let begin = at + when;
    let clause = chars[begin..]
        .iter()
        .take(REACH)
        .take_while(|c| c.is_alphanumeric())
        .count();
    (begin..begin + clause).any(|at| {
        // Other words have the same character: a student, to happen.
        let other = words()
            .no_birth
            .tail(&chars[..=at])
            .or(words().no_birth.head(&chars[at..]));
        words().birth_verb.head(&chars[at..]).is_some() && other.is_none()
    })
}

/// Whether what stands right behind a date says that it is that of something else.
pub(super) fn is_dated(behind: &[char]) -> bool {
    words().dated.head(behind).is_some()
}

/// Whether the clause ends with a word of birth right behind the date.
fn ends_born(behind: &[char]) -> bool {
    let end = words().born_end.head(behind);
    end.is_some_and(|end| behind.get(end).is_none_or(|c| !c.is_alphanumeric()))
}

/// Whether what follows may make it a date of birth yet.
fn goes_on(date: &Date, behind: &[char]) -> bool {
    match (date.month, date.day) {
        (true, true) => behind.len() < BEHIND,
        _ => behind.len() <= 1 || behind.iter().all(|c| is_filler(&[*c])),
    }
}

/// The date that begins at `at`.
fn date(chars: &[char], at: usize) -> Option<Date> {
    let dates = &zh().measures.dates;
    if at > 0 && digit(chars[at - 1]).is_some() {
        return None;
    }
    if let Some(end) = written(chars, at) {
        return Some(Date {
            end,
            year: true,
            month: true,
            day: true,
        });
    }
    let mut date = Date {
        end: at,
        year: false,
        month: false,
        day: false,
    };
    if let Some(end) = numbered(chars, date.end, &[2, 4], &dates.year) {
        (date.end, date.year) = (end, true);
        let of = chars.get(end..).and_then(|rest| dates.of.head(rest)).unwrap_or(0);
        if let Some(end) = month(chars, end + of + pause(chars, end + of)) {
            (date.end, date.month) = (end, true);
        } else {
            // A month may just be being said.
            date.end += digits(chars, date.end).min(2);
        }
    } else {
        date.end = month(chars, at)?;
        date.month = true;
    }
    if date.month
        && let Some(end) = day(chars, date.end + pause(chars, date.end))
    {
        (date.end, date.day) = (end, true);
    }
    Some(date)
}

/// The end of a date in digits alone: 19000308, 1900-03-08.
fn written(chars: &[char], at: usize) -> Option<usize> {
    let mut value: Vec<u8> = Vec::new();
    let (mut end, mut from) = (at, at);
    while value.len() < 8 {
        let len = digits(chars, from);
        let short = !value.is_empty() && len == 1;
        value.extend(short.then_some(b'0'));
        value.extend(chars[from..from + len].iter().filter_map(|c| digit(*c)));
        end = from + len;
        from = end + usize::from(chars.get(end).is_some_and(|c| matches!(c, '-' | '.' | '/')));
        if len == 0 || (value.len() < 8 && from == end) {
            return None;
        }
    }
    shape::is_date(&value).then_some(end)
}

/// A pause between two parts.
fn pause(chars: &[char], at: usize) -> usize {
    let rest = &chars[at.min(chars.len())..];
    rest.iter().take(1).take_while(|c| !c.is_alphanumeric()).count()
}

fn digits(chars: &[char], at: usize) -> usize {
    chars[at.min(chars.len())..]
        .iter()
        .take_while(|c| digit(**c).is_some())
        .count()
}

/// The end of so many digits with this unit behind them.
fn numbered(chars: &[char], at: usize, lengths: &[usize], unit: &sidetone_language::Words) -> Option<usize> {
    let len = digits(chars, at);
    let unit = lengths.contains(&len).then(|| unit.head(&chars[at + len..]))??;
    Some(at + len + unit)
}

fn month(chars: &[char], at: usize) -> Option<usize> {
    let months = &zh().measures.dates.month;
    let word = chars.get(at..).and_then(|rest| words().month_word.head(rest));
    let worded = word.and_then(|len| Some(at + len + months.head(&chars[at + len..])?));
    worded.or_else(|| numbered(chars, at, &[1, 2], months))
}

fn day(chars: &[char], at: usize) -> Option<usize> {
    let rest = chars.get(at..)?;
    let len = words()
        .day_word
        .head(rest)
        .or_else(|| Some(digits(chars, at)).filter(|len| (1..=2).contains(len)))?;
    let unit = zh().measures.dates.day.head(&rest[len..]).unwrap_or(0);
    Some(at + len + unit)
}
