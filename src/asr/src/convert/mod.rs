//! Whisper from CTranslate2's model format (version 6) to ggml, quantised to q8_0.
//!
//! The only Whisper that a package registry carries today is in CTranslate2's form; the engine that
//! is fastest on a plain processor reads ggml. The conversion takes a second or two and is done once.

mod ct2;
mod ggml;
mod mel;
mod number;
mod tensors;
mod vocabulary;

use std::io::Write;

/// Why a model could not be converted. Names the part of the file, never panics on one.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The file ends inside something.
    #[error("the model file ends inside {0}")]
    Truncated(&'static str),
    /// Written by another version of the format.
    #[error("the model file has format version {0}; version 6 is understood")]
    Version(u32),
    /// Not a Whisper.
    #[error("the model file holds a {0:?}, not a WhisperSpec")]
    Spec(String),
    /// A variable that every Whisper has is not there.
    #[error("the model file lacks {0}")]
    Missing(String),
    /// A variable is there, in a form that is not understood.
    #[error("{name} in the model file {what}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The vocabulary does not belong to the model.
    #[error("the vocabulary {0}")]
    Vocabulary(&'static str),
    /// The result could not be written.
    #[error("the converted model cannot be written: {0}")]
    Write(#[from] std::io::Error),
}

/// Converts a whole model.
///
/// `model` is the joined `model.bin`, `vocabulary` the text of `vocabulary.txt`.
///
/// # Errors
/// When either input is not what it should be, or `out` fails. `out` then holds rubbish.
pub fn convert(model: &[u8], vocabulary: &str, out: &mut impl Write) -> Result<(), ConvertError> {
    let source = ct2::Model::parse(model)?;
    let words = vocabulary::words(vocabulary)?;
    let plan = tensors::plan(&source)?;
    if words.len() > plan.shape.n_vocab as usize {
        return Err(ConvertError::Vocabulary("has more entries than the model"));
    }
    ggml::write_header(out, &plan.shape)?;
    ggml::write_filters(out, plan.shape.n_mels as usize)?;
    ggml::write_vocabulary(out, &words)?;
    for tensor in &plan.tensors {
        ggml::write_tensor(out, tensor)?;
    }
    out.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests;
