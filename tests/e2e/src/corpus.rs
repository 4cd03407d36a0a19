//! Calls of `tests/corpus/calls`: script, timeline and sound.

use std::time::Duration;

use serde::Deserialize;
use sidetone_app::recording::{Reading, RecordedCall};
use sidetone_base::{LegId, Role, TapFrame};

use crate::root;

/// A frame with its arrival since the call's first moment.
pub type Timed = (Duration, LegId, TapFrame);

/// `calls/<name>.toml`, as far as tests read it.
#[derive(Debug, Deserialize)]
pub struct Script {
    /// The file's stem.
    pub name: String,
    /// The day of the call.
    pub as_of: jiff::civil::Date,
    /// GB/T 2260 code.
    pub region: String,
    /// What the call is about.
    pub topics: Vec<String>,
    /// Who calls.
    pub caller: Caller,
    /// Who answers.
    pub agent: Agent,
    /// Personal data that no event may hold.
    #[serde(rename = "secret", default)]
    pub secrets: Vec<Secret>,
    /// What is said.
    #[serde(rename = "turn")]
    pub turns: Vec<ScriptTurn>,
}

/// `[caller]`
#[derive(Debug, Deserialize)]
pub struct Caller {
    /// Invented.
    pub number: String,
}

/// `[agent]`
#[derive(Debug, Deserialize)]
pub struct Agent {
    /// As the soft-phone knows them.
    pub id: String,
}

/// `[[secret]]`
#[derive(Debug, Deserialize)]
pub struct Secret {
    /// All of it.
    pub value: String,
    /// The turns that it is spoken in.
    pub turns: Vec<usize>,
}

/// `[[turn]]`
#[derive(Debug, Deserialize)]
pub struct ScriptTurn {
    /// Who speaks.
    pub role: Role,
    /// As it should be written.
    pub text: String,
    /// As it is said, where that differs.
    pub spoken: Option<String>,
    /// No hint may follow.
    #[serde(default)]
    pub small_talk: bool,
    /// Hints that must follow.
    #[serde(default)]
    pub expect: Vec<Expect>,
}

/// `[[turn.expect]]`
#[derive(Debug, Deserialize)]
pub struct Expect {
    /// Topic.
    pub topic: String,
    /// Any of these kinds will do.
    pub kinds: Vec<String>,
    /// In title or body.
    pub must_contain: Option<String>,
}

/// A script with its sound.
#[derive(Debug)]
pub struct CorpusCall {
    /// The script.
    pub script: Script,
    /// Begin and end of each turn's speech, in milliseconds.
    pub spans: Vec<(u64, u64)>,
    /// Both legs, in the order of time.
    pub frames: Vec<Timed>,
    /// Each leg in G.711 A-law.
    pub a_law: Vec<(Role, Vec<u8>)>,
}

impl CorpusCall {
    /// Reads one call.
    #[must_use]
    pub fn open(name: &str) -> Self {
        Self::open_in("calls", name)
    }

    /// Reads one of `tests/corpus/<folder>`.
    #[must_use]
    pub fn open_in(folder: &str, name: &str) -> Self {
        let calls = root().join("tests/corpus").join(folder);
        let read = |ending: &str| std::fs::read_to_string(calls.join(format!("{name}.{ending}"))).unwrap();
        let script: Script = toml::from_str(&read("toml")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let spans: Vec<(u64, u64)> = read("timeline.tsv")
            .lines()
            .skip(1)
            .map(|line| {
                let fields: Vec<&str> = line.split('\t').collect();
                (fields[2].parse().unwrap(), fields[3].parse().unwrap())
            })
            .collect();
        assert_eq!(
            spans.len(),
            script.turns.len(),
            "{name}: the timeline is not of this script"
        );
        let legs = ["caller", "agent"].map(|role| calls.join(format!("{name}.{role}.opus")));
        let recording = RecordedCall::open(&legs, &Reading::default()).unwrap_or_else(|error| panic!("{error}"));
        let (frames, a_law) = (recording.frames(), recording.a_law().unwrap());
        Self {
            script,
            spans,
            frames,
            a_law,
        }
    }

    /// How long the sound is.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.frames
            .last()
            .map_or(Duration::ZERO, |(at, _, _)| *at + Duration::from_millis(20))
    }

    /// The turn of this party that shares the most time with the stretch.
    #[must_use]
    pub fn turn_at(&self, role: Role, begin_ms: u64, end_ms: u64) -> Option<usize> {
        let shared = |(begin, end): (u64, u64)| end.min(end_ms).saturating_sub(begin.max(begin_ms));
        (0..self.spans.len())
            .filter(|&turn| self.script.turns[turn].role == role && shared(self.spans[turn]) > 0)
            .max_by_key(|&turn| shared(self.spans[turn]))
    }
}

/// Names of all scripts, sorted.
#[must_use]
pub fn names() -> Vec<String> {
    let files = std::fs::read_dir(root().join("tests/corpus/calls")).unwrap();
    let mut names: Vec<String> = files
        .filter_map(|file| {
            file.unwrap()
                .file_name()
                .to_str()
                .and_then(|name| name.strip_suffix(".toml"))
                .map(str::to_owned)
        })
        .collect();
    names.sort_unstable();
    names
}
