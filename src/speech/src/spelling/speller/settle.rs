//! What is given up and what is settled after each place.
//!
//! Every later text goes through a reading of a column that is kept, so the words that all of those share can no
//! longer change. What stays open too long is settled by giving up whatever disagrees with the best reading.

use super::Speller;

impl Speller {
    /// Gives up readings that have fallen too far behind, and places that nothing begins at any more.
    pub(super) fn narrow(&mut self) {
        let newest = self.heard.len() as u32;
        let limit = self.newest().first().map_or(0, |best| best.cost) + self.config.threshold;
        for column in &mut self.columns {
            column.readings.retain(|reading| reading.cost <= limit);
        }
        let open = &self.open;
        self.columns.retain(|column| {
            let used = open.iter().any(|open| open.begin == column.place);
            column.place == newest || (used && !column.readings.is_empty())
        });
        let columns = &self.columns;
        self.open
            .retain(|open| columns.iter().any(|column| column.place == open.begin));
    }

    /// Moves what all readings share, and what is too old to wait for, into the settled part.
    pub(super) fn settle(&mut self) {
        let oldest = (self.heard.len() as u32).saturating_sub(self.config.settle_after as u32);
        let mut aged = self.newest().first().map_or(self.settled.root, |best| best.node);
        while self.node(aged).end > oldest && aged != self.settled.root {
            aged = self.node(aged).parent;
        }
        if aged != self.settled.root {
            self.follow(aged);
        }
        let shared = self.shared();
        self.move_root(shared);
    }

    /// Gives up every reading that does not go through this node.
    fn follow(&mut self, through: u32) {
        let (nodes, base) = (&self.nodes, self.base);
        for column in &mut self.columns {
            column.readings.retain(|reading| {
                let mut at = reading.node;
                while at > through {
                    at = nodes[(at - base) as usize].parent;
                }
                at == through
            });
        }
        self.columns.retain(|column| !column.readings.is_empty());
        let columns = &self.columns;
        self.open
            .retain(|open| columns.iter().any(|column| column.place == open.begin));
    }

    /// The last node that all readings go through. Parents have lower numbers than their children.
    fn shared(&self) -> u32 {
        let all = self.columns.iter().flat_map(|column| &column.readings);
        let mut left: std::collections::BinaryHeap<u32> = all.map(|reading| reading.node).collect();
        while let Some(node) = left.pop() {
            while left.peek() == Some(&node) {
                left.pop();
            }
            if left.is_empty() {
                return node;
            }
            left.push(self.node(node).parent);
        }
        self.settled.root
    }

    fn move_root(&mut self, root: u32) {
        if root == self.settled.root {
            return;
        }
        let mut settled = std::mem::take(&mut self.settled);
        self.tell(settled.root, root, &mut settled.text, &mut settled.tokens);
        settled.root = root;
        self.settled = settled;
        self.nodes.drain(..(root - self.base) as usize);
        self.base = root;
    }
}
