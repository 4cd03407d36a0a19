//! Which statements become entries: of each element the likeliest, as many as a call of this length has.

use sidetone_base::Role;
use sidetone_language::{Act, Phrases};
use sidetone_schema::Party;

use super::found::Found;
use super::record::{Record, Said};
use super::{LIKELY, SURE, entry};

/// How many entries an element has.
struct Room {
    /// Caller's turns for each.
    turns: usize,
    least: usize,
    most: usize,
}

/// The records of 26 calls by two authors have an entry of advice for each three to four of the caller's turns, two tasks and two risks a call.
const ADVICE: Room = Room {
    turns: 3,
    least: 3,
    most: 8,
};
const TASKS: Room = Room {
    turns: 6,
    least: 1,
    most: 4,
};
const RISKS: Room = Room {
    turns: 8,
    least: 1,
    most: 4,
};
/// So likely a record keeps what an agent tells a caller to do.
const TASK: f32 = 0.3;
/// What an agent tells a caller to do is kept more often than a rule that is stated.
const TOLD: f32 = 1.5;
/// What is worth less is no advice, unless there is none that is worth more.
const WORTH: f32 = 0.3;

impl Room {
    fn of(&self, turns: u32) -> usize {
        (turns as usize / self.turns).clamp(self.least, self.most)
    }
}

impl Said {
    /// What it is worth as advice; not a share, only compared.
    fn as_advice(&self) -> f32 {
        let told = if self.statement.act == Act::Advise { TOLD } else { 1.0 };
        self.worth.advice * told
    }
}

impl Record {
    /// What the agent advised and answered.
    pub(super) fn advice(&self) -> Found {
        let mut found = Found::default();
        let mut heard = self.heard(&[Act::Advise, Act::State], Role::Agent);
        if heard.iter().any(|at| self.said[*at].as_advice() >= WORTH) {
            heard.retain(|at| self.said[*at].as_advice() >= WORTH);
        }
        for at in self.best(heard, &ADVICE, Said::as_advice) {
            let said = &self.said[at];
            found.add(entry::advice(&said.statement.text), said, None);
        }
        found
    }

    /// What either will do, and what the agent told the caller to do.
    pub(super) fn todos(&self, phrases: &Phrases) -> Found {
        let told = self.heard(&[Act::Advise], Role::Agent);
        let told = told.into_iter().filter(|at| self.said[*at].worth.todo >= TASK);
        let mut chosen = self.best(told.collect(), &TASKS, |said| said.worth.todo);
        chosen.extend(self.heard(&[Act::Promise], Role::Agent));
        chosen.extend(self.heard(&[Act::Promise], Role::Caller));
        chosen.sort_unstable();
        let mut found = Found::default();
        for at in chosen {
            let said = &self.said[at];
            let who = match (said.role, said.statement.act) {
                (Role::Agent, Act::Promise) => Party::Agent,
                _ => Party::Caller,
            };
            found.add(
                entry::todo(said.role, who, &said.statement.text, phrases),
                said,
                Some(who),
            );
        }
        found
    }

    /// What the agent warned of.
    pub(super) fn risks(&self) -> Found {
        let mut found = Found::default();
        let heard = self.heard(&[Act::Warn], Role::Agent);
        for at in self.best(heard, &RISKS, |said| said.statement.share) {
            let said = &self.said[at];
            found.add(entry::brief(&said.statement.text), said, None);
        }
        found
    }

    /// Where statements of some kinds are; the surest where none is sure.
    fn heard(&self, acts: &[Act], role: Role) -> Vec<usize> {
        let of_kind = |at: &usize| acts.contains(&self.said[*at].statement.act) && self.said[*at].role == role;
        let share = |at: &usize| self.said[*at].statement.share;
        let all: Vec<usize> = (0..self.said.len()).filter(of_kind).collect();
        let sure: Vec<usize> = all.iter().copied().filter(|at| share(at) >= SURE).collect();
        if !sure.is_empty() {
            return sure;
        }
        let likely = all.into_iter().filter(|at| share(at) >= LIKELY);
        likely
            .max_by(|a, b| share(a).total_cmp(&share(b)))
            .into_iter()
            .collect()
    }

    /// The best that there is room for, in the order in which they were said.
    fn best(&self, mut heard: Vec<usize>, room: &Room, worth: impl Fn(&Said) -> f32) -> Vec<usize> {
        heard.sort_by(|a, b| worth(&self.said[*b]).total_cmp(&worth(&self.said[*a])));
        heard.truncate(room.of(self.caller_turns));
        heard.sort_unstable();
        heard
    }
}
