//! Whether a caller calls for one of their family, learned from sentences that name one (`knowledge/zh/kin.toml`).

use std::sync::LazyLock;

use sidetone_language::zh;

use super::table::{Line, Table, written};
use super::text::Vocabulary;

/// What is learned of sentences that name somebody of the family.
#[derive(Debug)]
pub struct Kin {
    vocabulary: Vocabulary,
    table: Table<bool>,
}

impl Kin {
    /// The language's, learned once when it is first needed.
    #[must_use]
    pub fn learned() -> &'static Self {
        static KIN: LazyLock<Kin> = LazyLock::new(Kin::learn);
        &KIN
    }

    fn learn() -> Self {
        let lines = lines();
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// How likely the matter is theirs who are named in a caller's sentence.
    #[must_use]
    pub fn theirs(&self, sentence: &str) -> f32 {
        self.table.share(&self.vocabulary.bag(sentence), true)
    }
}

fn lines() -> Vec<Line<bool>> {
    written([(&true, &zh().kin.theirs), (&false, &zh().kin.aside)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_read_by_what_others_teach() {
        let share = left_out(&lines());
        assert!(share >= 0.7, "{share}");
    }
}
