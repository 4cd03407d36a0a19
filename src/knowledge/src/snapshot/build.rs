//! Writing a snapshot.

use std::collections::HashMap;
use std::io::{self, Write};

use thiserror::Error;

use super::edges::{self, MOST_NODES};
use super::format::{SECTIONS, header, put};
use super::postings::Writer;
use super::read::SnapshotStats;
use super::rows::{self, Strings};
use crate::cite;
use crate::model::{Edge, Figure, Layer, Node, NodeId, Relation, TopicInfo};
use crate::tokens::{self, Token};

/// All that goes into a snapshot. What an import hands over fits together: its ids are unique and its edges have both ends.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// Topics.
    pub topics: Vec<TopicInfo>,
    /// Nodes, in any order.
    pub nodes: Vec<Node>,
    /// Edges, in any order.
    pub edges: Vec<Edge>,
    /// Dated rows.
    pub figures: Vec<Figure>,
    /// What callers said when they meant a node, by its id; search knows it, nothing else does.
    pub turns: Vec<(NodeId, String)>,
}

/// Why no snapshot was written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Two nodes have one id.
    #[error("two nodes have the id `{0}`")]
    DuplicateId(String),
    /// An end of an edge is no node.
    #[error("an edge names the unknown node `{0}`")]
    DanglingEdge(String),
    /// More than the format's numbers can count.
    #[error("more {0} than a snapshot can hold")]
    TooLarge(&'static str),
    /// The disk.
    #[error("cannot be written: {0}")]
    Io(#[from] io::Error),
}

/// How much a token counts where it stands.
const TITLE: f32 = 3.0;
const ASKED_AS: f32 = 1.6;
const BODY: f32 = 0.6;
/// What callers said who meant the node.
const SAID: f32 = 0.8;

/// Writes a snapshot.
///
/// # Errors
/// When the contents do not fit together, or the disk refuses.
pub fn build(contents: Contents, out: &mut dyn Write) -> Result<SnapshotStats, BuildError> {
    let Contents {
        topics,
        mut nodes,
        edges,
        mut figures,
        turns,
    } = contents;
    ordered(&mut nodes, &mut figures)?;
    let (outgoing, incoming) = both_ways(&nodes, &edges)?;
    let mut stats = SnapshotStats {
        topics: topics.len(),
        nodes: nodes.len(),
        edges: edges::count(&outgoing, nodes.len()),
        figure_rows: figures.len(),
        ..SnapshotStats::default()
    };
    let places = places(&nodes);
    let (tokens, token_postings) = full_text(&nodes, &turns);
    let (syllables, syllable_postings) = syllables(&nodes);
    fits("postings", token_postings.len())?;
    let Texts {
        ends,
        text,
        node_rows,
        figure_rows,
    } = all_texts(&nodes, &figures)?;
    let topics = serde_json::to_vec(&topics).map_err(io::Error::from)?;
    let sections: [Vec<u8>; SECTIONS.len()] = [
        topics,
        ends,
        text,
        node_rows,
        figure_rows,
        outgoing,
        incoming,
        place_rows(&places),
        priors(&nodes, &edges, &places),
        business(&nodes),
        tokens,
        token_postings,
        syllables,
        syllable_postings,
    ];
    let header = header(&sections);
    stats.bytes = header.len() + sections.iter().map(Vec::len).sum::<usize>();
    out.write_all(&header)?;
    for section in &sections {
        out.write_all(section)?;
    }
    Ok(stats)
}

/// Puts nodes and figures into the order that the format promises.
fn ordered(nodes: &mut [Node], figures: &mut [Figure]) -> Result<(), BuildError> {
    nodes.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some(pair) = nodes.windows(2).find(|pair| pair[0].id == pair[1].id) {
        return Err(BuildError::DuplicateId(pair[0].id.clone()));
    }
    if nodes.len() >= MOST_NODES {
        return Err(BuildError::TooLarge("nodes"));
    }
    figures.sort_by(|a, b| {
        (&a.id, &a.region, a.effective.effective_from).cmp(&(&b.id, &b.region, b.effective.effective_from))
    });
    Ok(())
}

/// The rows of nodes and figures, and the strings that they name.
struct Texts {
    ends: Vec<u8>,
    text: Vec<u8>,
    node_rows: Vec<u8>,
    figure_rows: Vec<u8>,
}

fn all_texts(nodes: &[Node], figures: &[Figure]) -> Result<Texts, BuildError> {
    let mut strings = Strings::default();
    nodes.iter().for_each(|node| {
        strings.push(&node.id);
    });
    let (mut node_rows, mut figure_rows) = (Vec::new(), Vec::new());
    for node in nodes {
        rows::write_node(node, &mut strings, &mut node_rows);
    }
    for figure in figures {
        rows::write_figure(figure, &mut strings, &mut figure_rows);
    }
    fits("text", strings.len())?;
    let (ends, text) = strings.finish();
    Ok(Texts {
        ends,
        text,
        node_rows,
        figure_rows,
    })
}

/// The format counts bytes in 32 bits.
fn fits(what: &'static str, len: usize) -> Result<(), BuildError> {
    u32::try_from(len).map(|_| ()).map_err(|_| BuildError::TooLarge(what))
}

fn numbers(nodes: &[Node]) -> HashMap<&str, u32> {
    let numbered = nodes.iter().enumerate();
    numbered.map(|(at, node)| (node.id.as_str(), at as u32)).collect()
}

fn both_ways(nodes: &[Node], edges: &[Edge]) -> Result<(Vec<u8>, Vec<u8>), BuildError> {
    let numbers = numbers(nodes);
    let number = |id: &str| {
        let known = numbers.get(id).copied();
        known.ok_or_else(|| BuildError::DanglingEdge(id.to_owned()))
    };
    let mut ends = Vec::with_capacity(edges.len());
    for edge in edges {
        ends.push((number(&edge.from)?, edge.rel, number(&edge.to)?));
    }
    let reversed = ends.iter().map(|&(from, rel, to)| (to, rel, from)).collect();
    Ok((edges::write(nodes.len(), ends), edges::write(nodes.len(), reversed)))
}

/// Articles: a hash of document and number, and the node, sorted.
fn places(nodes: &[Node]) -> Vec<(u64, u32)> {
    let mut rows: Vec<(u64, u32)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let Some(article) = &node.provenance.article else {
            continue;
        };
        let document = cite::document_name(&node.provenance.doc_title);
        rows.extend(
            cite::articles(article)
                .into_iter()
                .map(|article| (place(&document, article), at as u32)),
        );
    }
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn place_rows(places: &[(u64, u32)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(places.len() * PLACE);
    for (hash, node) in places {
        out.extend_from_slice(&hash.to_le_bytes());
        put(&mut out, *node);
    }
    out
}

/// Bytes of a row of articles.
pub(crate) const PLACE: usize = 12;

/// The hash under which an article is found.
pub(crate) fn place(document: &str, article: cite::ArticleNo) -> u64 {
    let numbers = [article.article.to_le_bytes(), article.sub.to_le_bytes()].concat();
    tokens::hash(document.bytes().chain(numbers))
}

/// Two bytes for each node: how often it is cited, and how much business rests on its document. Nodes that stand for one
/// article are cited together: the line's own and the statute's, and all versions.
fn priors(nodes: &[Node], edges: &[Edge], places: &[(u64, u32)]) -> Vec<u8> {
    let numbers = numbers(nodes);
    let shared = Shared::new(places);
    let mut counts = vec![0_u32; nodes.len()];
    let mut documents: HashMap<String, u32> = HashMap::new();
    for edge in edges.iter().filter(|edge| edge.rel == Relation::Cites) {
        let (Some(&from), Some(&to)) = (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str())) else {
            continue;
        };
        if nodes[from as usize].layer == Layer::Business {
            let document = cite::document_name(&nodes[to as usize].provenance.doc_title);
            *documents.entry(document).or_default() += 1;
        }
        for node in shared.with(to) {
            counts[node as usize] += 1;
        }
    }
    let rests = |node: &Node| {
        let document = cite::document_name(&node.provenance.doc_title);
        documents.get(&document).copied().unwrap_or(0)
    };
    let rows = nodes.iter().zip(counts).flat_map(|(node, count)| {
        let article = node.provenance.article.is_some();
        [steps(count), steps(if article { rests(node) } else { 0 })]
    });
    rows.collect()
}

fn business(nodes: &[Node]) -> Vec<u8> {
    let mut out = Vec::new();
    let of_business = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.layer == Layer::Business);
    of_business.for_each(|(at, _)| put(&mut out, at as u32));
    out
}

