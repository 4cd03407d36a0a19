//! The knowledge base: nodes, edges and dated figures; search by text, by graph, as of a date and region.

mod model;

pub use model::{
    CalcRule, ChannelInfo, Confidence, Edge, Effective, Figure, FigureId, Layer, Node, NodeId, Provenance, RegionCode,
    Relation, TopicId, TopicInfo,
};
