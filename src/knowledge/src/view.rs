//! The base as it stands on one date, in one region.

use jiff::civil::Date;

use crate::advice::RiskRow;
use crate::calc::Calculator;
use crate::cite;
use crate::graph::Direction;
use crate::model::{Confidence, Effective, Figure, Layer, Node, Provenance, RegionCode, Relation};
use crate::render::{self, MissingFigure, Rendered};
use crate::search::Hit;
use crate::snapshot::{Entry, Snapshot, SnapshotView};
use crate::store::Knowledge;
use crate::template::{self, Piece};

/// When and where a question is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The day in question: the call's, unless the caller asks about another.
    pub date: Date,
    /// The caller's region.
    pub region: RegionCode,
}

/// Whether something may be relied upon on the view's date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// In force.
    InForce,
    /// Published, applies later.
    NotYet,
    /// Replaced, repealed or run out.
    Repealed,
    /// A sample ([`Confidence::D`]) that an administrator must replace.
    Sample,
}

/// Where something is written and whether it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRef<'a> {
    /// 文号; empty for a statute.
    pub doc_no: &'a str,
    /// The document's name.
    pub title: &'a str,
    /// `第四十五条`.
    pub article: Option<&'a str>,
    /// First day.
    pub effective_from: Option<Date>,
    /// Last day.
    pub effective_to: Option<Date>,
    /// On the view's date.
    pub status: Status,
    /// Where it can be read.
    pub url: Option<&'a str>,
    /// How sure.
    pub confidence: Confidence,
}

/// A [`Knowledge`] as of a date and a region. Cheap to make; make one for each question.
#[derive(Clone, Debug)]
pub struct KnowledgeView<'a> {
    kb: &'a Knowledge,
    date: Date,
    /// Most specific first.
    regions: Vec<String>,
}

impl<'a> KnowledgeView<'a> {
    pub(crate) fn new(kb: &'a Knowledge, date: Date, regions: Vec<String>) -> Self {
        Self { kb, date, regions }
    }

