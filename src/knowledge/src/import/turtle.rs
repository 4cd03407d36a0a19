//! SKOS and RDF in Turtle: concepts become nodes, what ties them becomes edges.
//!
//! | predicate | becomes |
//! |---|---|
//! | `skos:prefLabel` | title |
//! | `skos:altLabel`, `skos:hiddenLabel` | another way to ask |
//! | `skos:definition`, `skos:scopeNote`, `dcterms:description` | body |
//! | `skos:inScheme`, `skos:topConceptOf` | topic |
//! | `dcterms:source`, `dcterms:valid` (`from/to`) | document, dates |
//! | `skos:broader` | APPLIES_TO |
//! | `skos:related`, `dcterms:references` | CITES |
//! | `dcterms:replaces` | SUPERSEDES |
//! | `dcterms:requires` | REQUIRES |
//!
//! Other predicates are left out. A subject without a title is no node.

use std::collections::BTreeMap;
use std::io::{self, BufRead};

use oxrdf::{NamedOrBlankNode, Term, Triple};
use oxttl::TurtleParser;
use serde_json::{Map, Value};

use super::lines::{Line, Lines};
use super::report::Report;
use crate::fault::FaultKind;
use crate::load::{Parsed, Row};
use crate::model::{Edge, Node, Relation, TopicInfo};

const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
const DCTERMS: &str = "http://purl.org/dc/terms/";
/// Faults of one file's syntax after which the rest of it is left.
const MOST_FAULTS: usize = 10_000;

#[derive(Default)]
struct Subject {
    file: u32,
    line: u32,
    title: Option<String>,
    body: Option<String>,
    asked_as: Vec<String>,
    scheme: Option<String>,
    source: Option<String>,
    valid: Option<String>,
    is_scheme: bool,
    ties: Vec<(Relation, String)>,
}

/// What was read so far, by subject.
#[derive(Default)]
pub(crate) struct Graph {
    subjects: BTreeMap<String, Subject>,
}

impl Graph {
    pub(crate) fn read(
        &mut self,
        file: u32,
        from: &mut dyn BufRead,
        files: &[String],
        report: &mut Report,
    ) -> io::Result<()> {
        // Fed line by line, so that the line of a triple is known and no line is longer than others may be.
        let mut parser = TurtleParser::new().low_level();
        let mut lines = Lines::new(from);
        let (mut number, mut faults) = (0, 0);
        loop {
            match lines.next()? {
                Some(line) => {
                    number = line.number;
                    match line.text {
                        Line::Text(text) => {
                            parser.extend_from_slice(text.as_bytes());
                            parser.extend_from_slice(b"\n");
                        }
                        Line::Bad(fault) => report.reject(files, file, number, fault),
                    }
                }
                None => parser.end(),
            }
            while let Some(triple) = parser.parse_next() {
                match triple {
                    Ok(triple) => self.triple(file, number, triple),
                    Err(error) => {
                        report.reject(files, file, number, FaultKind::Row(error.to_string()));
                        faults += 1;
                    }
                }
            }
            if parser.is_end() || faults > MOST_FAULTS {
                return Ok(());
            }
        }
    }

    fn triple(&mut self, file: u32, line: u32, triple: Triple) {
        let NamedOrBlankNode::NamedNode(subject) = triple.subject else {
            return;
        };
        let of = self.subjects.entry(subject.into_string()).or_insert_with(|| Subject {
            file,
            line,
            ..Subject::default()
        });
        let predicate = triple.predicate.as_str();
        let name = |base: &str| predicate.strip_prefix(base);
        let (text, link) = match triple.object {
            Term::Literal(literal) => (Some(literal.value().to_owned()), None),
            Term::NamedNode(node) => (None, Some(node.into_string())),
            _ => return,
        };
        match (name(SKOS), name(DCTERMS), text, link) {
            (Some("prefLabel"), _, Some(text), _) => of.title = of.title.take().or(Some(text)),
            (_, Some("title"), Some(text), _) => of.title = of.title.take().or(Some(text)),
            (Some("altLabel" | "hiddenLabel"), _, Some(text), _) => of.asked_as.push(text),
            (Some("definition" | "scopeNote"), _, Some(text), _) | (_, Some("description"), Some(text), _) => {
                of.body = of.body.take().or(Some(text));
            }
            (Some("inScheme" | "topConceptOf"), _, _, Some(scheme)) => of.scheme = Some(scheme),
            (Some("hasTopConcept"), ..) => of.is_scheme = true,
            (_, Some("source"), Some(text), _) => of.source = Some(text),
            (_, Some("valid"), Some(text), _) => of.valid = Some(text),
            (Some("broader"), _, _, Some(to)) => of.ties.push((Relation::AppliesTo, to)),
            (Some("related"), _, _, Some(to)) | (_, Some("references"), _, Some(to)) => {
                of.ties.push((Relation::Cites, to));
            }
            (_, Some("replaces"), _, Some(to)) => of.ties.push((Relation::Supersedes, to)),
            (_, Some("requires"), _, Some(to)) => of.ties.push((Relation::Requires, to)),
            _ => {}
        }
    }

