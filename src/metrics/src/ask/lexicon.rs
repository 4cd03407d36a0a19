//! The words of a command: tables of data, and the cover of a text by them.

use std::collections::HashMap;
use std::sync::LazyLock;

use pinyin::ToPinyin as _;

use crate::query::FilterKey;
use crate::registry::{MetricId, registry};

const WORDS: &str = include_str!("../../words/lexicon.tsv");
const METRICS: &str = include_str!("../../words/metrics.tsv");
/// A longer text is no command; the cover's cost grows with the square of it.
pub(super) const MAX_CHARS: usize = 200;
const LONGEST_WORD: usize = 20;
const COST_UNKNOWN: u32 = 100;
const COST_TOKEN: u32 = 10;
/// What a word costs more when only its sound agrees.
const COST_SOUND: u32 = 7;

/// What a part of the text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Number(i64),
    /// Several: the words alone do not tell which.
    Metric(Vec<MetricId>),
    Value(FilterKey, String),
    /// A word of the table: its kind and value.
    Word(&'static str, &'static str),
    Unknown(char),
}

impl Token {
    /// The value, where the token is a word of this kind.
    pub(super) fn word(&self, of: &str) -> Option<&'static str> {
        match self {
            Self::Word(kind, value) if *kind == of => Some(value),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(n) => Some(*n),
            _ => None,
        }
    }
}

/// The values of the dimensions that a site has, with the names that people say.
#[derive(Debug, Clone, Default)]
pub struct Vocabulary {
    words: Table,
}

impl Vocabulary {
    /// A value and one of its spoken names. A name of a single character is not taken: it stands in too many words.
    pub fn add(&mut self, key: FilterKey, value: &str, spoken: &str) {
        if spoken.chars().count() > 1 {
            self.words.add(spoken, &Token::Value(key, value.to_owned()));
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Table {
    written: HashMap<String, Token>,
    /// By toneless syllables. Two different words of one sound are none.
    sounds: HashMap<String, Option<Token>>,
}

impl Table {
    fn add(&mut self, surface: &str, token: &Token) {
        let plain = numerals(surface);
        if let Some(sound) = sound(&plain) {
            let place = self.sounds.entry(sound).or_insert_with(|| Some(token.clone()));
            if place.as_ref().is_some_and(|other| other != token) {
                *place = None;
            }
        }
        self.written.entry(plain).or_insert_with(|| token.clone());
    }

    fn find(&self, text: &str) -> Option<(Token, u32)> {
        if let Some(token) = self.written.get(text) {
            return Some((token.clone(), COST_TOKEN));
        }
        let token = self.sounds.get(&sound(text)?)?.clone()?;
        Some((token, COST_TOKEN + COST_SOUND))
    }
}

/// Toneless syllables; none for a text with fewer than two Chinese characters.
fn sound(text: &str) -> Option<String> {
    let mut syllables = 0;
    let mut sound = String::new();
    for c in text.chars() {
        match c.to_pinyin() {
            Some(pinyin) => {
                syllables += 1;
                sound.push_str(pinyin.plain());
                sound.push(' ');
            }
            None => sound.push(c),
        }
    }
    (syllables >= 2).then_some(sound)
}

static DIGITS: LazyLock<HashMap<char, i64>> = LazyLock::new(|| {
    let rows = WORDS
        .lines()
        .filter_map(|line| line.strip_prefix("digit\t")?.split_once('\t'));
    let pairs = rows.filter_map(|(value, chars)| Some((value.parse().ok()?, chars)));
    pairs
        .flat_map(|(value, chars): (i64, &str)| chars.chars().filter(|c| *c != ' ').map(move |c| (c, value)))
        .collect()
});

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for metric in registry().all() {
        let name: String = metric
            .name
            .chars()
            .take_while(|c| *c != '(')
            .filter(|c| *c != ' ')
            .collect();
        table.add(&name, &Token::Metric(vec![metric.id]));
    }
    for (ids, words) in METRICS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once('\t'))
    {
        let ids: Vec<MetricId> = ids.split(',').filter_map(|id| id.parse().ok()).collect();
        words
            .split(' ')
            .for_each(|word| table.add(word, &Token::Metric(ids.clone())));
    }
    for line in WORDS
        .lines()
        .filter(|line| !line.starts_with(['#']) && !line.starts_with("digit\t"))
    {
        let fields: Vec<&'static str> = line.split('\t').collect();
        if let [kind, value, surfaces] = fields[..] {
            surfaces
                .split(' ')
                .for_each(|word| table.add(word, &Token::Word(kind, value)));
        }
    }
    table
});

/// Chinese numerals as digits; a run such as "twenty-six" or a year read digit by digit becomes one number.
fn numerals(text: &str) -> String {
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

/// The cheapest cover of the text: the fewest characters that nothing explains, then the fewest words.
pub(super) fn cover(text: &str, vocabulary: &Vocabulary) -> Vec<Token> {
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, '-' | '~' | '—'));
    let plain: Vec<char> = numerals(&kept.collect::<String>()).chars().collect();
    let mut best: Vec<(u32, usize, Token)> = vec![(0, 0, Token::Number(0))];
    for end in 1..=plain.len() {
        let c = plain[end - 1];
        let mut choice = (best[end - 1].0 + COST_UNKNOWN, end - 1, Token::Unknown(c));
        let least = end.saturating_sub(LONGEST_WORD);
        for (start, before) in best.iter().enumerate().skip(least) {
            if let Some((token, cost)) = token(&plain, start, end, vocabulary) {
                let cost = before.0 + cost;
                if cost < choice.0 {
                    choice = (cost, start, token);
                }
            }
        }
        best.push(choice);
    }
    let mut tokens = Vec::new();
    let mut end = plain.len();
    while end > 0 {
        tokens.push(best[end].2.clone());
        end = best[end].1;
    }
    tokens.reverse();
    tokens
}

fn token(plain: &[char], start: usize, end: usize, vocabulary: &Vocabulary) -> Option<(Token, u32)> {
    let splits = |at: usize| at > 0 && at < plain.len() && plain[at - 1].is_ascii_digit() && plain[at].is_ascii_digit();
    if splits(start) || splits(end) {
        return None;
    }
    let text: String = plain[start..end].iter().collect();
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(|n| (Token::Number(n), COST_TOKEN));
    }
    vocabulary.words.find(&text).or_else(|| TABLE.find(&text))
}
