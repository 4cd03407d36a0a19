//! Which models there are, where their files lie, and whether they are what they should be.

mod load;
mod manifest;
mod store;

pub use load::{SENTENCE_ENCODER, Wording, recogniser, recogniser_with, sentence_encoder, silero};
pub use manifest::{Engine, Manifest, Model, ModelFile, Wheel};
pub use store::{ModelStore, Status};

use std::path::PathBuf;

/// What stands between a name and a usable model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// The manifest is not TOML of the right shape.
    #[error("the model manifest cannot be read: {0}")]
    Manifest(String),
    /// The manifest has no such entry.
    #[error("no model is named {0}; `sidetone models list` shows those that are known")]
    Unknown(String),
    /// A file is not there.
    #[error("{path} is missing; run `sidetone models fetch {model}`")]
    Missing {
        /// The model's name.
        model: String,
        /// Where the file should be.
        path: PathBuf,
    },
    /// A file is not the one that the manifest describes.
    #[error("{path} is not the file that the manifest describes; delete it and run `sidetone models fetch {model}`")]
    Altered {
        /// The model's name.
        model: String,
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{path}: {error}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Its reason.
        error: std::io::Error,
    },
    /// The model is of another kind than what is asked of it.
    #[error("model {model} is for {is:?}")]
    Engine {
        /// The model's name.
        model: String,
        /// What it is for.
        is: Engine,
    },
    /// The library or the files refused.
    #[error(transparent)]
    Load(#[from] sidetone_speech::RecogniseError),
    /// The voice detector's weights are not as expected.
    #[error(transparent)]
    Silero(#[from] crate::SileroError),
    /// The sentence encoder's files are not as expected.
    #[error("{0}; run `sidetone models verify sentence-encoder`")]
    Encoder(#[from] sidetone_encoder::EncoderError),
    /// It has not been tried in a process of its own, or that process failed: the library ends the
    /// process on some files, which must not be the daemon's.
    #[error("model {0} is not known to load; run `sidetone models verify --load {0}`")]
    Untried(String),
}

#[cfg(test)]
mod tests;
