//! What earlier turns tell about a text.

use std::collections::VecDeque;

use sidetone_schema::RedactionKind;

/// What both parties have said of numbers so far, and how long ago.
#[derive(Clone, Default)]
pub(in crate::privacy) struct Scene {
    /// Letters and digits that were covered: by stretch, and all of a turn.
    numbers: VecDeque<Vec<u8>>,
    /// What either party said of them lately, one after the other: a number may come in several turns.
    run: [Vec<u8>; 2],
    /// Turns since one was covered.
    since: Option<u8>,
    /// Turns since a home, a date of birth, a name was covered.
    others: [Option<u8>; 3],
}

impl Scene {
    /// Stretches that are remembered; beyond it the oldest is forgotten.
    const MOST: usize = 24;
    /// Longer ago than this is long ago.
    const LONG_AGO: u8 = 8;

    /// No number is longer.
    const LONGEST: usize = 40;

    /// Takes note of a settled turn of one party: the letters and digits of each covered number, and what else was covered.
    pub(in crate::privacy) fn hear(&mut self, party: usize, numbers: Vec<Vec<u8>>, kinds: &[RedactionKind]) {
        let tick = |since: &mut Option<u8>, now: bool| {
            *since = if now {
                Some(0)
            } else {
                since.map(|turns| (turns + 1).min(Self::LONG_AGO))
            };
        };
        tick(&mut self.since, !numbers.is_empty());
        let covered = [RedactionKind::Address, RedactionKind::BirthDate, RedactionKind::Name];
        for (since, kind) in self.others.iter_mut().zip(covered) {
            tick(since, kinds.contains(&kind));
        }
        let all = numbers.concat();
        let run = &mut self.run[party];
        run.extend_from_slice(&all);
        run.drain(..run.len().saturating_sub(Self::LONGEST));
        let several = numbers.len() > 1;
        for number in numbers.into_iter().chain(several.then_some(all)) {
            if self.numbers.len() == Self::MOST {
                self.numbers.pop_front();
            }
            self.numbers.push_back(number);
        }
    }

    /// Whether no number was covered so far.
    pub(in crate::privacy) fn is_quiet(&self) -> bool {
        self.numbers.is_empty()
    }

    /// How many turns ago a number was covered, in four steps; 4 is never.
    pub(super) fn since(&self) -> u32 {
        step(self.since)
    }

    /// The same of homes, dates of birth and names.
    pub(super) fn others(&self) -> [u32; 3] {
        self.others.map(step)
    }

    /// Whether a covered number ends with these letters and digits, begins with them, or holds them: 3, 2, 1; else 0.
    pub(super) fn known(&self, value: &[u8]) -> u32 {
        let runs = self.run.iter().filter(|run| run.len() > value.len());
        known(self.numbers.iter().chain(runs).map(Vec::as_slice), value)
    }
}

fn step(since: Option<u8>) -> u32 {
    match since {
        Some(turns @ 0..=1) => u32::from(turns),
        Some(2..=3) => 2,
        Some(_) => 3,
        None => 4,
    }
}

/// As [`Scene::known`], of these numbers.
pub(super) fn known<'a>(numbers: impl Iterator<Item = &'a [u8]>, value: &[u8]) -> u32 {
    if value.is_empty() {
        return 0;
    }
    let how = |number: &[u8]| {
        if number.ends_with(value) {
            3
        } else if number.starts_with(value) {
            2
        } else {
            u32::from(number.windows(value.len()).any(|part| part == value))
        }
    };
    numbers.map(how).max().unwrap_or(0)
}
