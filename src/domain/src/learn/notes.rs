//! What of a call a careful colleague writes down, and as what: learned from a pack's example sentences (`notes-*.toml`), and beside
//! them from the language's labelled clauses, of which advice, promises and warnings are what is written down more often than the rest.

use std::collections::BTreeMap;

use serde::Deserialize;
use sidetone_language::{Act, Lines, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;
use crate::example::Speaker;

/// What the rest of the turn counts beside the sentence itself.
const AROUND: f32 = 0.35;
/// What a clause of the language counts beside an example sentence.
const CLAUSE: f32 = 0.3;

/// What a sentence of a call is in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// What the caller was told to do, or the answer.
    Advice,
    /// What somebody will do.
    Todo,
    /// What may go wrong.
    Risk,
    /// It is not in the record.
    Nothing,
}

/// `notes-*.toml`: example sentences of agents and of callers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Examples {
    agent: BTreeMap<Note, Lines>,
    caller: BTreeMap<Note, Lines>,
}

/// What is learned of both speakers' sentences.
#[derive(Debug)]
pub struct Notes {
    vocabulary: Vocabulary,
    agent: Table<Note>,
    caller: Table<Note>,
}

impl Notes {
    /// From a pack's examples and the language's clauses.
    pub(crate) fn learn(examples: &[Examples]) -> Self {
        let acts = &zh().acts;
        let mut agent = written(&acts.agent, CLAUSE, note_of);
        // Only what an agent says is a rule or a warning.
        let of_caller = |act| match act {
            Act::Promise => Note::Todo,
            _ => Note::Nothing,
        };
        let mut caller = written(&acts.caller, CLAUSE, of_caller);
        for file in examples {
            agent.extend(written(&file.agent, 1.0, |note| note));
            caller.extend(written(&file.caller, 1.0, |note| note));
        }
        let texts = agent.iter().chain(&caller).map(|(_, text, _)| text.as_str());
        let vocabulary = Vocabulary::of(texts);
        Self {
            agent: Table::learn(&vocabulary, &agent),
            caller: Table::learn(&vocabulary, &caller),
            vocabulary,
        }
    }

    /// The shares of what `sentence` may be, best first. `around` is the turn that it stands in.
    #[must_use]
    pub fn read(&self, speaker: Speaker, sentence: &str, around: &str) -> Vec<(Note, f32)> {
        let table = match speaker {
            Speaker::Agent => &self.agent,
            Speaker::Caller => &self.caller,
        };
        let own = self.vocabulary.bag(sentence);
        let bag = match around.len() > sentence.len() {
            true => own.mixed(&self.vocabulary.bag(around), AROUND),
            false => own,
        };
        table.read(&bag)
    }
}

const fn note_of(act: Act) -> Note {
    match act {
        Act::Advise => Note::Advice,
        Act::Promise => Note::Todo,
        Act::Warn => Note::Risk,
        _ => Note::Nothing,
    }
}

/// The lines as the masked final of a turn has them: numbers as digits.
fn written<L: Copy>(lines: &BTreeMap<L, Lines>, weight: f32, label: impl Fn(L) -> Note) -> Vec<Line<Note>> {
    let pipeline = TextPipeline::default();
    let mut out = Vec::new();
    for (key, lines) in lines {
        out.extend(lines.iter().map(|line| (label(*key), pipeline.finish(line), weight)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_down_is_learned_from_clauses_alone_where_there_are_no_examples() {
        let notes = Notes::learn(&[]);
        let first = |speaker, text| notes.read(speaker, text, text)[0].0;
        assert_eq!(first(Speaker::Agent, "我登记一下，三天之内给您回电话"), Note::Todo);
        assert_eq!(first(Speaker::Agent, "过了期限就作废了，不能补报"), Note::Risk);
        assert_eq!(first(Speaker::Agent, "您好，请讲"), Note::Nothing);
        assert_eq!(first(Speaker::Caller, "我明天去窗口办"), Note::Todo);
    }

    #[test]
    fn an_example_outweighs_a_clause() {
        let file = "[agent]\nnothing = '我登记一下'\nadvice = '两头都要挂失'\n[caller]\nnothing = '嗯'";
        let notes = Notes::learn(&[toml::from_str(file).unwrap()]);
        let best = notes.read(Speaker::Agent, "两头都要挂失", "两头都要挂失");
        assert_eq!(best[0].0, Note::Advice);
    }
}
