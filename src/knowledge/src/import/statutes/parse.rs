//! One Markdown file of a statute or case.

use std::io::{self, BufRead};

use jiff::civil::Date;

use sidetone_language::zh;

use super::super::lines::{Line, Lines};
use super::super::report::Report;
use crate::cite::{ArticleNo, WORDING, document_name};
use crate::model::Layer;

/// Characters of a text without articles that go into one node.
const LONGEST_PART: usize = 1_500;
/// The line between what is said of a document and its text.
const TEXT_BEGINS: &str = "<!-- INFO END -->";
/// Where a document without a place applies.
const EVERYWHERE: &str = "000000";

/// An article, the document itself, or a part of one without articles.
pub(super) struct Part {
    pub(super) line: u32,
    pub(super) article: Option<ArticleNo>,
    /// `第四十七条`.
    pub(super) label: Option<String>,
    pub(super) chapter: Option<String>,
    pub(super) text: String,
}

pub(super) struct Document {
    pub(super) file: u32,
    /// As the first heading has it.
    pub(super) title: String,
    /// The title for comparison.
    pub(super) name: String,
    /// The second heading: a part of a code that has a file of its own.
    pub(super) heading: Option<String>,
    pub(super) layer: Layer,
    pub(super) region: String,
    /// In the file's name.
    pub(super) dated: Option<Date>,
    pub(super) from: Option<Date>,
    pub(super) to: Option<Date>,
    /// The first is the document itself.
    pub(super) parts: Vec<Part>,
}

pub(super) fn read(file: u32, from: &mut dyn BufRead, files: &[String], report: &mut Report) -> io::Result<Document> {
    let path = files.get(file as usize).map_or("", String::as_str);
    let mut reader = Reader::new(path);
    let mut lines = Lines::new(from);
    while let Some(line) = lines.next()? {
        match line.text {
            Line::Text(text) => reader.line(line.number, text.trim()),
            Line::Bad(fault) => report.reject(files, file, line.number, fault),
        }
    }
    Ok(reader.finish(file, path))
}

struct Reader {
    stem: String,
    headings: Vec<String>,
    about: Vec<String>,
    in_text: bool,
    chapter: Option<String>,
    parts: Vec<Part>,
}

impl Reader {
    fn new(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path);
        Self {
            stem: name.strip_suffix(".md").unwrap_or(name).to_owned(),
            headings: Vec::new(),
            about: Vec::new(),
            in_text: false,
            chapter: None,
            parts: vec![Part {
                line: 1,
                article: None,
                label: None,
                chapter: None,
                text: String::new(),
            }],
        }
    }

    fn line(&mut self, number: u32, line: &str) {
        if line == TEXT_BEGINS {
            self.in_text = true;
        } else if line.is_empty() {
        } else if let Some(heading) = line.strip_prefix('#') {
            let heading = heading.trim_start_matches('#').trim();
            match heading.is_empty() {
                false if self.in_text => {
                    self.chapter = Some(heading.split_whitespace().collect::<Vec<_>>().join(" "));
                }
                false => self.headings.push(heading.to_owned()),
                true => {}
            }
        } else if !self.in_text {
            self.about.push(line.to_owned());
        } else {
            self.text(number, line);
        }
    }

    fn text(&mut self, number: u32, line: &str) {
        let begins = WORDING.article(line).filter(|(_, rest)| {
            let next = rest.chars().next();
            next.is_none_or(|c| c.is_whitespace() || !c.is_alphanumeric())
        });
        if let Some((article, rest)) = begins {
            self.parts.push(Part {
                line: number,
                article: Some(article),
                label: Some(line[..line.len() - rest.len()].to_owned()),
                chapter: self.chapter.clone(),
                text: rest.trim().to_owned(),
            });
            return;
        }
        let full = |part: &Part| part.article.is_none() && part.text.chars().count() > LONGEST_PART;
        if self.parts.last().is_some_and(full) {
            self.parts.push(Part {
                line: number,
                article: None,
                label: None,
                chapter: self.chapter.clone(),
                text: String::new(),
            });
        }
        if let Some(part) = self.parts.last_mut() {
            if !part.text.is_empty() {
                part.text.push('\n');
            }
            part.text.push_str(line);
        }
    }

    fn finish(mut self, file: u32, path: &str) -> Document {
        let mut headings = self.headings.into_iter();
        let title = headings.next().unwrap_or_else(|| self.stem.clone());
        let folders = || path.split('/').rev().skip(1);
        let case = folders().any(|folder| WORDING.cases.iter().any(|word| folder == word));
        let dated = self.stem.rfind(['(', '（']).and_then(|at| date_of(&self.stem[at..]));
        let from = in_force(&self.about).filter(|from| dated.is_none_or(|dated| *from >= dated));
        if let Some(first) = self.parts.first_mut().filter(|part| part.text.is_empty()) {
            first.text = if self.about.is_empty() {
                title.clone()
            } else {
                self.about.join("\n")
            };
        }
        // An article without a text would be no node.
        self.parts.retain(|part| !part.text.trim().is_empty());
        Document {
            file,
            name: document_name(&title),
            heading: headings.next(),
            layer: if case { Layer::Case } else { Layer::Policy },
            region: folders().find_map(region_of).unwrap_or(EVERYWHERE).to_owned(),
            dated,
            from: from.or(dated).or_else(|| last_date(&self.about)),
            to: None,
            parts: self.parts,
            title,
        }
    }
}

/// The province whose name a folder begins with, where the folder is one of a province's rules.
fn region_of(folder: &str) -> Option<&'static str> {
    let name: Vec<char> = folder.strip_suffix(WORDING.regional.as_str())?.chars().collect();
    zh().regions.head(&name).map(|(_, code)| code)
}

/// `(2012-12-28)`.
fn date_of(note: &str) -> Option<Date> {
    note.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// The last day that the lines about a document name as its first in force.
fn in_force(about: &[String]) -> Option<Date> {
    let said = |rest: &str| {
        let rest = rest.trim_start();
        WORDING.in_force.iter().any(|word| rest.starts_with(word.as_str()))
    };
    let dates = about.iter().flat_map(|line| WORDING.dates(line));
    dates.filter(|(_, rest)| said(rest)).map(|(date, _)| date).max()
}

fn last_date(about: &[String]) -> Option<Date> {
    let dates = about.iter().flat_map(|line| WORDING.dates(line));
    dates.map(|(date, _)| date).max()
}
