//! What to stress in a hint's text: figures with their units, deadlines, document names.

use sidetone_schema::Span;

/// Units that make a number worth stressing.
const UNITS: [&str; 24] = [
    "个工作日",
    "个自然月",
    "个百分点",
    "个月",
    "元/月",
    "元/年",
    "万元",
    "周岁",
    "小时",
    "元",
    "%",
    "％",
    "年",
    "月",
    "日",
    "天",
    "岁",
    "倍",
    "级",
    "次",
    "个",
    "档",
    "号",
    "人",
];
/// Numbers written in characters that callers act upon.
const WORDS: [&str; 4] = ["半个月", "半年", "二倍", "两倍"];
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
    if text[i] == '《' {
        let close = text[i..].iter().position(|c| *c == '》')?;
        return Some(close + 1);
    }
    let starts = |at: usize, word: &str| {
        let mut rest = text.get(at..).unwrap_or_default().iter();
        word.chars().all(|c| rest.next() == Some(&c))
    };
    if let Some(word) = names
        .iter()
        .chain(&WORDS)
        .filter(|word| starts(i, word))
        .max_by_key(|word| word.len())
    {
        return Some(word.chars().count()).filter(|len| *len > 1);
    }
    let digits = run(text, i);
    if digits == 0 {
        return None;
    }
    let unit = UNITS
        .iter()
        .filter(|unit| starts(i + digits, unit))
        .max_by_key(|unit| unit.len());
    Some(digits + unit.map_or(0, |unit| unit.chars().count()))
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
