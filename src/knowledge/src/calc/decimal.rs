//! Decimal numbers, exact: money is never a float.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// `units / 10^scale`.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// Not decimal text, or too long.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is no decimal number")]
pub struct BadDecimal(pub String);

/// Ten digits behind the point are more than any figure of the field has.
const MAX_SCALE: u32 = 10;

impl Decimal {
    /// A whole number.
    pub fn whole(value: i64) -> Self {
        Self {
            units: i128::from(value),
            scale: 0,
        }
    }

    /// The product, exact; `None` beyond 38 digits.
    pub fn times(self, other: Self) -> Option<Self> {
        Some(Self {
            units: self.units.checked_mul(other.units)?,
            scale: self.scale + other.scale,
        })
    }

    /// A hundredth, exact.
    pub fn percent(self) -> Self {
        Self {
            units: self.units,
            scale: self.scale + 2,
        }
    }

    /// Rounded half up (away from zero) to `scale` digits behind the point, as money is.
    pub fn rounded(self, scale: u32) -> Self {
        if self.scale <= scale {
            return self;
        }
        let Some(divisor) = 10_i128.checked_pow(self.scale - scale) else {
            return Self { units: 0, scale };
        };
        let half = divisor / 2 * self.units.signum();
        Self {
            units: (self.units + half) / divisor,
            scale,
        }
    }

    /// With exactly two digits behind the point: `883.20`.
    pub fn money(self) -> String {
        let rounded = self.rounded(2);
        let factor = 10_i128.pow(2_u32.saturating_sub(rounded.scale));
        Self {
            units: rounded.units.saturating_mul(factor),
            scale: 2,
        }
        .to_string()
    }

    /// Without zeros at the end of the fraction.
    #[must_use]
    pub fn trimmed(mut self) -> Self {
        while self.scale > 0 && self.units % 10 == 0 {
            self.units /= 10;
            self.scale -= 1;
        }
        self
    }
}

impl FromStr for Decimal {
    type Err = BadDecimal;

    fn from_str(text: &str) -> Result<Self, BadDecimal> {
        let bad = || BadDecimal(text.to_owned());
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = whole.strip_prefix('-').unwrap_or(whole);
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        let pointed = text.contains('.');
        if digits.is_empty() || !all_digits(digits) || !all_digits(fraction) || (pointed && fraction.is_empty()) {
            return Err(bad());
        }
        if fraction.len() > MAX_SCALE as usize || digits.len() > 15 {
            return Err(bad());
        }
        let units = format!("{whole}{fraction}").parse().map_err(|_| bad())?;
        Ok(Self {
            units,
            scale: fraction.len() as u32,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let digits = self.units.unsigned_abs().to_string();
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let lift = |d: &Self| d.units.saturating_mul(10_i128.saturating_pow(scale - d.scale));
        lift(self).cmp(&lift(other))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn products_are_exact() {
        assert_eq!(d("4416").times(d("20").percent()).unwrap().money(), "883.20");
        assert_eq!(
            d("2400").times(d("90").percent()).unwrap().trimmed().to_string(),
            "2160"
        );
        assert_eq!(d("0.1").times(d("0.2")).unwrap().to_string(), "0.02");
    }

    #[test]
    fn money_is_rounded_half_up() {
        for (given, wanted) in [
            ("1.005", "1.01"),
            ("1.004", "1.00"),
            ("-1.005", "-1.01"),
            ("3", "3.00"),
            ("2.5", "2.50"),
        ] {
            assert_eq!(d(given).money(), wanted, "{given}");
        }
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for bad in ["", ".", "1.", ".5", "1,000", "1e3", "--1", "十", "1.12345678901"] {
            assert!(bad.parse::<Decimal>().is_err(), "{bad}");
        }
        assert!(d("20.67") < d("21.75"));
        assert_eq!(d("20.0"), d("20"));
    }
}
