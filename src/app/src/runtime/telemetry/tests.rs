//! Every metric that the sources name is described, and in the administrator's table.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::*;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Rust files of a folder and those in it, without tests.
fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" && !name.contains("test") {
            sources(&path, found);
        } else if name.ends_with(".rs") && !name.contains("test") {
            found.push(path);
        }
    }
}

/// What the names of metrics begin with; variables of dialplans do not.
const PARTS: [&str; 10] = [
    "wire",
    "asr",
    "engine",
    "media",
    "asterisk",
    "freeswitch",
    "http",
    "clock",
    "control",
    "feedback",
];

/// Names of metrics as they stand in string literals.
fn named() -> BTreeSet<String> {
    let mut files = Vec::new();
    for dir in ["src/shell/src", "src/app/src", "telephony"] {
        sources(&root().join(dir), &mut files);
    }
    let mut names = BTreeSet::new();
    for file in files {
        let text = std::fs::read_to_string(file).unwrap();
        for begun in text.split("\"sidetone_").skip(1) {
            let Some((rest, _)) = begun.split_once('"') else {
                continue;
            };
            let part = PARTS.iter().any(|part| rest.starts_with(&format!("{part}_")));
            if part && rest.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_') {
                names.insert(format!("sidetone_{rest}"));
            }
        }
    }
    names
}

#[test]
fn every_metric_is_described_and_in_the_documents() {
    let recorder = exporter().unwrap().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        sidetone_shell::metrics::describe();
        [&ENGINE[..], &LEGS, &ASTERISK, &FREESWITCH]
            .into_iter()
            .for_each(declare);
        for name in named() {
            // What has a value is rendered, with its help if it has one.
            counter!(name).increment(0);
        }
    });
    let text = handle.render();
    let described: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split(' ').next())
        .collect();
    let bare: Vec<String> = named()
        .into_iter()
        .filter(|name| !described.contains(name.as_str()))
        .collect();
    assert!(bare.is_empty(), "described nowhere: {bare:?}");
    assert!(named().len() > 80, "{}", named().len());

    let table = std::fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    let known = |name: &str| {
        // `sidetone_x_a_total`, `…_b_total`: the table leaves out what is the same.
        let short = name.splitn(3, '_').nth(2).unwrap_or(name);
        table.contains(name) || table.contains(&format!("…_{short}"))
    };
    let missing: Vec<String> = named().into_iter().filter(|name| !known(name)).collect();
    assert!(missing.is_empty(), "not in docs/OPERATIONS.md: {missing:?}");
}

#[test]
fn a_histograms_text_is_as_the_format_asks() {
    let recorder = exporter().unwrap().build_recorder();
    let handle = recorder.handle();
    metrics::with_local_recorder(&recorder, || {
        sidetone_shell::metrics::describe();
        for metric in [&ENGINE[..], &LEGS, &ASTERISK, &FREESWITCH].concat() {
            let counter = matches!(metric.kind, sidetone_shell::metrics::Kind::Counter(_));
            assert_eq!(counter, metric.name.ends_with("_total"), "{}", metric.name);
            assert!(
                !metric.help.is_empty() && !metric.help.ends_with('.'),
                "{}",
                metric.name
            );
        }
    });
    assert!(!handle.render().contains("quantile"));
}
