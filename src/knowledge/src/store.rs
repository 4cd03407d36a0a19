//! The base in memory: rows in flat arrays, ids interned to `u32`, edges as compressed rows.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;

use crate::advice::{Cues, Risk, Script};
use crate::calc::{self, Book, Calculator, SlotDef};
use crate::fault::LoadErrors;
use crate::graph::Csr;
use crate::load::{self, Parsed};
use crate::model::{Figure, Layer, Node, TopicInfo};
use crate::search::Index;
use crate::snapshot::Slot;
use crate::spot::Spotter;
use crate::texts::{self, Instead};
use crate::view::{KnowledgeView, View};
use crate::{check, region};

/// A knowledge base. Immutable: an administrator's change is a new base that takes the old one's place.
#[derive(Debug)]
pub struct Knowledge {
    pub(crate) topics: Vec<TopicInfo>,
    topic_ix: HashMap<String, u32>,
    pub(crate) nodes: Vec<Node>,
    node_ix: HashMap<String, u32>,
    by_topic: Vec<Vec<u32>>,
    /// By id, then region, then first day.
    figures: Vec<Figure>,
    figure_ix: HashMap<String, Range<usize>>,
    pub(crate) out: Csr,
    pub(crate) inc: Csr,
    pub(crate) spotter: Spotter,
    pub(crate) index: Index,
    library: Slot,
    book: Book,
    scripts: Vec<Script>,
    risks: Vec<Risk>,
    cues: Cues,
}

/// How much a base holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Topics.
    pub topics: usize,
    /// Nodes of all layers.
    pub nodes: usize,
    /// Edges.
    pub edges: usize,
    /// Dated rows of figures.
    pub figure_rows: usize,
    /// Figures, each with one row or more.
    pub figures: usize,
}

impl Knowledge {
    /// Reads the `*.jsonl` files of a folder, its `cues.toml` and its `calc/*.toml`. Blocks on the disk; call it away from audio.
    pub fn load(dir: &Path) -> Result<Self, LoadErrors> {
        Self::from_sources(load::read_dir(dir)?)
    }

    /// As [`Self::load`], with other texts in some rows. One that becomes empty is left out, if the row can do without it.
    pub fn load_instead(dir: &Path, instead: &Instead) -> Result<Self, LoadErrors> {
        let mut parsed = load::parse(load::read_dir(dir)?);
        texts::rewrite(&mut parsed, instead);
        Self::checked(parsed)
    }

    /// Builds from `(file name, text)`; the name's beginning (`topics`, `nodes`, `edges`, `figures`, `scripts`, `risks`) says
    /// what the rows are.
    pub fn from_sources<N: Into<String>, T: AsRef<str>>(
        sources: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, LoadErrors> {
        Self::checked(load::parse(sources))
    }

    fn checked(mut parsed: Parsed) -> Result<Self, LoadErrors> {
        let mut faults = std::mem::take(&mut parsed.faults);
        faults.extend(check::check(&parsed));
        let book = calc::build(&parsed.calc, &parsed.known(), &mut faults);
        let risks = check::risks(&parsed, &book, &mut faults);
        if !faults.is_empty() {
            faults.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
            return Err(LoadErrors { faults });
        }
        Ok(Self::build(parsed, book, risks))
    }

    fn build(parsed: Parsed, book: Book, risks: Vec<Risk>) -> Self {
        let topics: Vec<TopicInfo> = parsed.topics.into_iter().map(|row| row.value).collect();
        let nodes: Vec<Node> = parsed.nodes.into_iter().map(|row| row.value).collect();
        let mut figures: Vec<Figure> = parsed.figures.into_iter().map(|row| row.value).collect();
        figures.sort_by(|a, b| {
            (&a.id, &a.region, a.effective.effective_from).cmp(&(&b.id, &b.region, b.effective.effective_from))
        });
        let mut figure_ix: HashMap<String, Range<usize>> = HashMap::new();
        for (at, figure) in figures.iter().enumerate() {
            figure_ix.entry(figure.id.clone()).or_insert(at..at).end = at + 1;
        }
        let topic_ix = intern(topics.iter().map(|topic| &topic.id));
        let node_ix = intern(nodes.iter().map(|node| &node.id));
        let mut by_topic = vec![Vec::new(); topics.len()];
        for (at, node) in nodes.iter().enumerate() {
            if let Some(of_topic) = topic_ix
                .get(&node.topic)
                .and_then(|&topic| by_topic.get_mut(topic as usize))
            {
                of_topic.push(at as u32);
            }
        }
        let ends = |edge: &crate::Edge| Some((*node_ix.get(&edge.from)?, edge.rel, *node_ix.get(&edge.to)?));
        let edges: Vec<_> = parsed.edges.iter().filter_map(|row| ends(&row.value)).collect();
        let reversed = edges.iter().map(|&(from, rel, to)| (to, rel, from)).collect();
        let spotter = Spotter::build(&topics, &nodes);
        let index = Index::build(&topics, &topic_ix, &nodes);
        Self {
            out: Csr::build(nodes.len(), edges),
            inc: Csr::build(nodes.len(), reversed),
            topics,
            topic_ix,
            nodes,
            node_ix,
            by_topic,
            figures,
            figure_ix,
            spotter,
            index,
            library: Slot::default(),
            book,
            scripts: parsed.scripts.into_iter().map(|row| row.value).collect(),
            risks,
            cues: parsed.cues,
        }
    }

    /// Where statutes and cases are that are too many to be read at the start.
    pub fn library(&self) -> &Slot {
        &self.library
    }

    /// The base as it stands on a date, in a region.
    pub fn view(&self, date: Date, region: &str) -> KnowledgeView<'_> {
        KnowledgeView::new(self, date, region::chain(region))
    }

