//! A list of words and how it is asked.

use std::collections::HashMap;

use serde::Deserialize;

/// Words of one meaning. In a data file: a string with blanks between the words, or an array.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Written")]
pub struct Words {
    longest_first: Vec<Word>,
    /// Indices into `longest_first`, by the words' first characters, the longest first.
    by_first: HashMap<char, Vec<usize>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Word {
    text: String,
    chars: Vec<char>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Line(String),
    List(Vec<String>),
}

impl TryFrom<Written> for Words {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Line(line) => Self::new(line.split_whitespace()),
            Written::List(list) => Self::new(list.iter().map(String::as_str)),
        }
    }
}

impl Words {
    /// A list. An empty word or one that is there twice is a fault.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut longest_first: Vec<Word> = Vec::new();
        for text in words {
            if text.is_empty() {
                return Err("an empty word".to_owned());
            }
            if longest_first.iter().any(|known| known.text == text) {
                return Err(format!("`{text}` is there twice"));
            }
            longest_first.push(Word {
                text: text.to_owned(),
                chars: text.chars().collect(),
            });
        }
        longest_first.sort_by_key(|word| std::cmp::Reverse(word.chars.len()));
        let mut by_first: HashMap<char, Vec<usize>> = HashMap::new();
        for (at, word) in longest_first.iter().enumerate() {
            by_first.entry(word.chars[0]).or_default().push(at);
        }
        Ok(Self {
            longest_first,
            by_first,
        })
    }

    /// These words and those of `more`.
    #[must_use]
    pub fn with(&self, more: &Self) -> Self {
        let new = more.iter().filter(|word| !self.iter().any(|known| known == *word));
        Self::new(self.iter().chain(new)).unwrap_or_default()
    }

    /// How many characters the longest word has that stands at the head of `text`.
    #[must_use]
    pub fn head(&self, text: &[char]) -> Option<usize> {
        let candidates = self.by_first.get(text.first()?)?;
        let words = candidates.iter().map(|at| &self.longest_first[*at].chars);
        words.into_iter().find(|word| text.starts_with(word)).map(Vec::len)
    }

    /// How many characters the longest word has that stands at the end of `text`.
    #[must_use]
    pub fn tail(&self, text: &[char]) -> Option<usize> {
        let mut words = self.longest_first.iter().map(|word| &word.chars);
        words.find(|word| text.ends_with(word)).map(Vec::len)
    }

    /// Where a word first stands in `text`: its begin and its length, in characters.
    #[must_use]
    pub fn find(&self, text: &[char]) -> Option<(usize, usize)> {
        (0..text.len()).find_map(|at| Some((at, self.head(&text[at..])?)))
    }

    /// Whether a word stands anywhere in `text`.
    #[must_use]
    pub fn within(&self, text: &[char]) -> bool {
        self.find(text).is_some()
    }

    /// As [`Self::within`], of a string.
    #[must_use]
    pub fn within_str(&self, text: &str) -> bool {
        self.iter().any(|word| text.contains(word))
    }

    /// How many of the words stand in `text`.
    #[must_use]
    pub fn count_in(&self, text: &str) -> usize {
        self.iter().filter(|word| text.contains(word)).count()
    }

    /// Whether a character is a word.
    #[must_use]
    pub fn has(&self, c: char) -> bool {
        self.head(&[c]).is_some()
    }

    /// The words, the longest first.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.longest_first.iter().map(|word| word.text.as_str())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.longest_first.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chars(text: &str) -> Vec<char> {
        text.chars().collect()
    }

    #[test]
    fn the_longest_word_counts() {
        let words = Words::new(["月", "月份", "个月"]).unwrap();
        assert_eq!(words.head(&chars("月份的")), Some(2));
        assert_eq!(words.head(&chars("的月份")), None);
        assert_eq!(words.tail(&chars("三个月")), Some(2));
        assert_eq!(words.find(&chars("八月份")), Some((1, 2)));
        assert!(words.within(&chars("这个月")) && !words.within(&chars("这个")));
        assert!(words.within_str("这个月") && words.has('月') && !words.has('个'));
        assert_eq!(words.iter().last(), Some("月"));
    }

    #[test]
    fn a_word_that_is_there_twice_is_a_fault() {
        assert_eq!(Words::new(["元", "元"]).unwrap_err(), "`元` is there twice");
        assert!(Words::new([""]).is_err());
    }
}
