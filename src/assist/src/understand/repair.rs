//! Self-correction and denial: 不对，我是说…; 不是问工伤.

use super::text::{find, slice};

/// After these the speaker says it again; what came before does not count.
#[rustfmt::skip]
const MARKERS: &[&str] = &[
    "不对我是说", "不对，我是说", "不对我说的是", "不对，我说的是", "不对我问的是", "不对，我问的是", "不对我想问", "不对，我想问", "不对不对", "不对，不对",
    "哦不对", "啊不对", "不对，是", "不对是", "说错了", "我说错了", "搞错了", "我搞错了", "不是，我是说", "不是我是说", "不是，我说的是", "不是，我问的是",
    "不是我问的是", "不是，我是问", "不是我是问", "我是说", "我说的是", "我问的是", "我的意思是", "应该是问", "哦不是", "啊不是", "准确说是", "更正一下",
];

/// Stand directly before a term that is not meant.
#[rustfmt::skip]
const DENIALS: &[&str] = &[
    "不是问", "不是说", "不是想问", "不是要问", "不是要办", "不是办", "没问", "没有问", "不问", "不想问", "不是", "别说", "不办", "不想办", "不要", "先不说", "先不问", "不谈",
    "跟", "和", "与",
];

/// Stand behind a term that 跟, 和 or 与 denies.
const UNRELATED: &[&str] = &["没关系", "无关", "没有关系", "不是一回事", "不相干"];

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
    let found = MARKERS.iter().filter_map(|marker| {
        let begin = find(text, marker)?;
        let end = begin + marker.chars().count();
        (text.len() > end + 1).then_some((begin, end))
    });
    let (first, from) = found.fold((usize::MAX, 0), |(first, last), (begin, end)| {
        (first.min(begin), last.max(end))
    });
    let sounds = |c: &char| "不对是，嗯啊哦呃哎噢那个".contains(*c);
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
    let before = slice(text, from..begin);
    let to = text[end..]
        .iter()
        .position(|c| matches!(c, '，' | '？'))
        .map_or(text.len(), |at| end + at);
    let after = slice(text, end..to);
    DENIALS.iter().any(|denial| match *denial {
        "跟" | "和" | "与" => before.ends_with(denial) && UNRELATED.iter().any(|word| after.starts_with(word)),
        // 是不是工伤 asks, 不是工伤吗 asks too.
        "不是" => {
            before.ends_with(denial) && !before.ends_with("是不是") && !after.contains('吗') && !after.contains("嘛")
        }
        _ => {
            before.ends_with(denial)
                || before.ends_with(&format!("{denial}这个"))
                || before.ends_with(&format!("{denial}那个"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::understand::text::fold;

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
