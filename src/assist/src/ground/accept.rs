//! Takes of an answer what its sources and the record bear out, sentence by sentence.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use sidetone_base::Role;
use sidetone_language::zh;
use sidetone_schema::{Element, ElementMethod};

use super::answer::{self, Answer, MOST};
use super::fact::{Fact, facts, length_at};
use super::{Accepted, Prompt, Refusal, Refused, Sentence, Source, SourceKind, Sources};
use crate::understand::text::{CUT, Pair, fold, pairs};

/// Characters of one sentence.
pub(super) const LONGEST: usize = 160;
/// Sentences of a summary.
pub(super) const SUMMARY: usize = 3;
/// Of a clause's pairs of characters, how many stand in what it words anew.
const SAYS: f32 = 0.5;

/// A text that sentences are held against.
struct Ground {
    pairs: Vec<Pair>,
    facts: Vec<Fact>,
    /// What is denied, in the order of characters.
    denials: Vec<char>,
    /// The clauses' pairs, and what each denies.
    clauses: Vec<(Vec<Pair>, Vec<char>)>,
}

impl Ground {
    fn of(text: &str) -> Self {
        let folded = fold(text);
        let clauses: Vec<_> = clauses(&folded)
            .map(|range| (pairs(&folded[range.clone()]), denials(&folded[range])))
            .collect();
        Self {
            pairs: pairs(&folded),
            facts: facts(text),
            denials: denials(&folded),
            clauses,
        }
    }

    /// The share of `of` that stands here.
    fn share(&self, of: &[Pair]) -> f32 {
        share(of, &self.pairs)
    }

    fn characters(&self) -> impl Iterator<Item = char> + '_ {
        self.pairs.iter().flat_map(|(one, two)| [*one, *two])
    }

    /// What the clause that is most like `of` denies.
    fn denials_like(&self, of: &[Pair]) -> Option<&[char]> {
        let alike = self.clauses.iter().map(|(pairs, denied)| (share(of, pairs), denied));
        let best = alike.reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map(|(_, denied)| denied.as_slice())
    }
}

/// What of `answer` may stand in the wrap-up of `prompt`.
#[must_use]
pub fn accept(answer: &str, prompt: &Prompt) -> Accepted {
    let mut accepted = Accepted::default();
    let Some(answer) = answer::read(answer) else {
        accepted.refused.count(Refusal::Answer);
        return accepted;
    };
    let Answer { summary, advice, todos } = answer;
    let elements = &prompt.wrapup.elements;
    let refused = &mut accepted.refused;
    accepted.advice = reworded(advice, &elements.advice, &prompt.sources, refused);
    accepted.todos = reworded(todos, &elements.todos, &prompt.sources, refused);
    accepted.summary = summarised(summary, prompt, refused);
    accepted
}

/// Sentences for entries of one element. Of two for one entry the first counts.
fn reworded(
    sentences: Vec<Sentence>,
    element: &Element<Vec<String>>,
    sources: &Sources,
    refused: &mut Refused,
) -> BTreeMap<usize, Sentence> {
    let mut out = BTreeMap::new();
    let entries: &[String] = match element.method {
        ElementMethod::Default => &[],
        _ => &element.value,
    };
    let entries: Vec<Ground> = entries.iter().map(|entry| Ground::of(entry)).collect();
    for (count, sentence) in sentences.into_iter().enumerate() {
        match rewords(&sentence, &entries, sources) {
            Ok(at) if count >= MOST || out.contains_key(&at) => refused.count(Refusal::Form),
            Ok(at) => {
                out.insert(at, sentence);
            }
            Err(why) => refused.count(why),
        }
    }
    out
}

