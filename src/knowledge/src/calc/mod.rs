//! Calculations of [`CalcRule`](crate::CalcRule): exact decimals, each input with its origin.

mod decimal;
mod retirement;
mod rules;
mod severance;

pub use decimal::{BadDecimal, Decimal};
pub use retirement::{Birth, Retirement, WorkerKind, retirement};
pub use rules::{CalcError, CallerFacts, Fact, Input, Outcome};
pub use severance::half_months;
