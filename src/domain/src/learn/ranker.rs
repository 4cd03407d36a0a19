//! Ranks nodes against each other and against "none of them": a softmax over scores of what the evidence says of each.
//!
//! It is learned from turns that the evidence had not seen, so its shares are honest: of turns that it gives 0.8, eight
//! in ten are right.

use std::collections::BTreeSet;

use super::corpus::ClassIx;
use super::evidence::{OF_NODE, OF_TURN, Seen};
use super::heads::{softmax, stride};
use super::scorer::Scorer;
use super::store::Store;

/// Each turn is learned from so often at least; where there are few, more often, to so many steps in all.
const EPOCHS: usize = 6;
const MOST_EPOCHS: usize = 48;
const STEPS: usize = 30_000;
/// Fewer turns teach no bends.
const MANY: usize = 1_000;
/// A smaller error teaches nothing.
const TOLD: f32 = 1e-3;
/// Of the turns that nothing answers, a voice alone may let so many pass of the part that it has not learned from. All voices together are less
/// sure, so that 5 in a hundred pass of authors whom none has read.
const FALSE_PUSHES: f32 = 0.08;
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
    /// The part that it is left out with.
    pub(crate) part: Option<usize>,
    /// Whether it is a caller's turn, and not an example question: on these the threshold is set.
    pub(crate) is_turn: bool,
    pub(crate) weight: f32,
}

/// The learned weights.
#[derive(Debug)]
pub(crate) struct Ranker {
    voices: Vec<Voice>,
    /// An answer that stands no better against none is none: of a turn alone, and of one behind an agent's.
    alone: f32,
    in_call: f32,
}

/// One pair of scores. Several are heard together: what only one of them has learned by heart weighs little.
#[derive(Debug)]
struct Voice {
    of_node: Scorer<OF_NODE>,
    of_turn: Scorer<OF_TURN>,
}

impl Ranker {
    /// Learns from rows whose parts are known: each voice from all parts but one. What it says of that part is what it would say of
    /// strangers, and sets the thresholds: on what it has learned from, a ranker is surer. Thresholds from there let 12 in a
    /// hundred pass where 5 were meant.
    pub(crate) fn learn(rows: &[Row]) -> Self {
        let parts: BTreeSet<Option<usize>> = rows.iter().map(|row| row.part).collect();
        let mut ranker = Self {
            voices: Vec::with_capacity(parts.len()),
            alone: THRESHOLD,
            in_call: THRESHOLD,
        };
        let mut silent: Vec<(bool, f32)> = Vec::new();
        for (number, part) in parts.iter().enumerate() {
            let (left_out, others): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.part == *part);
            let voice = Voice::of(if others.is_empty() { &left_out } else { &others }, number);
            let unanswered = left_out.into_iter().filter(|row| row.is_turn && row.right.is_empty());
            silent.extend(unanswered.map(|row| (row.seen.in_call, against_none(&shares(&[&voice], &row.seen)))));
            ranker.voices.push(voice);
        }
        let of = |in_call: bool, passing: f32| {
            let shares = silent.iter().filter(|(is, _)| *is == in_call).map(|(_, share)| *share);
            threshold(shares.collect(), passing)
        };
        ranker.alone = of(false, FALSE_PUSHES);
        ranker.in_call = match silent.iter().any(|(in_call, _)| *in_call) {
            true => of(true, FALSE_PUSHES * IN_CALL),
            false => ranker.alone,
        };
        ranker
    }

    /// Of each node, and behind them of none.
    pub(crate) fn shares(&self, seen: &Seen) -> Vec<f32> {
        shares(&self.voices.iter().collect::<Vec<_>>(), seen)
    }

    /// What an answer must stand at against none.
    pub(crate) const fn threshold(&self, seen: &Seen) -> f32 {
        if seen.in_call { self.in_call } else { self.alone }
    }
}

