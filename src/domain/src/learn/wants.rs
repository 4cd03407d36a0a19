//! What a caller's turn wants to see beside an answer, and in what manner it is said: learned from the language's labelled turns
//! (`knowledge/zh/wants.toml`). The pack's own turns stand for ordinary ones, so that the line's words tell nothing of either.

use sidetone_language::{Manner, View, zh};

use super::table::{Table, written};
use super::text::Vocabulary;
use crate::example::Example;

/// What each of the pack's turns counts beside one labelled turn: some of them want another view, too.
const PACK: f32 = 0.25;
/// As many of the pack's turns as there are labelled ones of a kind: with ten times as many nearly every turn is read as ordinary.
const TURNS: usize = 40;
/// Of the pack's turns that ask, as ordinary questions: about twice as many as there are labelled turns of a view.
const ORDINARY: usize = 100;
/// Of the pack's turns that ask nothing: most of a call are such.
const SILENT: usize = 120;
/// Less likely than this, a turn is an ordinary one. A view stands beside an answer that is shown anyway; words to say may stand alone.
const SURE_VIEW: f32 = 0.35;
const SURE_MANNER: f32 = 0.5;

/// What is learned of callers' turns.
#[derive(Debug)]
pub struct Wants {
    vocabulary: Vocabulary,
    views: Table<View>,
    manners: Table<Manner>,
}

impl Wants {
    /// From the language's turns and from a pack's.
    pub(crate) fn learn(examples: &[Example]) -> Self {
        let (mut views, mut manners) = (written(&zh().wants.views), written(&zh().wants.manners));
        let some = |of: Vec<&Example>, most: usize| -> Vec<String> {
            let step = (of.len() / most).max(1);
            of.into_iter()
                .step_by(step)
                .map(|example| example.text.clone())
                .collect()
        };
        // Who thanks, agrees or tells their story is as plain as who asks.
        let (asking, silent): (Vec<_>, Vec<_>) = examples.iter().partition(|example| example.node.is_some());
        let ordinary = some(asking.clone(), ORDINARY).into_iter();
        views.extend(ordinary.map(|text| (View::Answer, text, PACK)));
        let lines = some(asking, TURNS).into_iter().chain(some(silent, SILENT));
        manners.extend(lines.map(|text| (Manner::Plain, text, PACK)));
        let vocabulary = Vocabulary::of(
            views
                .iter()
                .map(|line| &line.1)
                .chain(manners.iter().map(|line| &line.1))
                .map(String::as_str),
        );
        Self {
            views: Table::learn(&vocabulary, &views),
            manners: Table::learn(&vocabulary, &manners),
            vocabulary,
        }
    }

    /// What a turn wants to see, and how it is said.
    #[must_use]
    pub fn read(&self, text: &str) -> (View, Manner) {
        let bag = self.vocabulary.bag(text);
        (
            sure(&self.views.read(&bag), SURE_VIEW),
            sure(&self.manners.read(&bag), SURE_MANNER),
        )
    }
}

/// The likeliest label, where it is likely enough.
fn sure<L: Copy + Default>(shares: &[(L, f32)], least: f32) -> L {
    let best = shares.first().filter(|(_, share)| *share >= least);
    best.map_or_else(L::default, |(label, _)| *label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::table::left_out;

    #[test]
    fn most_turns_are_read_by_what_others_teach() {
        let (views, manners) = (
            left_out(&written(&zh().wants.views)),
            left_out(&written(&zh().wants.manners)),
        );
        assert!(views >= 0.7 && manners >= 0.45, "{views} {manners}");
    }
}
