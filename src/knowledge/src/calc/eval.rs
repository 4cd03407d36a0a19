//! Working a formula out: exact, and each way in which it can fail is an error with a name.

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use thiserror::Error;

use super::expr::{Compare, Cond, Expr, Function, Op, Search};
use super::value::Value;

/// Why there is no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CalcError {
    /// The caller has not said enough yet: ids of slots.
    #[error("not known yet: {0:?}")]
    Needs(Vec<String>),
    /// No row of the figure is in force.
    #[error("no row of figure `{0}` is in force")]
    NoFigure(String),
    /// A slot's value is none that the slot takes.
    #[error("slot `{0}` is out of range")]
    OutOfRange(String),
    /// A divisor became 0.
    #[error("a division by zero")]
    DivideByZero,
    /// More than 28 digits, or a date beyond the calendar.
    #[error("a number or date is out of range")]
    Overflow,
    /// The table has no row for the key.
    #[error("table `{0}` has no such row")]
    NoRow(String),
    /// A formula that was not checked.
    #[error("`{0}` cannot be worked out")]
    Unchecked(String),
}

/// Where a formula's names get their values.
pub(crate) trait Names {
    fn value(&mut self, name: &str) -> Result<Value, CalcError>;
    fn known(&self, name: &str) -> bool;
    /// The row of a table.
    fn row(&mut self, table: &str, search: Search, key: &Value) -> Result<Decimal, CalcError>;
}

/// The value of a formula that was checked against the same names.
pub(crate) fn eval(expr: &Expr, names: &mut dyn Names) -> Result<Value, CalcError> {
    Ok(match expr {
        Expr::Number(number) => Value::Number(*number),
        Expr::Choice(choice) => Value::Choice(choice.clone()),
        Expr::Name(name) => names.value(name)?,
        Expr::Negate(inner) => Value::Number(-number(inner, names)?),
        Expr::Binary(op, left, right) => {
            let (left, right) = (number(left, names)?, number(right, names)?);
            Value::Number(binary(*op, left, right)?)
        }
        Expr::Call(function, arguments) => {
            let values: Result<Vec<Value>, CalcError> = arguments.iter().map(|expr| eval(expr, names)).collect();
            call(*function, &values?)?
        }
        Expr::If(cond, then, other) => {
            let branch = if holds(cond, names)? { then } else { other };
            eval(branch, names)?
        }
        Expr::Lookup(search, table, key) => {
            let key = eval(key, names)?;
            Value::Number(names.row(table, *search, &key)?)
        }
    })
}

/// Whether a condition holds.
pub(crate) fn holds(cond: &Cond, names: &mut dyn Names) -> Result<bool, CalcError> {
    Ok(match cond {
        Cond::And(left, right) => holds(left, names)? && holds(right, names)?,
        Cond::Or(left, right) => holds(left, names)? || holds(right, names)?,
        Cond::Not(inner) => !holds(inner, names)?,
        Cond::Known(name) => names.known(name),
        Cond::Compare(how, left, right) => {
            let order = match (eval(left, names)?, eval(right, names)?) {
                (Value::Number(left), Value::Number(right)) => left.cmp(&right),
                (Value::Date(left), Value::Date(right)) => left.cmp(&right),
                (Value::Choice(left), Value::Choice(right)) => left.cmp(&right),
                _ => return Err(CalcError::Unchecked("comparison".to_owned())),
            };
            match how {
                Compare::Less => order.is_lt(),
                Compare::AtMost => order.is_le(),
                Compare::Equal => order.is_eq(),
                Compare::Unequal => order.is_ne(),
                Compare::AtLeast => order.is_ge(),
                Compare::More => order.is_gt(),
            }
        }
    })
}

fn number(expr: &Expr, names: &mut dyn Names) -> Result<Decimal, CalcError> {
    match eval(expr, names)? {
        Value::Number(number) => Ok(number),
        _ => Err(CalcError::Unchecked("number".to_owned())),
    }
}

fn binary(op: Op, left: Decimal, right: Decimal) -> Result<Decimal, CalcError> {
    let result = match op {
        Op::Add => left.checked_add(right),
        Op::Subtract => left.checked_sub(right),
        Op::Multiply => left.checked_mul(right),
        Op::Divide if right.is_zero() => return Err(CalcError::DivideByZero),
        Op::Divide => left.checked_div(right),
    };
    result.ok_or(CalcError::Overflow)
}

/// Half up, away from zero, as money is.
pub(crate) fn half_up(number: Decimal, digits: u32) -> Decimal {
    number.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
}

fn call(function: Function, values: &[Value]) -> Result<Value, CalcError> {
    use Value::{Date as D, Number as N};
    let small = |number: &Decimal| number.trunc().to_i32().ok_or(CalcError::Overflow);
    Ok(match (function, values) {
        (Function::Min | Function::Max, [first, ..]) => {
            let least = function == Function::Min;
            values.iter().fold(first.clone(), |best, value| {
                let less = match (value, &best) {
                    (N(value), N(best)) => value < best,
                    (D(value), D(best)) => value < best,
                    _ => false,
                };
                if less == least && *value != best {
                    value.clone()
                } else {
                    best
                }
            })
        }
        (Function::Floor, [N(number)]) => N(number.floor()),
        (Function::Ceil, [N(number)]) => N(number.ceil()),
        (Function::Round, [N(number), N(digits)]) => {
            let digits = digits.to_u32().filter(|digits| *digits <= 10);
            N(half_up(*number, digits.ok_or(CalcError::Overflow)?))
        }
        (Function::Date, [N(year), N(month), N(day)]) => {
            let part = |number: &Decimal| i8::try_from(small(number)?).map_err(|_| CalcError::Overflow);
            let year = i16::try_from(small(year)?).map_err(|_| CalcError::Overflow)?;
            D(Date::new(year, part(month)?, part(day)?).map_err(|_| CalcError::Overflow)?)
        }
        (Function::AddMonths, [D(date), N(months)]) => {
            let span = i64::from(small(months)?).clamp(-200_000, 200_000).months();
            D(date.checked_add(span).map_err(|_| CalcError::Overflow)?)
        }
        (Function::MonthsBetween, [D(from), D(to)]) => N(Decimal::from(months_between(*from, *to))),
        (Function::Year, [D(date)]) => N(Decimal::from(date.year())),
        _ => return Err(CalcError::Unchecked(format!("{function:?}"))),
    })
}

/// Whole months from one day to another; negative where the second is before.
fn months_between(from: Date, to: Date) -> i32 {
    if to < from {
        return -months_between(to, from);
    }
    let months = (i32::from(to.year()) - i32::from(from.year())) * 12 + i32::from(to.month()) - i32::from(from.month());
    let last_day = to.day() == to.days_in_month();
    months - i32::from(to.day() < from.day() && !last_day)
}
