//! Whether two entries say the same, as far as their words tell.

use std::collections::BTreeSet;

use sidetone_speech::text::TextPipeline;

/// Of the shorter entry's pairs of neighbouring characters, how many the other has.
pub(crate) const SAME: f64 = 0.4;
/// One pair alone may be chance.
const FEWEST: usize = 2;

/// Pairs of neighbouring characters; numbers as digits, what is neither letter nor digit left out.
pub(crate) type Pairs = BTreeSet<(char, char)>;

/// A text's pairs.
pub(crate) fn pairs(text: &str) -> Pairs {
    let text = TextPipeline::default().finish(text);
    let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
    letters.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The share of the shorter one's pairs that both have.
pub(crate) fn likeness(one: &Pairs, other: &Pairs) -> f64 {
    let both = one.intersection(other).count();
    match both < FEWEST {
        true => 0.0,
        false => both as f64 / one.len().min(other.len()) as f64,
    }
}

/// Whether they say the same.
pub(crate) fn same(one: &str, other: &str) -> bool {
    likeness(&pairs(one), &pairs(other)) >= SAME
}

/// The share of `part` that stands in `whole`.
pub(crate) fn stands_in(part: &str, whole: &str) -> f64 {
    let (part, whole) = (pairs(part), pairs(whole));
    let both = part.intersection(&whole).count();
    both as f64 / part.len().max(1) as f64
}

/// The numbers of a text, as digits.
pub(crate) fn numbers(text: &str) -> Vec<String> {
    let text = TextPipeline::default().finish(text);
    text.split(|c: char| !c.is_ascii_digit() && c != '.')
        .map(|number| number.trim_matches('.').to_owned())
        .filter(|number| !number.is_empty())
        .collect()
}
