//! A text as the cheapest row of known words.

use super::ear::beside;
use super::lexicon::{COST_TOKEN, DIGITS, LONGEST_WORD, Meaning, TABLE, Token, Vocabulary, digit_by_ear, unfused};

/// A longer text is no command; the cover's cost grows with the square of it.
pub(super) const MAX_CHARS: usize = 200;
const COST_UNKNOWN: u32 = 100;

/// Chinese numerals as digits; a run such as "twenty-six" or a year read digit by digit becomes one number.
pub(super) fn numerals(text: &str) -> String {
    let mut out = String::new();
    let mut run = Vec::new();
    for c in text.chars() {
        if let Some(value) = DIGITS.get(&c) {
            run.push(*value);
            continue;
        }
        flush(&mut run, &mut out);
        out.push(c);
    }
    flush(&mut run, &mut out);
    out
}

fn flush(run: &mut Vec<i64>, out: &mut String) {
    // A number in words behind one in digits is another number: "8003, the first of April".
    if out.ends_with(|c: char| c.is_ascii_digit()) && run.first().is_some_and(|first| *first < 10) {
        out.push(' ');
    }
    if run.iter().all(|n| *n < 10) {
        run.iter().for_each(|n| out.push_str(&n.to_string()));
    } else {
        let (mut total, mut last) = (0_i64, None);
        for n in run.iter().copied() {
            if n >= 10 {
                total += last.take().unwrap_or(1) * n;
            } else {
                last = Some(n);
            }
        }
        out.push_str(&(total + last.unwrap_or(0)).to_string());
    }
    run.clear();
}

/// The cheapest cover of the text: the fewest characters that nothing explains, then the fewest words. With `by_ear`
/// what a recogniser may have confused is one word, too.
pub(super) fn cover(text: &str, vocabulary: &Vocabulary, by_ear: bool) -> Vec<Token> {
    let kept: String = text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect();
    let plain: Vec<char> = numerals(&unfused(&kept.to_lowercase())).chars().collect();
    let mut best: Vec<(u32, usize, Vec<Meaning>)> = vec![(0, 0, Vec::new())];
    for end in 1..=plain.len() {
        let c = plain[end - 1];
        let cost = if c.is_alphanumeric() {
            COST_UNKNOWN
        } else {
            COST_TOKEN + 1
        };
        let mut choice = (best[end - 1].0 + cost, end - 1, Vec::new());
        let least = end.saturating_sub(LONGEST_WORD);
        for (start, before) in best.iter().enumerate().skip(least) {
            if before.0 >= choice.0 {
                continue;
            }
            if let Some((means, cost)) = token(&plain, start, end, vocabulary, by_ear)
                && before.0 + cost < choice.0
            {
                choice = (before.0 + cost, start, means);
            }
        }
        best.push(choice);
    }
    let mut tokens = Vec::new();
    let mut end = plain.len();
    while end > 0 {
        let (cost, start, means) = &best[end];
        let text: String = plain[*start..end].iter().collect();
        // Marks that no table has say nothing.
        if !means.is_empty() || text.chars().any(char::is_alphanumeric) {
            tokens.push(Token {
                text,
                means: means.clone(),
                heard: !means.is_empty() && cost - best[*start].0 > COST_TOKEN,
            });
        }
        end = *start;
    }
    tokens.reverse();
    beside(&mut tokens, by_ear);
    tokens
}

/// Full-width forms as the plain ones.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(u32::from(c) - 0xff10 + 0x30).unwrap_or(c)
        }
        c => c,
    }
}

fn token(
    plain: &[char],
    start: usize,
    end: usize,
    vocabulary: &Vocabulary,
    by_ear: bool,
) -> Option<(Vec<Meaning>, u32)> {
    let digit = |at: usize| plain.get(at).is_some_and(char::is_ascii_digit);
    let splits = |at: usize| at > 0 && digit(at - 1) && digit(at);
    if splits(start) || splits(end) {
        return None;
    }
    let text: String = plain[start..end].iter().collect();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        // An agent's number is a number, too, and so are holidays that are named by their date.
        let words = [&vocabulary.words, &*TABLE].into_iter();
        let found = words.filter_map(|table| table.find(&text, false));
        let mut means: Vec<Meaning> = found.flat_map(|(means, _)| means.iter().cloned()).collect();
        means.push(text.parse().ok().map(Meaning::Number)?);
        if by_ear && end == start + 1 {
            means.extend(TABLE.other_name(&text));
        }
        return Some((means, COST_TOKEN));
    }
    let site = vocabulary.words.find(&text, by_ear);
    let built_in = TABLE.find(&text, by_ear);
    let (means, cost) = match (site, built_in) {
        (Some(site), Some(built_in)) if built_in.1 < site.1 => built_in,
        (Some(site), _) => site,
        (None, Some(built_in)) => built_in,
        (None, None) if by_ear && end == start + 1 => {
            let (digit, cost) = digit_by_ear(plain[start])?;
            return Some((vec![Meaning::Number(digit)], cost));
        }
        (None, None) => return None,
    };
    Some((means.to_vec(), cost))
}
