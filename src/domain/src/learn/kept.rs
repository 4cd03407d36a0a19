//! What of what was said a record keeps, learned from calls whose authors wrote one (`knowledge/zh/kept.toml`).

use std::sync::LazyLock;

use sidetone_language::{List, Sentences, zh};
use sidetone_speech::text::TextPipeline;

use super::table::Table;
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
    /// Of an agent's.
    advice: Option<Table<bool>>,
    todos: Table<bool>,
    risks: Table<bool>,
}

/// A sentence with the lists that hold it, and what it counts.
type Held<'l> = (&'l [List], Bag, f32);

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
        let [agent, caller] = [&zh().kept.agent, &zh().kept.caller].map(|said| finished(said.as_slice()));
        let texts = agent.iter().chain(&caller).map(|(_, text, _)| text.as_str());
        let vocabulary = Vocabulary::of(texts);
        Self {
            agent: Tables::learn(&vocabulary, agent, Speaker::Agent),
            caller: Tables::learn(&vocabulary, caller, Speaker::Caller),
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
    fn learn(vocabulary: &Vocabulary, said: Vec<Finished<'_>>, speaker: Speaker) -> Self {
        let said: Vec<Held<'_>> = said
            .into_iter()
            .map(|(lists, text, weight)| (lists, vocabulary.bag(&text), weight))
            .collect();
        let table = |list| {
            let lines = said
                .iter()
                .map(|(lists, bag, weight)| (lists.contains(&list), bag.clone(), *weight));
            Table::of(&lines.collect::<Vec<_>>())
        };
        Self {
            advice: (speaker == Speaker::Agent).then(|| table(List::Advice)),
            todos: table(List::Todos),
            risks: table(List::Risks),
        }
    }

    fn read(&self, bag: &Bag) -> Worth {
        Worth {
            advice: self.advice.as_ref().map_or(0.0, |table| table.share(bag, true)),
            todo: self.todos.share(bag, true),
            risk: self.risks.share(bag, true),
        }
    }
}

/// A sentence as a final has it, numbers as digits, with the lists that hold it, and what it counts.
type Finished<'l> = (&'l [List], String, f32);

fn finished(said: &[Sentences]) -> Vec<Finished<'_>> {
    let pipeline = TextPipeline::default();
    let mut all = Vec::new();
    for same in said {
        let weight = f32::from(same.one_in);
        all.extend(
            same.said
                .iter()
                .map(|text| (same.lists.as_slice(), pipeline.finish(text), weight)),
        );
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_sentences_are_kept_by_what_others_teach() {
        let said = finished(&zh().kept.agent);
        let held = |list| {
            let lines = said.iter();
            lines.map(move |(lists, text, weight)| (lists.contains(&list), text.clone(), *weight))
        };
        let right = |list| left_out(&held(list).collect::<Vec<_>>());
        let (advice, todos) = (right(List::Advice), right(List::Todos));
        assert!(advice >= 0.65 && todos >= 0.8, "{advice} {todos}");
    }
}
