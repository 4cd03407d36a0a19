//! What agents did with hints moves their ranking, a little.

use std::collections::HashMap;

use sidetone_knowledge::NodeId;

/// The most that it moves a node's score, up or down.
pub const MOST: f32 = 0.1;
/// Fewer opinions than this say nothing.
const FEWEST: u64 = 5;
/// A hint that is shown often and acted on seldom is neither good nor bad: one opinion for so many times shown counts fully.
const SHOWN_FOR_ONE: f32 = 10.0;

/// What agents did with the hints of one node. The numbers fade with time, so they are no whole ones.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deeds {
    /// Came on a screen.
    pub shown: f32,
    /// Opened, or their words used.
    pub used: f32,
    /// Put away, or corrected.
    pub refused: f32,
    /// How often either happened, ever.
    pub opinions: u64,
}

impl Deeds {
    /// What it adds to the node's score: at most [`MOST`] up or down, 0 with few opinions, and less as they fade.
    #[must_use]
    pub fn shift(&self) -> f32 {
        if self.opinions < FEWEST {
            return 0.0;
        }
        let acted = self.used + self.refused;
        let of = acted.max(FEWEST as f32).max(self.shown / SHOWN_FOR_ONE);
        (MOST * (self.used - self.refused) / of).clamp(-MOST, MOST)
    }
}

/// By how much each node's score is moved. Most are not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Opinions(HashMap<NodeId, f32>);

impl Opinions {
    /// From what was done with each node's hints.
    #[must_use]
    pub fn of(deeds: impl IntoIterator<Item = (NodeId, Deeds)>) -> Self {
        let moved = deeds.into_iter().map(|(node, deeds)| (node, deeds.shift()));
        Self(moved.filter(|(_, shift)| *shift != 0.0).collect())
    }

    /// A node's score with what is thought of it.
    #[must_use]
    pub fn apply(&self, node: &str, score: f32) -> f32 {
        let shift = self.0.get(node).copied().unwrap_or(0.0);
        (score + shift.clamp(-MOST, MOST)).clamp(0.0, 1.0)
    }

    /// How many nodes are moved.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(shown: f32, used: f32, refused: f32, opinions: u64) -> f32 {
        let deeds = Deeds {
            shown,
            used,
            refused,
            opinions,
        };
        (deeds.shift() * 1_000.0).round() / 1_000.0
    }

    #[test]
    fn five_opinions_move_a_node_by_a_tenth_at_most() {
        assert_eq!(shift(5.0, 0.0, 4.0, 4), 0.0, "too few");
        assert_eq!(shift(5.0, 0.0, 5.0, 5), -0.1);
        assert_eq!(shift(900.0, 900.0, 0.0, 900), 0.1);
        assert_eq!(shift(20.0, 6.0, 4.0, 10), 0.02, "agents differ");
        assert_eq!(shift(1_000.0, 0.0, 5.0, 5), -0.005, "hardly anybody minds");
    }

    #[test]
    fn what_is_thought_of_it_fades() {
        assert_eq!(shift(2.5, 0.0, 2.5, 5), -0.05, "half of it after one half-life");
        assert!(shift(0.01, 0.0, 0.01, 5).abs() < 0.001);
    }

    #[test]
    fn a_score_stays_a_score() {
        let good = Deeds {
            used: 5.0,
            opinions: 5,
            ..Deeds::default()
        };
        let opinions = Opinions::of([("a".to_owned(), good), ("b".to_owned(), Deeds::default())]);
        assert_eq!((opinions.apply("a", 0.95), opinions.apply("b", 0.4)), (1.0, 0.4));
        assert_eq!(opinions.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_number_of_opinions_moves_more(shown in 0.0..1e9_f32, used in 0.0..1e9_f32, refused in 0.0..1e9_f32, opinions: u64) {
            let shift = Deeds { shown, used, refused, opinions }.shift();
            proptest::prop_assert!(shift.abs() <= MOST);
        }
    }
}
