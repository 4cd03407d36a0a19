//! Self-correction and denial: 不对，我是说…; 不是问工伤.

use sidetone_language::zh;

use super::text::find;

/// A speaker corrects themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Correction {
    /// Nothing but a sound stands before it: it corrects the turn before.
    pub(crate) opens: bool,
    /// Where the text that counts begins: after the last marker that has something behind it.
    pub(crate) from: usize,
}

/// The correction in a turn.
pub(crate) fn correction(text: &[char]) -> Option<Correction> {
    let corrections = &zh().turns.corrections;
    let found = corrections.markers.iter().filter_map(|marker| {
        let begin = find(text, marker)?;
        let end = begin + marker.chars().count();
        (text.len() > end + 1).then_some((begin, end))
    });
    let (first, from) = found.fold((usize::MAX, 0), |(first, last), (begin, end)| {
        (first.min(begin), last.max(end))
    });
    let sounds = |c: &char| corrections.sounds.has(*c);
    (from > 0).then(|| Correction {
        opens: text[..first].iter().all(sounds),
        from,
    })
}

/// Whether the term at `begin..end` is denied, not named.
pub(crate) fn denied(text: &[char], begin: usize, end: usize) -> bool {
    let from = text[..begin]
        .iter()
        .rposition(|c| matches!(c, '，' | '？'))
        .map_or(0, |at| at + 1);
    let to = text[end..]
        .iter()
        .position(|c| matches!(c, '，' | '？'))
        .map_or(text.len(), |at| end + at);
    let (before, after) = (&text[from..begin], &text[end..to]);
    let words = &zh().turns.denials;
    let unrelated = words.with.tail(before).is_some() && words.unrelated.head(after).is_some();
    let is_not = words.is_not.tail(before).is_some() && words.is_it.tail(before).is_none() && !words.asks.within(after);
    let pointing = words.pointing.tail(before).unwrap_or(0);
    let close = |before: &[char]| words.before.tail(before).is_some();
    unrelated || is_not || close(before) || close(&before[..before.len() - pointing])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::{fold, slice};

    fn is_denied(text: &str, term: &str) -> bool {
        let folded = fold(text);
        let begin = find(&folded, term).unwrap();
        denied(&folded, begin, begin + term.chars().count())
    }

    #[test]
    fn a_denied_term_is_not_named() {
        assert!(is_denied("我不是问工伤，我问失业", "工伤"));
        assert!(is_denied("跟工伤没关系", "工伤"));
        assert!(!is_denied("这是不是工伤", "工伤"));
        assert!(!is_denied("这不是工伤吗", "工伤"));
        assert!(!is_denied("工伤怎么办", "工伤"));
    }

    #[test]
    fn what_came_before_a_correction_does_not_count() {
        let text = fold("我想问工伤，不对，我是说失业保险金");
        let found = correction(&text).unwrap();
        assert_eq!(slice(&text, found.from..text.len()), "失业保险金");
        assert!(!found.opens);
        assert!(correction(&fold("不对，我问的是失业金")).unwrap().opens);
        assert_eq!(correction(&fold("这样不对")), None);
    }
}
