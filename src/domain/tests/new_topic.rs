//! An administrator adds a topic with three nodes and twenty example turns to the sample pack: it is heard in words that
//! the examples do not have, and what was heard before still is. No Rust is touched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use sidetone_domain::{Dialogue, Pack};

/// The sample pack and this test's own files, in a folder of its own.
fn pack() -> Pack {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir: PathBuf = std::env::temp_dir().join(format!("sidetone-new-topic-{}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    std::fs::create_dir_all(&dir).unwrap();
    copy(&root.join("../../knowledge/12333"), &dir);
    copy(&root.join("tests/data/new-topic"), &dir);
    let pack = Pack::load(&dir).unwrap_or_else(|faults| panic!("{faults}"));
    std::fs::remove_dir_all(&dir).unwrap();
    pack
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(&place).unwrap();
            copy(&path, &place);
        } else {
            std::fs::copy(&path, place).unwrap();
        }
    }
}

#[test]
fn a_new_topic_is_heard_in_words_that_no_example_has() {
    let pack = pack();
    let mut missed = Vec::new();
    let turns =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/new-topic.tsv")).unwrap();
    let turns: Vec<(&str, &str)> = turns.lines().filter_map(|line| line.split_once('\t')).collect();
    for (wanted, text) in &turns {
        let reading = pack.read(&Dialogue::default(), text);
        let best = reading.likely.first().map_or("", |best| best.node.as_str());
        if best != *wanted || !reading.answers {
            missed.push(format!("{text}: {best}, answers: {}", reading.answers));
        }
    }
    // It is learned, not listed, and by words alone: one in three may be missed.
    assert!(turns.len() >= 12 && missed.len() * 3 <= turns.len(), "{missed:#?}");
}
