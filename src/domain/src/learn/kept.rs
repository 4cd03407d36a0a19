//! What of an agent's words a record keeps, learned from calls whose authors wrote one (`knowledge/zh/kept.toml`).

use sidetone_language::{Lines, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::Vocabulary;

/// What is learned of agents' sentences.
#[derive(Debug)]
pub struct Kept {
    vocabulary: Vocabulary,
    advice: Table<bool>,
    todos: Table<bool>,
}

/// How likely a record holds a sentence, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worth {
    /// As advice.
    pub advice: f32,
    /// As what the caller is to do.
    pub todo: f32,
}

impl Kept {
    pub(crate) fn learn() -> Self {
        let kept = &zh().kept;
        let (advice, todos) = (
            written([
                (&kept.advice, true),
                (&kept.both, true),
                (&kept.todos, false),
                (&kept.left, false),
            ]),
            written([
                (&kept.advice, false),
                (&kept.both, true),
                (&kept.todos, true),
                (&kept.left, false),
            ]),
        );
        let vocabulary = Vocabulary::of(advice.iter().map(|(_, text, _)| text.as_str()));
        Self {
            advice: Table::learn(&vocabulary, &advice),
            todos: Table::learn(&vocabulary, &todos),
            vocabulary,
        }
    }

    /// What an agent's sentence is worth.
    #[must_use]
    pub fn read(&self, sentence: &str) -> Worth {
        let bag = self.vocabulary.bag(sentence);
        let share = |table: &Table<bool>| {
            let shares = table.read(&bag);
            shares
                .into_iter()
                .find(|(kept, _)| *kept)
                .map_or(0.0, |(_, share)| share)
        };
        Worth {
            advice: share(&self.advice),
            todo: share(&self.todos),
        }
    }
}

/// The sentences as finals have them: numbers as digits.
fn written(lists: [(&Lines, bool); 4]) -> Vec<Line<bool>> {
    let pipeline = TextPipeline::default();
    let of_list = |(lines, kept): (&Lines, bool)| -> Vec<Line<bool>> {
        lines.iter().map(|line| (kept, pipeline.finish(line), 1.0)).collect()
    };
    lists.into_iter().flat_map(of_list).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_kept_by_what_others_teach() {
        let kept = &zh().kept;
        let advice = left_out(&written([
            (&kept.advice, true),
            (&kept.both, true),
            (&kept.todos, false),
            (&kept.left, false),
        ]));
        assert!(advice >= 0.65, "{advice}");
    }
}