/// Sixteen steps for each doubling: 65,535 and more are 255.
fn steps(count: u32) -> u8 {
    ((count as f32 + 1.0).log2() * 16.0).min(255.0) as u8
}

/// Which nodes stand for one article.
struct Shared<'a> {
    places: &'a [(u64, u32)],
    by_node: HashMap<u32, Vec<u64>>,
}

impl<'a> Shared<'a> {
    fn new(places: &'a [(u64, u32)]) -> Self {
        let mut by_node: HashMap<u32, Vec<u64>> = HashMap::new();
        for &(hash, node) in places {
            by_node.entry(node).or_default().push(hash);
        }
        Self { places, by_node }
    }

    /// The node and those that stand for the same articles.
    fn with(&self, node: u32) -> Vec<u32> {
        let mut same = vec![node];
        for hash in self.by_node.get(&node).into_iter().flatten() {
            let begin = self.places.partition_point(|(other, _)| other < hash);
            let group = self.places[begin..].iter().take_while(|(other, _)| other == hash);
            same.extend(group.map(|(_, node)| *node));
        }
        same.sort_unstable();
        same.dedup();
        same
    }
}

fn full_text(nodes: &[Node], turns: &[(NodeId, String)]) -> (Vec<u8>, Vec<u8>) {
    let mut said: HashMap<&str, Vec<&str>> = HashMap::new();
    for (id, text) in turns {
        said.entry(id).or_default().push(text);
    }
    // The mean is needed before the first node is written; characters are a fair measure of tokens.
    let chars = |node: &Node| {
        texts(node)
            .map(|(text, weight)| text.chars().count() as f32 * weight)
            .sum::<f32>()
    };
    let mean = nodes.iter().map(chars).sum::<f32>() / nodes.len().max(1) as f32;
    let mut writer = Writer::new(mean);
    let mut row: Vec<(Token, f32)> = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        row.clear();
        let said = said.get(node.id.as_str()).into_iter().flatten();
        for (text, weight) in texts(node).chain(said.map(|text| (*text, SAID))) {
            let tokens = tokens::tokens(&tokens::normalise(text));
            row.extend(tokens.into_iter().map(|token| (token, weight)));
        }
        writer.add(at as u32, &mut row);
    }
    writer.finish()
}

/// What a caller may say of a node.
fn asked(node: &Node) -> impl Iterator<Item = &str> {
    std::iter::once(node.title.as_str()).chain(node.asked_as.iter().map(String::as_str))
}

fn texts(node: &Node) -> impl Iterator<Item = (&str, f32)> {
    let asked = node.asked_as.iter().map(|text| (text.as_str(), ASKED_AS));
    [(node.title.as_str(), TITLE), (node.body.as_str(), BODY)]
        .into_iter()
        .chain(asked)
}

/// Of what a caller says: titles and questions. A body is written, and no recogniser has garbled it.
fn syllables(nodes: &[Node]) -> (Vec<u8>, Vec<u8>) {
    let rows: Vec<Vec<Token>> = nodes
        .iter()
        .map(|node| asked(node).flat_map(tokens::syllable_pairs).collect())
        .collect();
    let mean = rows.iter().map(Vec::len).sum::<usize>() as f32 / rows.len().max(1) as f32;
    let mut writer = Writer::new(mean);
    for (at, row) in rows.into_iter().enumerate() {
        let mut row: Vec<(Token, f32)> = row.into_iter().map(|token| (token, 1.0)).collect();
        writer.add(at as u32, &mut row);
    }
    writer.finish()
}
