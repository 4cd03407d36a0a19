//! What to stress in a hint's text: figures with their units, deadlines, document names.

use sidetone_language::zh;
use sidetone_schema::Span;

/// Around a document's name.
const TITLE: (char, char) = ('《', '》');
/// More than this many and nothing stands out.
const MOST: usize = 12;

/// Spans in characters, in order, without overlap.
pub(crate) fn highlights(body: &str, names: &[&str]) -> Vec<Span> {
    let text: Vec<char> = body.chars().collect();
    let mut spans = Vec::new();
    let mut i = 0;
    while i < text.len() && spans.len() < MOST {
        match at(&text, i, names) {
            Some(len) => {
                spans.push(Span { begin: i, end: i + len });
                i += len;
            }
            None => i += run(&text, i).max(1),
        }
    }
    spans
}

fn at(text: &[char], i: usize, names: &[&str]) -> Option<usize> {
    if text[i] == TITLE.0 {
        let close = text[i..].iter().position(|c| *c == TITLE.1)?;
        return Some(close + 1);
    }
    let stressed = &zh().measures.stressed;
    let starts = |word: &str| {
        let mut rest = text[i..].iter();
        word.chars().all(|c| rest.next() == Some(&c))
    };
    let name = names
        .iter()
        .filter(|name| starts(name))
        .map(|name| name.chars().count())
        .max();
    if let Some(len) = name.max(stressed.words.head(&text[i..])) {
        return Some(len).filter(|len| *len > 1);
    }
    let digits = run(text, i);
    if digits == 0 {
        return None;
    }
    Some(digits + stressed.units.head(&text[i + digits..]).unwrap_or(0))
}

/// How many characters of a number stand here.
fn run(text: &[char], i: usize) -> usize {
    let len = text[i..]
        .iter()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .count();
    let tail = text[i..i + len]
        .iter()
        .rev()
        .take_while(|c| !c.is_ascii_digit())
        .count();
    len - tail
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stressed(body: &str, names: &[&str]) -> Vec<String> {
        let chars: Vec<char> = body.chars().collect();
        highlights(body, names)
            .iter()
            .map(|s| chars[s.begin..s.end].iter().collect())
            .collect()
    }

    #[test]
    fn figures_deadlines_and_names_are_stressed() {
        let body = "满1年不足5年，最长12个月，每月2160元（《社会保险法》第46条），15个工作日内到社保窗口。";
        assert_eq!(
            stressed(body, &["社保窗口"]),
            [
                "1年",
                "5年",
                "12个月",
                "2160元",
                "《社会保险法》",
                "46",
                "15个工作日",
                "社保窗口"
            ]
        );
        assert_eq!(stressed("共 883.20元，完", &[]), ["883.20元"]);
    }
}
