//! Writes ggml's Whisper file: header, mel filters, vocabulary, tensors.

use std::io::Write;

use super::ConvertError;
use super::mel;
use super::number::{BLOCK, f32_to_f16, quantise_q8_0};
use super::tensors::{Shape, Storage, Tensor};

const MAGIC: u32 = 0x6767_6d6c;
/// Quantisation version 2, `MOSTLY_Q8_0`.
const FTYPE_Q8_0: u32 = 2_007;
/// ggml's numbers of its tensor types.
const TYPE_F32: u32 = 0;
const TYPE_F16: u32 = 1;
const TYPE_Q8_0: u32 = 8;
/// Numbers that are converted at a time; a multiple of the block.
const CHUNK: usize = 1_024 * BLOCK;

fn put(out: &mut impl Write, number: u32) -> Result<(), ConvertError> {
    Ok(out.write_all(&number.to_le_bytes())?)
}

pub(super) fn write_header(out: &mut impl Write, shape: &Shape) -> Result<(), ConvertError> {
    let fields = [
        MAGIC,
        shape.n_vocab,
        shape.n_audio_ctx,
        shape.n_state,
        shape.n_audio_head,
        shape.n_audio_layer,
        shape.n_text_ctx,
        shape.n_state,
        shape.n_text_head,
        shape.n_text_layer,
        shape.n_mels,
        FTYPE_Q8_0,
    ];
    fields.into_iter().try_for_each(|field| put(out, field))
}

pub(super) fn write_filters(out: &mut impl Write, bands: usize) -> Result<(), ConvertError> {
    put(out, bands as u32)?;
    put(out, mel::BINS as u32)?;
    for weight in mel::filters(bands) {
        out.write_all(&weight.to_le_bytes())?;
    }
    Ok(())
}

pub(super) fn write_vocabulary(out: &mut impl Write, words: &[Vec<u8>]) -> Result<(), ConvertError> {
    put(out, words.len() as u32)?;
    for word in words {
        put(out, word.len() as u32)?;
        out.write_all(word)?;
    }
    Ok(())
}

pub(super) fn write_tensor(out: &mut impl Write, tensor: &Tensor<'_>) -> Result<(), ConvertError> {
    put(out, tensor.dims.len() as u32)?;
    put(out, tensor.name.len() as u32)?;
    put(
        out,
        match tensor.storage {
            Storage::F32 => TYPE_F32,
            Storage::F16 => TYPE_F16,
            Storage::Q8_0 => TYPE_Q8_0,
        },
    )?;
    for &dim in tensor.dims.iter().rev() {
        put(out, dim as u32)?;
    }
    out.write_all(tensor.name.as_bytes())?;
    let mut bytes = Vec::with_capacity(CHUNK * 4);
    for values in tensor.chunks(CHUNK) {
        bytes.clear();
        match tensor.storage {
            Storage::F32 => bytes.extend(values.iter().flat_map(|value| value.to_le_bytes())),
            Storage::F16 => bytes.extend(values.iter().flat_map(|&value| f32_to_f16(value).to_le_bytes())),
            Storage::Q8_0 => quantise_q8_0(&values, &mut bytes),
        }
        out.write_all(&bytes)?;
    }
    Ok(())
}
