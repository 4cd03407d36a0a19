//! What the nearest of the known texts say of each class: the best few of each, and the votes of the nearest of all.

/// Of a node's texts, so many make its mean.
const OF_EACH: usize = 3;
/// So many of the nearest texts vote.
const VOTERS: usize = 16;

/// The nearest few of one class, best first.
pub(crate) type Top = [f32; OF_EACH];

/// Takes a cosine in among the best.
pub(crate) fn insert(top: &mut Top, value: f32) {
    let mut value = value;
    for place in top.iter_mut() {
        if value > *place {
            std::mem::swap(place, &mut value);
        }
    }
}

/// By class: of its nearest text, and the mean of its nearest.
pub(crate) fn best_and_mean(top: &[Top]) -> (Vec<f32>, Vec<f32>) {
    top.iter()
        .map(|top| (top[0], top.iter().sum::<f32>() / OF_EACH as f32))
        .unzip()
}

/// Votes of the nearest among `(cosine, text)`, which fade with distance at `width`: each text of a class for it, in equal
/// parts where it has several; gives the share of texts that nothing answers.
pub(crate) fn vote<'a>(
    mut voters: Vec<(f32, u32)>,
    width: f32,
    wanted: impl Fn(u32) -> &'a [u32],
    shares: &mut [f32],
) -> f32 {
    let order = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if voters.len() > VOTERS {
        voters.select_nth_unstable_by(VOTERS, order);
        voters.truncate(VOTERS);
    }
    voters.sort_unstable_by(order);
    let Some(&(nearest, _)) = voters.first() else {
        return 0.0;
    };
    let votes: Vec<f32> = voters
        .iter()
        .map(|(near, _)| ((near - nearest) / width).exp())
        .collect();
    let sum: f32 = votes.iter().sum();
    let mut none = 0.0;
    for ((_, text), vote) in voters.iter().zip(&votes) {
        let wanted = wanted(*text);
        if wanted.is_empty() {
            none += vote / sum;
        }
        for class in wanted {
            shares[*class as usize] += vote / sum / wanted.len() as f32;
        }
    }
    none
}
