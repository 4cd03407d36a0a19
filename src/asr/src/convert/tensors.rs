//! Which variable becomes which tensor, and how it is stored.

use super::ConvertError;
use super::ct2::{Dtype, Model, Variable};
use super::number::{BLOCK, f16_to_f32};

/// How ggml stores a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Storage {
    F32,
    F16,
    Q8_0,
}

/// One tensor to write: rows of a variable under a new name.
#[derive(Debug)]
pub(super) struct Tensor<'a> {
    pub(super) name: String,
    /// Slowest dimension first.
    pub(super) dims: Vec<usize>,
    pub(super) storage: Storage,
    dtype: Dtype,
    data: &'a [u8],
}

impl Tensor<'_> {
    /// The numbers, at most `count` at a time.
    pub(super) fn chunks(&self, count: usize) -> impl Iterator<Item = Vec<f32>> {
        let size = self.dtype.size();
        self.data.chunks(count * size).map(move |chunk| {
            chunk
                .chunks_exact(size)
                .map(|number| match *number {
                    [a, b] => f16_to_f32(u16::from_le_bytes([a, b])),
                    [a, b, c, d] => f32::from_le_bytes([a, b, c, d]),
                    _ => 0.0,
                })
                .collect()
        })
    }
}

/// The numbers in ggml's header.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) n_vocab: u32,
    pub(super) n_audio_ctx: u32,
    pub(super) n_state: u32,
    pub(super) n_audio_head: u32,
    pub(super) n_audio_layer: u32,
    pub(super) n_text_ctx: u32,
    pub(super) n_text_head: u32,
    pub(super) n_text_layer: u32,
    pub(super) n_mels: u32,
}

/// Everything that goes into the file.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) shape: Shape,
    pub(super) tensors: Vec<Tensor<'a>>,
}

/// The whole mapping, checked against the model's shapes.
pub(super) fn plan<'a>(model: &'a Model<'a>) -> Result<Plan<'a>, ConvertError> {
    let mut planner = Planner {
        model,
        tensors: Vec::new(),
    };
    let shape = planner.shape()?;
    planner.encoder(&shape)?;
    planner.decoder(&shape)?;
    Ok(Plan {
        shape,
        tensors: planner.tensors,
    })
}

struct Planner<'a> {
    model: &'a Model<'a>,
    tensors: Vec<Tensor<'a>>,
}

impl<'a> Planner<'a> {
    fn shape(&self) -> Result<Shape, ConvertError> {
        let dim = |name: &str, index: usize| -> Result<u32, ConvertError> {
            let dims = &self.model.get(name)?.dims;
            dims.get(index)
                .map(|&dim| dim as u32)
                .ok_or_else(|| wrong(name, "has too few dimensions"))
        };
        let layers = |side: &str| {
            (0..)
                .take_while(|layer| self.model.has(&format!("{side}/layer_{layer}/ffn/linear_0/weight")))
                .count() as u32
        };
        Ok(Shape {
            n_vocab: dim("decoder/embeddings/weight", 0)?,
            n_audio_ctx: dim("encoder/position_encodings/encodings", 0)?,
            n_state: dim("decoder/embeddings/weight", 1)?,
            n_audio_head: self.scalar("encoder/num_heads")?,
            n_audio_layer: layers("encoder"),
            n_text_ctx: dim("decoder/position_encodings/encodings", 0)?,
            n_text_head: self.scalar("decoder/num_heads")?,
            n_text_layer: layers("decoder"),
            n_mels: dim("encoder/conv1/weight", 1)?,
        })
    }

    fn scalar(&self, name: &str) -> Result<u32, ConvertError> {
        let variable = self.model.get(name)?;
        match (variable.dtype, variable.data) {
            (Dtype::I8, &[a]) => Ok(u32::from(a)),
            (Dtype::I16, &[a, b]) => Ok(u32::from(u16::from_le_bytes([a, b]))),
            (Dtype::I32, &[a, b, c, d]) => Ok(u32::from_le_bytes([a, b, c, d])),
            _ => Err(wrong(name, "is not a whole number")),
        }
    }

    fn encoder(&mut self, shape: &Shape) -> Result<(), ConvertError> {
        for conv in ["conv1", "conv2"] {
            self.copy(
                &format!("encoder/{conv}/weight"),
                format!("encoder.{conv}.weight"),
                Storage::F16,
            )?;
            self.copy(
                &format!("encoder/{conv}/bias"),
                format!("encoder.{conv}.bias"),
                Storage::F32,
            )?;
            // ggml wants the bias as a column.
            if let Some(bias) = self.tensors.last_mut() {
                bias.dims.push(1);
            }
        }
        self.positions("encoder")?;
        self.norm("encoder/layer_norm", "encoder.ln_post")?;
        for layer in 0..shape.n_audio_layer {
            self.block(&format!("encoder/layer_{layer}"), &format!("encoder.blocks.{layer}"))?;
        }
        Ok(())
    }

