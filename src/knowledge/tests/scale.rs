//! A base of the real size: 500,000 nodes and 2,000,000 edges with `SIDETONE_SCALE_NODES=500000` in release; a
//! twenty-fifth of it by default, so that the test stays quick.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Write as _;
use std::time::Instant;

use sidetone_knowledge::{Direction, Knowledge, Relation};

const WORDS: [&str; 24] = [
    "失业", "保险", "养老", "转移", "工伤", "认定", "退休", "年龄", "缴费", "基数", "补贴", "申请", "材料", "时限",
    "仲裁", "投诉", "工资", "合同", "解除", "补偿", "职称", "评审", "账户", "待遇",
];

/// A fixed sequence that looks like chance.
fn next(state: &mut u64) -> usize {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

fn generate(nodes: usize, edges: usize) -> [(&'static str, String); 3] {
    let mut state = 12333;
    let mut rows = String::new();
    for at in 0..nodes {
        let mut words = || -> String {
            let rare = char::from_u32(0x4e00 + (next(&mut state) % 8000) as u32).unwrap();
            let other = char::from_u32(0x4e00 + (next(&mut state) % 8000) as u32).unwrap();
            format!(
                "{}{}{rare}{other}",
                WORDS[next(&mut state) % 24],
                WORDS[next(&mut state) % 24]
            )
        };
        let (title, asked) = (words(), words());
        writeln!(
            rows,
            r#"{{"id":"n.{at}","layer":"policy","topic":"t{}","title":"{title}","body":"{asked}{title}","asked_as":["{asked}"],"region":"370000","doc_title":"法","confidence":"A"}}"#,
            at % 14
        )
        .unwrap();
    }
    let mut ties = String::new();
    for _ in 0..edges {
        let from = next(&mut state) % nodes;
        let to = (from + 1 + next(&mut state) % (nodes - 1)) % nodes;
        writeln!(ties, r#"{{"from":"n.{from}","rel":"CITES","to":"n.{to}"}}"#).unwrap();
    }
    let mut topics = String::new();
    for (at, word) in WORDS.iter().take(14).enumerate() {
        writeln!(topics, r#"{{"id":"t{at}","name":"{word}","terms":["{word}"]}}"#).unwrap();
    }
    [("topics.jsonl", topics), ("nodes.jsonl", rows), ("edges.jsonl", ties)]
}

#[test]
fn a_base_of_real_size_loads_and_answers() {
    let nodes: usize = std::env::var("SIDETONE_SCALE_NODES").map_or(20_000, |text| text.parse().unwrap());
    let edges = nodes * 4;
    let sources = generate(nodes, edges);
    let begin = Instant::now();
    let kb = Knowledge::from_sources(sources).unwrap();
    let loaded = begin.elapsed();
    let stats = kb.stats();
    assert_eq!(stats.nodes, nodes);
    assert!(stats.edges > edges * 99 / 100, "{stats:?}");

    let view = kb.view("2026-03-02".parse().unwrap(), "370500");
    let mut times = Vec::new();
    for at in (0..nodes).step_by((nodes / 200).max(1)) {
        let node = &kb.nodes()[at];
        let begin = Instant::now();
        let hits = view.search(&format!("请问{}怎么办", node.asked_as[0]), 8);
        times.push(begin.elapsed());
        assert!(
            hits.iter().any(|hit| hit.node.id == node.id),
            "{} is not found",
            node.id
        );
    }
    times.sort();
    let begin = Instant::now();
    let mut seen = 0;
    for node in kb.nodes().iter().take(10_000) {
        for other in view.neighbours(node, Relation::Cites, Direction::Out) {
            seen += view.neighbours(other, Relation::Cites, Direction::In).len();
        }
    }
    println!(
        "{nodes} nodes, {edges} edges: load {loaded:?}, search p50 {:?} p99 {:?}, two hops from 10,000 nodes {:?} ({seen})",
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        begin.elapsed()
    );
    assert!(seen > 0);
}
