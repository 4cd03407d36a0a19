//! A matrix laid out for products with a few vectors at once.

/// Sums that are made at once: enough that none waits for itself, and few enough for the registers.
pub(super) const SUMS: usize = 64;

/// Rows in groups of `N`, each group column by column, so that what is multiplied together lies together.
///
/// A group is multiplied with `V` vectors at once, `N * V` being [`SUMS`]: each weight is then read once for all of them.
/// There are more weights than the first cache holds, and to read them is most of the work.
pub(super) struct Rows<const N: usize> {
    columns: Vec<[f32; N]>,
    /// Of one group.
    across: usize,
}

impl<const N: usize> Rows<N> {
    /// `value(row, column)` for a whole number of groups.
    pub(super) fn new(rows: usize, across: usize, value: impl Fn(usize, usize) -> f32) -> Self {
        debug_assert!(rows.is_multiple_of(N));
        let column = |at: usize| -> [f32; N] {
            let (first, column) = (at / across * N, at % across);
            std::array::from_fn(|down| value(first + down, column))
        };
        Self {
            columns: (0..rows / N * across).map(column).collect(),
            across,
        }
    }

    /// The products of each group, from the first row on, with vectors as long as the rows.
    pub(super) fn products<const V: usize>(&self, vectors: [&[f32]; V]) -> impl Iterator<Item = [[f32; N]; V]> {
        const { assert!(N * V == SUMS) };
        let groups = self.columns.chunks_exact(self.across);
        groups.map(move |group| products(group, vectors))
    }
}

/// The same to the bit on every processor: wider registers hold more sums, they do not round otherwise.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls what was compiled for a newer processor")
)]
fn products<const N: usize, const V: usize>(group: &[[f32; N]], vectors: [&[f32]; V]) -> [[f32; N]; V] {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the processor has what the function was compiled for.
        return unsafe { products_avx2(group, vectors) };
    }
    sums(group, vectors)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn products_avx2<const N: usize, const V: usize>(group: &[[f32; N]], vectors: [&[f32]; V]) -> [[f32; N]; V] {
    sums(group, vectors)
}

/// Written so that the compiler makes vector instructions of it: those of the function that it stands in.
#[inline(always)]
fn sums<const N: usize, const V: usize>(group: &[[f32; N]], vectors: [&[f32]; V]) -> [[f32; N]; V] {
    let vectors = vectors.map(|vector| &vector[..group.len()]);
    let mut sums = [[0.0; N]; V];
    for (at, column) in group.iter().enumerate() {
        for (sums, vector) in sums.iter_mut().zip(vectors) {
            let value = vector[at];
            for (sum, weight) in sums.iter_mut().zip(column) {
                *sum += weight * value;
            }
        }
    }
    sums
}
