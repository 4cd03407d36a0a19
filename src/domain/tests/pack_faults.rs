//! A pack with faults is refused, and every fault is named at once.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

use sidetone_domain::Pack;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333")
}

/// The sample pack in a folder of its own, `name` being added or replaced.
fn with(case: &str, name: &str, text: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("sidetone-pack-{}-{case}", std::process::id()));
    drop(std::fs::remove_dir_all(&dir));
    copy(&sample(), &dir);
    std::fs::write(dir.join(name), text).unwrap();
    dir
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let place = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &place);
        } else {
            std::fs::copy(&path, place).unwrap();
        }
    }
}

fn faults(case: &str, name: &str, text: &str) -> Vec<String> {
    let dir = with(case, name, text);
    let found = Pack::load(&dir).map(|_| ()).unwrap_err();
    std::fs::remove_dir_all(&dir).unwrap();
    found.faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_sample_pack_loads() {
    let pack = Pack::load(&sample()).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(pack.info().id, "12333");
    assert!(!pack.info().recogniser.prompt.is_empty());
}

#[test]
fn an_unknown_key_of_the_pack_is_named_with_its_line() {
    let text = "id = \"a\"\nname = \"b\"\nregion = \"370500\"\nnmuber = \"1\"\n";
    let found = faults("key", "pack.toml", text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].starts_with("pack.toml:4: ") && found[0].contains("nmuber"),
        "{found:?}"
    );
}

#[test]
fn every_bad_example_is_named_with_its_line() {
    let text = concat!(
        "{\"text\":\"a\",\"node\":\"no.such\"}\n",
        "\n",
        "{\"text\":\" \",\"node\":null}\n",
        "{\"text\":\"a\",\"node\":null,\"nodes\":[]}\n",
    );
    let found = faults("examples", "examples-x.jsonl", text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].starts_with("examples-x.jsonl:1: unknown node `no.such`"),
        "{found:?}"
    );
    assert!(found[1].starts_with("examples-x.jsonl:3: `text` is empty"), "{found:?}");
    assert!(found[2].starts_with("examples-x.jsonl:4: not a valid row"), "{found:?}");
}
