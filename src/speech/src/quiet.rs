//! Where sound is cut with the least harm.

use crate::vad::VAD_FRAME;

/// Three frames (96 ms): longer than the closure before a t or k, shorter than the pause between two words.
const WINDOW: usize = 3 * VAD_FRAME;

/// The middle of the quietest stretch of 96 ms, of equal ones the one nearest to the middle; the end where there is less.
pub(crate) fn quietest(samples: &[i16]) -> usize {
    let energy = |at: &usize| -> u64 {
        let window = samples[*at..*at + WINDOW].iter();
        window.map(|sample| u64::from(sample.unsigned_abs()).pow(2)).sum()
    };
    let starts = (0..=samples.len().saturating_sub(WINDOW)).step_by(VAD_FRAME / 2);
    let quietest = starts
        .filter(|at| at + WINDOW <= samples.len())
        .min_by_key(|at| (energy(at), (2 * at + WINDOW).abs_diff(samples.len())));
    quietest.map_or(samples.len(), |at| at + WINDOW / 2)
}
