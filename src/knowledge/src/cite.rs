//! Citations of articles in Chinese text, and names of documents as they are compared.

use std::ops::Deref;
use std::sync::LazyLock;

use jiff::civil::Date;
use sidetone_language::{Statutes, zh};

/// How statutes are written, and how that is read.
pub(crate) struct Wording(&'static Statutes);

pub(crate) static WORDING: LazyLock<Wording> = LazyLock::new(|| Wording(&zh().statutes));

impl Deref for Wording {
    type Target = Statutes;

    fn deref(&self) -> &Statutes {
        self.0
    }
}

/// An article's number: `第二百零五条之一` is 205, 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ArticleNo {
    /// The article.
    pub article: u32,
    /// 之一, 之二; 0 for the article itself.
    pub sub: u32,
}

/// An article that a text names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The document as [`document_name`] folds it; `None` for the document that speaks.
    pub document: Option<String>,
    /// The article.
    pub article: ArticleNo,
}

impl Wording {
    /// A numeral in Chinese or Arabic digits at the beginning of `text`, and what follows.
    pub(crate) fn numeral<'t>(&self, text: &'t str) -> Option<(u32, &'t str)> {
        let ascii = text.bytes().take_while(u8::is_ascii_digit).count();
        if ascii > 0 {
            return Some((text[..ascii].parse().ok()?, &text[ascii..]));
        }
        let (mut rest, mut sum, mut digit) = (text, 0_u32, None);
        loop {
            if let Some((value, after)) = self.digit(rest) {
                digit = Some(value);
                rest = after;
            } else if let Some((power, after)) = starting(&self.powers, rest) {
                sum = sum.checked_add(digit.take().unwrap_or(1).checked_mul(power)?)?;
                rest = after;
            } else {
                break;
            }
        }
        (rest.len() < text.len()).then(|| (sum.saturating_add(digit.unwrap_or(0)), rest))
    }

    fn digit<'t>(&self, text: &'t str) -> Option<(u32, &'t str)> {
        let plain = self.digits.iter().enumerate();
        plain
            .filter(|(_, digit)| !digit.is_empty())
            .find_map(|(value, digit)| Some((value as u32, text.strip_prefix(digit.as_str())?)))
            .or_else(|| starting(&self.other_digits, text))
    }

    /// An article's number at the beginning of `text`, and what follows.
    pub(crate) fn article<'t>(&self, text: &'t str) -> Option<(ArticleNo, &'t str)> {
        let text = text.strip_prefix(self.article_before.as_str())?;
        let (article, text) = self.numeral(text.trim_start())?;
        let text = text.trim_start().strip_prefix(self.article_after.as_str())?;
        let sub = text
            .strip_prefix(self.article_sub.as_str())
            .and_then(|text| self.numeral(text));
        Some(match sub {
            Some((sub, text)) => (ArticleNo { article, sub }, text),
            None => (ArticleNo { article, sub: 0 }, text),
        })
    }

    /// `2021年1月1日` at the beginning of `text`, and what follows.
    pub(crate) fn date<'t>(&self, text: &'t str) -> Option<(Date, &'t str)> {
        let (year, text) = self.numeral(text)?;
        let (month, text) = self.numeral(text.strip_prefix(self.year.as_str())?)?;
        let (day, text) = self.numeral(text.strip_prefix(self.month.as_str())?)?;
        let text = text.strip_prefix(self.day.as_str())?;
        let small = |number: u32| i8::try_from(number).ok();
        let date = Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
        Some((date, text))
    }

    /// Every date in a text with what follows it.
    pub(crate) fn dates<'t>(&self, text: &'t str) -> impl Iterator<Item = (Date, &'t str)> {
        let starts = text.char_indices().scan(false, |within, (at, c)| {
            let begins = c.is_ascii_digit() && !*within;
            *within = c.is_ascii_digit();
            Some(begins.then_some(at))
        });
        starts.flatten().filter_map(|at| self.date(&text[at..]))
    }

    /// Names of documents in a text, as they are written.
    pub(crate) fn names<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        text.match_indices(self.name_before.as_str()).filter_map(|(at, mark)| {
            let rest = &text[at + mark.len()..];
            Some(&rest[..rest.find(self.name_after.as_str())?])
        })
    }

    /// Whether the words behind a document's name say which version it is.
    fn is_version(&self, note: &str) -> bool {
        let dated = |part: &str| part.len() == 4 && part.bytes().all(|byte| byte.is_ascii_digit());
        let inner = note.trim_matches(|c: char| !c.is_alphanumeric());
        self.note_words.iter().any(|word| note.contains(word.as_str()))
            || inner.split_once('-').is_some_and(|(year, _)| dated(year))
    }

    /// The article that follows another of the same document, and what follows it.
    fn next_article<'t>(&self, text: &'t str) -> Option<(ArticleNo, &'t str)> {
        self.between_articles
            .iter()
            .find_map(|word| self.article(text.strip_prefix(word.as_str())?))
    }
}

