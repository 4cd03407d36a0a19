//! What of an agent's words a record keeps, learned from calls whose authors wrote one (`knowledge/zh/kept.toml`).

use sidetone_language::{Kept as Lists, zh};

use super::table::{Line, Table, written};
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
        let (advice, todos) = (advice(), todos());
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
        Worth {
            advice: self.advice.share(&bag, true),
            todo: self.todos.share(&bag, true),
        }
    }
}

/// Sentences by whether they are kept as advice.
fn advice() -> Vec<Line<bool>> {
    let Lists {
        advice,
        todos,
        both,
        left,
    } = &zh().kept;
    written([(&true, advice), (&true, both), (&false, todos), (&false, left)])
}

/// The same by whether they are kept as what the caller is to do.
fn todos() -> Vec<Line<bool>> {
    let Lists {
        advice,
        todos,
        both,
        left,
    } = &zh().kept;
    written([(&false, advice), (&true, both), (&true, todos), (&false, left)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_kept_by_what_others_teach() {
        let advice = left_out(&advice());
        assert!(advice >= 0.65, "{advice}");
    }
}
