//! What of what was said a record keeps, learned from calls whose authors wrote one (`knowledge/zh/kept.toml`).

use std::sync::LazyLock;

use sidetone_language::{List, Sentences, zh};
use sidetone_speech::text::TextPipeline;

use super::table::{Line, Table};
use super::text::{Bag, Vocabulary};
use crate::example::Speaker;

/// What is learned of both speakers' sentences.
#[derive(Debug)]
pub struct Kept {
    vocabulary: Vocabulary,
    agent: Tables,
    caller: Tables,
}

/// What is learned of one speaker's.
#[derive(Debug)]
struct Tables {
    advice: Table<bool>,
    todos: Table<bool>,
    risks: Table<bool>,
}

/// How likely a record holds a sentence, 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Worth {
    /// As advice.
    pub advice: f32,
    /// As what somebody is to do.
    pub todo: f32,
    /// As what may go wrong.
    pub risk: f32,
}

impl Kept {
    /// The language's, learned once when it is first needed.
    #[must_use]
    pub fn learned() -> &'static Self {
        static KEPT: LazyLock<Kept> = LazyLock::new(Kept::learn);
        &KEPT
    }

    fn learn() -> Self {
        let lists = &zh().kept;
        let said = lists.agent.iter().chain(&lists.caller);
        let texts: Vec<String> = said.flat_map(finished).collect();
        let vocabulary = Vocabulary::of(texts.iter().map(String::as_str));
        Self {
            agent: Tables::learn(&vocabulary, &lists.agent),
            caller: Tables::learn(&vocabulary, &lists.caller),
            vocabulary,
        }
    }

    /// What a sentence is worth.
    #[must_use]
    pub fn read(&self, speaker: Speaker, sentence: &str) -> Worth {
        let bag = self.vocabulary.bag(sentence);
        match speaker {
            Speaker::Agent => self.agent.read(&bag),
            Speaker::Caller => self.caller.read(&bag),
        }
    }
}

impl Tables {
    fn learn(vocabulary: &Vocabulary, said: &[Sentences]) -> Self {
        let table = |list| Table::learn(vocabulary, &lines(said, list));
        Self {
            advice: table(List::Advice),
            todos: table(List::Todos),
            risks: table(List::Risks),
        }
    }

    fn read(&self, bag: &Bag) -> Worth {
        Worth {
            advice: self.advice.share(bag, true),
            todo: self.todos.share(bag, true),
            risk: self.risks.share(bag, true),
        }
    }
}

/// Sentences by whether a list holds them.
fn lines(said: &[Sentences], list: List) -> Vec<Line<bool>> {
    let of_list = |said: &Sentences| {
        let (held, weight) = (said.lists.contains(&list), f32::from(said.one_in));
        finished(said).into_iter().map(move |text| (held, text, weight))
    };
    said.iter().flat_map(of_list).collect()
}

/// As finals have them: numbers as digits.
fn finished(said: &Sentences) -> Vec<String> {
    let pipeline = TextPipeline::default();
    said.said.iter().map(|text| pipeline.finish(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_kept_by_what_others_teach() {
        let right = |list| left_out(&lines(&zh().kept.agent, list));
        let (advice, todos) = (right(List::Advice), right(List::Todos));
        assert!(advice >= 0.65 && todos >= 0.8, "{advice} {todos}");
    }
}
