//! Values that formulas work on.

use jiff::civil::Date;
use rust_decimal::Decimal;

/// One value: exact, never a float.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number: yuan, months, a count; 20 % is `0.20`.
    Number(Decimal),
    /// A day; a month of birth is its first day.
    Date(Date),
    /// One of a slot's choices, by its id.
    Choice(String),
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// [`Value::Number`].
    Number,
    /// [`Value::Date`].
    Date,
    /// [`Value::Choice`].
    Choice,
}

impl Value {
    /// Its type.
    pub const fn kind(&self) -> Type {
        match self {
            Self::Number(_) => Type::Number,
            Self::Date(_) => Type::Date,
            Self::Choice(_) => Type::Choice,
        }
    }
}

/// A plain decimal, `2400` or `-20.67`: no sign in front but `-`, no exponent, no separators.
pub fn plain_decimal(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let fits =
        |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    (fits(whole, 15) && fits(fraction, 10))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::plain_decimal;

    #[test]
    fn only_plain_decimals_are_read() {
        for bad in [
            "",
            ".",
            "1.",
            ".5",
            "1,000",
            "1e3",
            "--1",
            "+1",
            "1_000",
            "十",
            "1.12345678901",
        ] {
            assert_eq!(plain_decimal(bad), None, "{bad}");
        }
        assert!(plain_decimal("20.67") < plain_decimal("21.75"));
        assert_eq!(plain_decimal("20.0"), plain_decimal("20"));
        assert_eq!(plain_decimal("-1.5").map(|d| d.to_string()).as_deref(), Some("-1.5"));
    }
}
