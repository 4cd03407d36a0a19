use super::*;

/// Builds a tiny Whisper: one layer on each side, 32 wide.
struct Tiny {
    bytes: Vec<u8>,
    count: u32,
}

const WIDE: usize = 32;
const VOCABULARY: &str = "!\nĠthe\n\n<|endoftext|>\n<|startoftranscript|>\n";

impl Tiny {
    fn variable(&mut self, name: &str, dims: &[usize], dtype: u8, data: &[u8]) {
        self.text(name);
        self.bytes.push(dims.len() as u8);
        for dim in dims {
            self.bytes.extend((*dim as u32).to_le_bytes());
        }
        self.bytes.push(dtype);
        self.bytes.extend((data.len() as u32).to_le_bytes());
        self.bytes.extend(data);
        self.count += 1;
    }

    fn text(&mut self, text: &str) {
        self.bytes.extend((text.len() as u16 + 1).to_le_bytes());
        self.bytes.extend(text.as_bytes());
        self.bytes.push(0);
    }

    /// Floats 0, 1, 2 … so that a row can be told from another.
    fn floats(&mut self, name: &str, dims: &[usize]) {
        let count: usize = dims.iter().product();
        let data: Vec<u8> = (0..count).flat_map(|n| (n as f32).to_le_bytes()).collect();
        self.variable(name, dims, 0, &data);
    }

    fn linear(&mut self, name: &str, rows: usize, columns: usize) {
        self.floats(&format!("{name}/weight"), &[rows, columns]);
        self.floats(&format!("{name}/bias"), &[rows]);
    }

    fn norm(&mut self, name: &str) {
        self.floats(&format!("{name}/gamma"), &[WIDE]);
        self.floats(&format!("{name}/beta"), &[WIDE]);
    }

    fn build(version: u32, spec: &str, without: &str) -> Vec<u8> {
        let mut tiny = Self {
            bytes: Vec::new(),
            count: 0,
        };
        for side in ["encoder", "decoder"] {
            tiny.variable(&format!("{side}/num_heads"), &[], 2, &2i16.to_le_bytes());
            tiny.norm(&format!("{side}/layer_norm"));
            tiny.floats(&format!("{side}/position_encodings/encodings"), &[4, WIDE]);
            let layer = format!("{side}/layer_0");
            tiny.norm(&format!("{layer}/self_attention/layer_norm"));
            tiny.linear(&format!("{layer}/self_attention/linear_0"), 3 * WIDE, WIDE);
            tiny.linear(&format!("{layer}/self_attention/linear_1"), WIDE, WIDE);
            tiny.norm(&format!("{layer}/ffn/layer_norm"));
            tiny.linear(&format!("{layer}/ffn/linear_0"), 4 * WIDE, WIDE);
            tiny.linear(&format!("{layer}/ffn/linear_1"), WIDE, 4 * WIDE);
        }
        tiny.norm("decoder/layer_0/attention/layer_norm");
        tiny.linear("decoder/layer_0/attention/linear_0", WIDE, WIDE);
        tiny.linear("decoder/layer_0/attention/linear_1", 2 * WIDE, WIDE);
        tiny.linear("decoder/layer_0/attention/linear_2", WIDE, WIDE);
        for (conv, inputs) in [("conv1", 80), ("conv2", WIDE)] {
            tiny.floats(&format!("encoder/{conv}/weight"), &[WIDE, inputs, 3]);
            tiny.floats(&format!("encoder/{conv}/bias"), &[WIDE]);
        }
        if without != "decoder/embeddings/weight" {
            tiny.floats("decoder/embeddings/weight", &[5, WIDE]);
        }
        let mut head = Self {
            bytes: version.to_le_bytes().to_vec(),
            count: 0,
        };
        head.text(spec);
        head.bytes.extend(3u32.to_le_bytes());
        head.bytes.extend(tiny.count.to_le_bytes());
        head.bytes.extend(tiny.bytes);
        head.bytes.extend(0u32.to_le_bytes());
        head.bytes
    }

    fn good() -> Vec<u8> {
        Self::build(6, "WhisperSpec", "")
    }
}

fn plan_names(model: &[u8]) -> Vec<(String, Vec<usize>, tensors::Storage)> {
    let source = ct2::Model::parse(model).unwrap();
    let plan = tensors::plan(&source).unwrap();
    plan.tensors
        .iter()
        .map(|tensor| (tensor.name.clone(), tensor.dims.clone(), tensor.storage))
        .collect()
}

