//! Statutes and cases in Markdown: `name(date).md`, a heading with the full name, articles that begin with their number.
//!
//! A statute gives a node for itself and one for each article, a case one node. Of several versions each holds until the day
//! before the next. What they cite becomes edges to the version that held on the day of the one that cites.

mod parse;

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead};

use jiff::civil::Date;
use pinyin::ToPinyin;

use super::report::Report;
use crate::cite::{ArticleNo, Citation, WORDING, citations, document_name};
use crate::load::{Parsed, Row};
use crate::model::{Confidence, Edge, Effective, Layer, Node, Provenance, Relation, TopicInfo};
use parse::Document;

/// The topic of all that is imported here.
const TOPIC: &str = "statutes";
/// Characters of a name that go into ids.
const LONGEST_SLUG: usize = 64;

/// What was read so far.
#[derive(Default)]
pub(crate) struct Statutes {
    documents: Vec<Document>,
}

impl Statutes {
    pub(crate) fn read(
        &mut self,
        file: u32,
        from: &mut dyn BufRead,
        files: &[String],
        report: &mut Report,
    ) -> io::Result<()> {
        let path = files.get(file as usize).map_or("", String::as_str);
        let name = path.rsplit('/').next().unwrap_or(path);
        if name.starts_with('_') {
            report.skip(path);
            return Ok(());
        }
        let document = parse::read(file, from, files, report)?;
        report.rows += document.parts.len().max(1);
        self.documents.push(document);
        Ok(())
    }

    /// Nodes and edges of all that was read.
    pub(crate) fn finish(self, parsed: &mut Parsed, report: &mut Report) {
        if self.documents.is_empty() {
            return;
        }
        if let Some(first) = self.documents.first() {
            parsed.topics.push(Row {
                file: first.file,
                line: 1,
                value: TopicInfo {
                    id: TOPIC.to_owned(),
                    name: WORDING.topic_name.clone(),
                    terms: WORDING.topic_terms.clone(),
                    spans_regions: true,
                },
            });
        }
        let mut shelf = Shelf::new(self.documents);
        shelf.end_older_versions();
        shelf.end_repealed();
        shelf.edges(parsed, report);
        shelf.nodes(parsed);
    }
}

/// Documents by name, oldest version first, each with its id.
struct Shelf {
    documents: Vec<Document>,
    ids: Vec<String>,
    by_name: HashMap<String, Vec<usize>>,
    /// Which document takes or ends which: newer, relation, older.
    successions: Vec<(usize, Relation, usize)>,
}

impl Shelf {
    fn new(mut documents: Vec<Document>) -> Self {
        documents.sort_by_key(|document| (document.from, document.file));
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut taken: HashMap<String, usize> = HashMap::new();
        let mut ids = Vec::with_capacity(documents.len());
        for (at, document) in documents.iter().enumerate() {
            by_name.entry(document.name.clone()).or_default().push(at);
            let kind = if document.layer == Layer::Case { "case" } else { "law" };
            let mut id = format!("{kind}.{}", slug(&document.name));
            if let Some(part) = &document.heading {
                id = format!("{id}.{}", slug(part));
            }
            if let Some(date) = document.dated {
                id = format!("{id}.{date}");
            }
            let times = taken.entry(id.clone()).or_insert(0);
            *times += 1;
            ids.push(if *times > 1 { format!("{id}-v{times}") } else { id });
        }
        Self {
            documents,
            ids,
            by_name,
            successions: Vec::new(),
        }
    }

    /// A version holds until the day before the next one of the same part and place.
    fn end_older_versions(&mut self) {
        let mut lines: BTreeMap<(&str, Option<&str>, &str), Vec<usize>> = BTreeMap::new();
        for (at, document) in self.documents.iter().enumerate() {
            let key = (
                document.name.as_str(),
                document.heading.as_deref(),
                document.region.as_str(),
            );
            if document.layer == Layer::Policy && document.from.is_some() {
                lines.entry(key).or_default().push(at);
            }
        }
        let pairs: Vec<(usize, usize)> = lines
            .values()
            .flat_map(|line| line.windows(2).map(|pair| (pair[0], pair[1])))
            .collect();
        for (older, newer) in pairs {
            self.end(newer, Relation::Supersedes, older);
        }
    }

