//! Words of every day: what they tell is where one begins and ends.

use std::collections::HashMap;

/// Words of two characters and more.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// What follows the first character, the longest first.
    by_first: HashMap<char, Vec<Vec<char>>>,
}

impl Vocabulary {
    /// Each line is the first character of its words, and then what follows it in each; a line that begins with `#` says something of them.
    pub(crate) fn parse(text: &str) -> Self {
        let mut by_first = HashMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut rests = line.split_whitespace();
            let Some(first) = rests.next().and_then(|first| first.chars().next()) else {
                continue;
            };
            let mut rests: Vec<Vec<char>> = rests.map(|rest| rest.chars().collect()).collect();
            rests.sort_by_key(|rest| std::cmp::Reverse(rest.len()));
            by_first.insert(first, rests);
        }
        Self { by_first }
    }

    /// How many characters the longest word has that stands at the head of `text`.
    #[must_use]
    pub fn head(&self, text: &[char]) -> Option<usize> {
        let (first, rest) = text.split_first()?;
        let words = self.by_first.get(first)?;
        words
            .iter()
            .find(|word| rest.starts_with(word))
            .map(|word| 1 + word.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_at_the_head_counts() {
        let words = Vocabulary::parse("# of every day\n高 兴 兴兴\n马 上\n");
        let head = |text: &str| words.head(&text.chars().collect::<Vec<char>>());
        assert_eq!(head("高高兴兴"), None);
        assert_eq!(head("高兴兴的"), Some(3));
        assert_eq!(head("马上"), Some(2));
        assert_eq!(head("马"), None);
        assert_eq!(head(""), None);
    }
}
