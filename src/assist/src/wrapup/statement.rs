//! What was said, cut where the speaker does something else: promises, advises, states a rule, warns …

use sidetone_base::Role;
use sidetone_domain::{Acts, Speaker};
use sidetone_language::{Act, zh};

use crate::understand::text::fold;
use crate::understand::{Mood, mood_of};

/// Going on as before is likelier than to change, in natural logarithms.
const CHANGE: f32 = 1.2;
/// Clauses of one sentence that are told apart; what is longer is read to here.
const CLAUSES: usize = 16;
/// The least share that counts.
const LEAST: f32 = 1e-3;
/// So sure, a clause is courtesy or the like, also between others.
const SURELY: f32 = 0.6;
/// Ends a question where a text has such marks.
const ASKS: [char; 2] = ['?', '\u{ff1f}'];
/// A question is no promise, no advice and no rule, unless it is said so clearly.
const ASKED: f32 = 0.3;

/// Clauses in a row that do the same.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    /// As the speaker said it.
    pub(crate) text: String,
    pub(crate) act: Act,
    /// How sure that is, 0 to 1.
    pub(crate) share: f32,
    /// The sentence that it stands in.
    pub(crate) sentence: String,
    /// That sentence is written as a question.
    pub(crate) asks: bool,
}

/// A turn's statements, in order.
pub(crate) fn statements(acts: &Acts, role: Role, text: &str) -> Vec<Statement> {
    let speaker = speaker(role);
    let marks = &zh().marks;
    text.split_inclusive(|c| marks.sentence.contains(&c))
        .flat_map(|sentence| of_sentence(acts, speaker, sentence))
        .collect()
}

pub(super) const fn speaker(role: Role) -> Speaker {
    match role {
        Role::Agent => Speaker::Agent,
        Role::Caller => Speaker::Caller,
    }
}

/// The acts of a sentence's clauses that are likeliest together.
fn of_sentence(acts: &Acts, speaker: Speaker, sentence: &str) -> Vec<Statement> {
    let marks = &zh().marks;
    let whole = sentence.trim_end_matches(|c| marks.sentence.contains(&c)).trim();
    if whole.is_empty() {
        return Vec::new();
    }
    let clauses: Vec<&str> = whole
        .split_inclusive(|c| marks.clause.contains(&c))
        .filter(|clause| clause.chars().any(char::is_alphanumeric))
        .take(CLAUSES)
        .collect();
    let last = clauses.len().saturating_sub(1);
    let shares: Vec<Vec<(Act, f32)>> = clauses
        .iter()
        .enumerate()
        .map(|(at, clause)| {
            // The mark of a question belongs to the last clause.
            let asked = if at == last {
                &sentence[sentence.len() - rest(sentence, clause)..]
            } else {
                *clause
            };
            read(acts, speaker, clause, asked, whole)
        })
        .collect();
    let asks = sentence.trim_end().ends_with(ASKS);
    joined((whole, asks), &clauses, &likeliest(&shares), &shares)
}

/// How many bytes of the sentence begin with its last clause.
fn rest(sentence: &str, clause: &str) -> usize {
    sentence.rfind(clause).map_or(clause.len(), |at| sentence.len() - at)
}

fn read(acts: &Acts, speaker: Speaker, clause: &str, asked: &str, whole: &str) -> Vec<(Act, f32)> {
    let mut shares = acts.read(speaker, clause, whole);
    // An agent's "how much" is more often part of an answer than a question.
    let asks = match speaker {
        Speaker::Agent => asked.ends_with(ASKS),
        Speaker::Caller => mood_of(&fold(asked)) == Mood::Question,
    };
    if asks {
        let mut given = 0.0;
        for (act, share) in &mut shares {
            if *act != Act::Ask {
                given += *share * (1.0 - ASKED);
                *share *= ASKED;
            }
        }
        shares
            .iter_mut()
            .filter(|(act, _)| *act == Act::Ask)
            .for_each(|(_, share)| *share += given);
    }
    shares
}

/// One act for each clause: the path of the highest probability.
fn likeliest(shares: &[Vec<(Act, f32)>]) -> Vec<Act> {
    let mut paths: Vec<(Act, f32, Vec<Act>)> = Vec::new();
    for clause in shares {
        let score = |share: f32| share.max(LEAST).ln();
        let step = |&(act, share): &(Act, f32)| {
            let come = |(from, sum, path): &(Act, f32, Vec<Act>)| {
                let change = if *from == act { 0.0 } else { CHANGE };
                (sum - change + score(share), path.clone())
            };
            let best = paths.iter().map(come).max_by(|a, b| a.0.total_cmp(&b.0));
            let (sum, mut path) = best.unwrap_or((score(share), Vec::new()));
            path.push(act);
            (act, sum, path)
        };
        paths = clause.iter().map(step).collect();
    }
    let best = paths.into_iter().max_by(|a, b| a.1.total_cmp(&b.1));
    best.map(|(_, _, path)| path).unwrap_or_default()
}

fn joined(
    (sentence, asks): (&str, bool),
    clauses: &[&str],
    acts: &[Act],
    shares: &[Vec<(Act, f32)>],
) -> Vec<Statement> {
    let mut out: Vec<(Statement, usize)> = Vec::new();
    for ((clause, act), shares) in clauses.iter().zip(acts).zip(shares) {
        // What surely says nothing is in no entry, whatever stands around it.
        let act = match shares.first() {
            Some((Act::Chat, share)) if *share >= SURELY => &Act::Chat,
            _ => act,
        };
        let share = shares
            .iter()
            .find(|(known, _)| known == act)
            .map_or(0.0, |(_, share)| *share);
        match out.last_mut().filter(|(last, _)| last.act == *act) {
            Some((last, count)) => {
                last.text.push_str(clause);
                last.share += share;
                *count += 1;
            }
            None => {
                let statement = Statement {
                    text: (*clause).to_owned(),
                    act: *act,
                    share,
                    sentence: sentence.to_owned(),
                    asks,
                };
                out.push((statement, 1));
            }
        }
    }
    let finish = |(mut statement, count): (Statement, usize)| {
        statement.share /= count as f32;
        let marks = &zh().marks;
        let text = statement.text.trim_end_matches(|c| marks.ends_clause(c)).trim();
        statement.text = text.to_owned();
        statement
    };
    out.into_iter().map(finish).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::LazyLock;

    use sidetone_domain::Pack;

    use super::*;

    static PACK: LazyLock<Pack> =
        LazyLock::new(|| Pack::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/12333")).unwrap());

    fn cut(role: Role, text: &str) -> String {
        let cut: Vec<String> = statements(PACK.acts(), role, text)
            .into_iter()
            .map(|said| format!("{}:{}", said.act.as_str(), said.text))
            .collect();
        cut.join("|")
    }

    #[test]
    fn a_turn_is_cut_where_the_speaker_does_something_else() {
        assert_eq!(
            cut(
                Role::Agent,
                "满1年才能领。您带身份证去窗口办。我周四之前给您回电话，过期就不受理了。"
            ),
            "state:满1年才能领|advise:您带身份证去窗口办|promise:我周四之前给您回电话|warn:过期就不受理了"
        );
        assert_eq!(cut(Role::Agent, "。！？"), "");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut(text in "\\PC{0,60}|[我您去办的，。？领取钱1-9]{0,60}") {
            for role in [Role::Agent, Role::Caller] {
                for said in statements(PACK.acts(), role, &text) {
                    proptest::prop_assert!(!said.text.is_empty() && said.share <= 1.001);
                }
            }
        }
    }
}
