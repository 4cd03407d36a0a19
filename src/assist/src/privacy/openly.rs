//! What was said openly and is nobody's: an office's number or address. Who says it again says nothing personal.

use std::collections::VecDeque;
use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::tagger::{Label, value};

/// Turns that are remembered.
const TURNS: usize = 16;
/// Characters of a turn that are.
const LONGEST: usize = 240;
/// Fewer letters and digits may be anything's; of what the speaker said themselves, more.
const SHORTEST: usize = 4;
const SHORTEST_OWN: usize = 6;
/// Digits that were a number of their own.
const ALONE: usize = 3;
/// Stands for what was covered, and for what lies between words.
const EDGE: char = '\0';

/// The last turns of both parties as they were shown: digits however they were said, nothing between their groups.
#[derive(Clone, Default)]
pub(super) struct Openly(VecDeque<Turn>);

#[derive(Clone)]
struct Turn {
    shown: Vec<char>,
    /// The speaker said it who may say it again.
    own: bool,
}

impl Openly {
    /// Takes note of a settled turn.
    pub(super) fn hear(&mut self, chars: &[char], covered: &[Option<RedactionKind>], own: bool) {
        if self.0.len() == TURNS {
            self.0.pop_front();
        }
        let shown = chars.iter().zip(covered).take(LONGEST);
        let shown = shown.filter_map(|(c, covered)| match covered {
            Some(_) => Some(EDGE),
            None => plain(*c),
        });
        let shown = shown.collect();
        self.0.push_back(Turn { shown, own });
    }

    /// Shows what was said openly.
    pub(super) fn show(&self, chars: &[char], labels: &mut [Label]) {
        let mut begin = 0;
        while begin < labels.len() {
            let label = labels[begin];
            let end = begin + labels[begin..].iter().take_while(|next| **next == label).count();
            if matches!(label, Label::Number | Label::Address) && self.holds(chars, begin..end) {
                labels[begin..end].fill(Label::Other);
            }
            begin = end;
        }
    }

    fn holds(&self, chars: &[char], range: Range<usize>) -> bool {
        let said: Vec<char> = chars[range].iter().filter_map(|c| plain(*c)).collect();
        let digits = said.iter().all(char::is_ascii_digit);
        let beside =
            |shown: &[char], at: Option<usize>| at.and_then(|at| shown.get(at)).is_some_and(char::is_ascii_digit);
        self.0.iter().any(|Turn { shown, own }| {
            let mut places = (0..shown.len()).filter(|at| shown[*at..].starts_with(&said));
            let alone = |at: usize| !beside(shown, at.checked_sub(1)) && !beside(shown, Some(at + said.len()));
            match said.len() {
                ALONE if digits && !own => places.any(alone),
                len => len >= if *own { SHORTEST_OWN } else { SHORTEST } && places.next().is_some(),
            }
        })
    }
}

/// A digit or a letter as it is written, another character as it is; nothing for a mark.
fn plain(c: char) -> Option<char> {
    value(c).map(char::from).or_else(|| c.is_alphanumeric().then_some(c))
}
