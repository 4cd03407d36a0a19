//! The texts of a base's rows, to be read and, before the base is built, to be replaced.

use std::collections::HashMap;

use crate::advice::{RiskRow, Script};
use crate::load::{Parsed, Row};
use crate::model::{ChannelInfo, Figure, Node, Provenance, TopicInfo};
use crate::snapshot::Contents;
use crate::store::Knowledge;

/// A row and its texts, in the order in which they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowTexts {
    /// Its kind and id.
    pub row: String,
    /// None is empty.
    pub texts: Vec<String>,
    /// Which of them the row cannot do without.
    pub needed: Vec<bool>,
}

/// What is done with each text of a row.
trait Visit {
    fn one(&mut self, text: &mut String);

    fn list(&mut self, texts: &mut Vec<String>);

    fn maybe(&mut self, text: &mut Option<String>);
}

/// A row that has texts.
trait HasTexts {
    fn name(&self) -> String;

    fn visit(&mut self, visit: &mut impl Visit);
}

impl HasTexts for TopicInfo {
    fn name(&self) -> String {
        format!("topic {}", self.id)
    }

    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.name);
        visit.list(&mut self.terms);
    }
}

impl HasTexts for Node {
    fn name(&self) -> String {
        format!("node {}", self.id)
    }

    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.title);
        visit.one(&mut self.body);
        visit.list(&mut self.asked_as);
        visit.list(&mut self.todos);
        visit.list(&mut self.risks);
        self.channels.iter_mut().for_each(|channel| channel.visit(visit));
        self.provenance.visit(visit);
    }
}

impl HasTexts for Figure {
    fn name(&self) -> String {
        format!("figure {}", self.id)
    }

    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.name);
        visit.one(&mut self.unit);
        self.provenance.visit(visit);
    }
}

impl HasTexts for Script {
    fn name(&self) -> String {
        format!("script {}", self.id)
    }

    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.title);
        visit.list(&mut self.say);
        visit.list(&mut self.never);
    }
}

impl HasTexts for RiskRow {
    fn name(&self) -> String {
        format!("risk {}", self.id)
    }

    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.title);
        visit.one(&mut self.body);
        if let Some(source) = &mut self.source {
            source.visit(visit);
        }
    }
}

impl ChannelInfo {
    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.name);
        visit.maybe(&mut self.note);
        visit.list(&mut self.steps);
        visit.list(&mut self.materials);
        visit.maybe(&mut self.limit);
    }
}

impl Provenance {
    fn visit(&mut self, visit: &mut impl Visit) {
        visit.one(&mut self.doc_title);
        visit.maybe(&mut self.article);
        visit.one(&mut self.doc_no);
    }
}

/// Reads them, and whether the row needs them.
#[derive(Default)]
struct Reader(Vec<(String, bool)>);

impl Visit for Reader {
    fn one(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.0.push((text.clone(), true));
        }
    }

    fn list(&mut self, texts: &mut Vec<String>) {
        let filled = texts.iter().filter(|text| !text.is_empty());
        self.0.extend(filled.map(|text| (text.clone(), false)));
    }

    fn maybe(&mut self, text: &mut Option<String>) {
        let filled = text.iter().filter(|text| !text.is_empty());
        self.0.extend(filled.map(|text| (text.clone(), false)));
    }
}

/// Puts others in their place.
struct Writer<'a>(&'a HashMap<String, String>);

impl Visit for Writer<'_> {
    fn one(&mut self, text: &mut String) {
        if let Some(instead) = self.0.get(text).filter(|instead| !instead.is_empty()) {
            text.clone_from(instead);
        }
    }

    fn list(&mut self, texts: &mut Vec<String>) {
        texts.retain_mut(|text| match self.0.get(text) {
            Some(instead) => {
                text.clone_from(instead);
                !text.is_empty()
            }
            None => true,
        });
    }

    fn maybe(&mut self, text: &mut Option<String>) {
        if let Some(instead) = text.as_ref().and_then(|text| self.0.get(text)) {
            *text = Some(instead.clone()).filter(|text| !text.is_empty());
        }
    }
}

fn read(row: &(impl HasTexts + Clone)) -> RowTexts {
    let mut reader = Reader::default();
    row.clone().visit(&mut reader);
    let (texts, needed) = reader.0.into_iter().unzip();
    RowTexts {
        row: row.name(),
        texts,
        needed,
    }
}

impl Knowledge {
    /// The texts of all rows.
    pub fn row_texts(&self) -> impl Iterator<Item = RowTexts> + '_ {
        let risks = self.risks().iter().map(|risk| read(&risk.row));
        let topics = self.topics().iter().map(read);
        let nodes = self.nodes().iter().map(read);
        let figures = self.figure_rows().iter().map(read);
        topics
            .chain(nodes)
            .chain(figures)
            .chain(self.scripts().iter().map(read))
            .chain(risks)
    }
}

impl Contents {
    /// The texts of all rows.
    pub fn row_texts(&self) -> impl Iterator<Item = RowTexts> + '_ {
        let topics = self.topics.iter().map(read);
        topics
            .chain(self.nodes.iter().map(read))
            .chain(self.figures.iter().map(read))
    }
}

/// By a row's name as [`RowTexts`] has it: each text that is a key becomes its value.
pub type Instead = HashMap<String, HashMap<String, String>>;

/// What becomes empty is left out; a text that its row needs stays then.
pub(crate) fn rewrite(parsed: &mut Parsed, instead: &Instead) {
    rewrite_rows(&mut parsed.topics, instead);
    rewrite_rows(&mut parsed.nodes, instead);
    rewrite_rows(&mut parsed.figures, instead);
    rewrite_rows(&mut parsed.scripts, instead);
    rewrite_rows(&mut parsed.risks, instead);
}

fn rewrite_rows<T: HasTexts>(rows: &mut [Row<T>], instead: &Instead) {
    for row in rows {
        if let Some(instead) = instead.get(&row.value.name()) {
            row.value.visit(&mut Writer(instead));
        }
    }
}
