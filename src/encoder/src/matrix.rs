//! A matrix laid out for products with a few vectors at once.

/// Outputs that are summed up side by side.
const ACROSS: usize = 8;
/// Vectors that are multiplied at once: each weight is read once for all of them, and the sums fit into the registers that
/// every processor has.
const AT_ONCE: usize = 4;

/// From vectors of `inputs` numbers to as many outputs as it has columns.
pub(crate) struct Matrix {
    /// [`ACROSS`] columns each, row by row: what is multiplied together lies together.
    panels: Vec<[f32; ACROSS]>,
    inputs: usize,
}

impl Matrix {
    /// `weights` has a row for each input. Columns past the last whole panel are left out.
    pub(crate) fn new(weights: &[f32], outputs: usize) -> Self {
        let inputs = weights.len() / outputs;
        let row = |at: usize| -> [f32; ACROSS] {
            let (panel, input) = (at / inputs, at % inputs);
            std::array::from_fn(|column| weights[input * outputs + panel * ACROSS + column])
        };
        Self {
            panels: (0..outputs / ACROSS * inputs).map(row).collect(),
            inputs,
        }
    }

    /// Vectors begin every `stride` numbers of `values`; `take(vector, output, products)` is told of the products of each
    /// from that output on.
    pub(crate) fn multiply(
        &self,
        values: &[f32],
        stride: usize,
        vectors: usize,
        mut take: impl FnMut(usize, usize, &[f32]),
    ) {
        let vector = |at: usize| &values[at * stride..][..self.inputs];
        for (number, panel) in self.panels.chunks_exact(self.inputs).enumerate() {
            let output = number * ACROSS;
            for first in (0..vectors).step_by(AT_ONCE) {
                if first + 1 == vectors {
                    let [sums] = products(panel, [vector(first)]);
                    take(first, output, &sums);
                    continue;
                }
                // The last one stands in for those that are not there.
                let four: [&[f32]; AT_ONCE] = std::array::from_fn(|at| vector((first + at).min(vectors - 1)));
                for (at, sums) in (first..vectors).zip(products(panel, four)) {
                    take(at, output, &sums);
                }
            }
        }
    }

    /// The product with one vector.
    pub(crate) fn times(&self, values: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; self.panels.len() / self.inputs * ACROSS];
        self.multiply(values, self.inputs, 1, |_, output, products| {
            out[output..output + products.len()].copy_from_slice(products);
        });
        out
    }
}

/// Written so that the compiler makes vector instructions of it.
#[inline(always)]
fn products<const V: usize>(panel: &[[f32; ACROSS]], vectors: [&[f32]; V]) -> [[f32; ACROSS]; V] {
    let vectors = vectors.map(|vector| &vector[..panel.len()]);
    let mut sums = [[0.0; ACROSS]; V];
    for (at, row) in panel.iter().enumerate() {
        for (sums, vector) in sums.iter_mut().zip(vectors) {
            let value = vector[at];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_the_plain_sum() {
        let (inputs, outputs, vectors) = (5, 16, 7);
        let weights: Vec<f32> = (0..inputs * outputs).map(|at| (at % 13) as f32 - 6.0).collect();
        let values: Vec<f32> = (0..inputs * vectors).map(|at| (at % 7) as f32 - 3.0).collect();
        let mut out = vec![f32::NAN; vectors * outputs];
        Matrix::new(&weights, outputs).multiply(&values, inputs, vectors, |vector, output, products| {
            out[vector * outputs + output..][..products.len()].copy_from_slice(products);
        });
        for (at, product) in out.iter().enumerate() {
            let (vector, output) = (at / outputs, at % outputs);
            let sum: f32 = (0..inputs)
                .map(|k| values[vector * inputs + k] * weights[k * outputs + output])
                .sum();
            assert_eq!(*product, sum, "vector {vector} output {output}");
        }
    }
}
