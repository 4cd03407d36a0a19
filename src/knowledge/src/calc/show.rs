//! Values as they are read.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sidetone_language::{ValuePhrases, fill, zh};

use super::calculator::Format;
use super::eval::half_up;
use super::slot::{SlotDef, SlotKind};
use super::value::Value;

/// A value in a format; one that the format does not fit is written plainly.
pub(crate) fn value(value: &Value, format: Format) -> String {
    match (value, format) {
        (Value::Number(number), Format::Money) => money(*number),
        (Value::Number(number), Format::Percent) => format!("{}%", (*number * Decimal::ONE_HUNDRED).normalize()),
        (Value::Number(number), Format::Duration) => years_and_months(*number, &words().years),
        (Value::Number(number), Format::Age) => years_and_months(*number, &words().age),
        (Value::Number(number), Format::Grade) => filled(&words().grade, &[("n", number.normalize().to_string())]),
        (Value::Date(date), Format::Day) => {
            let parts = [
                ("y", date.year().to_string()),
                ("m", date.month().to_string()),
                ("d", date.day().to_string()),
            ];
            filled(&words().day, &parts)
        }
        _ => plain(value),
    }
}

/// Without a format: a number without zeros at the end, a date as its month.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::Number(number) => number.normalize().to_string(),
        Value::Date(date) => month(*date),
        Value::Choice(id) => id.clone(),
    }
}

/// What a slot holds, without its unit.
pub fn slot(slot: &SlotDef, told: &Value) -> String {
    match (slot.kind, told) {
        (SlotKind::Months, _) => value(told, Format::Duration),
        (SlotKind::Elapsed, Value::Number(days)) => elapsed(*days),
        (SlotKind::Percent, _) => value(told, Format::Percent),
        (SlotKind::Grade, _) => value(told, Format::Grade),
        (SlotKind::Date, _) => value(told, Format::Day),
        (SlotKind::Choice, Value::Choice(id)) => {
            let choice = slot.choices.iter().find(|choice| choice.id == *id);
            choice.map_or_else(|| id.clone(), |choice| choice.name.clone())
        }
        _ => plain(told),
    }
}

/// Year and month, as they are read.
pub fn month(date: Date) -> String {
    filled(
        &words().month,
        &[("y", date.year().to_string()), ("m", date.month().to_string())],
    )
}

/// With exactly two digits behind the point, half up: `883.20`.
pub fn money(number: Decimal) -> String {
    let mut rounded = half_up(number, 2);
    rounded.rescale(2);
    rounded.to_string()
}

/// `3年6个月`, `62周岁11个月`; months that are not whole stay months.
fn years_and_months(number: Decimal, years: &str) -> String {
    let whole = number
        .to_i64()
        .filter(|_| number.fract().is_zero() && number >= Decimal::ZERO);
    let Some(total) = whole else {
        return filled(&words().months, &[("n", number.normalize().to_string())]);
    };
    let part = |phrase: &str, n: i64| filled(phrase, &[("n", n.to_string())]);
    match (total / 12, total % 12) {
        (0, rest) => part(&words().months, rest),
        (y, 0) => part(years, y),
        (y, rest) => format!("{}{}", part(years, y), part(&words().months, rest)),
    }
}

/// Days as they are spoken of: `45天`, `11个月`, `1年2个月`.
fn elapsed(days: Decimal) -> String {
    /// From here nobody counts in days.
    const LONG: i64 = 60;
    if days < Decimal::from(LONG) {
        return filled(&words().days, &[("n", days.normalize().to_string())]);
    }
    let months = half_up(days * Decimal::from(12) / Decimal::new(36_525, 2), 0);
    years_and_months(months, &words().years)
}

fn words() -> &'static ValuePhrases {
    &zh().phrases.values
}

fn filled(phrase: &str, parts: &[(&str, String)]) -> String {
    let parts: Vec<(&str, &str)> = parts.iter().map(|(name, part)| (*name, part.as_str())).collect();
    fill(phrase, &parts)
}