/// Which entry the sentence words anew.
fn rewords(sentence: &Sentence, entries: &[Ground], sources: &Sources) -> Result<usize, Refusal> {
    let mut cited = cited(sentence, sources, |source| {
        !matches!(source.kind, SourceKind::Turn { role: Role::Caller, .. })
    })?;
    let words = pairs(&fold(&sentence.text));
    let alike = entries.iter().map(|entry| entry.share(&words)).zip(entries).enumerate();
    let (at, (_, entry)) = alike
        .reduce(|best, next| if next.1.0 > best.1.0 { next } else { best })
        .ok_or(Refusal::Matter)?;
    // An entry is put into a form ("promised: …") whose words no source has.
    cited.words.extend(entry.characters());
    let said = grounded(sentence, &cited)?;
    if said.clauses.iter().any(|(clause, _)| entry.share(clause) < SAYS) {
        return Err(Refusal::Matter);
    }
    if said.denials != entry.denials || turned_around(&said, entry) {
        return Err(Refusal::Denial);
    }
    let kept = |fact: &Fact| said.facts.iter().any(|other| other.is(fact));
    let is_same = said.facts.iter().all(|fact| fact.is_said(&entry.facts));
    match (is_same, entry.facts.iter().all(kept)) {
        (true, true) => Ok(at),
        (false, _) => Err(Refusal::Number),
        (true, false) => Err(Refusal::Loss),
    }
}

/// The sentences of a summary, all of which have to stand, or none.
fn summarised(sentences: Vec<Sentence>, prompt: &Prompt, refused: &mut Refused) -> Vec<Sentence> {
    if sentences.is_empty() {
        return Vec::new();
    }
    let wrapup = &prompt.wrapup;
    let record = Ground::of(&record(prompt));
    let mut faults = Vec::new();
    for (count, sentence) in sentences.iter().enumerate() {
        let judged = summarises(sentence, &record, &prompt.sources);
        faults.extend(judged.err().or((count >= SUMMARY).then_some(Refusal::Form)));
    }
    let text: String = sentences.iter().map(|sentence| sentence.text.as_str()).collect();
    let (whole, before) = (Ground::of(&text), Ground::of(&wrapup.summary));
    let names_all = wrapup.topics.iter().all(|topic| text.contains(&topic.name));
    let kept = |fact: &Fact| whole.facts.iter().any(|other| other.is(fact));
    if faults.is_empty() && whole.denials != before.denials {
        faults.push(Refusal::Denial);
    } else if faults.is_empty() && !(names_all && before.facts.iter().all(kept) && whole.share(&before.pairs) >= SAYS) {
        faults.push(Refusal::Loss);
    }
    faults.iter().for_each(|why| refused.count(*why));
    if faults.is_empty() { sentences } else { Vec::new() }
}

fn summarises(sentence: &Sentence, record: &Ground, sources: &Sources) -> Result<(), Refusal> {
    let mut cited = cited(sentence, sources, |_| true)?;
    // Outcome, kind and subject are the record's own words: they stand in no turn.
    cited.words.extend(record.characters());
    let said = grounded(sentence, &cited)?;
    if said.clauses.iter().any(|(clause, _)| record.share(clause) < SAYS) {
        return Err(Refusal::Matter);
    }
    if turned_around(&said, record) {
        return Err(Refusal::Denial);
    }
    match said.facts.iter().all(|fact| fact.is_said(&record.facts)) {
        true => Ok(()),
        false => Err(Refusal::Number),
    }
}

/// All that the record says.
fn record(prompt: &Prompt) -> String {
    let elements = &prompt.wrapup.elements;
    let mut parts = vec![prompt.wrapup.summary.as_str()];
    for element in [&elements.advice, &elements.todos, &elements.policies] {
        parts.extend(element.value.iter().map(String::as_str));
    }
    parts.push(&elements.subject.value);
    parts.push(&elements.request_type.value);
    parts.extend(prompt.wrapup.topics.iter().map(|topic| topic.name.as_str()));
    parts.join(&CUT.to_string())
}

/// What a sentence cites.
struct Cited {
    facts: Vec<Fact>,
    words: HashSet<char>,
    /// Runs of letters, digits, and what masks them.
    codes: HashSet<String>,
    grounds: Vec<Ground>,
}

