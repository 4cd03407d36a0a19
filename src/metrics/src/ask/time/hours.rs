//! Times of the day.

use super::super::lexicon::Token;

/// Minutes of the day, `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ask) struct Hours {
    pub(in crate::ask) from: i64,
    pub(in crate::ask) to: i64,
}

impl Hours {
    /// The hours of the day, where it is whole ones.
    pub(in crate::ask) fn whole(self) -> Option<std::ops::Range<i64>> {
        (self.from % 60 == 0 && self.to % 60 == 0).then_some(self.from / 60..self.to / 60)
    }
}

/// Hours of the day that begin at this token, and how many tokens they take.
pub(in crate::ask) fn hours(tokens: &[Token]) -> Option<(Hours, usize)> {
    let part = part(tokens.first()?);
    let start = usize::from(part.is_some());
    match in_part(&tokens[start..], part) {
        Some((hours, used)) => Some((hours, start + used)),
        None => {
            let clocked = clock(&tokens[start..], part).is_some();
            part.filter(|_| !clocked).map(|hours| (hours, 1))
        }
    }
}

/// Hours that are told by the clock, of a part of the day where one was named.
pub(super) fn in_part(tokens: &[Token], part: Option<Hours>) -> Option<(Hours, usize)> {
    // "From the small hours until six in the morning".
    if let Some(begin) = part
        && tokens.first().is_some_and(|t| t.word("to").is_some())
    {
        let own = tokens.get(1).and_then(self::part);
        let skip = 1 + usize::from(own.is_some());
        let (to, used) = clock(tokens.get(skip..)?, own)?;
        let hours = Hours { from: begin.from, to };
        return (hours.from < hours.to).then_some((hours, skip + used));
    }
    let (from, used) = clock(tokens, part)?;
    let mut at = used;
    if let Some(edge) = tokens.get(at).and_then(|t| t.word("edge")) {
        let part = part.unwrap_or(Hours { from: 0, to: 24 * 60 });
        let hours = if edge == "before" {
            Hours {
                from: part.from.min(from),
                to: from,
            }
        } else {
            Hours { from, to: part.to }
        };
        return (hours.from < hours.to).then_some((hours, at + 1));
    }
    if tokens.get(at).and_then(|t| t.word("to")).is_none() {
        return Some((
            Hours {
                from,
                to: (from / 60 + 1) * 60,
            },
            at,
        ));
    }
    at += 1;
    let own = tokens.get(at).and_then(self::part);
    at += usize::from(own.is_some());
    let (mut to, used) = clock(&tokens[at..], own.or(part))?;
    // "From nine to three": in the afternoon.
    if to <= from && to + 12 * 60 > from && own.is_none() {
        to += 12 * 60;
    }
    (from < to && to <= 24 * 60).then_some((Hours { from, to }, at + used))
}

fn part(token: &Token) -> Option<Hours> {
    of_part(token.word("part")?)
}

/// `8-12` of the tables.
pub(super) fn of_part(value: &str) -> Option<Hours> {
    let (from, to) = value.split_once('-')?;
    Some(Hours {
        from: from.parse::<i64>().ok()? * 60,
        to: to.parse::<i64>().ok()? * 60,
    })
}

/// The minute of the day that a clock shows.
pub(super) fn clock(tokens: &[Token], part: Option<Hours>) -> Option<(i64, usize)> {
    // A word for "a little" is the first hour, too.
    let whole = tokens.first()?.word("oclock").and_then(|hour| hour.parse().ok());
    let hour = whole.or(tokens.first()?.number()).filter(|n| (0..=24).contains(n))?;
    let (minute, used) = match whole {
        Some(_) => (0, 0),
        None => minute(&tokens[1..])?,
    };
    let late = part.is_some_and(|part| part.from >= 12 * 60 && part.to > 13 * 60) && hour < 12;
    let noon = part.is_some_and(|part| part.from == 12 * 60 && part.to == 14 * 60) && hour < 3;
    let at = (if late || noon { hour + 12 } else { hour }) * 60 + minute;
    (at <= 24 * 60).then_some((at, used + 1))
}

/// The minutes behind an hour, and the tokens that they and the word for "o'clock" take.
fn minute(tokens: &[Token]) -> Option<(i64, usize)> {
    let first = tokens.first()?;
    let next = tokens.get(1);
    let number = next.and_then(Token::number).filter(|n| (0..60).contains(n));
    if first.word("colon").is_some() {
        return Some((number?, 2));
    }
    if first.words("unit").any(|unit| unit == "halfhour") {
        return Some((30, 1));
    }
    first.words("unit").find(|unit| *unit == "hour")?;
    if let Some(quarter) = next.and_then(|t| t.word("clock")) {
        return Some((quarter.parse().ok()?, 2));
    }
    let minutes = tokens
        .get(2)
        .is_some_and(|t| t.words("unit").any(|unit| unit == "minutes"));
    match number {
        Some(minute) if minutes => Some((minute, 3)),
        _ => Some((0, 1)),
    }
}
