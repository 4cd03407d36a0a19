//! A formula as a tree, and what can be wrong with one.

use rust_decimal::Decimal;
use thiserror::Error;

use super::value::Type;

/// Nodes on the way from a formula's root to a leaf.
pub(crate) const MAX_DEPTH: usize = 24;
/// Nodes of a formula.
pub(crate) const MAX_SIZE: usize = 256;
/// Characters of a formula.
pub(crate) const MAX_LENGTH: usize = 1000;

/// A value that is worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    Number(Decimal),
    /// A slot's choice: `'man'`.
    Choice(String),
    /// A slot, a figure, a step, or `today`.
    Name(String),
    Negate(Box<Expr>),
    Binary(Op, Box<Expr>, Box<Expr>),
    Call(Function, Vec<Expr>),
    If(Box<Cond>, Box<Expr>, Box<Expr>),
    /// A row of a table.
    Lookup(Search, String, Box<Expr>),
}

/// Whether something holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cond {
    Compare(Compare, Expr, Expr),
    And(Box<Cond>, Box<Cond>),
    Or(Box<Cond>, Box<Cond>),
    Not(Box<Cond>),
    /// Whether a slot was told, or a figure has a row in force.
    Known(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Less,
    AtMost,
    Equal,
    Unequal,
    AtLeast,
    More,
}

/// How a table is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// The row of just this key: `pick(table, key)`.
    Exact,
    /// The row of the greatest key that is not greater: `range(table, key)`.
    Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Function {
    /// `min(a, b, …)`, of numbers or of dates.
    Min,
    /// `max(a, b, …)`.
    Max,
    /// The whole number below.
    Floor,
    /// The whole number above.
    Ceil,
    /// `round(x, digits)`: half up, away from zero, as money is.
    Round,
    /// `date(year, month, day)`.
    Date,
    /// `add_months(date, months)`; the last of the month where the day is missing.
    AddMonths,
    /// `months_between(from, to)`: whole months, negative where `to` is before.
    MonthsBetween,
    /// `year(date)`.
    Year,
}

impl Function {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "min" => Self::Min,
            "max" => Self::Max,
            "floor" => Self::Floor,
            "ceil" => Self::Ceil,
            "round" => Self::Round,
            "date" => Self::Date,
            "add_months" => Self::AddMonths,
            "months_between" => Self::MonthsBetween,
            "year" => Self::Year,
            _ => return None,
        })
    }
}

/// What is wrong with a formula.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormulaError {
    /// Not of the grammar; the place counts characters from 0.
    #[error("`{found}` at {at} is not expected")]
    Syntax {
        /// Where.
        at: usize,
        /// What stands there; empty at the end.
        found: String,
    },
    /// Longer, deeper or of more parts than a formula may be.
    #[error("the formula is too large")]
    TooLarge,
    /// No slot, figure, step or table of the name.
    #[error("`{0}` is not known here")]
    Unknown(String),
    /// A function that does not exist.
    #[error("no function `{0}`")]
    NoFunction(String),
    /// A function with too few or too many arguments.
    #[error("wrong number of arguments")]
    Arguments,
    /// A number where a date belongs, and the like.
    #[error("{found:?} where {wanted:?} is wanted")]
    Type {
        /// What belongs there.
        wanted: Type,
        /// What stands there.
        found: Type,
    },
    /// A choice that the slot does not have.
    #[error("no choice `{0}`")]
    NoChoice(String),
    /// The divisor is the number 0.
    #[error("it divides by zero")]
    DivideByZero,
}
