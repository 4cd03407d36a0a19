//! Numbers as they are dictated.

use sidetone_assist::privacy::Label;

use super::dice::Dice;
use super::lists::Lists;
use super::marked::{Mark, Marked};

/// How one speaker says digits.
#[derive(Clone, Copy)]
pub(super) struct Style {
    /// In characters.
    pub(super) spoken: bool,
    /// One is yao.
    yao: bool,
    /// Pauses are commas, or something else.
    pause: usize,
    /// Runs are counted.
    counts: bool,
    /// Words stand between groups.
    wordy: bool,
}

impl Style {
    pub(super) fn new(dice: &mut Dice) -> Self {
        Self {
            spoken: dice.chance(55),
            yao: dice.chance(75),
            pause: dice.roll(100),
            counts: dice.chance(35),
            wordy: dice.chance(20),
        }
    }

    /// As an agent reads it back: all at once.
    pub(super) fn plain(dice: &mut Dice) -> Self {
        Self {
            spoken: dice.chance(35),
            counts: false,
            wordy: false,
            ..Self::new(dice)
        }
    }

    /// A digit or letter as it is said.
    pub(super) fn digit(self, lists: &Lists, c: char) -> String {
        match c.to_digit(10) {
            Some(1) if self.spoken && self.yao => lists.one.clone(),
            Some(value) if self.spoken => lists.spoken.get(value as usize).to_owned(),
            _ => c.to_string(),
        }
    }

    /// A group of digits or letters, with runs counted perhaps.
    pub(super) fn group(self, lists: &Lists, dice: &mut Dice, group: &str) -> Marked {
        let must = Mark::Must(Label::Number);
        let mut out = Marked::default();
        let chars: Vec<char> = group.chars().collect();
        let mut at = 0;
        while at < chars.len() {
            let run = chars[at..].iter().take_while(|c| **c == chars[at]).count();
            let counted = self.counts && (2..=9).contains(&run) && chars[at].is_ascii_digit() && dice.chance(80);
            if !counted {
                out.push(&self.digit(lists, chars[at]), must);
                at += 1;
                continue;
            }
            let pause = if dice.chance(60) { lists.pauses[0].as_str() } else { "" };
            out.push(if at > 0 { pause } else { "" }, Mark::May);
            let spoken = Self {
                spoken: true,
                yao: false,
                ..self
            };
            if run == 2 && dice.chance(60) {
                out.push(lists.pair.any(dice), must);
            } else {
                out.push(lists.spoken.get(run), must);
                out.push(lists.counter.any(dice), must);
            }
            out.push(&spoken.digit(lists, chars[at]), must);
            at += run;
            out.push(if at < chars.len() { pause } else { "" }, Mark::May);
        }
        out
    }

    /// A whole number, in groups perhaps.
    pub(super) fn say(self, lists: &Lists, dice: &mut Dice, number: &str, cuts: &[usize]) -> Marked {
        let groups = match dice.roll(10) {
            0..=3 => vec![number.to_owned()],
            4 if number.len() <= 12 && dice.chance(40) => number.chars().map(String::from).collect(),
            _ => cut(number, cuts),
        };
        let mut out = Marked::default();
        for (at, group) in groups.iter().enumerate() {
            if at > 0 {
                let wordy = self.wordy && groups.len() < 8 && dice.chance(60);
                let pause = match wordy {
                    true => dice.one(&lists.between),
                    false => &lists.pauses[self.pause % lists.pauses.len()],
                };
                out.push(pause, Mark::May);
            }
            let group = self.group(lists, dice, group);
            out.append(group);
        }
        out
    }
}

/// A number in groups of these lengths; the rest is the last one.
pub(super) fn cut(number: &str, cuts: &[usize]) -> Vec<String> {
    let mut rest: Vec<char> = number.chars().collect();
    let mut groups = Vec::new();
    for len in cuts.iter().filter(|len| **len > 0) {
        if *len >= rest.len() {
            break;
        }
        groups.push(rest.drain(..len).collect());
    }
    groups.push(rest.into_iter().collect());
    groups
}
