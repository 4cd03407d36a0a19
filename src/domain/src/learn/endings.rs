//! How content a caller is at the end of a call, learned from the language's examples (`knowledge/zh/endings.toml`).

use sidetone_language::{Feeling, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;

/// What is learned of callers' last turns.
#[derive(Debug)]
pub struct Endings {
    vocabulary: Vocabulary,
    table: Table<Feeling>,
}

impl Endings {
    pub(crate) fn learn() -> Self {
        let lines = written();
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// How likely each feeling is, likeliest first. `turns` are the caller's last ones, in order.
    #[must_use]
    pub fn read(&self, turns: &[&str]) -> Vec<(Feeling, f32)> {
        self.table.read(&self.vocabulary.bag(&turns.join(BETWEEN)))
    }
}

/// Between two turns of an ending.
const BETWEEN: &str = "，";

/// The endings as finals have them: numbers as digits.
fn written() -> Vec<Line<Feeling>> {
    let pipeline = TextPipeline::default();
    let of_feeling = |(feeling, lines): (&Feeling, &sidetone_language::Lines)| -> Vec<Line<Feeling>> {
        let text = |line: &str| pipeline.finish(&line.replace(" / ", BETWEEN));
        lines.iter().map(|line| (*feeling, text(line), 1.0)).collect()
    };
    zh().endings.iter().flat_map(of_feeling).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_endings_are_read_by_what_others_teach() {
        let right = left_out(&written());
        assert!(right >= 0.55, "{right}");
    }
}
