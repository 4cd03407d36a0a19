//! Folding a turn's text and cutting it into clauses.

use crate::zh;

/// Ends a clause in folded text.
pub const CUT: char = '，';

/// Half-width digits and letters, lower case, one mark for every pause; decimal points survive.
#[must_use]
pub fn fold(text: &str) -> Vec<char> {
    let source: Vec<char> = text.chars().map(half_width).collect();
    let mut out: Vec<char> = Vec::with_capacity(source.len());
    for (i, &c) in source.iter().enumerate() {
        let digit_before = out.last().is_some_and(char::is_ascii_digit);
        let digit_after = source.get(i + 1).is_some_and(char::is_ascii_digit);
        match c {
            '.' if digit_before && digit_after => out.push(c),
            ',' if digit_before && digit_after => {}
            '?' | '？' => out.push('？'),
            '%' | '％' => out.push('%'),
            '-' | '/' | ':' | '*' => out.push(c),
            c if c.is_alphanumeric() => out.extend(c.to_lowercase()),
            c if c.is_whitespace() && (digit_before || digit_after) => {}
            _ if out.last().is_some_and(|&last| last != CUT) => out.push(CUT),
            _ => {}
        }
    }
    out
}

fn half_width(c: char) -> char {
    match c {
        '０'..='９' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}

/// The clauses of folded text, as ranges; an opening word starts one, a pause ends one.
#[must_use]
pub fn clauses(text: &[char]) -> Vec<std::ops::Range<usize>> {
    let mut cuts = vec![0];
    let mut i = 0;
    while i < text.len() {
        if matches!(text[i], CUT | '？') {
            cuts.push(i + 1);
        } else if zh().turns.openers.head(&text[i..]).is_some() {
            cuts.push(i);
        }
        i += 1;
    }
    cuts.push(text.len());
    cuts.dedup();
    cuts.windows(2)
        .map(|pair| trim(text, pair[0]..pair[1]))
        .filter(|range| !range.is_empty())
        .collect()
}

fn trim(text: &[char], mut range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    while range.end > range.start && text[range.end - 1] == CUT {
        range.end -= 1;
    }
    range
}

/// Whether `text` begins with `word`.
#[must_use]
pub fn starts_with(text: &[char], word: &str) -> bool {
    let mut rest = text.iter();
    word.chars().all(|c| rest.next() == Some(&c))
}

/// Where `word` first occurs in `text`.
#[must_use]
pub fn find(text: &[char], word: &str) -> Option<usize> {
    (0..text.len()).find(|&i| starts_with(&text[i..], word))
}

/// `range` of `text` as a string.
#[must_use]
pub fn slice(text: &[char], range: std::ops::Range<usize>) -> String {
    text.get(range).map(|part| part.iter().collect()).unwrap_or_default()
}

/// Two neighbouring characters.
pub type Pair = (char, char);

/// The set of neighbouring characters, pauses and bare particles left out.
#[must_use]
pub fn pairs(text: &[char]) -> Vec<Pair> {
    let kept: Vec<char> = text
        .iter()
        .copied()
        .filter(|c| *c != CUT && *c != '？' && !zh().turns.particles.has(*c))
        .collect();
    let mut out: Vec<Pair> = kept.windows(2).map(|pair| (pair[0], pair[1])).collect();
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> String {
        let folded = fold(text);
        let parts: Vec<String> = clauses(&folded).into_iter().map(|r| slice(&folded, r)).collect();
        parts.join("|")
    }

    #[test]
    fn pauses_and_opening_words_cut_clauses() {
        assert_eq!(cut("你好，我想问社保卡。怎么办？"), "你好|我想问社保卡|怎么办？");
        assert_eq!(cut("社保卡怎么办另外我还想问退休"), "社保卡怎么办|另外我|还想问退休");
        assert_eq!(cut("每月 883.20 元，12,000 元"), "每月883.20元|12000元");
        assert_eq!(cut("。。？"), "？");
        assert_eq!(cut(""), "");
    }
}