    /// 《…》同时废止: whatever has that name and is older ends with the document that says so.
    fn end_repealed(&mut self) {
        let mut ended = Vec::new();
        for (at, document) in self.documents.iter().enumerate() {
            for part in &document.parts {
                for name in repealed(&part.text) {
                    let name = document_name(name);
                    let others = self.by_name.get(&name).into_iter().flatten().copied();
                    let older =
                        others.filter(|&other| name != document.name && self.documents[other].from < document.from);
                    ended.extend(older.map(|older| (at, older)));
                }
            }
        }
        ended.sort_unstable();
        ended.dedup();
        for (newer, older) in ended {
            self.end(newer, Relation::Repeals, older);
        }
    }

    fn end(&mut self, newer: usize, how: Relation, older: usize) {
        let from = self.documents[newer].from;
        let Some(last) = from.and_then(|from| from.yesterday().ok()) else {
            return;
        };
        let of = &mut self.documents[older];
        if of.from.is_some_and(|from| from > last) {
            return;
        }
        of.to = Some(of.to.map_or(last, |to| to.min(last)));
        self.successions.push((newer, how, older));
    }

    fn nodes(self, parsed: &mut Parsed) {
        for (document, id) in self.documents.into_iter().zip(self.ids) {
            for (at, part) in document.parts.iter().enumerate() {
                let node = node(&document, part_id(&id, at, part.article), part);
                parsed.nodes.push(Row {
                    file: document.file,
                    line: part.line,
                    value: node,
                });
            }
        }
    }

    fn edges(&self, parsed: &mut Parsed, report: &mut Report) {
        let index = Index::new(self);
        let mut add = |file: u32, line: u32, from: String, rel: Relation, to: String| {
            let value = Edge { from, rel, to };
            parsed.edges.push(Row { file, line, value });
        };
        for (at, document) in self.documents.iter().enumerate() {
            for (number, part) in document.parts.iter().enumerate() {
                let from = part_id(&self.ids[at], number, part.article);
                let mut cited: Vec<Citation> = citations(&part.text);
                cited.retain(|of| part.article != Some(of.article) || of.document.is_some());
                let mut seen = Vec::new();
                for citation in cited {
                    let Some((of, number)) = index.find(self, at, &citation) else {
                        report.unresolved_citations += 1;
                        continue;
                    };
                    if !seen.contains(&(of, number)) && (of, number) != (at, number_of(document, part.article)) {
                        seen.push((of, number));
                        let to = part_id(&self.ids[of], number, self.documents[of].parts[number].article);
                        add(document.file, part.line, from.clone(), Relation::Cites, to);
                    }
                }
            }
        }
        for &(newer, how, older) in &self.successions {
            let (of, old) = (&self.documents[newer], &self.documents[older]);
            let line = |document: &Document, number: usize| document.parts.get(number).map_or(1, |part| part.line);
            add(
                of.file,
                line(of, 0),
                self.ids[newer].clone(),
                how,
                self.ids[older].clone(),
            );
            if how != Relation::Supersedes {
                continue;
            }
            for (number, part) in of.parts.iter().enumerate().skip(1) {
                let Some(article) = part.article else { continue };
                if let Some(&old_number) = index.articles[older].get(&article) {
                    let to = part_id(&self.ids[older], old_number, old.parts[old_number].article);
                    add(
                        of.file,
                        part.line,
                        part_id(&self.ids[newer], number, part.article),
                        how,
                        to,
                    );
                }
            }
        }
    }
}

/// Articles of each document by number.
struct Index {
    articles: Vec<HashMap<ArticleNo, usize>>,
}

