//! The ways in which a text may be read, one after the other.

use super::compose::{Asked, on_topics, question};
use super::cover::cover;
use super::ear::counted_by_ear;
use super::learned::shares;
use super::lexicon::Vocabulary;
use super::read::read;
use super::remark;
use super::signs::answerable;
use super::{Answer, Reason};

/// Reading by sound costs most.
const HEARD_READINGS: usize = 2;
/// The least share of a metric that no reading leaves out.
const MEANT: f32 = 0.5;

/// How much of a text must be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Known {
    /// Every word.
    Whole,
    /// What is asked beside the metric, which is learned.
    Enough,
}

/// A text, and whether it is read as it sounds.
type Reading<'a> = (&'a str, bool);

/// Why a text was not understood as it is written, where other readings are no help: it says so itself.
fn is_final(answer: &Answer) -> bool {
    let Answer::Refusal { reason, .. } = answer else {
        return false;
    };
    matches!(reason, Reason::Forecast | Reason::Query)
}

impl Asked<'_> {
    /// Reads the text as it is written whole, then without its remarks, then, of what has no marks, as it sounds; last with
    /// words that no table has.
    pub(super) fn answers(&self, vocabulary: &Vocabulary) -> Answer {
        let parts = read(&cover(self.text, vocabulary, false), &self.clock);
        if parts.mistimed {
            return question("question.window");
        }
        // What only narrows the former question names no metric.
        let narrows = self.before.is_some() && parts.refusal.is_none() && parts.only_narrows();
        // A recogniser writes no marks.
        let spoken = !self.text.chars().any(remark::is_mark);
        let heard = || read(&cover(self.text, vocabulary, true), &self.clock);
        let answered = narrows
            || answerable(&self.signs(&parts, vocabulary))
            || spoken && answerable(&self.signs(&heard(), vocabulary));
        let refused = || parts.refused().unwrap_or_else(|| parts.nothing());
        if !answered && (parts.refusal.is_some() || parts.guessed) {
            return refused();
        }
        let written = match self.answer(parts.clone(), Known::Whole) {
            Ok(answer) => return answer,
            Err(answer) if is_final(&answer) => return answer,
            Err(answer) => answer,
        };
        let mut readings = remark::without(self.text, vocabulary);
        // What may tell something is left out only where what was learned speaks for an answer.
        readings.extend(remark::beside(self.text, vocabulary).filter(|text| answered && !readings.contains(text)));
        let told = counted_by_ear(self.text);
        let texts = readings.iter().map(String::as_str).chain(behind_colon(self.text));
        let texts: Vec<Reading> = texts.map(|text| (text, false)).collect();
        let heard = [self.text].into_iter().chain(told.as_deref());
        let heard = heard.chain(readings.iter().take(HEARD_READINGS).map(String::as_str));
        let heard: Vec<Reading> = heard.map(|text| (text, true)).collect();
        let mut back = None;
        let mut first = |readings: &[Reading], known| self.first(readings, known, vocabulary, &mut back);
        let whole = first(&texts, Known::Whole).or_else(|| spoken.then(|| first(&heard, Known::Whole))?);
        if let Some(answer) = whole {
            return answer;
        }
        // What the tables name whole is answered whatever was learned.
        if !answered || remark::narrowed(self.text, vocabulary) {
            return refused();
        }
        let (mut enough, mut last) = (vec![(self.text, false)], vec![(self.text, true)]);
        enough.extend(&texts);
        if spoken {
            std::mem::swap(&mut enough, &mut last);
        }
        let found = first(&enough, Known::Enough).or_else(|| first(&last, Known::Enough));
        found
            .or(back)
            .or_else(|| self.reads((self.text, false), Known::Enough, vocabulary).err())
            .unwrap_or(written)
    }

    fn reads(&self, (text, by_ear): Reading, known: Known, vocabulary: &Vocabulary) -> Result<Answer, Answer> {
        let asked = Asked { text, ..*self };
        asked.answer(read(&cover(text, vocabulary, by_ear), &self.clock), known)
    }

    /// The answer to the first reading that has one. What is asked back on the way is kept.
    fn first(
        &self,
        readings: &[Reading],
        known: Known,
        vocabulary: &Vocabulary,
        back: &mut Option<Answer>,
    ) -> Option<Answer> {
        readings
            .iter()
            .find_map(|reading| match self.reads(*reading, known, vocabulary) {
                Ok(answer) => {
                    let whole = known == Known::Whole && reading.0 == self.text;
                    (whole || self.keeps(&answer)).then_some(answer)
                }
                Err(asked) => {
                    let chooses = matches!(&asked, Answer::Question { candidates, .. } if candidates.len() > 1);
                    *back = back.take().or(Some(asked).filter(|_| chooses));
                    None
                }
            })
    }

    /// Whether what was left out is no metric: of a remark none is meant.
    fn keeps(&self, answer: &Answer) -> bool {
        let Answer::Query { query, .. } = answer else {
            return true;
        };
        let meant = shares(self.text, self.text).sure(MEANT);
        meant.is_none_or(|id| query.metrics.contains(&id) || query.metrics.contains(&on_topics(id)))
    }
}

/// What stands behind the first colon that is none of a time of day.
fn behind_colon(text: &str) -> Option<&str> {
    let colons = text.char_indices().filter(|(_, c)| matches!(c, ':' | '\u{ff1a}'));
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    colons.into_iter().find_map(|(at, colon)| {
        let rest = &text[at + colon.len_utf8()..];
        (!digit(text[..at].chars().last()) && !rest.is_empty()).then_some(rest)
    })
}
