//! Reading a snapshot where it lies.

use std::sync::{Arc, RwLock};

use jiff::civil::Date;

use super::build::{PLACE, place};
use super::edges;
use super::format::{Layout, Section, SnapshotError, u32_at, u64_at};
use super::rows::{self, ROW, Row, Texts};
use crate::cite::{self, ArticleNo};
use crate::graph::Direction;
use crate::model::{Edge, Effective, Figure, Layer, Node, Relation, TopicInfo};
use crate::region;

type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

/// A knowledge base in one file. Cheap to clone; immutable.
#[derive(Clone)]
pub struct Snapshot {
    bytes: Bytes,
    layout: Layout,
    topics: Arc<[TopicInfo]>,
    nodes: u32,
}

/// How much a snapshot holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotStats {
    /// Topics.
    pub topics: usize,
    /// Nodes of all layers.
    pub nodes: usize,
    /// Edges, each counted once.
    pub edges: usize,
    /// Dated rows of figures.
    pub figure_rows: usize,
    /// Length of the file.
    pub bytes: usize,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Snapshot").field(&self.stats()).finish()
    }
}

impl Snapshot {
    /// Takes a file's bytes, mapped or read, if all its checksums hold.
    ///
    /// # Errors
    /// What is wrong with the file. It is then not used at all.
    pub fn open(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self, SnapshotError> {
        let bytes: Bytes = Arc::new(bytes);
        let all = (*bytes).as_ref();
        let layout = Layout::read(all)?;
        let topics: Vec<TopicInfo> =
            serde_json::from_slice(layout.of(all, Section::Topics)).map_err(|_| SnapshotError::Damaged("topics"))?;
        let rows = layout.of(all, Section::Nodes).len();
        if rows % ROW != 0 {
            return Err(SnapshotError::Damaged("nodes"));
        }
        Ok(Self {
            layout,
            topics: topics.into(),
            nodes: (rows / ROW) as u32,
            bytes,
        })
    }

    pub(crate) fn section(&self, section: Section) -> &[u8] {
        self.layout.of((*self.bytes).as_ref(), section)
    }

    /// How much there is.
    pub fn stats(&self) -> SnapshotStats {
        SnapshotStats {
            topics: self.topics.len(),
            nodes: self.nodes as usize,
            edges: edges::count(self.section(Section::Out), self.nodes as usize),
            figure_rows: self.section(Section::Figures).len() / ROW,
            bytes: (*self.bytes).as_ref().len(),
        }
    }

    /// Topics in the order in which they were imported.
    pub fn topics(&self) -> &[TopicInfo] {
        &self.topics
    }

    fn texts(&self) -> Texts<'_> {
        Texts {
            ends: self.section(Section::StringEnds),
            text: self.section(Section::Text),
        }
    }

    /// A node by its place in the order of ids.
    pub fn at(&self, number: u32) -> Option<Entry<'_>> {
        let row = Row::new(self.section(Section::Nodes), number, self.texts())?;
        Some(Entry {
            snapshot: self,
            number,
            row,
        })
    }

    /// A node by id, whether it applies or not.
    pub fn entry(&self, id: &str) -> Option<Entry<'_>> {
        let texts = self.texts();
        let (mut low, mut high) = (0, self.nodes);
        while low < high {
            let middle = u32::midpoint(low, high);
            match texts.get(middle)?.cmp(id) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return self.at(middle),
            }
        }
        None
    }

    /// The edges of the node at this place in one direction: how, and the place of the other end.
    pub fn ties(&self, number: u32, direction: Direction) -> impl Iterator<Item = (Relation, u32)> + '_ {
        self.graph(direction).of(number)
    }

    /// The edges of one direction, for walks over many nodes.
    pub fn graph(&self, direction: Direction) -> Graph<'_> {
        let section = match direction {
            Direction::Out => Section::Out,
            Direction::In => Section::In,
        };
        Graph {
            section: self.section(section),
            nodes: self.nodes as usize,
        }
    }

    /// Every node, in the order of ids.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.nodes).filter_map(|number| self.at(number))
    }

    /// Every edge, by its first end.
    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.entries().flat_map(move |from| {
            from.ties(Direction::Out).filter_map(move |(rel, to)| {
                Some(Edge {
                    from: from.id().to_owned(),
                    rel,
                    to: self.at(to)?.id().to_owned(),
                })
            })
        })
    }

    /// Every dated row, by figure, region and first day.
    pub fn figures(&self) -> impl Iterator<Item = Figure> + '_ {
        let section = self.section(Section::Figures);
        let rows = (section.len() / ROW) as u32;
        (0..rows).filter_map(|at| Some(Row::new(section, at, self.texts())?.figure()))
    }

    /// Every version of a document's article, by id. The name is compared as [`cite::document_name`] folds it.
    pub fn articles(&self, document: &str, article: ArticleNo) -> impl Iterator<Item = Entry<'_>> {
        let name = cite::document_name(document);
        let hash = place(&name, article);
        let section = self.section(Section::Places);
        let of = move |row: usize| u64_at(section, row * PLACE);
        let (mut low, mut high) = (0, section.len() / PLACE);
        while low < high {
            let middle = usize::midpoint(low, high);
            if of(middle).is_some_and(|found| found < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..)
            .take_while(move |&row| of(row) == Some(hash))
            .filter_map(move |row| self.at(u32_at(section, row * PLACE + 8)?))
            .filter(move |entry| cite::document_name(entry.document()) == name)
    }

    /// The snapshot as it stands on a date, in a region.
    pub fn view(&self, date: Date, region: &str) -> SnapshotView<'_> {
        SnapshotView {
            snapshot: self,
            day: rows::number_of(date),
            regions: region::chain(region),
        }
    }
}

