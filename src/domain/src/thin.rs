//! What of a pack is too thin to be understood well. No fault: a line may begin with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sidetone_knowledge::Layer;

use crate::Pack;

/// Example turns that nothing answers, at least, so that such turns are told from others.
const FOREIGN: usize = 40;
/// Ways to ask for a node, example turns included, at least.
const WAYS: usize = 3;

/// A thin spot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thin {
    /// So many example turns have no node.
    Foreign(usize),
    /// A business node and in how many ways it is known to be asked for.
    Node(String, usize),
    /// The same turn needs one node here and another, or none, there.
    Torn(String),
}

impl fmt::Display for Thin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Foreign(count) => write!(
                f,
                "{count} example turns with \"node\": null; from {FOREIGN} on the line keeps silent where it should"
            ),
            Self::Node(id, ways) => write!(
                f,
                "node `{id}` is asked for in {ways} ways; give it {WAYS} with asked_as and example turns"
            ),
            Self::Torn(text) => write!(f, "example turns disagree on `{text}`; name the second node in `also`"),
        }
    }
}

impl Pack {
    /// Every thin spot.
    #[must_use]
    pub fn thin(&self) -> Vec<Thin> {
        let mut found = Vec::new();
        let foreign = self.examples().iter().filter(|example| example.node.is_none()).count();
        if foreign < FOREIGN {
            found.push(Thin::Foreign(foreign));
        }
        found.extend(self.rarely_asked());
        found.extend(self.torn());
        found
    }

    fn rarely_asked(&self) -> impl Iterator<Item = Thin> {
        let mut turns: BTreeMap<&str, usize> = BTreeMap::new();
        for id in self.examples().iter().filter_map(|example| example.node.as_deref()) {
            *turns.entry(id).or_default() += 1;
        }
        let nodes = self.knowledge().nodes().iter();
        let business = nodes.filter(|node| node.layer == Layer::Business);
        business.filter_map(move |node| {
            let ways = node.asked_as.len() + turns.get(node.id.as_str()).copied().unwrap_or(0);
            (ways < WAYS).then(|| Thin::Node(node.id.clone(), ways))
        })
    }

    fn torn(&self) -> impl Iterator<Item = Thin> {
        let mut said: BTreeMap<&str, BTreeSet<Option<&str>>> = BTreeMap::new();
        // A turn that leans on those before may well mean two things.
        let alone = self
            .examples()
            .iter()
            .filter(|example| example.before.is_empty() && example.also.is_empty());
        for example in alone {
            let nodes = said.entry(example.text.as_str()).or_default();
            nodes.insert(example.node.as_deref());
        }
        let torn = said.into_iter().filter(|(_, nodes)| nodes.len() > 1);
        torn.map(|(text, _)| Thin::Torn(text.to_owned()))
    }
}
