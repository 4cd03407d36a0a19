//! Whether a caller calls for one of their family, learned from sentences that name one (`knowledge/zh/kin.toml`).

use sidetone_language::{Lines, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;

/// What is learned of sentences that name somebody of the family.
#[derive(Debug)]
pub struct Kin {
    vocabulary: Vocabulary,
    table: Table<bool>,
}

impl Kin {
    pub(crate) fn learn() -> Self {
        let lines = written();
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// How likely the matter is theirs who are named in a caller's sentence.
    #[must_use]
    pub fn theirs(&self, sentence: &str) -> f32 {
        let shares = self.table.read(&self.vocabulary.bag(sentence));
        shares
            .into_iter()
            .find(|(theirs, _)| *theirs)
            .map_or(0.0, |(_, share)| share)
    }
}

/// The sentences as finals have them: numbers as digits.
fn written() -> Vec<Line<bool>> {
    let pipeline = TextPipeline::default();
    let of = |theirs: bool, lines: &Lines| -> Vec<Line<bool>> {
        lines.iter().map(|line| (theirs, pipeline.finish(line), 1.0)).collect()
    };
    let mut lines = of(true, &zh().kin.theirs);
    lines.extend(of(false, &zh().kin.aside));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_read_by_what_others_teach() {
        let share = left_out(&written());
        assert!(share >= 0.7, "{share}");
    }
}