/// Edges of one direction.
#[derive(Clone, Copy, Debug)]
pub struct Graph<'a> {
    section: &'a [u8],
    nodes: usize,
}

impl<'a> Graph<'a> {
    /// The edges of the node at this place: how, and the place of the other end.
    pub fn of(self, number: u32) -> impl Iterator<Item = (Relation, u32)> + use<'a> {
        edges::row(self.section, self.nodes, number)
    }
}

/// A node where it lies.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    snapshot: &'a Snapshot,
    number: u32,
    row: Row<'a>,
}

impl std::fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Entry").field(&self.id()).finish()
    }
}

impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number && std::ptr::eq(self.snapshot, other.snapshot)
    }
}

impl<'a> Entry<'a> {
    /// Its place in the order of ids.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Unique.
    pub fn id(&self) -> &'a str {
        self.snapshot.texts().get(self.number).unwrap_or_default()
    }

    /// 图谱层.
    pub fn layer(&self) -> Layer {
        self.row.layer()
    }

    /// One line.
    pub fn title(&self) -> &'a str {
        self.row.text(0)
    }

    /// What an agent can read out, with its placeholders.
    pub fn body(&self) -> &'a str {
        self.row.text(1)
    }

    /// What it is about.
    pub fn topic(&self) -> &'a str {
        self.row.text(2)
    }

    /// The document's name.
    pub fn document(&self) -> &'a str {
        self.row.text(4)
    }

    /// `第四十五条`.
    pub fn article(&self) -> Option<&'a str> {
        self.row.article()
    }

    /// Where it applies.
    pub fn region(&self) -> &'a str {
        self.row.text(8)
    }

    /// When it applies.
    pub fn effective(&self) -> Effective {
        self.row.effective(9)
    }

    /// How often it is cited, and how much business rests on its document: 0 for never, 1 for 65,535 times, by doublings.
    pub(crate) fn priors(&self) -> (f32, f32) {
        let priors = self.snapshot.section(Section::Priors);
        let at = |place: usize| priors.get(place).map_or(0.0, |prior| f32::from(*prior) / 255.0);
        let place = self.number as usize * 2;
        (at(place), at(place + 1))
    }

    pub(crate) fn holds(&self, day: u32) -> bool {
        self.row.holds(9, day)
    }

    pub(crate) fn asked_as(&self) -> Vec<String> {
        self.row.asked_as()
    }

    /// The whole node; `None` where its row cannot be read.
    pub fn node(&self) -> Option<Node> {
        self.row.node(self.id())
    }

    /// Its edges in one direction: how, and the place of the other end.
    pub fn ties(&self, direction: Direction) -> impl Iterator<Item = (Relation, u32)> + use<'a> {
        self.snapshot.ties(self.number, direction)
    }
}

/// A [`Snapshot`] as of a date and a region.
#[derive(Clone, Debug)]
pub struct SnapshotView<'a> {
    pub(crate) snapshot: &'a Snapshot,
    day: u32,
    regions: Vec<String>,
}

impl<'a> SnapshotView<'a> {
    /// Whether a node applies on the date and in the region.
    pub fn applies(&self, entry: &Entry<'_>) -> bool {
        entry.holds(self.day) && self.is_here(entry)
    }

    /// Of versions of one thing that hold in the region: the one that applies, else the last that did.
    pub(crate) fn in_force_or_last(&self, versions: impl Iterator<Item = Entry<'a>>) -> Option<Entry<'a>> {
        let mut last: Option<(u32, Entry<'a>)> = None;
        for entry in versions.filter(|entry| self.is_here(entry)) {
            if entry.holds(self.day) {
                return Some(entry);
            }
            let ended = entry.effective().effective_to.map(rows::number_of);
            if let Some(ended) = ended.filter(|ended| *ended < self.day)
                && last.is_none_or(|(day, _)| day < ended)
            {
                last = Some((ended, entry));
            }
        }
        last.map(|(_, entry)| entry)
    }

    fn is_here(&self, entry: &Entry<'_>) -> bool {
        self.regions.iter().any(|region| region == entry.region())
    }

    /// Neighbours that apply.
    pub fn neighbours(
        &self,
        of: Entry<'a>,
        relation: Relation,
        direction: Direction,
    ) -> impl Iterator<Item = Entry<'a>> {
        self.neighbours_any(of, relation, direction)
            .filter(move |entry| self.applies(entry))
    }

    /// Neighbours whether they apply or not: for what came before, or comes after, a document.
    pub fn neighbours_any(
        &self,
        of: Entry<'a>,
        relation: Relation,
        direction: Direction,
    ) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let snapshot = self.snapshot;
        of.ties(direction)
            .filter(move |(rel, _)| *rel == relation)
            .filter_map(move |(_, to)| snapshot.at(to))
    }

    /// The version of a document's article that applies.
    pub fn article(&self, document: &str, article: ArticleNo) -> Option<Entry<'a>> {
        self.snapshot
            .articles(document, article)
            .find(|entry| self.applies(entry))
    }
}

/// Where the snapshot in use is kept: calls take it, a reload puts another in its place.
#[derive(Debug, Default)]
pub struct Slot(RwLock<Option<Arc<Snapshot>>>);

impl Slot {
    /// The snapshot in use. Who has it keeps it: a call is not moved to another base in the middle of a question.
    pub fn get(&self) -> Option<Arc<Snapshot>> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Opens `bytes` and puts it in use.
    ///
    /// # Errors
    /// What is wrong with the file; the one in use stays.
    pub fn replace(&self, bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<SnapshotStats, SnapshotError> {
        let snapshot = Arc::new(Snapshot::open(bytes)?);
        let stats = snapshot.stats();
        *self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(snapshot);
        Ok(stats)
    }
}
