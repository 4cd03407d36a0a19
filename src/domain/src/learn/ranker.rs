//! Ranks nodes against each other and against "none of them": a softmax over scores of what the evidence says of each.
//!
//! It is learned from turns that the evidence had not seen, so its shares are honest: of turns that it gives 0.8, eight
//! in ten are right.

use super::corpus::ClassIx;
use super::evidence::{OF_NODE, OF_TURN, Seen};
use super::heads::{softmax, stride};
use super::scorer::Scorer;
use super::store::Store;

/// Each turn is learned from so often at least; where there are few, more often, to so many steps in all.
const EPOCHS: usize = 16;
const STEPS: usize = 30_000;
/// Fewer turns teach no bends.
const MANY: usize = 1_000;
/// A smaller error teaches nothing.
const TOLD: f32 = 1e-3;
/// Of the turns that are learned from and that nothing answers, so many may be answered all the same. What is learned from is no measure of
/// what strangers say: read with meaning 0.04 became 0.16 on authors whom nobody had read, read by words alone 0.01.
const FALSE_PUSHES: f32 = 0.005;
const FALSE_PUSHES_BY_WORDS: f32 = 0.08;
/// As much for turns behind an agent's, of which a call has many, and which say less by themselves.
const IN_CALL: f32 = 0.75;
/// Where no such turns are known.
const THRESHOLD: f32 = 0.6;
/// What that counts, in turns, beside those that are known.
const FEW: f32 = 30.0;

/// A turn to learn from.
pub(crate) struct Row {
    pub(crate) seen: Seen,
    /// By place in `seen.nodes`; nothing is right where nothing answers.
    pub(crate) right: Vec<usize>,
    /// Whether it is a caller's turn, and not an example question: on these the threshold is set.
    pub(crate) is_turn: bool,
    pub(crate) weight: f32,
}

/// The learned weights.
#[derive(Debug)]
pub(crate) struct Ranker {
    of_node: Scorer<OF_NODE>,
    of_turn: Scorer<OF_TURN>,
    /// An answer that stands no better against none is none: of a turn alone, and of one behind an agent's.
    alone: f32,
    in_call: f32,
}

impl Ranker {
    /// Learns from all rows, and sets its thresholds on them. Thresholds from rankers of one half, set on the other, were tried: on
    /// an author whom nobody had read they let 16 in a hundred pass where 6 were meant, for half as many rows learn a duller ranker.
    pub(crate) fn learn(rows: &[Row], by_meaning: bool) -> Self {
        let mut ranker = Self::of(rows);
        let unanswered = rows.iter().filter(|row| row.is_turn && row.right.is_empty());
        let silent: Vec<(bool, f32)> = unanswered
            .map(|row| (row.seen.in_call, against_none(&ranker.shares(&row.seen))))
            .collect();
        let of = |in_call: bool, passing: f32| {
            let shares = silent.iter().filter(|(is, _)| *is == in_call).map(|(_, share)| *share);
            threshold(shares.collect(), passing)
        };
        let passing = if by_meaning {
            FALSE_PUSHES
        } else {
            FALSE_PUSHES_BY_WORDS
        };
        ranker.alone = of(false, passing);
        ranker.in_call = match silent.iter().any(|(in_call, _)| *in_call) {
            true => of(true, passing * IN_CALL),
            false => ranker.alone,
        };
        ranker
    }

    fn of(rows: &[Row]) -> Self {
        let straight = rows.len() < MANY;
        let mut ranker = Self {
            of_node: Scorer::new(
                rows.iter()
                    .flat_map(|row| row.seen.nodes.iter().map(|(_, numbers)| numbers)),
                straight,
            ),
            of_turn: Scorer::new(rows.iter().map(|row| &row.seen.turn), straight),
            alone: THRESHOLD,
            in_call: THRESHOLD,
        };
        let (mut at, step) = (0, stride(rows.len()));
        let epochs = (STEPS / rows.len().max(1)).clamp(EPOCHS, 3 * EPOCHS);
        for _ in 0..epochs {
            for _ in 0..rows.len() {
                at = (at + step) % rows.len();
                ranker.learn_one(&rows[at]);
            }
        }
        ranker
    }