impl Voice {
    fn of(rows: &[&Row], number: usize) -> Self {
        let straight = rows.len() < MANY;
        let numbers = rows
            .iter()
            .flat_map(|row| row.seen.nodes.iter().map(|(_, numbers)| numbers));
        let mut voice = Self {
            of_node: Scorer::new(numbers, straight, number),
            of_turn: Scorer::new(rows.iter().map(|row| &row.seen.turn), straight, number),
        };
        let (mut at, step) = (number, stride(rows.len()));
        let epochs = (STEPS / rows.len().max(1)).clamp(EPOCHS, MOST_EPOCHS);
        for _ in 0..epochs {
            for _ in 0..rows.len() {
                at = (at + step) % rows.len();
                voice.learn(rows[at]);
            }
        }
        voice
    }

    fn learn(&mut self, row: &Row) {
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
}

impl Store for Voice {
    fn put(&self, out: &mut Vec<u8>) {
        self.of_node.put(out);
        self.of_turn.put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        Some(Self {
            of_node: Scorer::take(from)?,
            of_turn: Scorer::take(from)?,
        })
    }
}

impl Store for Ranker {
    fn put(&self, out: &mut Vec<u8>) {
        self.voices.put(out);
        [self.alone, self.in_call].put(out);
    }

    fn take(from: &mut &[u8]) -> Option<Self> {
        let voices: Vec<Voice> = Store::take(from)?;
        let [alone, in_call] = Store::take(from)?;
        Some(Self { voices, alone, in_call })
    }
}

/// Of each node, and behind them of none, by the mean of the voices' scores.
fn shares(voices: &[&Voice], seen: &Seen) -> Vec<f32> {
    let mut scores = vec![0.0; seen.nodes.len() + 1];
    for voice in voices {
        let nodes = seen.nodes.iter().map(|(_, numbers)| voice.of_node.score(numbers));
        let own = nodes.chain([voice.of_turn.score(&seen.turn)]);
        scores
            .iter_mut()
            .zip(own)
            .for_each(|(score, own)| *score += own / voices.len() as f32);
    }
    softmax(&mut scores);
    scores
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between -1 and 1 in a fixed order.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> f32 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
        }
    }

    /// A turn with two nodes. One number tells, roughly, whether the first is right; all others tell nothing, and can be learned by heart.
    fn turn(numbers: &mut Numbers, part: usize) -> Row {
        let mut node = |of: usize| (of, std::array::from_fn(|_| numbers.next()));
        let (mut first, second): ((ClassIx, [f32; OF_NODE]), _) = (node(0), node(1));
        let mut about: [f32; OF_TURN] = std::array::from_fn(|_| numbers.next());
        let asks = numbers.next() > 0.0;
        let told = if asks { 0.5 } else { -0.5 } + 1.5 * numbers.next();
        (first.1[0], about[1]) = (told, -told);
        Row {
            seen: Seen {
                in_call: false,
                nodes: vec![first, second],
                turn: about,
            },
            right: if asks { vec![0] } else { Vec::new() },
            part: Some(part),
            is_turn: true,
            weight: 1.0,
        }
    }

    #[test]
    fn few_turns_of_strangers_pass_that_nothing_answers() {
        let mut numbers = Numbers(7);
        let rows: Vec<Row> = (0..1_100).map(|at| turn(&mut numbers, at % 5)).collect();
        let ranker = Ranker::learn(&rows);
        let strangers: Vec<Row> = (0..2_000).map(|_| turn(&mut numbers, 0)).collect();
        let passing = |asks: bool| {
            let of_kind: Vec<&Row> = strangers.iter().filter(|row| row.right.is_empty() != asks).collect();
            let passes = |row: &&&Row| against_none(&ranker.shares(&row.seen)) >= ranker.threshold(&row.seen);
            of_kind.iter().filter(passes).count() as f32 / of_kind.len() as f32
        };
        let (wrong, right) = (passing(false), passing(true));
        assert!(wrong <= 0.1 && right > wrong, "{wrong} {right}");
    }

    #[test]
    fn a_pack_without_turns_has_a_ranker_that_reads() {
        let ranker = Ranker::learn(&[]);
        let shares = ranker.shares(&turn(&mut Numbers(1), 0).seen);
        assert!(shares.iter().all(|share| share.is_finite()), "{shares:?}");
        let mut bytes = Vec::new();
        ranker.put(&mut bytes);
        assert!(Ranker::take(&mut bytes.as_slice()).is_some());
    }
}
