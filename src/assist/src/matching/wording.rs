//! Wordings of hints; data, as they are Chinese.

const WORDS: &str = include_str!("../../data/hint-words.tsv");

/// A wording with its holes filled.
pub(super) fn worded(name: &str, parts: &[(&str, &str)]) -> String {
    let mut lines = WORDS.lines().filter_map(|line| line.split_once('\t'));
    let text = lines.find(|(known, _)| *known == name).map_or("", |(_, text)| text);
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (hole, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(
            parts
                .iter()
                .find(|(name, _)| *name == hole)
                .map_or("", |(_, part)| part),
        );
        rest = tail;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_once() {
        assert_eq!(worded("sample_title", &[("title", "{month}")]), "{month}（示例）");
        assert_eq!(worded("nothing of the kind", &[]), "");
    }
}
