//! Reading JSONL and TOML. The only place of this crate that touches files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::{DeserializeOwned, IgnoredAny};

use crate::advice::{Cues, RiskRow, Script};
use crate::calc::Known;
use crate::fault::{Fault, FaultKind, LoadErrors};
use crate::model::{Edge, Figure, Node, TopicInfo};

/// A row and its place.
#[derive(Debug)]
pub(crate) struct Row<T> {
    /// Index into [`Parsed::files`].
    pub(crate) file: u32,
    /// From 1.
    pub(crate) line: u32,
    pub(crate) value: T,
}

/// Everything that was read, not yet checked against each other.
#[derive(Debug, Default)]
pub(crate) struct Parsed {
    pub(crate) files: Vec<String>,
    pub(crate) topics: Vec<Row<TopicInfo>>,
    pub(crate) nodes: Vec<Row<Node>>,
    pub(crate) edges: Vec<Row<Edge>>,
    pub(crate) figures: Vec<Row<Figure>>,
    pub(crate) scripts: Vec<Row<Script>>,
    pub(crate) risks: Vec<Row<RiskRow>>,
    /// Files of `calc/`, with their text.
    pub(crate) calc: Vec<(String, String)>,
    pub(crate) cues: Cues,
    pub(crate) faults: Vec<Fault>,
}

impl Parsed {
    /// What a calculator may name.
    pub(crate) fn known(&self) -> Known<'_> {
        Known {
            nodes: self.nodes.iter().map(|row| row.value.id.as_str()).collect(),
            figures: self.figures.iter().map(|row| row.value.id.as_str()).collect(),
        }
    }

    pub(crate) fn place<T>(&self, row: &Row<T>) -> (String, usize) {
        (
            self.files.get(row.file as usize).cloned().unwrap_or_default(),
            row.line as usize,
        )
    }
}

/// How the names of files begin that stand beside the base's and are not its own.
const OF_THE_PACK: [&str; 1] = ["examples"];
pub(crate) const PROVENANCE: [&str; 7] = [
    "doc_no",
    "doc_title",
    "article",
    "url",
    "confidence",
    "effective_from",
    "effective_to",
];
pub(crate) const TOPIC_KEYS: [&str; 4] = ["id", "name", "terms", "spans_regions"];
pub(crate) const NODE_KEYS: [&str; 11] = [
    "id", "layer", "topic", "intents", "title", "body", "asked_as", "todos", "risks", "channels", "region",
];
pub(crate) const EDGE_KEYS: [&str; 3] = ["from", "rel", "to"];
pub(crate) const FIGURE_KEYS: [&str; 5] = ["id", "name", "value", "unit", "region"];
const SCRIPT_KEYS: [&str; 5] = ["id", "on", "title", "say", "never"];
const RISK_KEYS: [&str; 11] = [
    "id",
    "on",
    "when",
    "told_twice",
    "title",
    "body",
    "must_say",
    "region",
    "effective_from",
    "effective_to",
    "source",
];
/// Words by which callers ask for another view of an answer.
const CUES: &str = "cues.toml";

/// Reads the files of a folder that [`parse`] knows: `*.jsonl`, `cues.toml` and `calc/*.toml`, in the order of their names.
pub(crate) fn read_dir(dir: &Path) -> Result<Vec<(String, String)>, LoadErrors> {
    let mut faults = Vec::new();
    let mut paths = list(dir, "", &mut faults);
    let of_the_pack = |name: &str| OF_THE_PACK.iter().any(|kind| name.starts_with(kind));
    paths.retain(|(name, _)| (name.ends_with(".jsonl") && !of_the_pack(name)) || name == CUES);
    let calc = dir.join("calc");
    if calc.is_dir() {
        let files = list(&calc, "calc/", &mut faults);
        paths.extend(files.into_iter().filter(|(name, _)| name.ends_with(".toml")));
    }
    paths.sort();
    let mut sources = Vec::new();
    for (name, path) in paths {
        match sidetone_base::read_text(&path) {
            Ok(text) => sources.push((name, text)),
            Err(error) => faults.push(unreadable(&path, &error)),
        }
    }
    if faults.is_empty() {
        Ok(sources)
    } else {
        Err(LoadErrors { faults })
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fault {
    Fault {
        file: path.display().to_string(),
        line: 0,
        kind: FaultKind::Unreadable(error.to_string()),
    }
}

/// Names and paths of a folder's entries.
fn list(dir: &Path, prefix: &str, faults: &mut Vec<Fault>) -> Vec<(String, PathBuf)> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            faults.push(unreadable(dir, &error));
            return Vec::new();
        }
    };
    let mut out = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => out.push((format!("{prefix}{}", entry.file_name().to_string_lossy()), entry.path())),
            Err(error) => faults.push(unreadable(dir, &error)),
        }
    }
    out
}

