//! Which of what was said becomes an entry: what a record keeps, by what is learned of authors who wrote one.

use sidetone_base::Role;
use sidetone_language::{Act, Phrases};
use sidetone_schema::Party;

use super::entry;
use super::found::Found;
use super::record::{Record, Said};

/// From such shares on a sentence is kept. Of nine authors' 117 calls, each read by what the others teach: half of the advice is found and 0.45 of what is
/// written is wrong, 0.38 and 0.48 of the to-dos; of risks no share tells more than one in five.
const ADVICE: f32 = 0.5;
const TODO: f32 = 0.4;
const RISK: f32 = 0.7;
/// How many times the odds are that an agent's sentence is kept who says that they will do it.
const PROMISED: f32 = 3.0;

impl Said {
    fn as_advice(&self) -> f32 {
        match (self.role, self.statement.act) {
            (Role::Agent, Act::Advise | Act::State | Act::Warn) => self.worth.advice,
            _ => 0.0,
        }
    }

    fn as_todo(&self) -> f32 {
        match (self.role, self.statement.act) {
            (Role::Agent, Act::Promise) => raised(self.worth.todo, PROMISED),
            (_, Act::Promise | Act::Advise | Act::State) => self.worth.todo,
            _ => 0.0,
        }
    }

    fn as_risk(&self) -> f32 {
        match self.statement.act {
            Act::Ask | Act::Chat | Act::Thank | Act::Identify => 0.0,
            _ => self.worth.risk,
        }
    }
}

/// A share whose odds are so many times as high.
fn raised(share: f32, times: f32) -> f32 {
    share * times / (1.0 + share * (times - 1.0))
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

    /// What either said that may go wrong.
    pub(super) fn risks(&self) -> Found {
        let mut found = Found::default();
        for said in self.kept(RISK, Said::as_risk) {
            found.add(entry::brief(&said.statement.text), said, None);
        }
        found
    }

    /// What is worth `least`, in the order in which it was said; the best where nothing is.
    fn kept(&self, least: f32, worth: fn(&Said) -> f32) -> impl Iterator<Item = &Said> {
        let best = self.said.iter().map(worth).fold(0.0, f32::max);
        let least = least.min(best);
        let kept = move |said: &&Said| worth(said) > 0.0 && worth(said) >= least;
        self.said.iter().filter(kept)
    }
}
