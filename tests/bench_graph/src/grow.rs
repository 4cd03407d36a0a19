//! Statutes as they are, and made-up cases and business around them until the base has its full size.

use std::path::Path;

use sidetone_knowledge::import::Importer;
use sidetone_knowledge::snapshot::Contents;
use sidetone_knowledge::{Edge, Layer, Node, Relation};

/// Nodes and edges of a base of full size.
pub(crate) const NODES: usize = 500_000;
/// See [`NODES`].
pub(crate) const EDGES: usize = 2_000_000;
/// Nodes of the business layer, and as many of the service layer.
const BUSINESS: usize = 2_400;
/// Characters of a made-up case.
const CASE: usize = 90;

/// A fixed sequence that looks like chance.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % limit.max(1)
    }
}

/// What the importer makes of statutes, and of a line's folder.
pub(crate) fn read(sources: &[&Path]) -> Result<Contents, String> {
    let mut importer = Importer::new();
    for source in sources {
        importer
            .path(source, &mut |_, _| {})
            .map_err(|error| error.to_string())?;
    }
    let (contents, report) = importer.finish();
    eprintln!(
        "{} nodes and {} edges read; {} rows rejected, {} citations unresolved",
        contents.nodes.len(),
        contents.edges.len(),
        report.rejected,
        report.unresolved_citations
    );
    Ok(contents)
}

/// Adds cases made of sentences of the statutes, and business around them. Edges fall where those of real bases fall: most
/// on few articles.
pub(crate) fn grow(contents: &mut Contents) {
    let mut chance = Chance::new(12_333);
    let real = contents.nodes.len();
    for at in real..NODES {
        let of = &contents.nodes[chance.below(real)];
        let other = &contents.nodes[chance.below(real)];
        let layer = match at - real {
            made if made < BUSINESS => Layer::Business,
            made if made < 2 * BUSINESS => Layer::Service,
            _ => Layer::Case,
        };
        let mut node = made_up(at, layer, of, other);
        if layer == Layer::Business {
            node.asked_as = vec![cut(&of.body, 0, 14), cut(&other.body, 8, 16)];
        }
        contents.nodes.push(node);
    }
    let relation = |layer: Layer, chance: &mut Chance| match layer {
        Layer::Case => [Relation::Cites, Relation::Cites, Relation::Illustrates][chance.below(3)],
        Layer::Business => [Relation::Cites, Relation::HandledVia, Relation::Requires][chance.below(3)],
        Layer::Service | Layer::Policy => Relation::AppliesTo,
    };
    while contents.edges.len() < EDGES {
        let from = real + chance.below(NODES - real);
        // A limit that is chance itself: most ends are among the first nodes.
        let limit = chance.below(NODES) + 1;
        let to = chance.below(limit);
        if from == to {
            continue;
        }
        let rel = relation(contents.nodes[from].layer, &mut chance);
        contents.edges.push(Edge {
            from: contents.nodes[from].id.clone(),
            rel,
            to: contents.nodes[to].id.clone(),
        });
    }
}

fn made_up(at: usize, layer: Layer, of: &Node, other: &Node) -> Node {
    let begin = at % 24;
    let halves = [of, other].map(|node| cut(&node.body, begin, CASE / 2));
    let mut node = Node {
        id: format!("made.{at}"),
        layer,
        title: cut(&other.body, begin, 16),
        body: halves.join("。"),
        ..of.clone()
    };
    node.provenance.article = None;
    node.effective.effective_to = None;
    node
}

fn cut(text: &str, begin: usize, len: usize) -> String {
    let out: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .skip(begin)
        .take(len)
        .collect();
    if out.is_empty() {
        text.chars().take(len).collect()
    } else {
        out
    }
}
