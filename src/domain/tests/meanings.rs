//! A sentence encoder beside the words: what it costs, and that it is used.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sidetone_domain::{Dialogue, Encode, Meanings, Pack, Vector};

/// Hears that a text is about rain, in whatever words, and counts what it is asked.
struct Rain {
    asked: Arc<AtomicUsize>,
    fingerprint: u64,
}

impl Encode for Rain {
    fn encode(&self, text: &str) -> Vector {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let wet = text.chars().any(|c| "雨湿伞淋".contains(c));
        let mut vector = [0.0; 512];
        vector[usize::from(wet)] = 0.8;
        vector[2 + text.len() % 500] = 0.6;
        vector
    }

    fn fingerprint(&self) -> u64 {
        self.fingerprint
    }
}

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    /// A pack of two nodes.
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sidetone-meanings-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333/pack.toml");
        std::fs::copy(sample, path.join("pack.toml")).unwrap();
        let folder = Self(path);
        folder.write("topics.jsonl", &[r#"{"id":"weather","name":"天气","terms":["天气"]}"#]);
        folder.write(
            "nodes.jsonl",
            &[
                r#"{"id":"biz.rain","topic":"weather","layer":"business","title":"下雨","body":"下雨就带伞。","asked_as":["会下雨吗","要带伞吗"],"intents":["definition"],"region":"000000","effective_from":"2020-01-01","doc_no":"","doc_title":"样例","confidence":"D"}"#,
                r#"{"id":"biz.wind","topic":"weather","layer":"business","title":"刮风","body":"刮风就关窗。","asked_as":["风大不大","会刮风吗"],"intents":["definition"],"region":"000000","effective_from":"2020-01-01","doc_no":"","doc_title":"样例","confidence":"D"}"#,
            ],
        );
        folder
    }

    fn write(&self, name: &str, rows: &[&str]) {
        std::fs::write(self.0.join(name), rows.join("\n")).unwrap();
    }

    fn vectors(&self) -> PathBuf {
        self.0.join("state/vectors")
    }

    fn load(&self, fingerprint: u64) -> (Pack, usize) {
        let asked = Arc::new(AtomicUsize::new(0));
        let rain = Rain {
            asked: Arc::clone(&asked),
            fingerprint,
        };
        let meanings = Arc::new(Meanings::new(Box::new(rain), Some(self.vectors()), |_, _| {}));
        let pack = Pack::load_with(&self.0, Some(meanings)).unwrap_or_else(|faults| panic!("{faults}"));
        pack.learn();
        (pack, asked.load(Ordering::Relaxed))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn only_new_texts_are_encoded() {
    let folder = Folder::new("new");
    // A title, a body and two questions of each node.
    assert_eq!(folder.load(1).1, 8);
    assert_eq!(folder.load(1).1, 0);
    let example = |at| format!(r#"{{"text":"第{at}天有没有风","node":"biz.wind","author":"a"}}"#);
    let examples: Vec<String> = (10..30).map(example).collect();
    folder.write(
        "examples.jsonl",
        &examples.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    assert_eq!(folder.load(1).1, 20);
    assert_eq!(folder.load(1).1, 0);
}

#[test]
fn vectors_of_another_encoder_or_of_a_damaged_file_are_not_taken() {
    let folder = Folder::new("damaged");
    folder.load(1);
    assert_eq!(folder.load(2).1, 8);
    let mut bytes = std::fs::read(folder.vectors()).unwrap();
    bytes[40] ^= 1;
    std::fs::write(folder.vectors(), &bytes).unwrap();
    assert_eq!(folder.load(2).1, 8);
    std::fs::write(folder.vectors(), &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(folder.load(2).1, 8);
    assert_eq!(folder.load(2).1, 0);
}

#[test]
fn what_a_turn_means_is_heard_where_its_words_are_unknown() {
    let folder = Folder::new("heard");
    let share = |pack: &Pack| {
        let reading = pack.read(&Dialogue::default(), "衣裳全淋透了");
        reading
            .likely
            .iter()
            .find(|likely| likely.node == "biz.rain")
            .unwrap()
            .share
    };
    let (with, without) = (folder.load(1).0, Pack::load(&folder.0).unwrap());
    assert!(
        share(&with) > share(&without) + 0.05,
        "{} {}",
        share(&with),
        share(&without)
    );
}

#[test]
fn a_glance_encodes_nothing() {
    let folder = Folder::new("glance");
    let asked = Arc::new(AtomicUsize::new(0));
    let rain = Rain {
        asked: Arc::clone(&asked),
        fingerprint: 1,
    };
    let pack = Pack::load_with(
        &folder.0,
        Some(Arc::new(Meanings::new(Box::new(rain), None, |_, _| {}))),
    )
    .unwrap();
    pack.learn();
    let before = asked.load(Ordering::Relaxed);
    let glanced = pack.glance(&Dialogue::default(), "会下雨吗");
    assert_eq!(asked.load(Ordering::Relaxed), before);
    let read = pack.read(&Dialogue::default(), "会下雨吗");
    assert_eq!(asked.load(Ordering::Relaxed), before + 1);
    assert_eq!(
        [&glanced, &read].map(|reading| reading.likely[0].node.as_str()),
        ["biz.rain"; 2]
    );
}
