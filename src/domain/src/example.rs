//! What callers have said, and which node they needed: `examples*.jsonl`.

use serde::Deserialize;
use sidetone_knowledge::{Fault, FaultKind, Knowledge, NodeId};
use sidetone_language::{Manner, View, zh};

/// How a turn is worded. Reported on; nothing is decided by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// As people talk on the telephone.
    #[default]
    Plain,
    /// In everyday speech of a region.
    Dialect,
    /// As a recogniser heard it in noise.
    Garbled,
}

/// Who said a turn before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The caller.
    Caller,
    /// The agent.
    Agent,
}

/// One turn of a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// As a recogniser writes it.
    pub text: String,
    /// The one node that the agent needs first; none where nothing in the base answers.
    pub node: Option<NodeId>,
    /// Nodes that would be as right.
    #[serde(default)]
    pub also: Vec<NodeId>,
    /// Of a part of a question that a later turn puts: the node that the question comes to. There is no `node` yet.
    #[serde(default)]
    pub about: Option<NodeId>,
    /// The turns before, each with who said it in front: `客户：…`, `坐席：…`.
    #[serde(default)]
    pub before: Vec<String>,
    /// Whether an amount, a rate, a number or a date is asked for.
    #[serde(default)]
    pub figure: bool,
    /// A year or a month that is asked about, `2024`, `2024-08`.
    #[serde(default)]
    pub as_of: Option<String>,
    /// A place that is asked about, as the caller names it.
    #[serde(default)]
    pub region: Option<String>,
    /// What it wants to see, where its author says so; `answer` of a turn without a node: nothing at all.
    #[serde(default)]
    pub want: Option<View>,
    /// In what manner it is said, where it wants words to say.
    #[serde(default)]
    pub manner: Option<Manner>,
    /// How it is worded.
    #[serde(default)]
    pub style: Style,
    /// Who wrote it. What is learned is judged by leaving out all that one author wrote.
    #[serde(default)]
    pub author: String,
}

impl Example {
    /// The turns before, each with who said it.
    #[must_use]
    pub fn turns_before(&self) -> Vec<(Speaker, &str)> {
        let calls = &zh().calls;
        let turn = |line: &'_ String| -> Option<(Speaker, usize)> {
            let marks = [(&calls.caller, Speaker::Caller), (&calls.agent, Speaker::Agent)];
            let (mark, speaker) = marks.into_iter().find(|(mark, _)| line.starts_with(mark.as_str()))?;
            Some((speaker, mark.len()))
        };
        let text = |line| turn(line).and_then(|(speaker, from)| Some((speaker, line.get(from..)?)));
        self.before.iter().filter_map(text).collect()
    }
}

/// Reads one file; rows that are no examples, or name nodes that the base has not, are faults.
pub(crate) fn read(file: &str, text: &str, knowledge: Option<&Knowledge>, faults: &mut Vec<Fault>) -> Vec<Example> {
    let mut examples = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let mut fault = |kind| {
            faults.push(Fault {
                file: file.to_owned(),
                line: at + 1,
                kind,
            });
        };
        let example: Example = match serde_json::from_str(line) {
            Ok(example) => example,
            Err(error) => {
                fault(FaultKind::Row(error.to_string()));
                continue;
            }
        };
        if example.text.trim().is_empty() {
            fault(FaultKind::Empty("text"));
        }
        if example.turns_before().len() < example.before.len() {
            fault(FaultKind::Row(format!(
                "a turn of `before` begins with neither {} nor {}",
                zh().calls.caller,
                zh().calls.agent
            )));
        }
        if let Some(knowledge) = knowledge {
            for id in example.node.iter().chain(&example.also).chain(&example.about) {
                if knowledge.node(id).is_none() {
                    fault(FaultKind::UnknownNode(id.clone()));
                }
            }
        }
        examples.push(example);
    }
    examples
}
