//! A sentence encoder: from a text to a vector, such that texts that mean the same have vectors close to each other.
//!
//! It is the multilingual Universal Sentence Encoder (version 3): pieces of words, convolutions over two, three and five of
//! them, a sum, four dense layers. The weights are fetched (`models/manifest.toml`) and are not part of the program.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

mod archive;
mod array;
mod matrix;
mod network;
mod normaliser;
mod pieces;
mod wire;

use network::Network;
use pieces::Pieces;

/// Values of a vector.
pub const DIMENSIONS: usize = 512;

/// More pieces than any turn has. The rest of a longer text is left out: what a vector costs is bounded.
const MOST_PIECES: usize = 384;

/// Why weights or pieces are not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EncoderError {
    /// The file of weights is no zip archive, or a damaged one.
    #[error("the encoder's weights are no sound .npz file: {0}")]
    Archive(&'static str),
    /// An array is missing, damaged, or has another shape than the network.
    #[error("the encoder's weights: array {name}: {reason}")]
    Array {
        /// The array.
        name: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// The file of pieces is damaged.
    #[error("the encoder's pieces are no sound sentencepiece model: {0}")]
    Pieces(&'static str),
}

/// The encoder. It holds some 80 MB and keeps no state: threads may share it.
pub struct Encoder {
    pieces: Pieces,
    network: Network,
    fingerprint: u64,
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Encoder")
            .field("pieces", &self.pieces.len())
            .finish_non_exhaustive()
    }
}

impl Encoder {
    /// Reads both files: `weights.npz` and `sp.model`. Takes about half a second.
    ///
    /// # Errors
    /// When a file is damaged or of another model.
    pub fn open(weights: &[u8], pieces: &[u8]) -> Result<Self, EncoderError> {
        let fingerprint = fingerprint(weights) ^ fingerprint(pieces).rotate_left(1);
        let pieces = Pieces::read(pieces)?;
        let network = Network::read(weights)?;
        if network.rows() < pieces.len() {
            return Err(EncoderError::Pieces("there are more of them than the weights know"));
        }
        Ok(Self {
            pieces,
            network,
            fingerprint,
        })
    }

    /// The vector of a text; its length is 1.
    #[must_use]
    pub fn encode(&self, text: &str) -> [f32; DIMENSIONS] {
        let mut pieces = self.pieces(text);
        if pieces.len() > MOST_PIECES {
            pieces.drain(MOST_PIECES - 1..pieces.len() - 1);
        }
        self.network.encode(&pieces)
    }

    /// The same for the same files: vectors of two encoders must not be compared.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The numbers of a text's pieces, between those of its beginning and its end.
    #[must_use]
    pub fn pieces(&self, text: &str) -> Vec<u32> {
        self.pieces.of(text)
    }
}

/// FNV-1a over words of eight bytes.
fn fingerprint(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let words = words.iter().map(|word| u64::from_le_bytes(*word));
    words
        .chain(rest.iter().copied().map(u64::from))
        .fold(0xcbf2_9ce4_8422_2325, |hash, word| {
            (hash ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
        })
}
