//! Given names, said without their surnames: of whom the call knows the whole name.

use std::collections::VecDeque;
use std::ops::Range;

use sidetone_language::is_han;
use sidetone_schema::RedactionKind;

use super::cover::stretches;
use super::span::Span;
use super::tagger::Label;
use super::token::is_filler;
use super::words;

/// Names that are remembered; beyond it the oldest is forgotten.
const MOST: usize = 8;

/// The whole names of a call, whoever said them.
#[derive(Clone, Default)]
pub(super) struct Given(VecDeque<Whole>);

#[derive(Clone, PartialEq)]
struct Whole {
    surname: Vec<char>,
    given: Vec<char>,
}

impl Given {
    /// Remembers the whole names among what was covered.
    pub(super) fn learn(&mut self, chars: &[char], covered: &[Span]) {
        const LENGTHS: Range<usize> = 1..3;
        for (range, _) in covered.iter().filter(|(_, kind)| *kind == RedactionKind::Name) {
            let said = &chars[range.clone()];
            let Some((surname, given)) = words().surname.head(said).map(|len| said.split_at(len)) else {
                continue;
            };
            let whole = Whole {
                surname: surname.to_vec(),
                given: given.to_vec(),
            };
            if !LENGTHS.contains(&given.len()) || !given.iter().all(|c| is_han(*c)) || self.0.contains(&whole) {
                continue;
            }
            if self.0.len() == MOST {
                self.0.pop_front();
            }
            self.0.push_back(whole);
        }
    }

    /// With the whole names of this text.
    pub(super) fn with(&self, chars: &[char], labels: &[Label]) -> Self {
        let mut with = self.clone();
        let covered: Vec<_> = labels.iter().map(|label| label.kind()).collect();
        with.learn(chars, &stretches(&covered));
        with
    }

    /// Covers the given names of the text, and shows the words that are said as words, and the titles behind a name.
    pub(super) fn settle(&self, chars: &[char], labels: &mut [Label]) {
        let show = |range: Range<usize>, labels: &mut [Label]| {
            let named = labels[range].iter_mut().filter(|label| **label == Label::Name);
            named.for_each(|label| *label = Label::Other);
        };
        for whole in &self.0 {
            for at in 0..chars.len() {
                // Behind its surname, or what was heard for one, it is a part of the whole name.
                let within = at.checked_sub(1).is_some_and(|before| labels[before] == Label::Name);
                if !chars[at..].starts_with(&whole.given) || within || chars[..at].ends_with(&whole.surname) {
                    continue;
                }
                let range = at..at + whole.given.len();
                if whole.is_meant(chars, &range) {
                    labels[range.clone()].fill(Label::Name);
                    let title = words().given_title.head(&chars[range.end..]).unwrap_or(0);
                    show(range.end..range.end + title, labels);
                } else if whole.is_word() {
                    show(range, labels);
                }
            }
        }
    }
}

impl Whole {
    /// Whether the given name is a word of every day, too.
    fn is_word(&self) -> bool {
        words().given_word.head(&self.given) == Some(self.given.len())
    }

    /// Whether it is the name that is said there. Of one character it is with a title, or with what makes a name of one; a word of
    /// every day is with a title, behind the whole name, or where somebody is addressed.
    fn is_meant(&self, chars: &[char], range: &Range<usize>) -> bool {
        let (before, behind) = (&chars[..range.start], &chars[range.end..]);
        if words().given_title.head(behind).is_some() {
            return true;
        }
        if range.len() == 1 {
            let ends = behind.first().is_none_or(|c| !is_han(*c)) || words().name_edge.head(behind).is_some();
            return ends && words().given_before.tail(before).is_some();
        }
        let called = [&words().called, &words().name_cue];
        let whole = [&self.surname[..], &self.given].concat();
        if before.windows(whole.len()).any(|said| said == whole) {
            return true;
        }
        !self.is_word() || called.iter().any(|cues| cues.tail(before).is_some()) || addresses(before, behind)
    }
}

/// Whether somebody is addressed by what stands between: it begins a clause, and the one who is spoken to follows; or it is all that
/// is said.
fn addresses(before: &[char], behind: &[char]) -> bool {
    let pause = behind
        .iter()
        .take_while(|c| !is_han(**c) && !c.is_alphanumeric())
        .count();
    let begins = before.last().is_none_or(|c| !is_han(*c));
    let alone = is_filler(before) && is_filler(behind);
    alone || (begins && words().addressed.head(&behind[pause..]).is_some())
}
