//! The archive of facts, and what the metrics say of it. Facts come in as JSON lines, stand in DuckDB, and every metric is SQL over them.

mod answer;
mod calendar;
mod duck;
mod fact;
mod load;
mod pieces;
mod spoken;

pub use answer::{AnswerError, Row, answer};
pub use calendar::{Calendar, CalendarError};
pub use duck::{Connection, DuckError, Value};
pub use fact::{Fact, FactError};
pub use load::{Archive, Imported};