    /// [`Self::view`] for a stored [`View`].
    pub fn at(&self, view: &View) -> KnowledgeView<'_> {
        self.view(view.date, &view.region)
    }

    /// Topics in the order of the file.
    pub fn topics(&self) -> &[TopicInfo] {
        &self.topics
    }

    /// A topic by id.
    pub fn topic(&self, id: &str) -> Option<&TopicInfo> {
        self.topics.get(*self.topic_ix.get(id)? as usize)
    }

    /// A node by id, whether it applies or not.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.node_at(self.node_number(id)?)
    }

    /// Every node in the order of the files.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Every dated row.
    pub fn figure_rows(&self) -> &[Figure] {
        &self.figures
    }

    /// What a caller can tell of their own case.
    pub fn slots(&self) -> &[SlotDef] {
        &self.book.slots
    }

    /// A slot by id.
    pub fn slot(&self, id: &str) -> Option<&SlotDef> {
        self.book.slot(id)
    }

    /// Every calculator.
    pub fn calculators(&self) -> &[Calculator] {
        &self.book.calculators
    }

    /// Calculators that answer a node.
    pub fn calculators_of(&self, node: &str) -> impl Iterator<Item = &Calculator> {
        self.book.of_node(node)
    }

    /// Words to say, on their occasions.
    pub fn scripts(&self) -> &[Script] {
        &self.scripts
    }

    /// What to take care of.
    pub fn risks(&self) -> &[Risk] {
        &self.risks
    }

    /// Words by which callers ask for another view of an answer.
    pub fn cues(&self) -> &Cues {
        &self.cues
    }

    /// How much there is.
    pub fn stats(&self) -> Stats {
        Stats {
            topics: self.topics.len(),
            nodes: self.nodes.len(),
            edges: self.out.len(),
            figure_rows: self.figures.len(),
            figures: self.figure_ix.len(),
        }
    }

    /// Terms of the domain, without repetition, in a fixed order: topic names and terms, names of figures,
    /// short titles of business. For hotwords, prompts and pinyin correction: a statute's or a case's title is nothing
    /// that a caller says, and would draw what they do say towards itself.
    pub fn vocabulary(&self) -> impl Iterator<Item = &str> {
        let mut seen = std::collections::HashSet::new();
        let topics = self
            .topics
            .iter()
            .flat_map(|topic| std::iter::once(&topic.name).chain(&topic.terms));
        let business = self.nodes.iter().filter(|node| node.layer == Layer::Business);
        let titles = business.map(|node| &node.title);
        topics
            .chain(self.figures.iter().map(|figure| &figure.name))
            .chain(titles)
            .map(String::as_str)
            .filter(|term| (2..=8).contains(&term.chars().count()) && term.chars().all(sidetone_language::is_han))
            .filter(move |term| seen.insert(*term))
    }

    /// Exact domain terms in a text, leftmost and longest first, never overlapping.
    pub fn spot(&self, text: &str) -> Vec<crate::TermHit<'_>> {
        self.spotter.spot(self, text)
    }

    pub(crate) fn node_at(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(crate) fn node_number(&self, id: &str) -> Option<u32> {
        self.node_ix.get(id).copied()
    }

    pub(crate) fn topic_nodes(&self, topic: &str) -> &[u32] {
        self.topic_ix
            .get(topic)
            .and_then(|&at| self.by_topic.get(at as usize))
            .map_or(&[], Vec::as_slice)
    }

    pub(crate) fn rows_of(&self, figure: &str) -> &[Figure] {
        self.figure_ix
            .get(figure)
            .and_then(|range| self.figures.get(range.clone()))
            .unwrap_or(&[])
    }
}

fn intern<'a>(ids: impl Iterator<Item = &'a String>) -> HashMap<String, u32> {
    ids.enumerate().map(|(at, id)| (id.clone(), at as u32)).collect()
}
