//! Remarks beside a question: what it is for, who complained, who is spoken to. They are left out only where the rest is
//! understood whole.

use super::cover::cover;
use super::lexicon::{Token, Vocabulary, of_kind};

/// Each reading costs time: an answer waits for all of them.
const MOST_READINGS: usize = 5;
/// Sentences behind a question that has no marks.
const HEARD_TAILS: usize = 2;
/// Bounds in characters of a remark at the head of an unmarked text.
const HEAD: std::ops::RangeInclusive<usize> = 2..=20;
/// Kinds of words that say something of a query: a clause that has one is no remark.
const TELLS: [&str; 21] = [
    "day", "dayparts", "week", "weekend", "month", "quarter", "year", "season", "sofar", "part", "weekday", "weekdays",
    "relative", "by", "which", "who", "grouped", "grain", "hours", "percents", "foreign",
];
/// The same beside a number.
const BOUNDS: [&str; 3] = ["op", "opafter", "opasked"];
/// Kinds of words with which a question may begin behind a remark.
const BEGINS: [&str; 10] = [
    "day", "dayparts", "week", "weekend", "month", "quarter", "year", "season", "last", "now",
];

/// The text without its remarks, in the ways in which they may be told from the question; the likeliest first.
pub(super) fn without(text: &str, vocabulary: &Vocabulary) -> Vec<String> {
    let clauses: Vec<&str> = text.split(is_mark).filter(|clause| !clause.is_empty()).collect();
    let mut readings: Vec<String> = Vec::new();
    let mut add = |kept: Vec<&str>| {
        let reading = kept.join("\u{ff0c}");
        if !reading.is_empty() && reading != clauses.join("\u{ff0c}") && !readings.contains(&reading) {
            readings.push(reading);
        }
    };
    let valued = |clause: &str| is_valued(clause, vocabulary);
    let values = clauses.iter().filter(|clause| valued(clause)).count();
    let remarks: Vec<bool> = clauses
        .iter()
        .map(|clause| is_remark(clause) || states(clause, vocabulary) && (values > 1 || !valued(clause)))
        .collect();
    let each = || clauses.iter().copied().zip(remarks.iter().copied());
    if clauses.len() > 1 {
        add(each().filter(|(_, remark)| !remark).map(|(clause, _)| clause).collect());
        // A clause may be a remark behind its own question.
        let cut = each().map(|(clause, remark)| if remark { tailless(clause) } else { clause });
        add(cut.filter(|clause| !clause.is_empty()).collect());
        for at in (0..clauses.len()).filter(|at| remarks[*at]) {
            let others = clauses.iter().enumerate().filter(|(other, _)| *other != at);
            add(others.map(|(_, clause)| *clause).collect());
        }
    } else if let [clause] = clauses[..] {
        add(vec![tailless(clause)]);
        for rest in headless(clause).into_iter().chain(unstated(clause, vocabulary)) {
            add(vec![rest]);
        }
    }
    readings.truncate(MOST_READINGS);
    readings
}

/// A mark that parts clauses; one between digits is part of a number or a time.
pub(super) fn is_mark(c: char) -> bool {
    c.is_whitespace() || words("sep").any(|mark| mark.starts_with(c)) || matches!(c, ':' | '\u{ff1a}' | '\u{2026}')
}

