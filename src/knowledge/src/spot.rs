//! Exact spotting of domain terms.

use std::collections::BTreeMap;
use std::ops::Range;

use daachorse::MatchKind;
use daachorse::charwise::{CharwiseDoubleArrayAhoCorasick, CharwiseDoubleArrayAhoCorasickBuilder};

use crate::model::{Layer, Node, TopicInfo};
use crate::store::Knowledge;

/// What a term stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TermTarget<'a> {
    /// A topic's name or one of its terms.
    Topic(&'a TopicInfo),
    /// A node's title or a short name of it.
    Node(&'a Node),
}

/// A term in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct TermHit<'a> {
    /// What it stands for; a term that several topics share gives one hit for each.
    pub target: TermTarget<'a>,
    /// The term as the base writes it.
    pub term: &'a str,
    /// Where, in characters.
    pub range: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    Topic(u32),
    Node(u32),
}

/// A longer name is a sentence; nobody says it word for word.
const LONGEST_NAME: usize = 12;

#[derive(Default)]
pub(crate) struct Spotter {
    /// `None` for a base without terms.
    automaton: Option<CharwiseDoubleArrayAhoCorasick<u32>>,
    terms: Vec<(String, Vec<Owner>)>,
}

impl std::fmt::Debug for Spotter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Spotter")
            .field("terms", &self.terms.len())
            .finish_non_exhaustive()
    }
}

impl Spotter {
    pub(crate) fn build(topics: &[TopicInfo], nodes: &[Node]) -> Self {
        let mut terms: BTreeMap<String, Vec<Owner>> = BTreeMap::new();
        let mut add = |term: &str, owner| {
            let term = term.trim();
            if (2..=LONGEST_NAME).contains(&term.chars().count()) {
                terms.entry(term.to_lowercase()).or_default().push(owner);
            }
        };
        for (at, topic) in topics.iter().enumerate() {
            for term in std::iter::once(&topic.name).chain(&topic.terms) {
                add(term, Owner::Topic(at as u32));
            }
        }
        // Nobody names a statute's article or a case word for word.
        let said = |node: &Node| matches!(node.layer, Layer::Business | Layer::Service);
        for (at, node) in nodes.iter().enumerate().filter(|(_, node)| said(node)) {
            for name in std::iter::once(&node.title).chain(&node.asked_as) {
                add(name, Owner::Node(at as u32));
            }
        }
        let mut terms: Vec<(String, Vec<Owner>)> = terms.into_iter().collect();
        for (_, owners) in &mut terms {
            owners.sort_unstable();
            owners.dedup();
        }
        let patterns = terms
            .iter()
            .enumerate()
            .map(|(at, (term, _))| (term.as_str(), at as u32));
        let automaton = CharwiseDoubleArrayAhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .build_with_values(patterns)
            .ok();
        Self { automaton, terms }
    }

    pub(crate) fn spot<'a>(&'a self, kb: &'a Knowledge, text: &str) -> Vec<TermHit<'a>> {
        let Some(automaton) = &self.automaton else {
            return Vec::new();
        };
        // ASCII only, so that byte offsets stay.
        let text = text.to_ascii_lowercase();
        let mut out = Vec::new();
        let (mut seen_bytes, mut seen_chars) = (0, 0);
        for found in automaton.leftmost_find_iter(&text) {
            let Some((term, owners)) = self.terms.get(found.value() as usize) else {
                continue;
            };
            seen_chars += text[seen_bytes..found.start()].chars().count();
            seen_bytes = found.start();
            let range = seen_chars..seen_chars + term.chars().count();
            for owner in owners {
                let target = match owner {
                    Owner::Topic(at) => kb.topics.get(*at as usize).map(TermTarget::Topic),
                    Owner::Node(at) => kb.node_at(*at).map(TermTarget::Node),
                };
                out.extend(target.map(|target| TermHit {
                    target,
                    term,
                    range: range.clone(),
                }));
            }
        }
        out
    }
}
