//! The knowledge base: nodes, edges and dated figures; search by text, by graph, as of a date and region.
//!
//! Everything is asked through a [`KnowledgeView`]: the base as it stands on one date, in one region.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod advice;
pub mod calc;
mod check;
pub mod cite;
mod fault;
mod graph;
pub mod import;
mod load;
mod model;
mod region;
mod render;
mod search;
pub mod snapshot;
mod spot;
mod store;
mod template;
mod texts;
mod tokens;
mod view;

pub use advice::{Cues, Occasion, Risk, RiskRow, Script};
pub use fault::{Fault, FaultKind, LoadErrors};
pub use graph::Direction;
pub use model::{
    ChannelInfo, Confidence, Edge, Effective, Figure, FigureId, Layer, Node, NodeId, Provenance, RegionCode, Relation,
    TopicId, TopicInfo,
};
pub use region::{COUNTRY, chain as region_chain, covers, is_valid as is_region};
pub use render::{MissingFigure, Rendered};
pub use search::Hit;
pub use snapshot::Entry;
pub use spot::{TermHit, TermTarget};
pub use store::{Knowledge, Stats};
pub use texts::{Instead, RowTexts};
pub use view::{KnowledgeView, SourceRef, Status, View};
