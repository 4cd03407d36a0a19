//! How long a turn takes: `speed FOLDER TEXT…`, the folder being that of the fetched files.
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Instant;

use sidetone_encoder::Encoder;

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = std::path::PathBuf::from(args.next().unwrap());
    let file = |name: &str| std::fs::read(folder.join(name)).unwrap();
    let (weights, pieces) = (file("weights.npz"), file("sp.model"));
    let began = Instant::now();
    let encoder = Encoder::open(&weights, &pieces).unwrap();
    println!("opened in {:?}", began.elapsed());
    for text in args {
        let mut times: Vec<_> = (0..100)
            .map(|_| {
                let began = Instant::now();
                std::hint::black_box(encoder.encode(&text));
                began.elapsed()
            })
            .collect();
        times.sort();
        let (characters, count) = (text.chars().count(), encoder.pieces(&text).len());
        println!(
            "{characters} characters, {count} pieces: best {:?} p50 {:?} p99 {:?}",
            times[0], times[50], times[98]
        );
    }
}