fn cited(sentence: &Sentence, sources: &Sources, may: impl Fn(&Source) -> bool) -> Result<Cited, Refusal> {
    let length = sentence.text.chars().count();
    if length == 0 || length > LONGEST {
        return Err(Refusal::Form);
    }
    let mut cited = Cited {
        facts: Vec::new(),
        words: HashSet::new(),
        codes: HashSet::new(),
        grounds: Vec::new(),
    };
    for number in &sentence.cites {
        let source = sources
            .get(*number)
            .filter(|source| may(source))
            .ok_or(Refusal::Cites)?;
        let ground = Ground::of(&source.text);
        cited.facts.extend(ground.facts.iter().cloned());
        cited.words.extend(source.text.chars());
        cited.codes.extend(codes(&fold(&source.text)));
        cited.grounds.push(ground);
    }
    match cited.grounds.is_empty() {
        true => Err(Refusal::Cites),
        false => Ok(cited),
    }
}

/// The sentence, if each number and each word of it stands in what it cites.
fn grounded(sentence: &Sentence, cited: &Cited) -> Result<Ground, Refusal> {
    let said = Ground::of(&sentence.text);
    if !said.facts.iter().all(|fact| fact.is_said(&cited.facts)) {
        return Err(Refusal::Number);
    }
    let text = fold(&sentence.text);
    if !has_words(&text, cited) || !has_plain_marks(&sentence.text, cited) {
        return Err(Refusal::Word);
    }
    Ok(said)
}

/// Numbers are judged as numbers; all other characters have to be cited, or free.
fn has_words(text: &[char], cited: &Cited) -> bool {
    let free = &zh().grounding.free;
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        if let Some(len) = length_at(text, at) {
            at += len;
        } else if c == CUT || c == '？' || is_code(c) || cited.words.contains(&c) {
            at += 1;
        } else if let Some(len) = free.head(&text[at..]) {
            at += len;
        } else {
            return false;
        }
    }
    codes(text)
        .all(|code| code.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '%') || cited.codes.contains(&code))
}

/// Marks of a text that is formatted or that is code stand only where a source has them.
fn has_plain_marks(text: &str, cited: &Cited) -> bool {
    let mut marks = text.chars().filter(|c| c.is_ascii_punctuation());
    marks.all(|c| matches!(c, '.' | ',' | '%' | ':' | ';' | '(' | ')' | '-' | '/') || cited.words.contains(&c))
}

fn is_code(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '*' | '.' | '%' | '-' | '/' | ':')
}

fn codes(text: &[char]) -> impl Iterator<Item = String> + '_ {
    text.split(|c| !is_code(*c))
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().collect())
}

/// Whether a clause denies what the clause most like it in `ground` does not, or the other way round.
fn turned_around(said: &Ground, ground: &Ground) -> bool {
    let mut clauses = said.clauses.iter();
    clauses.any(|(clause, denied)| ground.denials_like(clause).is_some_and(|other| other != denied))
}

/// The characters behind words that deny, sorted: "not up to 15 years" is another denial than "may not".
fn denials(text: &[char]) -> Vec<char> {
    let mut out = Vec::new();
    for at in 0..text.len() {
        if let Some(len) = zh().grounding.negations.head(&text[at..]) {
            out.push(text.get(at + len).copied().unwrap_or(CUT));
        }
    }
    out.sort_unstable();
    out
}

fn clauses(text: &[char]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut begin = 0;
    text.split(|c| matches!(*c, CUT | '？')).filter_map(move |clause| {
        let range = begin..begin + clause.len();
        begin = range.end + 1;
        (!clause.is_empty()).then_some(range)
    })
}

fn share(of: &[Pair], known: &[Pair]) -> f32 {
    let both = of.iter().filter(|pair| known.binary_search(pair).is_ok()).count();
    both as f32 / of.len().max(1) as f32
}