impl Index {
    fn new(shelf: &Shelf) -> Self {
        let of = |document: &Document| {
            let parts = document.parts.iter().enumerate();
            parts
                .filter_map(|(number, part)| Some((part.article?, number)))
                .collect()
        };
        Self {
            articles: shelf.documents.iter().map(of).collect(),
        }
    }

    /// The document and part that `from` means: of several versions the newest that is not newer than itself, else the first.
    fn find(&self, shelf: &Shelf, from: usize, citation: &Citation) -> Option<(usize, usize)> {
        let citing = &shelf.documents[from];
        let Some(name) = &citation.document else {
            let own = self.articles[from].get(&citation.article).map(|&number| (from, number));
            // A code that is spread over files speaks of itself across them.
            return own.or_else(|| self.of_name(shelf, &citing.name, citing.from, citation.article));
        };
        self.of_name(shelf, name, citing.from, citation.article)
    }

    fn of_name(&self, shelf: &Shelf, name: &str, on: Option<Date>, article: ArticleNo) -> Option<(usize, usize)> {
        let versions = shelf.by_name.get(name)?;
        let with: Vec<(usize, usize)> = versions
            .iter()
            .filter_map(|&at| Some((at, *self.articles[at].get(&article)?)))
            .collect();
        let in_time = with
            .iter()
            .rev()
            .find(|(at, _)| on.is_none() || shelf.documents[*at].from <= on);
        in_time.or(with.first()).copied()
    }
}

fn number_of(document: &Document, article: Option<ArticleNo>) -> usize {
    let same = document.parts.iter().position(|part| part.article == article);
    same.unwrap_or_default()
}

/// The document's own node is its first part.
fn part_id(document: &str, number: usize, article: Option<ArticleNo>) -> String {
    match (number, article) {
        (0, None) => document.to_owned(),
        (_, Some(ArticleNo { article, sub: 0 })) => format!("{document}.{article}"),
        (_, Some(ArticleNo { article, sub })) => format!("{document}.{article}-{sub}"),
        (number, None) => format!("{document}.s{number}"),
    }
}

fn node(document: &Document, id: String, part: &parse::Part) -> Node {
    let mut title = document.name.clone();
    let more = [
        part.label.as_deref(),
        document.heading.as_deref(),
        part.chapter.as_deref(),
    ];
    for more in more.into_iter().flatten() {
        title.push(' ');
        title.push_str(more);
    }
    Node {
        id,
        layer: document.layer,
        topic: TOPIC.to_owned(),
        intents: Vec::new(),
        title,
        body: part.text.clone(),
        asked_as: Vec::new(),
        todos: Vec::new(),
        risks: Vec::new(),
        channels: Vec::new(),
        region: document.region.clone(),
        effective: Effective {
            effective_from: document.from,
            effective_to: document.to,
        },
        provenance: Provenance {
            doc_no: String::new(),
            doc_title: document.title.clone(),
            article: part.label.clone(),
            url: None,
            confidence: Confidence::A,
        },
    }
}

/// Names in the sentences that end other documents.
fn repealed(text: &str) -> impl Iterator<Item = &str> {
    let ends = WORDING
        .repeals
        .iter()
        .flat_map(|word| text.match_indices(word.as_str()));
    ends.flat_map(|(at, _)| {
        let before = &text[..at];
        let sentence = before.rsplit(WORDING.sentence_end.as_str()).next().unwrap_or(before);
        WORDING.names(sentence)
    })
}

/// A name in letters that ids may have: by its sound, shortened with a hash where it is long.
fn slug(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        match c.to_pinyin() {
            Some(sound) => out.push_str(&sound.plain().replace('ü', "v")),
            None if c.is_ascii_alphanumeric() => out.push(c.to_ascii_lowercase()),
            None => {}
        }
    }
    if out.len() > LONGEST_SLUG || out.is_empty() {
        let end = out.len().min(LONGEST_SLUG);
        out.truncate(end);
        out.push_str(&format!("-{:08x}", crate::tokens::hash(name.bytes()) as u32));
    }
    out
}
