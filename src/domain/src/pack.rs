//! A pack as it is loaded: all of it, or every fault at once.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use sidetone_knowledge::{Fault, FaultKind, Knowledge, LoadErrors};
use sidetone_language::{Phrases, Regions, zh};

use crate::commands::{self, Checked, Commands};
use crate::example::{self, Example};
use crate::info::PackInfo;
use crate::learn::{
    Acts, Dialogue, Endings, InjectionFilter, Kept, Kin, Model, Origin, Reading, Requests, Subjects, Wants,
    WrittenFilter, groups,
};
use crate::meaning::Meanings;
use crate::tables::{CallWords, Tables};

pub(crate) const INFO: &str = "pack.toml";
const EXAMPLES: &str = "examples";
/// Files of what was learned, with and without a sentence encoder.
const BY_MEANING: &str = "learned-with-encoder";
const BY_WORDS: &str = "learned-by-words";

/// One line's domain. Immutable: an administrator's change is a new pack that takes the old one's place.
#[derive(Debug)]
pub struct Pack {
    info: PackInfo,
    knowledge: Arc<Knowledge>,
    examples: Vec<Example>,
    /// Learned when it is first needed.
    injection: OnceLock<InjectionFilter>,
    /// What was left out of the base's texts.
    commands: Vec<Commands>,
    /// What found them.
    written: Arc<WrittenFilter>,
    acts: OnceLock<Acts>,
    subjects: OnceLock<Subjects>,
    wants: OnceLock<Wants>,
    /// Learned when it is first needed, or read.
    model: OnceLock<(Model, Origin)>,
    /// The folder of files that keep what was learned.
    state: Option<PathBuf>,
    /// Where there is a sentence encoder.
    meanings: Option<Arc<Meanings>>,
    tables: Tables,
}

impl Pack {
    /// Reads a folder. What it teaches is learned when it is first needed, or ahead by [`Self::learn`]. Blocks on the
    /// disk; call it away from audio.
    ///
    /// # Errors
    /// Every fault of all its files, each with file, line and cure.
    pub fn load(dir: &Path) -> Result<Self, LoadErrors> {
        Self::load_with(dir, None)
    }

