//! Which of what was said becomes an entry: what a record keeps, by what is learned of authors who wrote one.

use sidetone_base::Role;
use sidetone_language::{Act, Phrases};
use sidetone_schema::Party;

use super::found::Found;
use super::record::{Record, Said};
use super::{SURE, entry};
use crate::understand::{Mood, clause_moods};

/// From such shares on a sentence is kept. Of nine authors' 117 calls, each read by what the others teach: half of the advice is found and 0.45 of what is
/// written is wrong, 0.41 and 0.49 of the to-dos; of risks no share tells more than one in five.
const ADVICE: f32 = 0.5;
const TODO: f32 = 0.3;
const RISK: f32 = 0.7;
/// So sure a caller promises: one in three of such promises is in a record, of less sure ones one in five.
const SURELY: f32 = 0.6;

impl Said {
    fn as_advice(&self) -> f32 {
        match (self.role, self.statement.act) {
            (Role::Agent, Act::Advise | Act::State | Act::Warn) => self.worth.advice,
            _ => 0.0,
        }
    }

    fn as_todo(&self) -> f32 {
        match (self.role, self.statement.act) {
            // What is surely promised has to be done, whether others would write it or not.
            (Role::Agent, Act::Promise) if self.statement.share >= SURE => 1.0,
            (Role::Caller, Act::Promise) if self.statement.share >= SURELY => 1.0,
            (_, Act::Promise | Act::Advise | Act::State) => self.worth.todo,
            _ => 0.0,
        }
    }

    /// What is read as a question and has no question's form, as a caller's last warning, may be one all the same.
    fn as_risk(&self) -> f32 {
        let questions = || clause_moods(&self.statement.text).contains(&Mood::Question);
        match self.statement.act {
            Act::Chat | Act::Thank | Act::Identify => 0.0,
            Act::Ask if questions() => 0.0,
            _ => self.worth.risk,
        }
    }
}

impl Record {
    /// What the agent advised and answered.
    pub(super) fn advice(&self) -> Found {
        let mut found = Found::default();
        for said in self.kept(ADVICE, Said::as_advice) {
            found.add(entry::advice(&said.statement.text), said, None);
        }
        found
    }

    /// What either will do, and what the agent told the caller to do.
    pub(super) fn todos(&self, phrases: &Phrases) -> Found {
        let mut found = Found::default();
        for said in self.kept(TODO, Said::as_todo) {
            let who = match (said.role, said.statement.act) {
                (Role::Agent, Act::Promise) => Party::Agent,
                _ => Party::Caller,
            };
            let text = entry::todo(said.role, who, &said.statement.text, phrases);
            found.add(text, said, Some(who));
        }
        found
    }

    /// What either said that may go wrong: what a record would surely keep, else the likeliest of what warns. What a caller only tells or asks
    /// is none.
    pub(super) fn risks(&self) -> Found {
        let mut found = Found::default();
        let warning = || self.telling().filter(|said| self.warns(said));
        let is_sure = self.telling().any(|said| said.as_risk() >= RISK);
        let best = warning().map(Said::as_risk).fold(f32::MIN_POSITIVE, f32::max);
        let kept = |said: &&Said| match is_sure {
            true => said.as_risk() >= RISK,
            false => self.warns(said) && said.as_risk() >= best,
        };
        for said in self.telling().filter(kept) {
            found.add(entry::brief(&said.statement.text), said, None);
        }
        found
    }

    /// Whether an agent warns, or a caller announces a complaint.
    fn warns(&self, said: &Said) -> bool {
        match said.role {
            Role::Agent => said.statement.act == Act::Warn,
            Role::Caller => self.complaint.contains(&said.segment),
        }
    }

    /// What is worth `least`, in the order in which it was said; the best where nothing is.
    fn kept(&self, least: f32, worth: fn(&Said) -> f32) -> impl Iterator<Item = &Said> {
        let best = self.telling().map(worth).fold(f32::MIN_POSITIVE, f32::max);
        self.telling().filter(move |said| worth(said) >= least.min(best))
    }

    fn telling(&self) -> impl Iterator<Item = &Said> {
        let says = |said: &&Said| !entry::advice(&said.statement.text).is_empty();
        self.said.iter().filter(says)
    }
}