    /// The base behind the view.
    pub fn knowledge(&self) -> &'a Knowledge {
        self.kb
    }

    /// The view's date.
    pub fn date(&self) -> Date {
        self.date
    }

    /// The row in force on the date, of the most specific region that has one.
    pub fn figure(&self, id: &str) -> Option<&'a Figure> {
        let rows = self.kb.rows_of(id);
        self.regions.iter().find_map(|region| {
            rows.iter()
                .find(|row| row.region == *region && status(row.effective, self.date) == Status::InForce)
        })
    }

    /// Every row of the most specific region that has any, oldest first.
    pub fn figure_history(&self, id: &str) -> Vec<&'a Figure> {
        let rows = self.kb.rows_of(id);
        let region = self
            .regions
            .iter()
            .find(|region| rows.iter().any(|row| row.region == **region));
        rows.iter().filter(|row| Some(&row.region) == region).collect()
    }

    /// Whether a node applies on the date and in the region.
    pub fn applies(&self, node: &Node) -> bool {
        self.holds_here(&node.region, node.effective)
    }

    /// Whether something of a region and a span of days applies.
    pub(crate) fn holds_here(&self, region: &str, effective: Effective) -> bool {
        status(effective, self.date) == Status::InForce && self.regions.iter().any(|code| code == region)
    }

    /// Nodes of a topic that apply; `None` stands for any intent or layer.
    pub fn nodes_of(&self, topic: &str, intent: Option<&str>, layer: Option<Layer>) -> Vec<&'a Node> {
        let numbers = self.kb.topic_nodes(topic).iter();
        numbers
            .filter_map(|&number| self.kb.node_at(number))
            .filter(|node| layer.is_none_or(|layer| node.layer == layer))
            .filter(|node| intent.is_none_or(|intent| node.intents.iter().any(|of| of == intent)))
            .filter(|node| self.applies(node))
            .collect()
    }

    /// Neighbours that apply.
    pub fn neighbours(&self, node: &Node, relation: Relation, direction: Direction) -> Vec<&'a Node> {
        let mut all = self.neighbours_any(node, relation, direction);
        all.retain(|node| self.applies(node));
        all
    }

    /// Neighbours whether they apply or not: for what came before, or comes after, a document.
    pub fn neighbours_any(&self, node: &Node, relation: Relation, direction: Direction) -> Vec<&'a Node> {
        let Some(number) = self.kb.node_number(&node.id) else {
            return Vec::new();
        };
        let edges = match direction {
            Direction::Out => self.kb.out.of(number),
            Direction::In => self.kb.inc.of(number),
        };
        let of_relation = edges.iter().filter(|(rel, _)| *rel == relation);
        of_relation.filter_map(|&(_, other)| self.kb.node_at(other)).collect()
    }

    /// The library in use as it stands on the view's date, in its region.
    pub fn within<'s>(&self, library: &'s Snapshot) -> SnapshotView<'s> {
        let region = self.regions.first().map_or("", String::as_str);
        library.view(self.date, region)
    }

    /// What a library has of a node: the node itself, or the versions in force of the articles that it is written in.
    pub fn written_in<'s>(&self, library: &'s Snapshot, node: &Node) -> Vec<Entry<'s>> {
        if let Some(own) = library.entry(&node.id) {
            return vec![own];
        }
        let view = self.within(library);
        let named = node.provenance.article.as_deref().map(cite::articles);
        let named = named.unwrap_or_default().into_iter();
        named
            .filter_map(|article| view.article(&node.provenance.doc_title, article))
            .collect()
    }

    /// What a library has of the articles that a node is written in, in the node's order: of each the version in force on the view's date,
    /// else the last that was. One that comes into force later is none. What the line itself says of an article is none of its words.
    pub fn articles_of<'s>(&self, library: &'s Snapshot, node: &Node) -> Vec<Entry<'s>> {
        let view = self.within(library);
        let named = node.provenance.article.as_deref().map(cite::articles);
        let versions = |article| {
            let all = library.articles(&node.provenance.doc_title, article);
            view.in_force_or_last(all.filter(|entry| self.kb.node(entry.id()).is_none()))
        };
        named.unwrap_or_default().into_iter().filter_map(versions).collect()
    }

    /// Neighbours in a library that apply: what the articles behind a node cite, amend or repeal, and what does so to them.
    pub fn beyond<'s>(
        &self,
        library: &'s Snapshot,
        node: &Node,
        relation: Relation,
        direction: Direction,
    ) -> Vec<Entry<'s>> {
        let view = self.within(library);
        let mut out: Vec<Entry<'s>> = Vec::new();
        for entry in self.written_in(library, node) {
            for neighbour in view.neighbours(entry, relation, direction) {
                if !out.contains(&neighbour) {
                    out.push(neighbour);
                }
            }
        }
        out
    }

    /// Where a node is written and whether it holds. One without days of its own has those of the document that it cites
    /// and is written in.
    pub fn source_of<'n>(&self, node: &'n Node) -> SourceRef<'n> {
        let mut effective = node.effective;
        if effective == Effective::default() {
            let title = &node.provenance.doc_title;
            let cited = self.neighbours_any(node, Relation::Cites, Direction::Out);
            let written_in = cited.iter().find(|cited| cited.provenance.doc_title == *title);
            effective = written_in.map_or(effective, |document| document.effective);
        }
        self.source(effective, &node.provenance)
    }

    /// Where a figure's row is written and whether it holds.
    pub fn source_of_figure<'n>(&self, figure: &'n Figure) -> SourceRef<'n> {
        self.source(figure.effective, &figure.provenance)
    }

    /// Where a calculation is written and whether it holds.
    pub fn source_of_calculator<'n>(&self, calculator: &'n Calculator) -> SourceRef<'n> {
        self.source(calculator.effective, &calculator.provenance)
    }

    /// Where a risk is written and whether it holds.
    pub fn source_of_risk<'n>(&self, risk: &'n RiskRow) -> Option<SourceRef<'n>> {
        let effective = Effective {
            effective_from: risk.effective_from,
            effective_to: risk.effective_to,
        };
        risk.source.as_ref().map(|source| self.source(effective, source))
    }

    fn source<'n>(&self, effective: Effective, provenance: &'n Provenance) -> SourceRef<'n> {
        let sample = provenance.confidence == Confidence::D;
        SourceRef {
            doc_no: &provenance.doc_no,
            title: &provenance.doc_title,
            article: provenance.article.as_deref(),
            effective_from: effective.effective_from,
            effective_to: effective.effective_to,
            status: if sample {
                Status::Sample
            } else {
                status(effective, self.date)
            },
            url: provenance.url.as_deref(),
            confidence: provenance.confidence,
        }
    }

    /// A node's body with each `{figure}` replaced by its row in force. A figure without such a row is an error:
    /// no sentence leaves with a hole or with a figure of another date.
    pub fn render(&self, node: &Node) -> Result<Rendered<'a>, MissingFigure> {
        self.render_text(&node.body)
    }

    /// [`Self::render`] for another text with placeholders: a todo, a risk.
    pub fn render_text(&self, text: &str) -> Result<Rendered<'a>, MissingFigure> {
        render::render(self, text)
    }

    /// Ids of the figures that a text names, in its order.
    pub fn figures_in<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let pieces = template::pieces(text).unwrap_or_default().into_iter();
        pieces
            .filter_map(|piece| match piece {
                Piece::Figure(id) => Some(id),
                Piece::Text(_) => None,
            })
            .collect()
    }

    /// Nodes that apply and look like an answer to what was said, best first; of equal score, in file order.
    pub fn search(&self, text: &str, limit: usize) -> Vec<Hit<'a>> {
        self.kb.index.search(self, text, limit)
    }
}

fn status(effective: Effective, date: Date) -> Status {
    if effective.effective_from.is_some_and(|from| date < from) {
        Status::NotYet
    } else if effective.effective_to.is_some_and(|to| date > to) {
        Status::Repealed
    } else {
        Status::InForce
    }
}
