//! What the other party said that is nobody's: an office's number or address. Who says it again says nothing personal.

use std::collections::VecDeque;
use std::ops::Range;

use sidetone_schema::RedactionKind;

use super::tagger::{Label, value};

/// Turns that are remembered.
const TURNS: usize = 8;
/// Characters of a turn that are.
const LONGEST: usize = 240;
/// Fewer letters and digits may be anything's.
const SHORTEST: usize = 4;
/// Stands for what was covered, and for what lies between words.
const EDGE: char = '\0';

/// The other party's last turns as they were shown: digits however they were said, nothing between their groups.
#[derive(Clone, Default)]
pub(super) struct Openly(VecDeque<Vec<char>>);

impl Openly {
    /// Takes note of a settled turn.
    pub(super) fn hear(&mut self, chars: &[char], covered: &[Option<RedactionKind>]) {
        if self.0.len() == TURNS {
            self.0.pop_front();
        }
        let shown = chars.iter().zip(covered).take(LONGEST);
        let shown = shown.filter_map(|(c, covered)| match covered {
            Some(_) => Some(EDGE),
            None => plain(*c),
        });
        self.0.push_back(shown.collect());
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
        let known = |turn: &Vec<char>| turn.windows(said.len()).any(|shown| *shown == said);
        said.len() >= SHORTEST && self.0.iter().any(known)
    }
}

/// A digit or a letter as it is written, another character as it is; nothing for a mark.
fn plain(c: char) -> Option<char> {
    value(c).map(char::from).or_else(|| c.is_alphanumeric().then_some(c))
}
