//! A matrix laid out for products with short vectors.

/// Sums side by side in one product: two SSE registers.
pub(super) const LANES: usize = 8;
/// Rows that are multiplied together, so that a vector is loaded once for all of them and no sum waits for the one
/// before it.
pub(super) const TOGETHER: usize = 4;

/// So many values of each of the rows that are multiplied together.
type Block = [[f32; LANES]; TOGETHER];

/// Rows in groups of [`TOGETHER`], block by block in the order in which they are read.
pub(super) struct Rows {
    blocks: Vec<Block>,
    /// Of one group.
    across: usize,
}

impl Rows {
    /// `value(row, column)` for a whole number of groups and of lanes.
    pub(super) fn new(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        debug_assert!(rows.is_multiple_of(TOGETHER) && columns.is_multiple_of(LANES));
        let across = columns / LANES;
        let block = |at: usize| -> Block {
            let (row, column) = (at / across * TOGETHER, at % across * LANES);
            std::array::from_fn(|down| std::array::from_fn(|right| value(row + down, column + right)))
        };
        Self {
            blocks: (0..rows / TOGETHER * across).map(block).collect(),
            across,
        }
    }

    /// The groups from the first row on, each for [`products`].
    pub(super) fn groups(&self) -> impl Iterator<Item = &[Block]> {
        self.blocks.chunks_exact(self.across)
    }
}

/// The products of a group's rows with a vector as long as they are.
pub(super) fn products(group: &[Block], vector: &[f32]) -> [f32; TOGETHER] {
    let mut sums = [[0.0f32; LANES]; TOGETHER];
    for (block, values) in group.iter().zip(vector.as_chunks::<LANES>().0) {
        for (sums, weights) in sums.iter_mut().zip(block) {
            for (sum, (weight, value)) in sums.iter_mut().zip(weights.iter().zip(values)) {
                *sum += weight * value;
            }
        }
    }
    // In pairs: a sum from left to right would wait for itself seven times.
    sums.map(|[a, b, c, d, e, f, g, h]| ((a + e) + (c + g)) + ((b + f) + (d + h)))
}
