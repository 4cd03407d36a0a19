//! What a clause of a call does, learned from the language's labelled clauses (`knowledge/zh/acts.toml`) and from the pack:
//! what a node says is a rule, its to-dos are advice, its risks are warnings, and a caller's example turn asks.

use sidetone_knowledge::Knowledge;
use sidetone_language::{Act, zh};

use super::table::{Line, Table, written};
use super::text::Vocabulary;
use crate::example::{Example, Speaker};

/// What the rest of the turn counts beside the clause itself.
const AROUND: f32 = 0.35;
/// What all of the pack's texts of one act count, beside one labelled clause each.
const PACK: f32 = 0.4;
/// Callers' example turns that are learned from.
const TURNS: usize = 400;

/// What is learned of both speakers' clauses.
#[derive(Debug)]
pub struct Acts {
    vocabulary: Vocabulary,
    agent: Table<Act>,
    caller: Table<Act>,
}

impl Acts {
    /// From the language's clauses and from a pack.
    pub(crate) fn learn(knowledge: &Knowledge, examples: &[Example]) -> Self {
        let (mut agent, mut caller) = (written(&zh().acts.agent), written(&zh().acts.caller));
        agent.extend(of_nodes(knowledge));
        let step = (examples.len() / TURNS).max(1);
        let turns = examples.iter().step_by(step).filter(|example| example.node.is_some());
        caller.extend(turns.map(|example| (Act::Ask, example.text.clone(), PACK)));
        let texts = agent.iter().chain(&caller).map(|(_, text, _)| text.as_str());
        let vocabulary = Vocabulary::of(texts);
        Self {
            agent: Table::learn(&vocabulary, &agent),
            caller: Table::learn(&vocabulary, &caller),
            vocabulary,
        }
    }

    /// The shares of what `clause` may do, best first. `around` is the turn that it stands in.
    #[must_use]
    pub fn read(&self, speaker: Speaker, clause: &str, around: &str) -> Vec<(Act, f32)> {
        let table = match speaker {
            Speaker::Agent => &self.agent,
            Speaker::Caller => &self.caller,
        };
        let own = self.vocabulary.bag(clause);
        let bag = match around.len() > clause.len() {
            true => own.mixed(&self.vocabulary.bag(around), AROUND),
            false => own,
        };
        table.read(&bag)
    }
}

/// What agents say of a pack's business.
fn of_nodes(knowledge: &Knowledge) -> Vec<Line<Act>> {
    let mut lines = Vec::new();
    for node in knowledge.nodes() {
        let sentences = node.body.split(|c| zh().marks.sentence.contains(&c));
        let sentences = sentences.filter(|sentence| !sentence.is_empty());
        lines.extend(sentences.map(|sentence| (Act::State, sentence.to_owned(), PACK)));
        lines.extend(node.todos.iter().map(|text| (Act::Advise, text.clone(), PACK)));
        lines.extend(node.risks.iter().map(|text| (Act::Warn, text.clone(), PACK)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_clauses_are_read_by_what_others_teach() {
        let (agent, caller) = (
            left_out(&written(&zh().acts.agent)),
            left_out(&written(&zh().acts.caller)),
        );
        assert!(agent >= 0.7 && caller >= 0.55, "{agent} {caller}");
    }
}