#[test]
fn every_tensor_that_whisper_cpp_asks_for_is_written_once() {
    let model = Tiny::good();
    let tensors = plan_names(&model);
    // 10 outside of the layers, 15 in an encoder's and 24 in a decoder's.
    let mut names: Vec<&str> = tensors.iter().map(|(name, ..)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!((names.len(), tensors.len()), (4 + 1 + 2 + 15 + 1 + 1 + 2 + 24, 50));
    assert!(!names.iter().any(|name| name.ends_with("key.bias")));
}

#[test]
fn fused_rows_are_taken_apart_and_stored_as_ggml_wants_them() {
    use tensors::Storage::{F16, F32, Q8_0};
    let tensors = plan_names(&Tiny::good());
    let of = |name: &str| {
        tensors
            .iter()
            .find(|(n, ..)| n == name)
            .map(|(_, dims, storage)| (dims.clone(), *storage))
    };
    assert_eq!(of("encoder.blocks.0.attn.value.weight"), Some((vec![WIDE, WIDE], Q8_0)));
    assert_eq!(
        of("decoder.blocks.0.cross_attn.key.weight"),
        Some((vec![WIDE, WIDE], Q8_0))
    );
    assert_eq!(of("encoder.conv1.weight"), Some((vec![WIDE, 80, 3], F16)));
    assert_eq!(of("encoder.conv1.bias"), Some((vec![WIDE, 1], F32)));
    assert_eq!(of("decoder.positional_embedding"), Some((vec![4, WIDE], F32)));

    let model = Tiny::good();
    let source = ct2::Model::parse(&model).unwrap();
    let plan = tensors::plan(&source).unwrap();
    let value = plan
        .tensors
        .iter()
        .find(|tensor| tensor.name == "encoder.blocks.0.attn.value.bias")
        .unwrap();
    assert_eq!(value.chunks(1_000).next().unwrap()[0], 2.0 * WIDE as f32);
}

#[test]
fn the_file_has_the_length_that_its_parts_add_up_to() {
    let mut out = Vec::new();
    convert(&Tiny::good(), VOCABULARY, &mut out).unwrap();
    assert_eq!(&out[..4], b"lmgg");
    let words: usize = ["!", " the", ""].iter().map(|word| 4 + word.len()).sum();
    let tensors: usize = plan_names(&Tiny::good())
        .iter()
        .map(|(name, dims, storage)| {
            let count: usize = dims.iter().product();
            let data = match storage {
                tensors::Storage::F32 => count * 4,
                tensors::Storage::F16 => count * 2,
                tensors::Storage::Q8_0 => count / 32 * 34,
            };
            12 + 4 * dims.len() + name.len() + data
        })
        .sum();
    assert_eq!(out.len(), 12 * 4 + 8 + 80 * mel::BINS * 4 + 4 + words + tensors);
}

#[test]
fn whatever_is_cut_off_is_an_error_and_not_a_panic() {
    let model = Tiny::good();
    for length in (0..model.len() - 8).step_by(97) {
        assert!(
            convert(&model[..length], VOCABULARY, &mut Vec::new()).is_err(),
            "{length}"
        );
    }
}

#[test]
fn a_damaged_byte_is_never_a_panic() {
    let model = Tiny::good();
    for at in (0..2_000).chain((2_000..model.len()).step_by(1_009)) {
        let mut damaged = model.clone();
        damaged[at] ^= 0xff;
        let _ = convert(&damaged, VOCABULARY, &mut std::io::sink());
    }
}

#[test]
fn other_models_are_named_in_the_error() {
    let error = |model: &[u8], words: &str| convert(model, words, &mut Vec::new()).unwrap_err().to_string();
    assert!(error(&Tiny::build(5, "WhisperSpec", ""), VOCABULARY).contains("version 5"));
    assert!(error(&Tiny::build(6, "TransformerSpec", ""), VOCABULARY).contains("TransformerSpec"));
    let without = Tiny::build(6, "WhisperSpec", "decoder/embeddings/weight");
    assert!(error(&without, VOCABULARY).contains("decoder/embeddings/weight"));
    assert!(error(&Tiny::good(), "a\nb\nc\nd\ne\nf\n<|endoftext|>").contains("more entries"));
}