/// What stands between marks and words that join.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = vec![text];
    for word in words("sep").chain(words("and")) {
        pieces = pieces.into_iter().flat_map(|piece| piece.split(word)).collect();
    }
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn words(kind: &'static str) -> impl Iterator<Item = &'static str> {
    of_kind(kind).flat_map(|(_, words)| words.split(' '))
}

/// Where a remark begins in the clause; none where it has none, or compares with others than this line.
fn begin(clause: &str) -> Option<usize> {
    let compared = words("compare").any(|word| clause.contains(word));
    let marks = of_kind("aside").filter(|(of, _)| !(compared && *of == "outside"));
    let words = marks.flat_map(|(_, words)| words.split(' '));
    words.filter_map(|word| clause.find(word)).min()
}

fn is_remark(clause: &str) -> bool {
    let told = begin(clause).is_some() || of_speaker(clause) || of_purpose(clause);
    addressed(clause).is_some_and(str::is_empty) || told && !narrows(clause)
}

/// Whether the clause narrows what is asked: "only those above fifty", "those of that district".
fn narrows(clause: &str) -> bool {
    let ended = words("parting").find_map(|word| clause.strip_suffix(word));
    let named = ended.is_some_and(|ended| !words("purpose").any(|word| ended.ends_with(word)));
    let seems = words("seems").any(|word| clause.contains(word));
    named && !seems
        || words("narrow")
            .chain(words("narrows"))
            .any(|word| clause.contains(word))
}

/// The text without the clauses of which no table has a word and that hold no part of a query: they may only tell
/// something. None where no clause is such, or each.
pub(super) fn beside(text: &str, vocabulary: &Vocabulary) -> Option<String> {
    let clauses: Vec<&str> = text.split(is_mark).filter(|clause| !clause.is_empty()).collect();
    let kept = clauses
        .iter()
        .copied()
        .filter(|clause| !tells_nothing(clause, vocabulary));
    let kept: Vec<&str> = kept.collect();
    (!kept.is_empty() && kept.len() < clauses.len()).then(|| kept.join("\u{ff0c}"))
}

fn tells_nothing(clause: &str, vocabulary: &Vocabulary) -> bool {
    let tokens = cover(clause, vocabulary, false);
    let tells = |token: &Token| token.value().is_some() || TELLS.iter().any(|kind| token.word(kind).is_some());
    let unknown = tokens.iter().any(|token| token.means.is_empty());
    let asks = words("request").any(|word| clause.contains(word));
    unknown && !asks && !narrows(clause) && !tokens.iter().any(tells)
}

/// How far from a word that narrows what narrows may stand, in words.
const BESIDE: usize = 3;

/// Whether something that no table has stands beside a word that narrows: "those of that county".
pub(super) fn narrowed(text: &str, vocabulary: &Vocabulary) -> bool {
    text.split(is_mark).any(|clause| {
        let tokens = cover(clause, vocabulary, false);
        // "Only those who …"; "only the hours, that is unfair" names at once what is kept.
        let named = |token: &&Token| token.means.is_empty() || token.word("concept").is_some();
        let narrowing = (0..tokens.len()).filter(|at| tokens[*at].word("narrows").is_some());
        let mut kept = narrowing.filter_map(|at| tokens[at + 1..].iter().take(BESIDE).find(named));
        if kept.any(|token| token.means.is_empty()) {
            return true;
        }
        let unknown = (0..tokens.len()).filter(|at| tokens[*at].means.is_empty());
        let mut around = unknown.map(|at| {
            let end = tokens.len().min(at + BESIDE + 1);
            let near = tokens[at.saturating_sub(BESIDE)..end].iter();
            near.map(|token| token.text.as_str()).collect::<String>()
        });
        around.any(|near| words("narrow").any(|word| near.contains(word)))
    })
}

/// Whether it says what the figures are for; "each agent's, too" asks for them.
fn of_purpose(clause: &str) -> bool {
    let asks = ["dimension", "grain", "by", "which", "grouped"]
        .into_iter()
        .flat_map(words);
    words("purpose").any(|word| clause.ends_with(word)) && !asks.into_iter().any(|word| clause.contains(word))
}

/// Whether the speaker tells of themselves: no word of asking, such as "I want to see", begins the clause.
fn of_speaker(clause: &str) -> bool {
    let longest = |kind| words(kind).filter(|word| clause.starts_with(word)).map(str::len).max();
    longest("speaker").is_some_and(|speaker| longest("noise").is_none_or(|asking| asking <= speaker))
}

/// Whether the clause is a sentence that tells something and says nothing of a query: it has a subject or an adverb that
/// only sentences have, and no word that asks, bounds or narrows. A bare name of a thing narrows what is asked.
fn states(clause: &str, vocabulary: &Vocabulary) -> bool {
    let has = |kind| words(kind).any(|word| clause.contains(word));
    let tells = |token: &Token| TELLS.iter().any(|kind| token.word(kind).is_some());
    let told = has("subject") || has("adverb");
    if !told || has("request") || narrows(clause) {
        return false;
    }
    let tokens = cover(clause, vocabulary, false);
    let numbered = tokens.iter().any(|token| token.number().is_some());
    let bounds = |token: &Token| BOUNDS.iter().any(|kind| token.word(kind).is_some());
    !tokens.iter().any(|token| tells(token) || numbered && bounds(token))
}

/// Whether it names a value of a dimension.
fn is_valued(text: &str, vocabulary: &Vocabulary) -> bool {
    cover(text, vocabulary, false)
        .iter()
        .any(|token| token.value().is_some())
}

/// What stands before such a sentence in a clause without marks.
fn unstated<'a>(clause: &'a str, vocabulary: &Vocabulary) -> Vec<&'a str> {
    let least = clause.chars().count() / 3;
    let places = clause.char_indices().skip(least.max(*HEAD.start()));
    let begins = places.filter(|(byte, _)| words("subject").any(|word| clause[*byte..].starts_with(word)));
    let valued = |text: &str| is_valued(text, vocabulary);
    let stated = begins.filter(|(byte, _)| {
        let behind = &clause[*byte..];
        states(behind, vocabulary) && (valued(&clause[..*byte]) || !valued(behind))
    });
    stated.map(|(byte, _)| &clause[..byte]).take(HEARD_TAILS).collect()
}

