//! Edges as compressed rows: two flat arrays for each direction, whatever the number of nodes.

use crate::Relation;

/// Which end of an edge a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// `node REL other`.
    Out,
    /// `other REL node`.
    In,
}

/// Neighbours of every node in one direction.
#[derive(Debug, Default)]
pub(crate) struct Csr {
    /// One more than nodes; the neighbours of `n` are `targets[offsets[n]..offsets[n + 1]]`.
    offsets: Vec<u32>,
    targets: Vec<(Relation, u32)>,
}

impl Csr {
    /// From `(node, relation, neighbour)`; neighbours keep the order of relation, then of node.
    pub(crate) fn build(nodes: usize, mut edges: Vec<(u32, Relation, u32)>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let mut offsets = vec![0_u32; nodes + 1];
        for (node, _, _) in &edges {
            offsets[*node as usize + 1] += 1;
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        Self {
            offsets,
            targets: edges.into_iter().map(|(_, rel, to)| (rel, to)).collect(),
        }
    }

    pub(crate) fn of(&self, node: u32) -> &[(Relation, u32)] {
        let at = node as usize;
        match (self.offsets.get(at), self.offsets.get(at + 1)) {
            (Some(&begin), Some(&end)) => &self.targets[begin as usize..end as usize],
            _ => &[],
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.targets.len()
    }
}
