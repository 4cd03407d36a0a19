//! Which sentences of a call say what an entry of its record says.

use sidetone_language::clause::Pair;

/// Of the shorter one's pairs of neighbouring characters, how many both have who say the same.
const SAME: f32 = 0.28;
/// Fewer may be chance.
const FEWEST: usize = 3;

/// A text's pairs of neighbouring characters, without what is neither letter nor digit.
#[derive(Debug)]
pub(super) struct Pairs(Vec<Pair>);

impl Pairs {
    pub(super) fn of(text: &str) -> Self {
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let mut pairs: Vec<Pair> = letters.windows(2).map(|pair| (pair[0], pair[1])).collect();
        pairs.sort_unstable();
        pairs.dedup();
        Self(pairs)
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn says(&self, other: &Self) -> bool {
        let both = self.0.iter().filter(|pair| other.0.binary_search(pair).is_ok()).count();
        both >= FEWEST && both as f32 >= SAME * self.len().min(other.len()) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_entry_says_what_a_long_sentence_does() {
        let says = |one, other| Pairs::of(one).says(&Pairs::of(other));
        assert!(says("那3万块钱的协议您先别签，等认定下来再谈", "3万块钱的协议先别签"));
        assert!(!says("您先别慌，来得及", "3万块钱的协议先别签"));
        assert!(!says("先别签", "先别签"), "too short to tell");
    }
}
