//! Against the Python package that the weights come from: the same pieces, and vectors as close as rounding allows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::Path;
use std::sync::LazyLock;

use serde::Deserialize;
use sidetone_encoder::{DIMENSIONS, Encoder};

#[derive(Deserialize)]
struct Golden {
    text: String,
    pieces: Vec<u32>,
    /// In ten thousandths.
    #[serde(default)]
    vector: Vec<i16>,
}

fn golden() -> Vec<Golden> {
    let rows = include_str!("data/golden.jsonl").lines();
    rows.map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// The files that `sidetone models fetch` brings.
fn file(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models/cache/sentence-encoder")
        .join(name);
    let fetch = "cargo run -p sidetone-app -- models fetch sentence-encoder";
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; get it with `{fetch}`", path.display()))
}

static ENCODER: LazyLock<Encoder> = LazyLock::new(|| Encoder::open(&file("weights.npz"), &file("sp.model")).unwrap());

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn texts_are_cut_into_the_same_pieces() {
    let golden = golden();
    assert_eq!(golden.len(), 200);
    for row in golden {
        assert_eq!(ENCODER.pieces(&row.text), row.pieces, "{:?}", row.text);
    }
}

#[test]
fn vectors_are_the_same() {
    let golden: Vec<Golden> = golden().into_iter().filter(|row| !row.vector.is_empty()).collect();
    assert_eq!(golden.len(), 20);
    for row in golden {
        let vector: Vec<f32> = row.vector.iter().map(|value| f32::from(*value)).collect();
        assert_eq!(vector.len(), DIMENSIONS);
        let ours = ENCODER.encode(&row.text);
        assert!((ours.iter().map(|value| value * value).sum::<f32>() - 1.0).abs() < 1e-4);
        let cosine = cosine(&ours, &vector);
        assert!(cosine > 0.9999, "{}: {cosine}", row.text);
    }
}

#[test]
fn a_text_without_end_costs_no_more_than_a_long_one() {
    let vector = |count: usize| ENCODER.encode(&"养老金什么时候发。".repeat(count));
    assert!(vector(10_000).iter().all(|value| value.is_finite()));
    assert_eq!(vector(1_000), vector(10_000));
}

#[test]
fn damaged_files_are_refused() {
    let (weights, pieces) = (file("weights.npz"), file("sp.model"));
    for keep in [0, 1, pieces.len() / 3, pieces.len() - 1] {
        Encoder::open(&weights, &pieces[..keep]).unwrap_err();
    }
    for keep in [0, 22, weights.len() / 2, weights.len() - 1] {
        Encoder::open(&weights[..keep], &pieces).unwrap_err();
    }
    Encoder::open(&pieces, &weights).unwrap_err();
}