    fn decoder(&mut self, shape: &Shape) -> Result<(), ConvertError> {
        self.copy(
            "decoder/embeddings/weight",
            "decoder.token_embedding.weight".to_owned(),
            Storage::Q8_0,
        )?;
        self.positions("decoder")?;
        self.norm("decoder/layer_norm", "decoder.ln")?;
        for layer in 0..shape.n_text_layer {
            let (from, to) = (format!("decoder/layer_{layer}"), format!("decoder.blocks.{layer}"));
            self.block(&from, &to)?;
            self.norm(&format!("{from}/attention/layer_norm"), &format!("{to}.cross_attn_ln"))?;
            self.split(&format!("{from}/attention/linear_0"), &to, &["cross_attn.query"])?;
            self.split(
                &format!("{from}/attention/linear_1"),
                &to,
                &["cross_attn.key", "cross_attn.value"],
            )?;
            self.split(&format!("{from}/attention/linear_2"), &to, &["cross_attn.out"])?;
        }
        Ok(())
    }

    /// What encoder and decoder layers share: self-attention and the feed-forward part.
    fn block(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        self.norm(&format!("{from}/self_attention/layer_norm"), &format!("{to}.attn_ln"))?;
        let fused = format!("{from}/self_attention/linear_0");
        self.split(&fused, to, &["attn.query", "attn.key", "attn.value"])?;
        self.split(&format!("{from}/self_attention/linear_1"), to, &["attn.out"])?;
        self.norm(&format!("{from}/ffn/layer_norm"), &format!("{to}.mlp_ln"))?;
        self.split(&format!("{from}/ffn/linear_0"), to, &["mlp.0"])?;
        self.split(&format!("{from}/ffn/linear_1"), to, &["mlp.2"])
    }

    fn positions(&mut self, side: &str) -> Result<(), ConvertError> {
        let name = format!("{side}.positional_embedding");
        self.copy(&format!("{side}/position_encodings/encodings"), name, Storage::F32)
    }

    fn norm(&mut self, from: &str, to: &str) -> Result<(), ConvertError> {
        self.copy(&format!("{from}/gamma"), format!("{to}.weight"), Storage::F32)?;
        self.copy(&format!("{from}/beta"), format!("{to}.bias"), Storage::F32)
    }

    /// A linear layer whose rows belong to several tensors, in equal parts.
    fn split(&mut self, from: &str, to: &str, parts: &[&str]) -> Result<(), ConvertError> {
        for (kind, storage) in [("weight", Storage::Q8_0), ("bias", Storage::F32)] {
            let source = format!("{from}/{kind}");
            let variable = self.model.get(&source)?;
            let rows = variable.dims.first().copied().unwrap_or(0);
            if rows == 0 || rows % parts.len() != 0 {
                return Err(wrong(&source, "cannot be divided into its parts"));
            }
            let bytes = variable.data.len() / parts.len();
            for (part, data) in parts.iter().zip(variable.data.chunks(bytes.max(1))) {
                // Whisper's keys have no bias; CTranslate2 stores zeros for it.
                if kind == "bias" && part.ends_with("key") {
                    continue;
                }
                let mut dims = variable.dims.clone();
                if let Some(first) = dims.first_mut() {
                    *first = rows / parts.len();
                }
                self.push(
                    &source,
                    format!("{to}.{part}.{kind}"),
                    dims,
                    storage,
                    variable.dtype,
                    data,
                )?;
            }
        }
        Ok(())
    }

    fn copy(&mut self, from: &str, to: String, storage: Storage) -> Result<(), ConvertError> {
        let Variable { dims, dtype, data } = self.model.get(from)?;
        self.push(from, to, dims.clone(), storage, *dtype, data)
    }

    fn push(
        &mut self,
        source: &str,
        name: String,
        dims: Vec<usize>,
        storage: Storage,
        dtype: Dtype,
        data: &'a [u8],
    ) -> Result<(), ConvertError> {
        if !matches!(dtype, Dtype::F16 | Dtype::F32) {
            return Err(wrong(source, "is quantised already; a float16 model is needed"));
        }
        if storage == Storage::Q8_0 && dims.last().is_none_or(|&row| row % BLOCK != 0) {
            return Err(wrong(source, "has rows that are no multiple of 32"));
        }
        self.tensors.push(Tensor {
            name,
            dims,
            storage,
            dtype,
            data,
        });
        Ok(())
    }
}

fn wrong(name: &str, what: &'static str) -> ConvertError {
    ConvertError::Variable {
        name: name.to_owned(),
        what,
    }
}
