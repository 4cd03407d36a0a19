//! A matrix laid out for products with one vector after the other.

/// Rows that are multiplied together: enough sums that none waits for itself, and few enough for the registers.
pub(super) const TOGETHER: usize = 32;

/// What the rows that are multiplied together have in one column.
type Column = [f32; TOGETHER];

/// Rows in groups of [`TOGETHER`], each group column by column.
pub(super) struct Rows {
    columns: Vec<Column>,
    /// Of one group.
    across: usize,
}

impl Rows {
    /// `value(row, column)` for a whole number of groups.
    pub(super) fn new(rows: usize, across: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        debug_assert!(rows.is_multiple_of(TOGETHER));
        let column = |at: usize| -> Column {
            let (first, column) = (at / across * TOGETHER, at % across);
            std::array::from_fn(|down| value(first + down, column))
        };
        Self {
            columns: (0..rows / TOGETHER * across).map(column).collect(),
            across,
        }
    }

    /// The groups from the first row on, each for [`products`].
    pub(super) fn groups(&self) -> impl Iterator<Item = &[Column]> {
        self.columns.chunks_exact(self.across)
    }
}

/// The products of a group's rows with a vector as long as they are. The same to the bit on every processor: wider
/// registers hold more sums, they do not round otherwise.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls what was compiled for a newer processor")
)]
pub(super) fn products(group: &[Column], vector: &[f32]) -> [f32; TOGETHER] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function was compiled for.
        return unsafe { products_avx2(group, vector) };
    }
    sums(group, vector)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2(group: &[Column], vector: &[f32]) -> [f32; TOGETHER] {
    sums(group, vector)
}

/// Written so that the compiler makes vector instructions of it.
#[inline]
fn sums(group: &[Column], vector: &[f32]) -> [f32; TOGETHER] {
    let mut sums = [0.0; TOGETHER];
    for (column, value) in group.iter().zip(vector) {
        for (sum, weight) in sums.iter_mut().zip(column) {
            *sum += weight * value;
        }
    }
    sums
}