    /// As [`Self::load`], with a sentence encoder, which reads every text that it has not read before.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_with(dir: &Path, meanings: Option<Arc<Meanings>>) -> Result<Self, LoadErrors> {
        let mut faults = Vec::new();
        let info = match sidetone_base::read_text(&dir.join(INFO)) {
            Ok(text) => PackInfo::parse(INFO, &text).map_err(|found| faults.extend(found)).ok(),
            Err(error) => {
                faults.push(whole(INFO, error.to_string()));
                None
            }
        };
        let knowledge = Knowledge::load(dir).map_err(|errors| faults.extend(errors.faults)).ok();
        let tables = Tables::load(dir, &mut faults);
        let mut examples = Vec::new();
        for name in names(dir, &mut faults) {
            match sidetone_base::read_text(&dir.join(&name)) {
                Ok(text) => examples.extend(example::read(&name, &text, knowledge.as_ref(), &mut faults)),
                Err(error) => faults.push(whole(&name, error.to_string())),
            }
        }
        match (info, knowledge) {
            (Some(info), Some(knowledge)) if faults.is_empty() => {
                let Checked {
                    knowledge,
                    commands,
                    filter,
                } = commands::without(dir, knowledge, &examples)?;
                Ok(Self {
                    written: Arc::new(filter),
                    info,
                    model: OnceLock::new(),
                    injection: OnceLock::new(),
                    commands,
                    acts: OnceLock::new(),
                    subjects: OnceLock::new(),
                    wants: OnceLock::new(),
                    state: None,
                    meanings,
                    knowledge: Arc::new(knowledge),
                    examples,
                    tables,
                })
            }
            _ => {
                faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
                Err(LoadErrors { faults })
            }
        }
    }

    /// The same base, learned from other turns: what a pack would know without some of its authors.
    #[must_use]
    pub fn with_examples(&self, examples: Vec<Example>) -> Self {
        Self {
            info: self.info.clone(),
            knowledge: Arc::clone(&self.knowledge),
            model: OnceLock::new(),
            injection: OnceLock::new(),
            commands: self.commands.clone(),
            written: Arc::clone(&self.written),
            acts: OnceLock::new(),
            subjects: OnceLock::new(),
            wants: OnceLock::new(),
            state: None,
            meanings: self.meanings.clone(),
            examples,
            tables: self.tables.clone(),
        }
    }

    /// Texts that say the same, together, as places in `texts`: the largest group first.
    #[must_use]
    pub fn groups(&self, texts: &[&str]) -> Vec<Vec<usize>> {
        groups(&self.knowledge, &self.examples, texts)
    }

    /// Whose line it is.
    #[must_use]
    pub const fn info(&self) -> &PackInfo {
        &self.info
    }

    /// Nodes, edges, figures and topics.
    #[must_use]
    pub const fn knowledge(&self) -> &Arc<Knowledge> {
        &self.knowledge
    }

    /// What a caller's turn asks for, as the call stands.
    #[must_use]
    pub fn read(&self, dialogue: &Dialogue, text: &str) -> Reading {
        self.model().read(&self.knowledge, dialogue, text)
    }

    /// As [`Self::read`], by the words alone: for what is read many times over.
    #[must_use]
    pub fn glance(&self, dialogue: &Dialogue, text: &str) -> Reading {
        self.model().glance(&self.knowledge, dialogue, text)
    }

    /// What was learned from all of it.
    #[must_use]
    pub fn model(&self) -> &Model {
        &self.ready().0
    }

    fn ready(&self) -> &(Model, Origin) {
        self.model.get_or_init(|| {
            let name = if self.has_encoder() { BY_MEANING } else { BY_WORDS };
            let file = self.state.as_deref().map(|folder| folder.join(name));
            Model::ready(&self.knowledge, &self.examples, self.meanings.clone(), file.as_deref())
        })
    }

    /// What clauses of agents and callers do.
    #[must_use]
    pub fn acts(&self) -> &Acts {
        self.acts.get_or_init(|| Acts::learn(&self.knowledge, &self.examples))
    }

    /// Whose matter a caller's clauses tell.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        self.subjects
            .get_or_init(|| Subjects::learn(&self.tables.calls.subjects))
    }

    /// What callers' turns want to see, and how they are said.
    #[must_use]
    pub fn wants(&self) -> &Wants {
        self.wants.get_or_init(|| Wants::learn(&self.knowledge, &self.examples))
    }

    /// Whether it reads with a sentence encoder.
    #[must_use]
    pub const fn has_encoder(&self) -> bool {
        self.meanings.is_some()
    }

    /// What a party says to the other: the text without sentences that command the program that listens.
    #[must_use]
    pub fn without_commands<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.injection().without(&zh().marks, text)
    }

    fn injection(&self) -> &InjectionFilter {
        self.injection.get_or_init(|| {
            let turns = self.examples.iter().map(|example| example.text.as_str());
            InjectionFilter::learn(&zh().injection, turns)
        })
    }

    /// Texts of the base that speak to a program: what they say to it is not used.
    #[must_use]
    pub fn commands(&self) -> &[Commands] {
        &self.commands
    }

    /// What tells commands to a program from texts that are written to people: for texts of a library.
    #[must_use]
    pub fn written_filter(&self) -> &WrittenFilter {
        &self.written
    }

    /// Learns now, for some seconds, what turns ask for, so that no call waits for it, or reads what was learned before; says which.
    pub fn learn(&self) -> Origin {
        self.ready().1
    }

    /// Learns now, for about a second, what else turns tell: what they do, whose matter it is, what a record keeps of them. It needs nothing
    /// of what [`Self::learn`] learns, so both may be done at once.
    pub fn learn_tables(&self) {
        let _ = (self.injection(), self.acts(), self.subjects(), self.wants());
        let _ = (Endings::learned(), Kept::learned(), Kin::learned(), Requests::learned());
    }

    /// Keeps what is learned in this folder, and reads it from there when the same pack is learned again. Without, a pack is learned
    /// each time.
    #[must_use]
    pub fn kept_in(mut self, folder: impl Into<PathBuf>) -> Self {
        self.state = Some(folder.into());
        self
    }

    /// Places as the line's callers name them.
    #[must_use]
    pub const fn regions(&self) -> &Regions {
        &self.tables.regions
    }

    /// What agents and callers are shown or read.
    #[must_use]
    pub const fn phrases(&self) -> &Phrases {
        &self.tables.phrases
    }

    /// What is said of the call itself.
    #[must_use]
    pub const fn call_words(&self) -> &CallWords {
        &self.tables.calls
    }

    /// What callers have said, in the order of the files.
    #[must_use]
    pub fn examples(&self) -> &[Example] {
        &self.examples
    }
}

/// The files of examples, in the order of their names.
fn names(dir: &Path, faults: &mut Vec<Fault>) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else {
        // The knowledge base has named it already.
        return Vec::new();
    };
    let mut names = Vec::new();
    for entry in entries {
        match entry {
            Ok(entry) => names.push(entry.file_name().to_string_lossy().into_owned()),
            Err(error) => faults.push(whole(&dir.display().to_string(), error.to_string())),
        }
    }
    names.retain(|name| name.starts_with(EXAMPLES) && name.ends_with(".jsonl"));
    names.sort();
    names
}

fn whole(file: &str, error: String) -> Fault {
    Fault {
        file: file.to_owned(),
        line: 0,
        kind: FaultKind::Unreadable(error),
    }
}
