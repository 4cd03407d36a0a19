//! Whether a clause asks, wants, complains, tells, or only keeps the line warm.

use crate::clause::clauses;
use crate::zh;

/// What a clause does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mood {
    /// Greeting, thanks, backchannel, small talk, asking to repeat: never answered with a hint.
    Phatic,
    /// Checks what has just been said: 对吧, 是这个意思吧.
    Confirm,
    /// Tells something.
    Tell,
    /// Wants something done.
    Request,
    /// Says that a wrong was done.
    Grievance,
    /// Asks.
    Question,
}

impl Mood {
    /// As a pack names it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phatic => "phatic",
            Self::Confirm => "confirm",
            Self::Tell => "tell",
            Self::Request => "request",
            Self::Grievance => "grievance",
            Self::Question => "question",
        }
    }
}

/// What each clause of a folded text does.
pub fn moods(folded: &[char]) -> impl Iterator<Item = Mood> {
    clauses(folded).into_iter().map(|range| mood(&folded[range]))
}

/// What the clause does.
#[must_use]
pub fn mood(clause: &[char]) -> Mood {
    let words = &zh().questions;
    let bare = strip_phatic(clause);
    if bare.iter().all(|c| words.sounds.has(*c)) {
        return Mood::Phatic;
    }
    let asks = bare.last() == Some(&'？') && bare.len() > 3
        || words.asks.within(&bare)
        || ends_asking(&bare)
        || either_or(&bare);
    if words.confirm.within(&bare) && !words.no_check.within(&bare) {
        return Mood::Confirm;
    }
    if asks && !rhetorical(&bare) {
        return Mood::Question;
    }
    if words.announces.within(&bare) {
        return Mood::Question;
    }
    if words.request.within(&bare) {
        return Mood::Request;
    }
    if words.closing.within(clause) && bare.len() < clause.len() {
        return Mood::Tell;
    }
    if words.grievance.within(&bare) {
        return Mood::Grievance;
    }
    Mood::Tell
}

/// Whether the clause asks for nothing and says that something is understood or done with.
#[must_use]
pub fn closes(clause: &[char]) -> bool {
    mood(clause) == Mood::Tell && zh().questions.closing.within(clause) && strip_phatic(clause).len() < clause.len()
}

/// The clause without what only keeps the line warm.
fn strip_phatic(clause: &[char]) -> Vec<char> {
    let mut bare = Vec::with_capacity(clause.len());
    let mut i = 0;
    while i < clause.len() {
        match zh().questions.phatic.head(&clause[i..]) {
            Some(len) => i += len,
            None => {
                bare.push(clause[i]);
                i += 1;
            }
        }
    }
    bare
}

/// 收不收, 含不含: verb, 不, the same verb.
fn either_or(clause: &[char]) -> bool {
    let between = &zh().questions.either_or;
    clause.windows(3).any(|w| between.has(w[1]) && w[0] == w[2])
}

/// 呢 and 么 ask at the end of a clause only.
fn ends_asking(clause: &[char]) -> bool {
    let mut tail = clause.iter().rev().filter(|c| **c != '？');
    tail.next().is_some_and(|c| zh().questions.asks_last.has(*c)) && clause.len() > 2
}

fn rhetorical(clause: &[char]) -> bool {
    let words = &zh().questions;
    let only = words.rhetorical.within(clause) && !words.in_earnest.within(clause);
    only || words.reproach.within(clause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clause::fold;

    #[test]
    fn clauses_do_what_they_do() {
        for (text, want) in [
            ("嗯嗯好的", Mood::Phatic),
            ("喂你好听得到吗", Mood::Phatic),
            ("好的我明白了谢谢您啊", Mood::Phatic),
            ("您怎么称呼", Mood::Phatic),
            ("没什么了再见", Mood::Phatic),
            ("等一下我找支笔", Mood::Phatic),
            ("失业金能领多少", Mood::Question),
            ("那要多久呢", Mood::Question),
            ("我想咨询一下社保卡", Mood::Question),
            ("我想办个社保卡", Mood::Request),
            ("公司拖欠我3个月工资", Mood::Grievance),
            ("我在这交了6年了", Mood::Tell),
            ("那就是18个月对吧", Mood::Confirm),
            ("失业金我知道了", Mood::Tell),
        ] {
            assert_eq!(mood(&fold(text)), want, "{text}");
        }
    }
}
