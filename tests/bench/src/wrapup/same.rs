//! Whether two entries say the same, as far as their words tell.

use std::collections::BTreeSet;
use std::sync::Arc;

use sidetone_domain::Meanings;
use sidetone_speech::text::TextPipeline;

/// Of the shorter entry's pairs of neighbouring characters, how many the other has. Of 44 keys whose likeliest entry lay
/// between 0.18 and 0.5, read by hand, 28 of 29 from here on said the same; of those below 9 of 15 did.
const SAME: f64 = 0.28;
/// Fewer pairs in common, and some likeness of what they mean, or much of it alone. Of 75 entries that words alone call wrong, read by hand beside
/// the key of the nearest meaning, 17 of the 19 said the same that share so many words and mean so much, and 11 of the 13 that mean so much more.
const NEARLY: f64 = 0.2;
const LIKE: f32 = 0.45;
const ALIKE: f32 = 0.65;
/// Fewer may be chance.
const FEWEST: usize = 3;
/// Of the pairs of two names of a subject, how many both have.
const SAME_SUBJECT: f64 = 0.5;

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

/// Says whether two entries say the same: by their words, and, where there is a sentence encoder, by what they mean.
#[derive(Clone, Default)]
pub(crate) struct Same(pub(crate) Option<Arc<Meanings>>);

impl Same {
    pub(crate) fn says(&self, one: &str, other: &str) -> bool {
        let words = likeness(&pairs(one), &pairs(other));
        if words >= SAME {
            return true;
        }
        let Some(meanings) = &self.0 else { return false };
        let (one, other) = (meanings.fresh(one), meanings.fresh(other));
        let meaning: f32 = one.iter().zip(&other).map(|(a, b)| a * b).sum();
        meaning >= ALIKE || words >= NEARLY && meaning >= LIKE
    }
}

/// Whether two subjects are the same: what stands in brackets says for whom somebody calls.
pub(crate) fn same_subject(one: &str, other: &str) -> bool {
    let bare = |text: &str| text.split('（').next().unwrap_or(text).to_owned();
    let (one, other) = (bare(one), bare(other));
    let (one_pairs, other_pairs) = (pairs(&one), pairs(&other));
    let both = one_pairs.intersection(&other_pairs).count() * 2;
    one == other || both as f64 >= SAME_SUBJECT * (one_pairs.len() + other_pairs.len()) as f64 && both > 0
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