    fn learn_one(&mut self, row: &Row) {
        let nodes: Vec<_> = row
            .seen
            .nodes
            .iter()
            .map(|(_, numbers)| self.of_node.traced(numbers))
            .collect();
        let none = self.of_turn.traced(&row.seen.turn);
        let mut shares: Vec<f32> = nodes.iter().map(|traced| traced.score).collect();
        shares.push(none.score);
        softmax(&mut shares);
        let errors = errors(&shares, &row.right);
        let Some((of_none, of_nodes)) = errors.split_last() else {
            return;
        };
        let weighed = of_nodes.iter().map(|error| error * row.weight);
        let told = nodes.iter().zip(weighed).filter(|(_, error)| error.abs() > TOLD);
        self.of_node.learn(told);
        self.of_turn.learn([(&none, of_none * row.weight)].into_iter());
    }

    /// Of each node, and behind them of none.
    pub(crate) fn shares(&self, seen: &Seen) -> Vec<f32> {
        let mut scores: Vec<f32> = seen
            .nodes
            .iter()
            .map(|(_, numbers)| self.of_node.score(numbers))
            .collect();
        scores.push(self.of_turn.score(&seen.turn));
        softmax(&mut scores);
        scores
    }

    /// What an answer must stand at against none.
    pub(crate) const fn threshold(&self, seen: &Seen) -> f32 {
        if seen.in_call { self.in_call } else { self.alone }
    }
}

impl Store for Ranker {
    fn put(&self, out: &mut Vec<u8>) {
        self.of_node.put(out);
        self.of_turn.put(out);
        [self.alone, self.in_call].put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let (of_node, of_turn) = (Scorer::take(from)?, Scorer::take(from)?);
        let [alone, in_call] = Store::take(from)?;
        Some(Self {
            of_node,
            of_turn,
            alone,
            in_call,
        })
    }
}

/// The smallest that lets a share of the turns pass that nothing answers; how these stand, each.
fn threshold(mut silent: Vec<f32>, passing: f32) -> f32 {
    silent.sort_by(|a, b| b.total_cmp(a));
    let Some(found) = silent.get((silent.len() as f32 * passing) as usize) else {
        return THRESHOLD;
    };
    // Few turns say little of their surest.
    let (count, few) = (silent.len() as f32, FEW);
    ((found * count + THRESHOLD * few) / (count + few)).clamp(0.15, 0.97)
}

/// The surest node against none of them. What its neighbours have says nothing against it: they answer as well as none.
pub(crate) fn against_none(shares: &[f32]) -> f32 {
    let Some((none, nodes)) = shares.split_last() else {
        return 0.0;
    };
    let best = nodes.iter().copied().fold(0.0, f32::max);
    best / (best + none).max(f32::MIN_POSITIVE)
}

/// Nodes with their shares, best first, and the share of none.
pub(crate) fn ranked(seen: &Seen, shares: &[f32]) -> (Vec<(ClassIx, f32)>, f32) {
    let Some((none, nodes)) = shares.split_last() else {
        return (Vec::new(), 1.0);
    };
    let mut ranked: Vec<(ClassIx, f32)> = seen
        .nodes
        .iter()
        .map(|(class, _)| *class)
        .zip(nodes.iter().copied())
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    (ranked, *none)
}

/// Share less what it should be; several right ones share what they have together.
fn errors(shares: &[f32], right: &[usize]) -> Vec<f32> {
    let mut errors = shares.to_vec();
    let none = shares.len().saturating_sub(1);
    let right = if right.is_empty() { &[none][..] } else { right };
    let sum: f32 = right.iter().map(|at| shares[*at]).sum::<f32>().max(1e-9);
    for at in right {
        errors[*at] -= shares[*at] / sum;
    }
    errors
}
