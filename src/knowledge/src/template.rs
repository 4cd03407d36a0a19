//! `{figure_id}` in a text.

use sidetone_language::zh;

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// As it stands.
    Text(&'a str),
    /// Id of a figure.
    Figure(&'a str),
}

/// Splits a text at its placeholders; `None` where braces do not pair.
pub(crate) fn pieces(text: &str) -> Option<Vec<Piece<'_>>> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find(['{', '}']) {
        let after = rest[open..].strip_prefix('{')?;
        let close = after.find(['{', '}'])?;
        let tail = after[close..].strip_prefix('}')?;
        if open > 0 {
            out.push(Piece::Text(&rest[..open]));
        }
        out.push(Piece::Figure(&after[..close]));
        rest = tail;
    }
    if !rest.is_empty() {
        out.push(Piece::Text(rest));
    }
    Some(out)
}

/// A number in front of 元 or %, which changes from year to year and belongs into a dated row.
pub(crate) fn literal_figure(text: &str) -> Option<String> {
    let chars: Vec<char> = text.chars().collect();
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '０'..='９');
    for (at, &unit) in chars.iter().enumerate() {
        if !zh().measures.figure.has(unit) {
            continue;
        }
        let mut begin = at;
        while begin > 0 && (is_number(chars[begin - 1]) || zh().numbers.scale(chars[begin - 1]).is_some()) {
            begin -= 1;
        }
        if chars[begin..at].iter().any(|&c| is_number(c)) {
            return Some(chars[begin..=at].iter().collect());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Piece, literal_figure, pieces};

    #[test]
    fn placeholders_are_split_out() {
        assert_eq!(
            pieces("每月{a}，共{b}").unwrap(),
            [
                Piece::Text("每月"),
                Piece::Figure("a"),
                Piece::Text("，共"),
                Piece::Figure("b")
            ]
        );
        for bad in ["{a", "a}", "{a{b}}"] {
            assert!(pieces(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn a_sum_of_money_in_a_sentence_is_noticed() {
        assert_eq!(literal_figure("每月2400元").as_deref(), Some("2400元"));
        assert_eq!(literal_figure("按1.2万元").as_deref(), Some("1.2万元"));
        assert_eq!(literal_figure("按 20% 缴").as_deref(), Some("20%"));
        assert_eq!(literal_figure("满1年不足5年，按{x}计发，单元2"), None);
    }
}
