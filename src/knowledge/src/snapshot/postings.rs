//! Postings: which nodes hold a token, and how much it counts there.
//!
//! A token is a row of 16 bytes (token, number of nodes, where its postings begin), sorted. A posting is the distance from
//! the node before as a varint, then the weight in one byte.

use std::collections::HashMap;

use super::format::{put, put_varint, u32_at, u64_at, varint};
use crate::tokens::Token;

const ROW: usize = 16;

/// BM25's saturation and how much a text's length counts.
const K1: f32 = 1.2;
const B: f32 = 0.3;
/// What 255 stands for: no weight reaches it.
const TOP: f32 = K1 + 1.0;

struct List {
    last: u32,
    nodes: u32,
    bytes: Vec<u8>,
}

/// Postings while a file is written.
pub(crate) struct Writer {
    lists: HashMap<Token, List>,
    /// The mean weighted length of a node's text.
    mean: f32,
}

impl Writer {
    pub(crate) fn new(mean: f32) -> Self {
        Self {
            lists: HashMap::new(),
            mean: mean.max(1.0),
        }
    }

    /// The tokens of `node`, each with how much it counts, in any order and with repetitions. Nodes come in their order.
    pub(crate) fn add(&mut self, node: u32, tokens: &mut [(Token, f32)]) {
        let length: f32 = tokens.iter().map(|(_, weight)| weight).sum();
        let norm = K1 * (1.0 - B + B * length / self.mean);
        tokens.sort_unstable_by_key(|(token, _)| *token);
        for same in tokens.chunk_by(|a, b| a.0 == b.0) {
            let Some(&(token, _)) = same.first() else { continue };
            let count: f32 = same.iter().map(|(_, weight)| weight).sum();
            let weight = count * (K1 + 1.0) / (count + norm);
            let list = self.lists.entry(token).or_insert(List {
                last: 0,
                nodes: 0,
                bytes: Vec::new(),
            });
            put_varint(&mut list.bytes, node - list.last);
            list.bytes.push((weight / TOP * 255.0).round().clamp(1.0, 255.0) as u8);
            list.last = node;
            list.nodes += 1;
        }
    }

    /// The table and the postings.
    pub(crate) fn finish(self) -> (Vec<u8>, Vec<u8>) {
        let mut lists: Vec<(Token, List)> = self.lists.into_iter().collect();
        lists.sort_unstable_by_key(|(token, _)| *token);
        let mut table = Vec::with_capacity(lists.len() * ROW);
        let mut postings = Vec::with_capacity(lists.iter().map(|(_, list)| list.bytes.len()).sum());
        for (token, list) in lists {
            table.extend_from_slice(&token.to_le_bytes());
            put(&mut table, list.nodes);
            put(&mut table, postings.len() as u32);
            postings.extend_from_slice(&list.bytes);
        }
        (table, postings)
    }
}

/// The postings of one token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Postings<'a> {
    /// Nodes that hold it.
    pub(crate) nodes: u32,
    bytes: &'a [u8],
}

impl<'a> Postings<'a> {
    pub(crate) fn find(table: &'a [u8], postings: &'a [u8], token: Token) -> Option<Self> {
        let rows = table.len() / ROW;
        let of = |row: usize| u64_at(table, row * ROW);
        let (mut low, mut high) = (0, rows);
        while low < high {
            let middle = usize::midpoint(low, high);
            if of(middle)? < token {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low == rows || of(low)? != token {
            return None;
        }
        let begin = u32_at(table, low * ROW + 12)? as usize;
        let end = u32_at(table, (low + 1) * ROW + 12).map_or(postings.len(), |end| end as usize);
        Some(Self {
            nodes: u32_at(table, low * ROW + 8)?,
            bytes: postings.get(begin..end)?,
        })
    }

    /// Calls `each` with every node and the token's weight there.
    pub(crate) fn each(self, mut each: impl FnMut(u32, f32)) {
        let (mut bytes, mut node) = (self.bytes, 0_u32);
        while let Some((step, rest)) = varint(bytes) {
            let Some((&weight, rest)) = rest.split_first() else {
                return;
            };
            node = node.wrapping_add(step);
            each(node, f32::from(weight) * (TOP / 255.0));
            bytes = rest;
        }
    }

    /// How much a token tells that this many of `all` nodes hold.
    pub(crate) fn rarity(self, all: usize) -> f32 {
        let nodes = self.nodes as f32;
        (1.0 + (all as f32 - nodes + 0.5).max(0.0) / (nodes + 0.5)).ln()
    }
}
