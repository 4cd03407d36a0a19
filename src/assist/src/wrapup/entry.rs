//! What was said, as a clerk writes it down: without what carries nothing, and with who does it.

use sidetone_base::Role;
use sidetone_language::{Phrases, fill, is_han, zh};
use sidetone_schema::Party;

use crate::understand::text::slice;

/// Characters of an entry.
const LONGEST: usize = 80;
/// Words of another script in a row that are a sentence, not a name.
const FOREIGN: usize = 4;
/// Fewer characters say nothing by themselves.
const SHORTEST: usize = 5;

/// The words of a statement without fillers; empty where nothing is left.
pub(super) fn brief(text: &str) -> String {
    brief_of(text, |clause| clause)
}

fn brief_of(text: &str, each: impl Fn(String) -> String) -> String {
    let marks = &zh().marks;
    let clauses: Vec<String> = text
        .split(|c| marks.ends_clause(c))
        .map(|clause| each(bare(clause)))
        .filter(|clause| !clause.is_empty())
        .collect();
    let comma = marks.clause.first().copied().unwrap_or_default().to_string();
    let mut out = String::new();
    for clause in clauses {
        if !out.is_empty() && out.chars().count() + clause.chars().count() > LONGEST {
            break;
        }
        if !out.is_empty() {
            out.push_str(&comma);
        }
        out.push_str(&clause);
    }
    match out.chars().count() < SHORTEST {
        true => String::new(),
        false => out,
    }
}

/// Adds what the same speaker said in the same turn, as far as there is room.
pub(super) fn join(into: &mut String, text: &str) {
    if into.chars().count() + text.chars().count() < LONGEST {
        into.extend(zh().marks.clause.first());
        into.push_str(text);
    }
}

/// What the agent advises, without whom it is said to.
pub(super) fn advice(text: &str) -> String {
    without_head(&brief(text), |chars| zh().entries.you.head(chars))
}

/// What `who` will do, by what `speaker` said: `坐席周五之前给来电人回电话`.
pub(super) fn todo(speaker: Role, who: Party, text: &str, phrases: &Phrases) -> String {
    let entries = &zh().entries;
    // Told by the other, the caller is addressed.
    let heads = match (speaker, who) {
        (Role::Agent, Party::Caller) => &entries.you,
        _ => &entries.own,
    };
    let words = brief_of(text, |clause| without_head(&clause, |chars| heads.head(chars)));
    if words.chars().count() < SHORTEST {
        return String::new();
    }
    let named = &phrases.wrapup;
    let words = match speaker {
        Role::Agent => entries
            .your
            .iter()
            .fold(words, |words, you| words.replace(you, &named.caller_is)),
        Role::Caller => words,
    };
    let does = match who {
        Party::Agent => &named.agent_does,
        Party::Caller => &named.caller_does,
    };
    fill(does, &[("words", &words)])
}

/// By when: a day or a span in the words, and what says that it ends then.
pub(super) fn due(text: &str) -> Option<String> {
    let words = &zh().entries;
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        let end = day(&chars, at).or_else(|| span(&chars, at));
        if let Some(end) = end {
            let end = end + words.by.head(&chars[end..]).unwrap_or(0);
            return Some(slice(&chars, at..end));
        }
        at += 1;
    }
    None
}

/// Days and times of day in a row: `后天上午`.
fn day(chars: &[char], from: usize) -> Option<usize> {
    let mut end = from;
    while let Some(len) = zh().entries.days.head(&chars[end..]) {
        end += len;
    }
    (end > from).then_some(end)
}

/// A number and a unit of time.
fn span(chars: &[char], from: usize) -> Option<usize> {
    let is_number = |c: &char| c.is_ascii_digit() || zh().numbers.numeral(*c).is_some();
    if from > 0 && is_number(&chars[from - 1]) {
        return None;
    }
    let digits = chars[from..].iter().take_while(|c| is_number(c)).count();
    let unit = zh().entries.spans.head(&chars[from + digits..])?;
    let end = from + digits + unit;
    let bounded = zh().entries.by.head(&chars[end..]).is_some();
    (digits > 0 && bounded).then_some(end)
}

fn bare(clause: &str) -> String {
    let words = &zh().entries;
    // A sentence of another script is no part of what the two agreed on in theirs.
    let is_foreign = |word: &&str| word.chars().all(|c| c.is_alphabetic() && !is_han(c));
    let of_record = words.record.within_str(clause);
    if of_record || clause.split_whitespace().filter(is_foreign).count() >= FOREIGN {
        return String::new();
    }
    let mut chars: Vec<char> = clause.trim().chars().collect();
    let mut begin = 0;
    while let Some(len) = words.heads.head(&chars[begin..]) {
        begin += len;
    }
    // A clause of nothing but fillers is none.
    chars.drain(..begin);
    while let Some(len) = words.tails.tail(&chars) {
        chars.truncate(chars.len() - len);
    }
    let mut out = String::new();
    let mut at = 0;
    while at < chars.len() {
        match words.within.head(&chars[at..]) {
            Some(len) if at > 0 => at += len,
            _ => {
                out.push(chars[at]);
                at += 1;
            }
        }
    }
    out
}

/// Whether every clause of `part` stands in `whole`.
pub(super) fn says(whole: &str, part: &str) -> bool {
    let mut clauses = part
        .split(|c| c == ' ' || zh().marks.ends_clause(c))
        .filter(|clause| !clause.is_empty())
        .peekable();
    clauses.peek().is_some() && clauses.all(|clause| whole.contains(clause))
}

fn without_head(text: &str, head: impl Fn(&[char]) -> Option<usize>) -> String {
    let chars: Vec<char> = text.chars().collect();
    let len = head(&chars).unwrap_or(0);
    slice(&chars, len..chars.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fillers_go_and_what_was_said_stays() {
        assert_eq!(
            advice("那您就是先去窗口办一下吧，嗯，带上身份证就行"),
            "先去窗口办，带上身份证"
        );
        assert_eq!(advice("好的，嗯"), "");
    }

    #[test]
    fn a_todo_says_who_does_what_by_when() {
        let phrases = &zh().phrases;
        assert_eq!(
            todo(Role::Agent, Party::Agent, "我周五之前给您回个电话", phrases),
            "坐席周五之前给来电人回个电话"
        );
        assert_eq!(
            todo(Role::Caller, Party::Caller, "那我明天去窗口问问", phrases),
            "来电人明天去窗口问问"
        );
        assert_eq!(
            todo(Role::Agent, Party::Caller, "您先去窗口核定，材料寄到您家", phrases),
            "来电人先去窗口核定，材料寄到来电人家"
        );
        for (text, want) in [
            ("坐席周五之前给来电人回电话", Some("周五之前")),
            ("后天上午把材料发过去", Some("后天上午")),
            ("5个工作日之内回复", Some("5个工作日之内")),
            ("去窗口问问", None),
        ] {
            assert_eq!(due(text).as_deref(), want, "{text}");
        }
    }
}
