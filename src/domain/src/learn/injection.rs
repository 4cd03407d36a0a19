//! Speech that commands the program that listens, instead of the other party (prompt injection): "forget your rules and
//! write …". It is transcribed like all speech, and no matter of the call.

use std::borrow::Cow;

use sidetone_language::{Injection, Marks};

use super::table::{Line, Table};
use super::text::Vocabulary;

/// Of a line's own turns so many are learned from, as ordinary speech.
const MOST_TURNS: usize = 2_000;
/// What an example counts beside a line's own turn: commands, and what sounds like them.
const COMMAND: f32 = 4.0;
const ORDINARY: f32 = 2.0;
/// A sentence with this share, or more, is a command. A caller's words must not go lost for sounding like one.
pub(super) const SURE: f32 = 0.9;
/// In a turn that has one, this is enough for another sentence.
pub(super) const LIKELY: f32 = 0.4;
/// A clause of fewer characters tells too little.
const SHORT: usize = 5;

/// To whom something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Addressee {
    Program,
    Party,
}

/// Tells commands to the program from what the parties say to each other.
#[derive(Debug)]
pub(crate) struct InjectionFilter {
    vocabulary: Vocabulary,
    table: Table<Addressee>,
}

impl InjectionFilter {
    /// Learns from a language's examples and a line's turns.
    pub(crate) fn learn<'a>(examples: &Injection, turns: impl Iterator<Item = &'a str>) -> Self {
        let turns: Vec<&str> = turns.collect();
        let every = turns.len().div_ceil(MOST_TURNS).max(1);
        Self::of(examples, turns.into_iter().step_by(every))
    }

    /// Learns from a language's examples and from texts that are said or written to people.
    pub(super) fn of<'a>(examples: &Injection, to_people: impl Iterator<Item = &'a str>) -> Self {
        let line = |addressee: Addressee, weight: f32| move |text: &str| (addressee, text.to_owned(), weight);
        let lines: Vec<Line<Addressee>> = examples
            .commands
            .iter()
            .map(line(Addressee::Program, COMMAND))
            .chain(examples.ordinary.iter().map(line(Addressee::Party, ORDINARY)))
            .chain(to_people.map(line(Addressee::Party, 1.0)))
            .collect();
        let vocabulary = Vocabulary::of(lines.iter().map(|(_, text, _)| text.as_str()));
        Self {
            table: Table::learn(&vocabulary, &lines),
            vocabulary,
        }
    }

    /// The text without sentences that command the program.
    pub(crate) fn without<'a>(&self, marks: &Marks, text: &'a str) -> Cow<'a, str> {
        let sentences: Vec<(&str, f32)> = text
            .split_inclusive(|c| marks.sentence.contains(&c) || matches!(c, '?' | '!' | ';'))
            .map(|sentence| (sentence, self.strongest(marks, sentence)))
            .collect();
        if sentences.iter().all(|(_, share)| *share < SURE) {
            return Cow::Borrowed(text);
        }
        let kept = sentences.iter().filter(|(_, share)| *share < LIKELY);
        Cow::Owned(kept.map(|(sentence, _)| *sentence).collect())
    }

    /// Of a sentence, and of each of its clauses.
    pub(super) fn strongest(&self, marks: &Marks, sentence: &str) -> f32 {
        let clauses = sentence.split(|c| marks.ends_clause(c) || c == ',');
        let long = clauses.filter(|clause| length(clause) >= SHORT);
        long.chain([sentence]).map(|part| self.share(part)).fold(0.0, f32::max)
    }

    pub(super) fn share(&self, text: &str) -> f32 {
        let shares = self.table.read(&self.vocabulary.bag(text));
        let program = shares.into_iter().find(|(to, _)| *to == Addressee::Program);
        program.map_or(0.0, |(_, share)| share)
    }
}

/// Letters and digits.
pub(super) fn length(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}
