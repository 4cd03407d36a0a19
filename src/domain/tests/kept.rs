//! What is learned from a pack is kept in a file and read from it while the pack is the same.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use sidetone_domain::{Dialogue, Example, Origin, Pack};

struct State(PathBuf);

impl State {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sidetone-learned-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn pack(&self) -> Pack {
        Pack::load(Path::new("../../knowledge/it-helpdesk"))
            .unwrap()
            .kept_in(&self.0)
    }

    fn file(&self) -> PathBuf {
        self.0.join("learned-by-words")
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn shares(pack: &Pack) -> Vec<(String, f32)> {
    let reading = pack.read(&Dialogue::default(), "电脑连不上网了怎么办");
    let likely = reading.likely.into_iter();
    likely.map(|likely| (likely.node, likely.share)).collect()
}

#[test]
fn the_same_pack_is_learned_once_and_reads_the_same() {
    let state = State::new("once");
    let first = state.pack();
    assert_eq!(first.learn(), Origin::Learned);
    let again = state.pack();
    assert_eq!(again.learn(), Origin::File);
    assert_eq!(shares(&first), shares(&again));
    // Another pack writes over it.
    let folder = Path::new("../../knowledge/12329");
    assert_eq!(Pack::load(folder).unwrap().kept_in(&state.0).learn(), Origin::Learned);
    assert_eq!(state.pack().learn(), Origin::Learned);
}

#[test]
fn other_examples_are_learned_anew() {
    let state = State::new("examples");
    assert_eq!(state.pack().learn(), Origin::Learned);
    let mut examples: Vec<Example> = state.pack().examples().to_vec();
    examples.pop();
    let fewer = state.pack().with_examples(examples).kept_in(&state.0);
    assert_eq!(fewer.learn(), Origin::Learned);
}

#[test]
fn a_damaged_file_is_said_and_learned_anew() {
    let state = State::new("damaged");
    let right = state.pack();
    assert_eq!(right.learn(), Origin::Learned);
    let bytes = std::fs::read(state.file()).unwrap();
    for damage in [
        bytes[..bytes.len() / 2].to_vec(),
        Vec::new(),
        bytes.iter().map(|byte| byte ^ 1).collect(),
    ] {
        std::fs::write(state.file(), damage).unwrap();
        let pack = state.pack();
        assert_eq!(pack.learn(), Origin::Damaged);
        assert_eq!(shares(&right), shares(&pack));
        assert_eq!(state.pack().learn(), Origin::File);
    }
}
