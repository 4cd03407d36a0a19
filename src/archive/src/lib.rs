//! The archive of facts, and what the metrics say of it. Facts come in as JSON lines, stand in DuckDB, and every metric is SQL over them.

mod answer;
mod calendar;
mod duck;
mod fact;
mod fold;
mod formula;
mod limits;
mod live;
mod load;
mod names;
mod parquet;
mod pieces;
mod roll;
mod spoken;
mod stale;
mod unfold;
mod week;
mod write;

pub use answer::{AnswerError, Row, answer};
pub use calendar::{Calendar, CalendarError};
pub use duck::{Connection, DuckError, Value};
pub use fact::{Fact, FactError};
pub use fold::Feedback;
pub use limits::{Limit, Limits, LimitsError};
pub use live::{Entry, Live, Taken};
pub use load::{Archive, Imported};
pub use names::names;
pub use parquet::{ExportError, clickhouse_setup, metric_statement};
pub use unfold::{Replay, tellable, unfold};
pub use week::Unanswered;
