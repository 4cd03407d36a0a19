//! How pleased a caller's words are.

use sidetone_language::zh;

use crate::understand::Mood;
use crate::understand::mood_of;
use crate::understand::text::{clauses, find, fold};

/// What one word of anger weighs against one of praise.
const ANGER: i32 = 3;

/// Above zero is pleased, below is not. Praise that is denied displeases; praise in a question is none.
pub(super) fn pleased(text: &str) -> i32 {
    let words = &zh().feelings;
    let folded = fold(text);
    let anger = words.angry.count_in(text).min(2) as i32;
    let mut praise = words.thanks.count_in(text) as i32;
    let mut denied = 0;
    for range in clauses(&folded) {
        let clause = &folded[range];
        if mood_of(clause) == Mood::Question {
            continue;
        }
        for word in words.pleased.iter() {
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
    let words = &zh().feelings;
    let mut end = before.len();
    let mut denials = 0;
    while let Some((len, denies)) = [(&words.not, true), (&words.very, false)]
        .into_iter()
        .filter_map(|(words, denies)| Some((words.tail(&before[..end])?, denies)))
        .max()
    {
        denials += usize::from(denies);
        end -= len;
    }
    denials
}
