//! Which of what was said becomes an entry: what a record keeps, by what is learned of authors who wrote one.

use sidetone_base::Role;
use sidetone_language::{Act, Phrases, zh};
use sidetone_schema::Party;

use super::found::Found;
use super::worth::Weighed;
use super::{SURE, WORDS, entry};
use crate::understand::{Mood, clause_moods};

/// From such shares on a sentence is kept, set on authors left out in turn. Of 39 calls of three authors whom nobody has read, 0.35 of the advice is found and
/// 0.61 of what is written is wrong, 0.47 and 0.60 of the to-dos; of 76 risks two are found, and 52 of 54 that are written are wrong.
const ADVICE: f32 = 0.4;
const TODO: f32 = 0.3;
const RISK: f32 = 0.4;
/// So sure a caller promises.
const SURELY: f32 = 0.6;

impl Weighed<'_> {
    /// An agent's question is no entry, and a few words are none that promise nothing.
    fn tells(&self) -> bool {
        let statement = &self.said.statement;
        let asks = self.said.role == Role::Agent && statement.asks;
        let least = if statement.act == Act::Promise { 1 } else { WORDS };
        !asks && entry::advice(&statement.text).chars().count() >= least
    }

    fn as_advice(&self) -> f32 {
        match (self.said.role, self.said.statement.act) {
            (Role::Agent, Act::Advise | Act::State | Act::Warn) => self.worth.advice,
            _ => 0.0,
        }
    }

    fn as_todo(&self) -> f32 {
        let statement = &self.said.statement;
        match (self.said.role, statement.act) {
            // What is surely promised has to be done, whether others would write it or not.
            (Role::Agent, Act::Promise) if statement.share >= SURE && self.doer() == Party::Agent => 1.0,
            (Role::Caller, Act::Promise) if statement.share >= SURELY => 1.0,
            (Role::Agent, Act::Promise | Act::Advise | Act::State) => self.worth.todo,
            _ => 0.0,
        }
    }

    /// What is read as a question and has no question's form, as a caller's last warning, may be one all the same.
    fn as_risk(&self) -> f32 {
        let questions = || clause_moods(&self.said.statement.text).contains(&Mood::Question);
        match self.said.statement.act {
            Act::Chat | Act::Thank | Act::Identify => 0.0,
            Act::Ask if questions() => 0.0,
            _ => self.worth.risk,
        }
    }

    /// Who does what is said: an agent what they promise, but for what they tell the caller to do.
    fn doer(&self) -> Party {
        let words: Vec<char> = entry::brief(&self.said.statement.text).chars().collect();
        let told = zh().entries.you.head(&words).is_some();
        match (self.said.role, self.said.statement.act) {
            (Role::Agent, Act::Promise) if !told => Party::Agent,
            _ => Party::Caller,
        }
    }
}

/// What the agent advised and answered.
pub(super) fn advice(said: &[Weighed<'_>]) -> Found {
    let mut found = Found::default();
    for weighed in kept(said, ADVICE, Weighed::as_advice) {
        found.add(entry::advice(&weighed.said.statement.text), weighed.said, None);
    }
    found
}

/// What either will do, and what the agent told the caller to do.
pub(super) fn todos(said: &[Weighed<'_>], phrases: &Phrases) -> Found {
    let mut found = Found::default();
    for weighed in kept(said, TODO, Weighed::as_todo) {
        let (said, who) = (weighed.said, weighed.doer());
        let text = entry::todo(said.role, who, &said.statement.text, phrases);
        found.add(text, said, Some(who));
    }
    found
}

/// What either said that may go wrong: what a record would likely keep, else the likeliest of what warns. What a caller only tells or asks is none.
pub(super) fn risks(said: &[Weighed<'_>], complaint: &[String]) -> Found {
    let mut found = Found::default();
    let warns = |weighed: &&Weighed<'_>| match weighed.said.role {
        Role::Agent => weighed.said.statement.act == Act::Warn,
        Role::Caller => complaint.contains(&weighed.said.segment),
    };
    let likely = |weighed: &&Weighed<'_>| weighed.as_risk() >= RISK;
    let telling = || said.iter().filter(|weighed| weighed.tells());
    let mut kept: Vec<&Weighed<'_>> = telling().filter(likely).collect();
    if kept.is_empty() {
        let best = telling().filter(warns).filter(|weighed| weighed.as_risk() > 0.0);
        kept.extend(best.max_by(|a, b| a.as_risk().total_cmp(&b.as_risk())));
    }
    for weighed in kept {
        found.add(entry::brief(&weighed.said.statement.text), weighed.said, None);
    }
    found
}

/// What is worth `least`, in the order in which it was said; the best where nothing is.
fn kept<'w, 'r>(
    said: &'w [Weighed<'r>],
    least: f32,
    worth: fn(&Weighed<'r>) -> f32,
) -> impl Iterator<Item = &'w Weighed<'r>> {
    let telling = move || said.iter().filter(|weighed| weighed.tells());
    let best = telling().map(worth).fold(f32::MIN_POSITIVE, f32::max);
    telling().filter(move |weighed| worth(weighed) >= least.min(best))
}
