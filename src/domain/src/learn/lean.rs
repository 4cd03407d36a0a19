//! What a turn that names no topic leans on: what the call has been about. "Where on the phone do I tap" is of the matter at hand.

use super::corpus::{ClassIx, Classes};
use super::dialogue::Dialogue;

/// From such a share on a call is about a topic.
const ABOUT: f32 = 0.3;
/// How much that counts where the turn's own words say nothing of any topic. Of 26 calls of two authors left out, by words alone, 0.665 of what is
/// shown is right with it and 0.636 without, and as much is found (0.894, 0.899); with twice and four times as much 0.669 and 0.691 are right,
/// and 0.885 and 0.868 found.
const COUNTS: f32 = 0.5;
/// What a topic has that the call has not been about.
const OTHER: f32 = 0.1;

/// Weighs nodes, best first, by the call's topics, as far as `own`, what the turn's words say of each topic, leaves open which it is. What
/// they have together stays as it is, so that this decides which is shown and never whether one is.
pub(crate) fn lean(nodes: &mut [(ClassIx, f32)], classes: &Classes, dialogue: &Dialogue, own: &[f32]) {
    let of_call = (0..classes.topics.len()).map(|topic| dialogue.topic(topic));
    let most = of_call.fold(0.0, f32::max);
    if most < ABOUT {
        return;
    }
    let counts = COUNTS * (1.0 - own.iter().copied().fold(0.0, f32::max));
    let sum = |nodes: &[(ClassIx, f32)]| nodes.iter().map(|(_, share)| share).sum::<f32>();
    let before = sum(nodes);
    for (class, share) in &mut *nodes {
        let topic = dialogue.topic(classes.nodes[*class].topic);
        *share *= ((OTHER + topic) / (OTHER + most)).powf(counts);
    }
    let scale = before / sum(nodes).max(f32::MIN_POSITIVE);
    nodes.iter_mut().for_each(|(_, share)| *share *= scale);
    nodes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}
