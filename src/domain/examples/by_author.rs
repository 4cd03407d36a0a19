//! Judges what is learned on turns of authors that were left out: `by_author PACK [FOLDER OF THE ENCODER]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use sidetone_domain::{Dialogue, Example, Meanings, Model, Pack, Speaker};
use sidetone_encoder::Encoder;

fn main() {
    let mut args = std::env::args().skip(1);
    let pack = args.next().unwrap();
    let meanings = args.next().map(|folder| {
        let file = |name: &str| std::fs::read(std::path::Path::new(&folder).join(name)).unwrap();
        let encoder = Encoder::open(&file("weights.npz"), &file("sp.model")).unwrap();
        let known = std::env::temp_dir().join("sidetone-by-author.meanings");
        let tell = |done, all| eprintln!("{done} of {all} texts are encoded");
        Arc::new(Meanings::new(Box::new(encoder), Some(known), tell))
    });
    let pack = Pack::load_with(std::path::Path::new(&pack), meanings.clone()).unwrap_or_else(|e| panic!("{e}"));
    let faults = std::env::var("FAULTS").is_ok();
    let only = std::env::var("ONLY").ok();
    let mut authors: BTreeMap<String, Vec<Example>> = BTreeMap::new();
    for example in pack.examples() {
        authors.entry(example.author.clone()).or_default().push(example.clone());
    }
    let mut all = [0usize; 12];
    // Files of turns that are no part of the pack: judged by what all of it teaches.
    let files: Vec<(String, Vec<Example>)> = std::env::var("TURNS").map_or_else(|_| Vec::new(), |paths| read(&paths));
    let judged: Vec<(&String, &Vec<Example>)> = match files.is_empty() {
        true => authors.iter().collect(),
        false => files.iter().map(|(name, turns)| (name, turns)).collect(),
    };
    for (left_out, turns) in judged {
        if only.as_ref().is_some_and(|only| only != left_out) {
            continue;
        }
        let rest: Vec<Example> = authors
            .iter()
            .filter(|(a, _)| *a != left_out)
            .flat_map(|(_, t)| t.clone())
            .collect();
        let began = Instant::now();
        let model = Model::train(pack.knowledge(), &rest, meanings.clone());
        let trained = began.elapsed();
        let mut n = [0usize; 12];
        let began = Instant::now();
        for turn in turns {
            let mut dialogue = Dialogue::default();
            for (speaker, text) in turn.turns_before() {
                match speaker {
                    Speaker::Caller => {
                        let reading = model.read(pack.knowledge(), &dialogue, text);
                        model.caller_spoke(&mut dialogue, reading);
                    }
                    Speaker::Agent => model.agent_spoke(&mut dialogue, text),
                }
            }
            let reading = model.read(pack.knowledge(), &dialogue, &turn.text);
            let right = |node: &str| turn.node.as_deref() == Some(node) || turn.also.iter().any(|a| a == node);
            let best = reading.likely.first().unwrap();
            if faults {
                let mass: f32 = reading
                    .likely
                    .iter()
                    .filter(|l| l.topic == best.topic)
                    .map(|l| l.share)
                    .sum();
                println!(
                    "TURN {} {} {:.4} {:.4} {:.4} {:.4}",
                    u8::from(turn.node.is_some()),
                    u8::from(right(&best.node)),
                    best.share,
                    reading.none,
                    mass,
                    reading.likely[1].share
                );
            }
            match &turn.node {
                Some(node) => {
                    n[0] += 1;
                    n[1] += usize::from(right(&best.node));
                    n[2] += usize::from(reading.likely.iter().take(3).any(|l| right(&l.node)));
                    n[3] += usize::from(reading.answers);
                    n[4] += usize::from(reading.answers && right(&best.node));
                    n[8] += usize::from(reading.answers && reading.likely.iter().take(3).any(|l| right(&l.node)));
                    let known = pack.knowledge().node(node);
                    n[5] += usize::from(known.is_some_and(|node| node.topic == best.topic));
                    n[9] += usize::from(reading.likely.iter().take(8).any(|l| right(&l.node)));
                    if faults && !(reading.answers && right(&best.node)) {
                        println!(
                            "{} want {node} got {} {:.2} none {:.2} | {:?} {}",
                            if reading.answers { "WRONG" } else { "SILENT" },
                            best.node,
                            best.share,
                            reading.none,
                            turn.before,
                            turn.text
                        );
                    }
                }
                None => {
                    if faults {
                        println!(
                            "NULL {:.2} {:.2} {} | {:?} {}",
                            best.share, reading.none, best.node, turn.before, turn.text
                        );
                    }
                    n[6] += 1;
                    n[7] += usize::from(reading.answers);
                    if faults && reading.answers {
                        println!(
                            "FALSE got {} {:.2} none {:.2} | {:?} {}",
                            best.node, best.share, reading.none, turn.before, turn.text
                        );
                    }
                }
            }
        }
        let each = began.elapsed() / turns.len() as u32;
        report(left_out, &n);
        println!("   trained {trained:?}, each turn {each:?}");
        for (a, b) in all.iter_mut().zip(n) {
            *a += b;
        }
    }
    report("all", &all);
}

/// Paths with `:` between them.
fn read(paths: &str) -> Vec<(String, Vec<Example>)> {
    let turn = |line: &str| {
        let mut row: serde_json::Value = serde_json::from_str(line).unwrap();
        let map = row.as_object_mut().unwrap();
        map.retain(|key, value| !matches!(key.as_str(), "id" | "person") && (!value.is_null() || key == "node"));
        serde_json::from_value(row).unwrap()
    };
    let file = |path: &str| {
        (
            path.to_owned(),
            std::fs::read_to_string(path).unwrap().lines().map(turn).collect(),
        )
    };
    paths.split(':').map(file).collect()
}

fn report(name: &str, n: &[usize; 12]) {
    let share = |a: usize, b: usize| a as f64 / b.max(1) as f64;
    println!(
        "{name}: n {} raw@1 {:.3} raw@3 {:.3} raw@8 {:.3} topic@1 {:.3} | shown@1 {:.3} recall@3 {:.3} precision {:.3} false push {:.3} ({})",
        n[0],
        share(n[1], n[0]),
        share(n[2], n[0]),
        share(n[9], n[0]),
        share(n[5], n[0]),
        share(n[4], n[0]),
        share(n[8], n[0]),
        share(n[4], n[3]),
        share(n[7], n[6]),
        n[6]
    );
}