fn starting<'t>(words: &[(String, u32)], text: &'t str) -> Option<(u32, &'t str)> {
    words
        .iter()
        .find_map(|(word, value)| Some((*value, text.strip_prefix(word.as_str())?)))
}

/// A document's name for comparison: without quotation marks, blanks, the country's name and notes in brackets.
pub fn document_name(name: &str) -> String {
    let wording = &*WORDING;
    let mut name: &str = name.trim();
    name = name.strip_prefix(wording.name_before.as_str()).unwrap_or(name);
    name = name.strip_suffix(wording.name_after.as_str()).unwrap_or(name);
    name = name.trim().strip_prefix(wording.name_prefix.as_str()).unwrap_or(name);
    for note in &wording.name_notes {
        if let Some(at) = name
            .rfind(note.as_str())
            .filter(|&at| at > 0 && wording.is_version(&name[at..]))
        {
            name = &name[..at];
        }
    }
    name.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every article that is named in a short text that names nothing else: `第四十五条、第四十六条`.
pub fn articles(text: &str) -> Vec<ArticleNo> {
    let starts = text.match_indices(WORDING.article_before.as_str());
    let mut out: Vec<ArticleNo> = starts
        .filter_map(|(at, _)| Some(WORDING.article(&text[at..])?.0))
        .collect();
    out.dedup();
    out
}

/// Citations in a text, in order: those of a named document and those of the document that speaks.
pub fn citations(text: &str) -> Vec<Citation> {
    let mut out = Vec::new();
    let named = text.match_indices(WORDING.name_before.as_str());
    for (at, mark) in named {
        let rest = &text[at + mark.len()..];
        let Some(end) = rest.find(WORDING.name_after.as_str()) else {
            break;
        };
        let mut after = &rest[end + WORDING.name_after.len()..];
        while let Some(next) = WORDING
            .after_name
            .iter()
            .find_map(|word| after.strip_prefix(word.as_str()))
        {
            after = next;
        }
        run(&mut out, Some(&document_name(&rest[..end])), after);
    }
    for word in &WORDING.this_document {
        for (at, _) in text.match_indices(word.as_str()) {
            run(&mut out, None, &text[at + word.len()..]);
        }
    }
    out
}

/// Articles one after the other, all of one document.
fn run(out: &mut Vec<Citation>, document: Option<&str>, text: &str) {
    let mut next = WORDING.article(text);
    while let Some((article, rest)) = next {
        out.push(Citation {
            document: document.map(str::to_owned),
            article,
        });
        next = WORDING.next_article(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no(article: u32, sub: u32) -> ArticleNo {
        ArticleNo { article, sub }
    }

    #[test]
    fn numerals_of_articles() {
        let value = |text: &str| WORDING.numeral(text).map(|(value, _)| value);
        assert_eq!(value("十"), Some(10));
        assert_eq!(value("四十七"), Some(47));
        assert_eq!(value("一百零五"), Some(105));
        assert_eq!(value("一千二百六十条"), Some(1260));
        assert_eq!(value("47"), Some(47));
        assert_eq!(value("条"), None);
    }

    #[test]
    fn citations_of_named_documents_and_of_the_own() {
        let text = "依照《中华人民共和国劳动合同法》第四十六条、第四十七条和《劳动法》的规定，本法第八十二条，《刑法》第133条之一。";
        let cited = citations(text);
        let labour = || Some("劳动合同法".to_owned());
        assert_eq!(
            cited,
            [
                Citation {
                    document: labour(),
                    article: no(46, 0)
                },
                Citation {
                    document: labour(),
                    article: no(47, 0)
                },
                Citation {
                    document: Some("刑法".to_owned()),
                    article: no(133, 1)
                },
                Citation {
                    document: None,
                    article: no(82, 0)
                },
            ]
        );
    }

    #[test]
    fn names_are_compared_without_their_trimmings() {
        assert_eq!(document_name("《中华人民共和国劳动法》"), "劳动法");
        assert_eq!(document_name("劳动法（2018修正）"), "劳动法");
        assert_eq!(document_name("工伤保险条例(2010-12-20)"), "工伤保险条例");
        assert_eq!(document_name("若干问题的解释（三）"), "若干问题的解释（三）");
    }
}
