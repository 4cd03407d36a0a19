//! Edges in one direction as compressed rows: where each node's row ends, then the rows.
//!
//! An edge is one `u32`: the relation in the upper four bits, the neighbour in the others.

use super::format::{put, u32_at};
use crate::Relation;

const SHIFT: u32 = 28;
/// Nodes that an edge can name.
pub(crate) const MOST_NODES: usize = 1 << SHIFT;

/// `edges` as `(node, relation, neighbour)`, in any order; repetitions are written once.
pub(crate) fn write(nodes: usize, mut edges: Vec<(u32, Relation, u32)>) -> Vec<u8> {
    edges.sort_unstable();
    edges.dedup();
    let mut out = Vec::with_capacity((nodes + edges.len()) * 4);
    let mut at = 0;
    for node in 0..nodes as u32 {
        while edges.get(at).is_some_and(|edge| edge.0 == node) {
            at += 1;
        }
        put(&mut out, at as u32);
    }
    for (_, relation, to) in edges {
        put(&mut out, (relation as u32) << SHIFT | to);
    }
    out
}

/// The row of `node` in a section of `nodes` rows.
pub(crate) fn row(section: &[u8], nodes: usize, node: u32) -> impl Iterator<Item = (Relation, u32)> + '_ {
    let end = u32_at(section, node as usize * 4);
    let begin = match node {
        0 => Some(0),
        _ => u32_at(section, (node as usize - 1) * 4),
    };
    let base = nodes * 4;
    let bytes = match (begin, end) {
        (Some(begin), Some(end)) if (node as usize) < nodes => {
            section.get(base + begin as usize * 4..base + end as usize * 4)
        }
        _ => None,
    };
    bytes.unwrap_or_default().chunks_exact(4).filter_map(|edge| {
        let edge = u32_at(edge, 0)?;
        Some((
            *Relation::ALL.get((edge >> SHIFT) as usize)?,
            edge & (MOST_NODES as u32 - 1),
        ))
    })
}

/// All edges of a section.
pub(crate) fn count(section: &[u8], nodes: usize) -> usize {
    (section.len() / 4).saturating_sub(nodes)
}
