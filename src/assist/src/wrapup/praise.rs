//! How pleased a caller's words are.

use super::cues;
use crate::understand::Mood;
use crate::understand::mood_of;
use crate::understand::text::{clauses, find, fold, slice};

/// Which words turn praise around, and which may stand between. Not code: they are Chinese.
const DENIAL: &str = include_str!("../../data/denial.tsv");

/// What one word of anger weighs against one of praise.
const ANGER: i32 = 3;

/// Above zero is pleased, below is not. Praise that is denied displeases; praise in a question is none.
pub(super) fn pleased(text: &str) -> i32 {
    let folded = fold(text);
    let anger = count(text, cues::ANGRY).min(2);
    let mut praise = count(text, cues::THANKS);
    let mut denied = 0;
    for range in clauses(&folded) {
        let clause = &folded[range];
        if mood_of(clause) == Mood::Question {
            continue;
        }
        for word in cues::PLEASED {
            let Some(at) = find(clause, word) else { continue };
            match denials(&clause[..at]) {
                0 => praise += 1,
                n if n % 2 == 1 => denied += 1,
                _ => {}
            }
        }
    }
    praise.min(2) - denied.min(2) - ANGER * anger
}

/// How many denials end where the praise begins, with nothing but degrees between.
fn denials(before: &[char]) -> usize {
    let mut end = before.len();
    let mut denials = 0;
    let lines = || DENIAL.lines().filter_map(|line| line.split_once('\t'));
    while let Some((kind, word)) = lines()
        .filter(|(_, word)| ends_with(&before[..end], word))
        .max_by_key(|(_, word)| word.len())
    {
        denials += usize::from(kind == "not");
        end -= word.chars().count();
    }
    denials
}

fn ends_with(text: &[char], word: &str) -> bool {
    let len = word.chars().count();
    len <= text.len() && slice(text, text.len() - len..text.len()) == word
}

fn count(text: &str, words: &[&str]) -> i32 {
    words.iter().filter(|word| text.contains(*word)).count() as i32
}
