//! How statutes and court decisions are written.

use serde::Deserialize;

/// What an importer of statutes and a search for articles go by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statutes {
    /// Numerals from nought to nine.
    pub digits: Vec<String>,
    /// Other ways to write a digit, and which.
    pub other_digits: Vec<(String, u32)>,
    /// Powers of ten in numerals.
    pub powers: Vec<(String, u32)>,
    /// Before an article's number.
    pub article_before: String,
    /// Behind it.
    pub article_after: String,
    /// Before the number of an article that was put in later.
    pub article_sub: String,
    /// Between two articles of one document.
    pub between_articles: Vec<String>,
    /// Between a document's name and its article.
    pub after_name: Vec<String>,
    /// Before a document's name.
    pub name_before: String,
    /// Behind it.
    pub name_after: String,
    /// Left out where names are compared.
    pub name_prefix: String,
    /// What a note behind a name begins with.
    pub name_notes: Vec<String>,
    /// A note that holds one of these names a version.
    pub note_words: Vec<String>,
    /// The document that speaks, in its own words.
    pub this_document: Vec<String>,
    /// Behind a date's year.
    pub year: String,
    /// Behind its month.
    pub month: String,
    /// Behind its day.
    pub day: String,
    /// Behind the date on which a document comes into force.
    pub in_force: Vec<String>,
    /// Behind the names of documents that end.
    pub repeals: Vec<String>,
    /// Between sentences.
    pub sentence_end: String,
    /// Folders of cases.
    pub cases: Vec<String>,
    /// Behind a province's name in the name of a folder of its rules.
    pub regional: String,
    /// Topic of statutes and cases.
    pub topic_name: String,
    /// Its terms.
    pub topic_terms: Vec<String>,
}
