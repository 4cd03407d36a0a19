//! The network: a row of numbers for each piece, convolutions, a sum, dense layers.

use crate::array::Arrays;
use crate::matrix::Matrix;
use crate::{DIMENSIONS, EncoderError};

/// The rows of pieces are spread over so many blocks, each with a scale of its own.
const BLOCKS: usize = 17;
const BLOCK_ROWS: usize = 7530;
/// Numbers of a piece.
const PIECE: usize = 512;
/// Numbers of a convolution.
const CONV: usize = 256;
/// Pieces that each convolution sees, and how many of them stand before its own.
const SEEN: [(usize, usize); 3] = [(2, 0), (3, 1), (5, 2)];
/// The most pieces before, and behind, that any of them sees.
const MARGIN: usize = 2;
/// What is known of a piece at last: itself, and what each convolution says.
const FEATURES: usize = PIECE + SEEN.len() * CONV;
/// Numbers of the hidden layers.
const HIDDEN: usize = 320;

/// Makes the numbers of a row alike in mean and spread.
struct Norm {
    scale: Vec<f32>,
    shift: Vec<f32>,
    smallest: f32,
}

impl Norm {
    fn run(&self, row: &mut [f32]) {
        let count = row.len() as f32;
        let mean = row.iter().sum::<f32>() / count;
        row.iter_mut().for_each(|value| *value -= mean);
        let spread = row.iter().map(|value| value * value).sum::<f32>() / count;
        let factor = (spread + self.smallest).sqrt().recip();
        for ((value, scale), shift) in row.iter_mut().zip(&self.scale).zip(&self.shift) {
            *value = *value * factor * scale + shift;
        }
    }
}

/// A layer over several pieces, added to what it read.
struct Layer {
    weights: Matrix,
    bias: Vec<f32>,
}

impl Layer {
    fn read(arrays: &Arrays<'_>, number: usize, seen: usize) -> Result<Self, EncoderError> {
        let weights = arrays.floats(&format!("w{number}_{seen}"), &[seen * CONV, CONV])?;
        Ok(Self {
            weights: Matrix::new(&weights, CONV),
            bias: arrays.floats(&format!("b{number}_{seen}"), &[CONV])?,
        })
    }

    /// `rows` has [`MARGIN`] rows of zeros before and behind those of the pieces, and so has the result.
    fn run(&self, rows: &[f32], before: usize) -> Vec<f32> {
        let mut out = rows.to_vec();
        let pieces = rows.len() / CONV - 2 * MARGIN;
        let windows = &rows[(MARGIN - before) * CONV..];
        self.weights.multiply(windows, CONV, pieces, |piece, output, products| {
            let out = &mut out[(MARGIN + piece) * CONV + output..][..products.len()];
            let bias = &self.bias[output..][..products.len()];
            for ((out, product), bias) in out.iter_mut().zip(products).zip(bias) {
                *out += (product + bias).max(0.0);
            }
        });
        out
    }
}

/// Two layers, one on the other.
struct Convolution {
    before: usize,
    layers: [Layer; 2],
}

/// The weights.
pub(crate) struct Network {
    /// Of each piece, in steps of its block; block after block.
    rows: Vec<u8>,
    /// Of each block.
    step: Vec<f32>,
    lowest: Vec<f32>,
    /// From a piece to what the convolutions read, one behind the other.
    projection: Matrix,
    projection_bias: Vec<f32>,
    read_norm: Norm,
    convolutions: Vec<Convolution>,
    norm: Norm,
    sum: Matrix,
    sum_bias: Vec<f32>,
    first: Matrix,
    second: Matrix,
    second_past: Matrix,
    third: Matrix,
    last: Matrix,
    last_past: Matrix,
    smallest: f32,
}