/// Parses sources; the beginning of a name says what its rows are.
pub(crate) fn parse<N: Into<String>, T: AsRef<str>>(sources: impl IntoIterator<Item = (N, T)>) -> Parsed {
    let mut parsed = Parsed::default();
    for (name, text) in sources {
        let name = name.into();
        let file = parsed.files.len() as u32;
        let text = text.as_ref();
        let faults = &mut parsed.faults;
        match kind_of(&name) {
            Some("topics") => rows(&name, file, text, &[&TOPIC_KEYS], &mut parsed.topics, faults),
            Some("nodes") => rows(&name, file, text, &[&NODE_KEYS, &PROVENANCE], &mut parsed.nodes, faults),
            Some("edges") => rows(&name, file, text, &[&EDGE_KEYS], &mut parsed.edges, faults),
            Some("figures") => rows(
                &name,
                file,
                text,
                &[&FIGURE_KEYS, &PROVENANCE],
                &mut parsed.figures,
                faults,
            ),
            Some("scripts") => rows(&name, file, text, &[&SCRIPT_KEYS], &mut parsed.scripts, faults),
            Some("risks") => rows(&name, file, text, &[&RISK_KEYS], &mut parsed.risks, faults),
            Some("calc") => parsed.calc.push((name.clone(), text.to_owned())),
            Some("cues") => match toml::from_str(text) {
                Ok(cues) => parsed.cues = cues,
                Err(error) => faults.push(Fault {
                    file: name.clone(),
                    line: 0,
                    kind: FaultKind::Row(error.message().to_owned()),
                }),
            },
            _ => faults.push(Fault {
                file: name.clone(),
                line: 0,
                kind: FaultKind::UnknownFile,
            }),
        }
        parsed.files.push(name);
    }
    parsed
}

pub(crate) fn kind_of(name: &str) -> Option<&'static str> {
    let (folder, name) = name.rsplit_once('/').unwrap_or(("", name));
    if name.ends_with(".toml") {
        let of_calc = folder.rsplit('/').next() == Some("calc");
        return if of_calc {
            Some("calc")
        } else {
            (name == CUES).then_some("cues")
        };
    }
    ["topics", "nodes", "edges", "figures", "scripts", "risks"]
        .into_iter()
        .find(|kind| name.starts_with(kind))
}

fn rows<T: DeserializeOwned>(
    name: &str,
    file: u32,
    text: &str,
    keys: &[&[&str]],
    into: &mut Vec<Row<T>>,
    faults: &mut Vec<Fault>,
) {
    for (at, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let (value, kinds) = row(line, keys);
        into.extend(value.map(|value| Row {
            file,
            line: at as u32 + 1,
            value,
        }));
        faults.extend(kinds.into_iter().map(|kind| Fault {
            file: name.to_owned(),
            line: at + 1,
            kind,
        }));
    }
}

/// A row's value, if it has its shape, and all that is wrong with it.
pub(crate) fn row<T: DeserializeOwned>(line: &str, keys: &[&[&str]]) -> (Option<T>, Vec<FaultKind>) {
    // `flatten` rules `deny_unknown_fields` out, so the keys are looked at by themselves.
    let named: BTreeMap<String, IgnoredAny> = match serde_json::from_str(line) {
        Ok(named) => named,
        Err(error) => return (None, vec![FaultKind::Row(error.to_string())]),
    };
    let known = |key: &String| keys.iter().any(|known| known.contains(&key.as_str()));
    let mut faults: Vec<FaultKind> = named
        .into_keys()
        .filter(|key| !known(key))
        .map(FaultKind::UnknownKey)
        .collect();
    match serde_json::from_str(line) {
        Ok(value) => (Some(value), faults),
        Err(error) => {
            faults.push(FaultKind::Row(error.to_string()));
            (None, faults)
        }
    }
}