    /// Topics, nodes and edges of all that was read.
    pub(crate) fn finish(self, parsed: &mut Parsed, report: &mut Report) {
        let schemes: Vec<String> = self.subjects.values().filter_map(|of| of.scheme.clone()).collect();
        let mut loose = None;
        for (iri, of) in &self.subjects {
            let Some(title) = &of.title else { continue };
            report.rows += 1;
            let id = id(iri);
            if of.is_scheme || schemes.contains(iri) {
                parsed.topics.push(row(of, topic(&id, title)));
                continue;
            }
            let scheme = of.scheme.as_ref().filter(|scheme| {
                let known = self.subjects.get(*scheme);
                known.is_some_and(|known| known.title.is_some())
            });
            if scheme.is_none() {
                loose.get_or_insert(of);
            }
            let topic = scheme.map_or(LOOSE.to_owned(), |scheme| self::id(scheme));
            match of.node(&id, &topic, title) {
                Ok(node) => parsed.nodes.push(row(of, node)),
                Err(fault) => report.reject(&parsed.files, of.file, of.line, fault),
            }
            for (rel, to) in &of.ties {
                let edge = Edge {
                    from: id.clone(),
                    rel: *rel,
                    to: self::id(to),
                };
                parsed.edges.push(row(of, edge));
            }
        }
        if let Some(of) = loose {
            parsed.topics.push(row(of, topic(LOOSE, LOOSE)));
        }
    }
}

/// The topic of concepts that are in no scheme.
const LOOSE: &str = "imported";

fn row<T>(of: &Subject, value: T) -> Row<T> {
    Row {
        file: of.file,
        line: of.line,
        value,
    }
}

fn topic(id: &str, name: &str) -> TopicInfo {
    TopicInfo {
        id: id.to_owned(),
        name: name.to_owned(),
        terms: vec![name.to_owned()],
        spans_regions: false,
    }
}

impl Subject {
    fn node(&self, id: &str, topic: &str, title: &str) -> Result<Node, FaultKind> {
        let mut row = Map::new();
        let mut set = |key: &str, value: Value| {
            row.insert(key.to_owned(), value);
        };
        set("id", id.into());
        set("layer", "business".into());
        set("topic", topic.into());
        set("title", title.into());
        set("body", self.body.as_deref().unwrap_or(title).into());
        set("asked_as", self.asked_as.clone().into());
        set("region", "000000".into());
        set("doc_title", self.source.as_deref().unwrap_or(title).into());
        set("confidence", "C".into());
        if let Some((from, to)) = self.valid.as_ref().and_then(|valid| valid.split_once('/')) {
            for (key, day) in [("effective_from", from), ("effective_to", to)] {
                if !day.is_empty() {
                    set(key, day.into());
                }
            }
        }
        serde_json::from_value(Value::Object(row)).map_err(|error| FaultKind::Row(error.to_string()))
    }
}

/// The last part of an IRI, in characters that ids may have.
fn id(iri: &str) -> String {
    let last = iri
        .trim_end_matches(['/', '#'])
        .rsplit(['/', '#'])
        .next()
        .unwrap_or(iri);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if !last.is_empty() && last.chars().all(fits) {
        return last.to_ascii_lowercase();
    }
    format!("iri-{:016x}", crate::tokens::hash(iri.bytes()))
}