impl Network {
    /// Reads `weights.npz`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, EncoderError> {
        let arrays = Arrays::read(bytes)?;
        let smallest = arrays.double("eps")? as f32;
        let mut rows = Vec::with_capacity(BLOCKS * BLOCK_ROWS * PIECE);
        for block in 1..=BLOCKS {
            rows.extend(arrays.bytes(&format!("q{block}"), &[BLOCK_ROWS, PIECE])?);
        }
        let dense = |name: &str, inputs: usize, outputs: usize| {
            let weights = arrays.floats(name, &[inputs, outputs])?;
            Ok::<_, EncoderError>(Matrix::new(&weights, outputs))
        };
        let convolutions = SEEN.iter().map(|&(seen, before)| {
            let layers = [Layer::read(&arrays, 1, seen)?, Layer::read(&arrays, 2, seen)?];
            Ok(Convolution { before, layers })
        });
        Ok(Self {
            rows,
            step: arrays.floats("scale", &[BLOCKS])?,
            lowest: arrays.floats("lo", &[BLOCKS])?,
            projection: Matrix::new(&projection(&arrays)?, SEEN.len() * CONV),
            projection_bias: side_by_side(&arrays, "proj_b")?,
            read_norm: Norm {
                scale: side_by_side(&arrays, "ln_g")?,
                shift: side_by_side(&arrays, "ln_b")?,
                smallest,
            },
            convolutions: convolutions.collect::<Result<_, EncoderError>>()?,
            norm: Norm {
                scale: arrays.floats("ln_g", &[FEATURES])?,
                shift: arrays.floats("ln_b", &[FEATURES])?,
                smallest,
            },
            sum: dense("cnn_W", FEATURES, DIMENSIONS)?,
            sum_bias: arrays.floats("cnn_b", &[DIMENSIONS])?,
            first: dense("d0", DIMENSIONS, HIDDEN)?,
            second: dense("d1", HIDDEN, HIDDEN)?,
            second_past: dense("p1", DIMENSIONS, HIDDEN)?,
            third: dense("d2", HIDDEN, DIMENSIONS)?,
            last: dense("d3", DIMENSIONS, DIMENSIONS)?,
            last_past: dense("p3", HIDDEN, DIMENSIONS)?,
            smallest,
        })
    }

    /// How many pieces it knows.
    pub(crate) const fn rows(&self) -> usize {
        self.rows.len() / PIECE
    }

    /// The vector of a text; `pieces` are below [`Self::rows`], and there is at least one.
    pub(crate) fn encode(&self, pieces: &[u32]) -> [f32; DIMENSIONS] {
        let mut features = self.looked_up(pieces);
        let read = self.projected(&features, pieces.len());
        for (number, convolution) in self.convolutions.iter().enumerate() {
            let mut rows = vec![0.0; (pieces.len() + 2 * MARGIN) * CONV];
            for (row, read) in rows[MARGIN * CONV..]
                .chunks_exact_mut(CONV)
                .zip(read.chunks_exact(SEEN.len() * CONV))
            {
                row.copy_from_slice(&read[number * CONV..][..CONV]);
            }
            for layer in &convolution.layers {
                rows = layer.run(&rows, convolution.before);
            }
            for (feature, row) in features
                .chunks_exact_mut(FEATURES)
                .zip(rows[MARGIN * CONV..].chunks_exact(CONV))
            {
                feature[PIECE + number * CONV..][..CONV].copy_from_slice(row);
            }
        }
        let mut sum = [0.0; FEATURES];
        for row in features.chunks_exact_mut(FEATURES) {
            self.norm.run(row);
            sum.iter_mut().zip(row.iter()).for_each(|(sum, value)| *sum += value);
        }
        self.dense(&sum, pieces.len() as f32)
    }

    /// A row of [`FEATURES`] for each piece, of which the first part is filled.
    fn looked_up(&self, pieces: &[u32]) -> Vec<f32> {
        let mut features = vec![0.0; pieces.len() * FEATURES];
        for (feature, piece) in features.chunks_exact_mut(FEATURES).zip(pieces) {
            let (block, row) = (*piece as usize % BLOCKS, *piece as usize / BLOCKS);
            let row = &self.rows[(block * BLOCK_ROWS + row) * PIECE..][..PIECE];
            let (step, lowest) = (self.step[block], self.lowest[block]);
            for (value, steps) in feature.iter_mut().zip(row) {
                *value = f32::from(*steps) * step + lowest;
            }
        }
        features
    }

    /// What the convolutions read.
    fn projected(&self, features: &[f32], pieces: usize) -> Vec<f32> {
        let across = SEEN.len() * CONV;
        let mut read = vec![0.0; pieces * across];
        self.projection
            .multiply(features, FEATURES, pieces, |piece, output, products| {
                let read = &mut read[piece * across + output..][..products.len()];
                let bias = &self.projection_bias[output..][..products.len()];
                for ((read, product), bias) in read.iter_mut().zip(products).zip(bias) {
                    *read = product + bias;
                }
            });
        read.chunks_exact_mut(across).for_each(|row| self.read_norm.run(row));
        read
    }

    /// From the sum over the pieces to the vector.
    fn dense(&self, sum: &[f32], pieces: f32) -> [f32; DIMENSIONS] {
        let mut text = self.sum.times(sum);
        for (value, bias) in text.iter_mut().zip(&self.sum_bias) {
            *value = (*value + pieces * bias) / pieces.sqrt();
        }
        let first = positive(self.first.times(&text));
        let second = positive(added(self.second.times(&first), &self.second_past.times(&text)));
        let third = positive(self.third.times(&second));
        let last = added(self.last.times(&third), &self.last_past.times(&second));
        let mut out = [0.0; DIMENSIONS];
        out.iter_mut().zip(&last).for_each(|(out, value)| *out = value.tanh());
        let square: f32 = out.iter().map(|value| value * value).sum();
        let factor = square.max(self.smallest).sqrt().recip();
        out.iter_mut().for_each(|value| *value *= factor);
        out
    }
}

/// The three projections as one: a row for each number of a piece.
fn projection(arrays: &Arrays<'_>) -> Result<Vec<f32>, EncoderError> {
    let parts = SEEN
        .iter()
        .map(|(seen, _)| arrays.floats(&format!("proj{seen}"), &[PIECE, CONV]));
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    let rows = (0..PIECE).flat_map(|row| parts.iter().flat_map(move |part| &part[row * CONV..][..CONV]));
    Ok(rows.copied().collect())
}

fn side_by_side(arrays: &Arrays<'_>, name: &str) -> Result<Vec<f32>, EncoderError> {
    let parts = SEEN
        .iter()
        .map(|(seen, _)| arrays.floats(&format!("{name}{seen}"), &[CONV]));
    Ok(parts.collect::<Result<Vec<_>, _>>()?.concat())
}

fn positive(mut values: Vec<f32>) -> Vec<f32> {
    values.iter_mut().for_each(|value| *value = value.max(0.0));
    values
}

fn added(mut values: Vec<f32>, more: &[f32]) -> Vec<f32> {
    values.iter_mut().zip(more).for_each(|(value, more)| *value += more);
    values
}