/// What stands before a remark.
fn tailless(clause: &str) -> &str {
    begin(clause).map_or(clause, |at| &clause[..at])
}

/// What follows the name of who is spoken to, and its particles; none where nobody is.
fn addressed(clause: &str) -> Option<&str> {
    let named = words("address").filter(|word| clause.starts_with(word));
    let longest = named.max_by_key(|word| word.len())?;
    let particles = |c: char| words("particle").any(|word| word.chars().eq([c])) || c.is_ascii_punctuation();
    Some(clause[longest.len()..].trim_start_matches(particles))
}

/// What may stand behind a remark with which an unmarked clause begins.
fn headless(clause: &str) -> Vec<&str> {
    if let Some(rest) = addressed(clause) {
        return vec![rest];
    }
    let Some(at) = begin(clause).filter(|at| *at < clause.len() / 2) else {
        return Vec::new();
    };
    let begins: Vec<&str> = BEGINS
        .into_iter()
        .flat_map(words)
        .filter(|word| word.chars().count() > 1)
        .collect();
    let places = clause
        .char_indices()
        .enumerate()
        .filter(|(n, (byte, _))| HEAD.contains(n) && *byte > at);
    let rests = places.map(|(_, (byte, _))| &clause[byte..]);
    rests
        .filter(|rest| begins.iter().any(|word| rest.starts_with(word)))
        .take(3)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_tells_something_stands_beside_a_question() {
        let of = |text| beside(text, &Vocabulary::default());
        assert_eq!(of("巷口修路灰尘大，昨天接通率多少").as_deref(), Some("昨天接通率多少"));
        // What narrows, and what holds a time, does not only tell.
        assert_eq!(of("昨天接通率多少，橡胶厂职工的"), None);
        assert_eq!(of("昨天修路，接通率多少"), None);
    }

    #[test]
    fn what_is_kept_is_narrowed_only_where_no_table_has_it() {
        let of = |text| narrowed(text, &Vocabulary::default());
        assert!(of("昨天接通率，只看修路工人"));
        assert!(!of("光看接通率没意思，换成放弃率"));
    }

    #[test]
    fn a_remark_is_told_from_a_question() {
        let first = |text| {
            without(text, &Vocabulary::default())
                .into_iter()
                .next()
                .unwrap_or_default()
        };
        assert_eq!(first("昨天接通率多少，我好写材料"), "昨天接通率多少");
        assert_eq!(first("老王啊，昨天接通率"), "昨天接通率");
        assert_eq!(first("昨天接通率多少听着不太对"), "昨天接通率多少");
        assert_eq!(first("有群众反映电话难打昨天接通率多少"), "昨天接通率多少");
        assert_eq!(first("昨天接通率多少，局长又催了"), "昨天接通率多少");
        // What narrows is no remark, whoever says it.
        assert!(without("昨天接通率，领导要看利津县的", &Vocabulary::default()).is_empty());
        // What compares with others is no remark.
        assert!(without("昨天接通率，跟外地比怎么样", &Vocabulary::default()).is_empty());
        assert!(without("昨天东营区的来电量", &Vocabulary::default()).is_empty());
    }
}
