//! Calculations as data: exact decimals, typed slots, named steps, each input with its origin.
//!
//! A formula is a tree of bounded depth and size; there is no loop and no float. What could fail is a fault at load, and what
//! only a caller's values can make fail is a [`CalcError`].

mod build;
mod calculator;
mod compile;
mod eval;
mod expr;
mod lexer;
mod parser;
mod run;
mod scope;
mod show;
mod slot;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use build::{Book, Known, build};
pub use calculator::{Calculator, CalculatorId};
pub use eval::CalcError;
pub(crate) use eval::{Names, holds};
pub use expr::FormulaError;
pub(crate) use expr::{Cond, Search};
pub(crate) use parser::condition;
pub use run::{Facts, Input, Outcome};
pub use rust_decimal::Decimal;
pub(crate) use scope::{Scope, TODAY, cond_names};
pub use show::{money, month, slot as shown};
pub use slot::{Choice, SlotDef, SlotKind};
pub use value::{Type, Value, plain_decimal};
