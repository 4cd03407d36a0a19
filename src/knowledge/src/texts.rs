//! The texts of a base's rows, to be read and, before the base is built, to be replaced.

use std::collections::HashMap;

use crate::advice::{RiskRow, Script};
use crate::fault::{Fault, FaultKind};
use crate::load::{Parsed, Row};
use crate::model::{ChannelInfo, Figure, Node, Provenance, TopicInfo};
use crate::store::Knowledge;

/// A row and its texts, in the order in which they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowTexts {
    /// Its kind and id.
    pub row: String,
    /// None is empty.
    pub texts: Vec<String>,
}

/// What is done with each text of a row.
trait Visit {
    fn one(&mut self, text: &mut String);

    fn list(&mut self, texts: &mut Vec<String>);

    fn maybe(&mut self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.one(text);
        }
    }
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

/// Reads them.
#[derive(Default)]
struct Reader(Vec<String>);

impl Visit for Reader {
    fn one(&mut self, text: &mut String) {
        if !text.is_empty() {
            self.0.push(text.clone());
        }
    }

    fn list(&mut self, texts: &mut Vec<String>) {
        texts.iter_mut().for_each(|text| self.one(text));
    }
}

/// Puts others in their place.
struct Writer<'a> {
    instead: &'a HashMap<String, String>,
    /// Nothing was left of a text.
    emptied: bool,
}

impl Visit for Writer<'_> {
    fn one(&mut self, text: &mut String) {
        if let Some(instead) = self.instead.get(text) {
            text.clone_from(instead);
            self.emptied |= text.is_empty();
        }
    }

    fn list(&mut self, texts: &mut Vec<String>) {
        texts.retain_mut(|text| match self.instead.get(text) {
            Some(instead) => {
                text.clone_from(instead);
                !text.is_empty()
            }
            None => true,
        });
    }

    fn maybe(&mut self, text: &mut Option<String>) {
        if let Some(instead) = text.as_ref().and_then(|text| self.instead.get(text)) {
            *text = Some(instead.clone()).filter(|text| !text.is_empty());
        }
    }
}

fn read(row: &(impl HasTexts + Clone)) -> RowTexts {
    let mut reader = Reader::default();
    row.clone().visit(&mut reader);
    RowTexts {
        row: row.name(),
        texts: reader.0,
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

/// By a row's name as [`RowTexts`] has it: each text that is a key becomes its value.
pub type Instead = HashMap<String, HashMap<String, String>>;

/// What becomes empty is left out; a row that cannot do without it has a fault.
pub(crate) fn rewrite(parsed: &mut Parsed, instead: &Instead) {
    let mut emptied = Vec::new();
    rewrite_rows(&mut parsed.topics, instead, &mut emptied);
    rewrite_rows(&mut parsed.nodes, instead, &mut emptied);
    rewrite_rows(&mut parsed.figures, instead, &mut emptied);
    rewrite_rows(&mut parsed.scripts, instead, &mut emptied);
    rewrite_rows(&mut parsed.risks, instead, &mut emptied);
    for (file, line) in emptied {
        let file = parsed.files.get(file).cloned().unwrap_or_default();
        let kind = FaultKind::OnlyCommand;
        parsed.faults.push(Fault { file, line, kind });
    }
}

fn rewrite_rows<T: HasTexts>(rows: &mut [Row<T>], instead: &Instead, emptied: &mut Vec<(usize, usize)>) {
    for row in rows {
        let Some(instead) = instead.get(&row.value.name()) else {
            continue;
        };
        let mut writer = Writer {
            instead,
            emptied: false,
        };
        row.value.visit(&mut writer);
        if writer.emptied {
            emptied.push((row.file as usize, row.line as usize));
        }
    }
}
