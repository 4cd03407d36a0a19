//! Whose matter a call is, learned from a pack's example clauses (`calls.toml`, `says`).

use sidetone_language::zh;
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;
use crate::tables::Subject;

/// What is learned of callers' clauses. The labels are places in the pack's list of subjects, and none.
#[derive(Debug)]
pub struct Subjects {
    vocabulary: Vocabulary,
    table: Table<Option<usize>>,
}

impl Subjects {
    /// Clauses of the language that tell no subject teach what does not.
    pub(crate) fn learn(subjects: &[Subject]) -> Self {
        let pipeline = TextPipeline::default();
        let mut lines: Vec<Line<Option<usize>>> = Vec::new();
        for (at, subject) in subjects.iter().enumerate() {
            lines.extend(subject.says.iter().map(|text| (Some(at), pipeline.finish(text), 1.0)));
        }
        let others = zh()
            .acts
            .caller
            .iter()
            .filter(|(act, _)| **act != sidetone_language::Act::Identify);
        let others = others.flat_map(|(_, texts)| texts.iter());
        lines.extend(others.map(|text| (None, pipeline.finish(text), 0.5)));
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// How likely a clause tells each subject, by its place in the pack's list.
    pub fn read(&self, clause: &str) -> impl Iterator<Item = (usize, f32)> {
        let shares = self.table.read(&self.vocabulary.bag(clause));
        shares
            .into_iter()
            .filter_map(|(subject, share)| Some((subject?, share)))
    }
}
