//! The service metrics of a hotline: what there is to ask for, and a question as a value. Pure: no clock, no I/O.

mod ask;
mod query;
mod registry;
mod window;

pub use ask::{
    Answer, Chart, ChartKind, Reason, Signs, Spoken, Vocabulary, ask, chart, definition, ready, say, signs, utter,
};
pub use query::{Compare, Filter, FilterKey, Grain, Op, Order, Query, QueryError, Threshold, Top};
pub use registry::{Cohort, Dimension, Language, Metric, MetricId, Registry, WindowKind, registry};
pub use window::{Window, WindowError};
