//! A line's own tables: places, phrases, and what its callers and agents say of the call itself. Each file is optional;
//! what is not in it is the language's.

use std::path::Path;

use serde::Deserialize;
use sidetone_knowledge::{Fault, FaultKind};
use sidetone_language::{Lines, Phrases, Regions, Words, zh};

use crate::pack::INFO;

const REGIONS: &str = "regions.tsv";
const PHRASES: &str = "phrases.toml";
const CALLS: &str = "calls.toml";
/// Read with the knowledge base.
const CUES: &str = "cues.toml";

/// What is said of the call itself, by the language's words and the line's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallWords {
    /// Whose matter a call may be.
    pub subjects: Vec<Subject>,
    /// The caller reports a wrong.
    pub complains: Words,
    /// The caller wants a thing done, and does not ask about it.
    pub handles: Words,
    /// The agent answers later or elsewhere.
    pub defers: Words,
    /// The agent fills time, or asks who is calling.
    pub stalls: Words,
    /// Behind a date: it is the date that is asked about, not one on which something happened.
    pub dated: Words,
    /// Topics that are matters of other lines: where to go with them, and no more.
    pub elsewhere: Vec<String>,
}

/// A kind of caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// As the wrap-up names it.
    pub name: String,
    /// The kind of caller that it is one of, as a record's form has it; none where its name is such a kind.
    pub of: Option<String>,
    /// Words that name such a caller.
    pub cues: Words,
    /// Example clauses of such a caller, or of somebody who calls for one.
    pub says: Vec<String>,
    /// Topics that are such a caller's where nothing else tells.
    pub topics: Vec<String>,
    /// Whoever calls for one of their family is such a caller, whatever the other is.
    pub kin: bool,
    /// Whether such a caller has work; none where that is not said of all of them.
    pub employed: Option<bool>,
}

impl Subject {
    /// The kind of caller that a record's form has.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.of.as_deref().unwrap_or(&self.name)
    }
}

/// The kinds of callers of the pack in a folder, for who reports on them; none where its table cannot be read.
#[must_use]
pub fn subjects(dir: &Path) -> Vec<Subject> {
    calls(&text(dir, CALLS, &mut Vec::new()), &mut Vec::new()).subjects
}

/// Everything that is not the knowledge base's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables {
    pub(crate) regions: Regions,
    pub(crate) phrases: Phrases,
    pub(crate) calls: CallWords,
}

/// `calls.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Own {
    subjects: Vec<OwnSubject>,
    complains: Words,
    handles: Words,
    defers: Words,
    stalls: Words,
    dated: Words,
    elsewhere: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnSubject {
    name: String,
    of: Option<String>,
    #[serde(default)]
    cues: Words,
    #[serde(default)]
    says: Lines,
    #[serde(default)]
    topics: Vec<String>,
    #[serde(default)]
    kin: bool,
    employed: Option<bool>,
}

impl Tables {
    /// Reads what there is of them in a folder.
    pub(crate) fn load(dir: &Path, faults: &mut Vec<Fault>) -> Self {
        unknown(dir, faults);
        let regions = text(dir, REGIONS, faults);
        let phrases = text(dir, PHRASES, faults);
        let own = text(dir, CALLS, faults);
        Self {
            regions: read_regions(&regions, faults),
            phrases: read_phrases(&phrases, faults),
            calls: calls(&own, faults),
        }
    }
}

/// Names tables that nothing reads: a misspelt name would silently cost the line its words.
fn unknown(dir: &Path, faults: &mut Vec<Fault>) {
    // What cannot be listed has been named by the knowledge base.
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let is_table = |name: &String| name.ends_with(".toml") || name.ends_with(".tsv");
    for name in names.filter(is_table) {
        if ![INFO, REGIONS, PHRASES, CALLS, CUES].contains(&name.as_str()) {
            faults.push(fault(&name, 0, FaultKind::UnknownFile));
        }
    }
}

/// A file's text; one that is not there is empty.
fn text(dir: &Path, file: &str, faults: &mut Vec<Fault>) -> String {
    let path = dir.join(file);
    if !path.exists() {
        return String::new();
    }
    sidetone_base::read_text(&path).unwrap_or_else(|error| {
        faults.push(fault(file, 0, FaultKind::Unreadable(error.to_string())));
        String::new()
    })
}

fn read_regions(own: &str, faults: &mut Vec<Fault>) -> Regions {
    let (regions, found) = Regions::parse(own);
    let row = |found: sidetone_language::RegionFault| fault(REGIONS, found.line, FaultKind::PackKey(found.what));
    faults.extend(found.into_iter().map(row));
    zh().regions.with(&regions)
}

fn read_phrases(own: &str, faults: &mut Vec<Fault>) -> Phrases {
    zh().phrases_with(own).unwrap_or_else(|error| {
        faults.push(toml_fault(PHRASES, own, &error));
        Phrases::default()
    })
}

fn calls(own: &str, faults: &mut Vec<Fault>) -> CallWords {
    let own: Own = toml::from_str(own).unwrap_or_else(|error| {
        faults.push(toml_fault(CALLS, own, &error));
        Own::default()
    });
    let common = &zh().calls;
    let subject = |own: OwnSubject| Subject {
        name: own.name,
        of: own.of,
        cues: own.cues,
        says: own.says.iter().map(str::to_owned).collect(),
        topics: own.topics,
        kin: own.kin,
        employed: own.employed,
    };
    CallWords {
        subjects: own.subjects.into_iter().map(subject).collect(),
        complains: common.complains.with(&own.complains),
        handles: common.handles.with(&own.handles),
        defers: common.defers.with(&own.defers),
        stalls: common.stalls.with(&own.stalls),
        dated: common.dated.with(&own.dated),
        elsewhere: own.elsewhere,
    }
}

fn toml_fault(file: &str, text: &str, error: &toml::de::Error) -> Fault {
    let before = error.span().map(|span| text.get(..span.start).unwrap_or(""));
    let spanned = before.map(|before| before.matches('\n').count() + 1);
    // What was laid over another table has lost its place; the message names the key.
    let named = || {
        let key = error.message().split('`').nth(1)?;
        let begins = |line: &str| line.trim_start_matches(['[', ' ']).starts_with(key);
        Some(text.lines().position(begins)? + 1)
    };
    let line = spanned.or_else(named).unwrap_or(0);
    fault(file, line, FaultKind::PackKey(error.message().to_owned()))
}

fn fault(file: &str, line: usize, kind: FaultKind) -> Fault {
    Fault {
        file: file.to_owned(),
        line,
        kind,
    }
}
