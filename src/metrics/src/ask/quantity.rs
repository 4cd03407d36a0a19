//! Amounts: a number with a unit, and how a value is compared with it.

use super::lexicon::Token;
use crate::query::{Op, Threshold};

/// What an amount is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Hundredths.
    Percent,
    /// So many milliseconds.
    Time(i64),
    /// Calls, people, or nothing said.
    Bare,
}

/// A number with its unit, as an exact fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quantity {
    num: i64,
    den: i64,
    pub(super) unit: Unit,
}

impl Quantity {
    /// Whole seconds of a length of time.
    pub(super) fn seconds(&self) -> Option<i64> {
        match self.unit {
            Unit::Time(ms) => {
                let ms = self.num.checked_mul(ms)? / self.den;
                (ms % 1000 == 0).then_some(ms / 1000)
            }
            _ => None,
        }
    }

    /// The percentile that a share of all is.
    pub(super) fn percentile(&self) -> Option<&'static str> {
        match (self.unit, self.num, self.den) {
            (Unit::Percent, 95, 1) => Some("p95"),
            (Unit::Percent, 90, 1) => Some("p90"),
            (Unit::Percent, 50, 1) => Some("p50"),
            _ => None,
        }
    }

    /// The concept of what is measured in it.
    pub(super) fn measure(&self) -> Option<&'static str> {
        match self.unit {
            Unit::Time(_) => Some("time"),
            Unit::Percent => Some("rate"),
            Unit::Bare => None,
        }
    }

    /// As a bound for values of a metric's unit; none where the units do not agree.
    pub(super) fn bound(&self, unit: &str, op: Op) -> Option<Threshold> {
        let (num, den) = match (unit, self.unit) {
            ("%", Unit::Percent) => (self.num, self.den.checked_mul(100)?),
            // "below 90" of a rate: nobody means ninety times the whole.
            ("%", Unit::Bare) if self.num > self.den => (self.num, self.den.checked_mul(100)?),
            ("%", Unit::Bare) => (self.num, self.den),
            ("s", Unit::Time(ms)) => (self.num.checked_mul(ms)?, self.den.checked_mul(1000)?),
            ("ms", Unit::Time(ms)) => (self.num.checked_mul(ms)?, self.den),
            ("h", Unit::Time(ms)) => (self.num.checked_mul(ms)?, self.den.checked_mul(3_600_000)?),
            // "80 points" is written like "80 minutes".
            ("\u{5206}", Unit::Time(60_000)) => (self.num, self.den),
            ("%" | "s" | "ms" | "h", _) | (_, Unit::Percent | Unit::Time(_)) => return None,
            (_, Unit::Bare) => (self.num, self.den),
        };
        let by = gcd(num, den);
        Some(Threshold {
            op,
            num: num / by,
            den: den / by,
        })
    }
}

fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

/// A number with a unit of time or a percentage that begins at this token, and how many tokens it takes.
pub(super) fn quantity(tokens: &[Token]) -> Option<(Quantity, usize)> {
    let (found, used) = amount(tokens)?;
    (found.unit != Unit::Bare).then_some((found, used))
}

/// The same, also without a unit.
pub(super) fn amount(tokens: &[Token]) -> Option<(Quantity, usize)> {
    if let Some((unit, num, den)) = tokens.first().and_then(|t| t.word("duration")).and_then(short) {
        return Some((Quantity { num, den, unit }, 1));
    }
    let head = tokens.first()?.word("percent").map(|_| 1).unwrap_or_default();
    let (num, den, digits) = decimal(&tokens[head..])?;
    let used = head + digits;
    let next = tokens.get(used);
    if head > 0 {
        let unit = Unit::Percent;
        return Some((Quantity { num, den, unit }, used));
    }
    let with = |num, unit| Some((Quantity { num, den, unit }, used + 1));
    match next.and_then(|t| t.words("unit").find(|unit| ms(unit).is_some() || special(unit))) {
        Some("percent") => with(num, Unit::Percent),
        Some("tenths") => {
            // "Eight tenths and five hundredths".
            let more = tokens
                .get(used + 1)
                .and_then(Token::number)
                .filter(|n| (1..10).contains(n));
            let counts = tokens.get(used + 2).is_some_and(|t| t.word("unit").is_some());
            let more = more.filter(|_| den == 1 && !counts);
            let num = num.checked_mul(10)?.checked_add(more.unwrap_or(0))?;
            let unit = Unit::Percent;
            Some((Quantity { num, den, unit }, used + 1 + usize::from(more.is_some())))
        }
        Some("minutes") => Some(and_seconds(num, den, &tokens[used + 1..], used + 1)?),
        Some("halfhours") => Some((
            Quantity {
                num: num.checked_mul(2)?.checked_add(den)?,
                den,
                unit: Unit::Time(1_800_000),
            },
            used + 1,
        )),
        Some(unit) => with(num, Unit::Time(ms(unit)?)),
        None => {
            let counted = next.is_some_and(|t| t.word("count").is_some());
            let unit = Unit::Bare;
            Some((Quantity { num, den, unit }, used + usize::from(counted)))
        }
    }
}

/// Minutes, with the half of one or the seconds that follow.
fn and_seconds(num: i64, den: i64, rest: &[Token], used: usize) -> Option<(Quantity, usize)> {
    let half = rest.first().is_some_and(|t| t.word("clock") == Some("30"));
    let seconds = rest.first().and_then(Token::number).filter(|n| {
        (1..60).contains(n)
            && rest
                .get(1)
                .is_some_and(|t| t.words("unit").any(|unit| unit == "seconds"))
    });
    let (seconds, more) = match seconds {
        Some(seconds) => (seconds, 2),
        None if half => (30, 1),
        None => {
            let unit = Unit::Time(60_000);
            return Some((Quantity { num, den, unit }, used));
        }
    };
    let num = num.checked_mul(60)?.checked_add(seconds.checked_mul(den)?)?;
    let unit = Unit::Time(1_000);
    Some((Quantity { num, den, unit }, used + more))
}

fn special(unit: &str) -> bool {
    matches!(unit, "percent" | "tenths" | "halfhours")
}

fn ms(unit: &str) -> Option<i64> {
    Some(match unit {
        "millis" => 1,
        "seconds" => 1000,
        "minutes" => 60_000,
        "hours" => 3_600_000,
        "days" | "day" => 86_400_000,
        "weeks" | "week" => 604_800_000,
        _ => return None,
    })
}

/// `m30` of the tables: a letter for the unit, and how many.
fn short(value: &str) -> Option<(Unit, i64, i64)> {
    let n = value.get(1..)?.parse().ok()?;
    let unit = match value.as_bytes().first()? {
        b's' => 1000,
        b'm' => 60_000,
        b'd' => 86_400_000,
        b'w' => 604_800_000,
        _ => return None,
    };
    Some((Unit::Time(unit), n, 1))
}

/// `99`, or `99.5`, as a fraction, and how many tokens it takes.
fn decimal(tokens: &[Token]) -> Option<(i64, i64, usize)> {
    let whole = tokens.first()?.number()?;
    let dot = tokens.get(1).is_some_and(|t| t.word("dot").is_some());
    let part = tokens.get(2).filter(|_| dot);
    match part.and_then(|t| Some((t.number()?, u32::try_from(t.text.len()).ok()?))) {
        Some((part, places)) => {
            let den = 10_i64.checked_pow(places)?;
            Some((whole.checked_mul(den)?.checked_add(part)?, den, 3))
        }
        None => Some((whole, 1, 1)),
    }
}
