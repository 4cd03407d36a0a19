//! What points to a topic: its terms, and how callers have put questions about it.
//!
//! Built once from the knowledge base and shared by every call.

use std::collections::HashMap;

use sidetone_knowledge::{Layer, Node, NodeId, TopicId, TopicInfo};

use super::text::{fold, starts_with};

/// A topic by its place in [`Lexicon::topics`].
pub(crate) type TopicIx = usize;

/// A term in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TermAt {
    pub(crate) begin: usize,
    pub(crate) end: usize,
    /// Every topic that it points to.
    pub(crate) topics: Vec<TopicIx>,
}

/// A business node, as far as understanding needs it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) node: NodeId,
    pub(crate) topic: TopicIx,
}

struct Term {
    text: String,
    len: usize,
    topics: Vec<TopicIx>,
}

struct Phrase {
    entry: usize,
    /// Sum of the squared weights of its pairs.
    norm: f32,
}

type Pair = (char, char);

/// Terms and phrases of every topic.
pub struct Lexicon {
    topics: Vec<(TopicId, String)>,
    terms: HashMap<char, Vec<Term>>,
    entries: Vec<Entry>,
    phrases: Vec<Phrase>,
    postings: HashMap<Pair, (f32, Vec<u32>)>,
}

impl Lexicon {
    /// Reads topics and the business layer; other nodes are not questions and are passed over.
    pub fn new<'a>(topics: impl IntoIterator<Item = &'a TopicInfo>, nodes: impl IntoIterator<Item = &'a Node>) -> Self {
        let mut lexicon = Self {
            topics: Vec::new(),
            terms: HashMap::new(),
            entries: Vec::new(),
            phrases: Vec::new(),
            postings: HashMap::new(),
        };
        let mut owners: HashMap<String, Vec<TopicIx>> = HashMap::new();
        for (ix, topic) in topics.into_iter().enumerate() {
            lexicon.topics.push((topic.id.clone(), topic.name.clone()));
            for term in topic.terms.iter().chain([&topic.name]) {
                let folded: String = fold(term).iter().collect();
                let owners = owners.entry(folded).or_default();
                if !owners.contains(&ix) {
                    owners.push(ix);
                }
            }
        }
        for (text, topics) in owners {
            let Some(first) = text.chars().next() else { continue };
            let len = text.chars().count();
            lexicon.terms.entry(first).or_default().push(Term { text, len, topics });
        }
        for terms in lexicon.terms.values_mut() {
            terms.sort_by(|a, b| b.len.cmp(&a.len).then_with(|| a.text.cmp(&b.text)));
        }
        lexicon.learn(nodes);
        lexicon
    }

    fn learn<'a>(&mut self, nodes: impl IntoIterator<Item = &'a Node>) {
        let by_id: HashMap<TopicId, TopicIx> = self
            .topics
            .iter()
            .enumerate()
            .map(|(ix, (id, _))| (id.clone(), ix))
            .collect();
        let mut bags: Vec<(usize, Vec<Pair>)> = Vec::new();
        for node in nodes {
            let Some(&topic) = by_id.get(&node.topic) else { continue };
            if node.layer != Layer::Business {
                continue;
            }
            let entry = self.entries.len();
            self.entries.push(Entry {
                node: node.id.clone(),
                topic,
            });
            for phrase in node.asked_as.iter().chain([&node.title]) {
                bags.push((entry, pairs(&fold(phrase))));
            }
        }
        let total = bags.len() as f32 + 1.0;
        for (at, (_, bag)) in bags.iter().enumerate() {
            for pair in bag {
                self.postings.entry(*pair).or_default().1.push(at as u32);
            }
        }
        for (weight, list) in self.postings.values_mut() {
            *weight = (total / list.len() as f32).ln().max(0.1);
        }
        for (entry, bag) in bags {
            let norm = self.norm(&bag);
            self.phrases.push(Phrase { entry, norm });
        }
    }

    fn norm(&self, bag: &[Pair]) -> f32 {
        // A pair that no phrase holds counts as a rare one: it is about something else.
        bag.iter()
            .map(|pair| self.postings.get(pair).map_or(4.0, |(weight, _)| weight * weight))
            .sum()
    }

    /// Id and name.
    pub(crate) fn topic(&self, ix: TopicIx) -> Option<&(TopicId, String)> {
        self.topics.get(ix)
    }

    pub(crate) fn topic_ix(&self, id: &str) -> Option<TopicIx> {
        self.topics.iter().position(|(known, _)| known == id)
    }

    pub(crate) const fn topic_count(&self) -> usize {
        self.topics.len()
    }

    /// Terms in folded text, the longest at each place, from left to right.
    pub(crate) fn spot(&self, text: &[char]) -> Vec<TermAt> {
        let mut found = Vec::new();
        let mut i = 0;
        while i < text.len() {
            let terms = self.terms.get(&text[i]).map_or(&[][..], Vec::as_slice);
            match terms.iter().find(|term| starts_with(&text[i..], &term.text)) {
                Some(term) => {
                    found.push(TermAt {
                        begin: i,
                        end: i + term.len,
                        topics: term.topics.clone(),
                    });
                    i += term.len;
                }
                None => i += 1,
            }
        }
        found
    }

    /// How like folded text is to what callers have asked, by business node: best first, 0 to 1.
    pub(crate) fn alike(&self, text: &[char]) -> Vec<(&Entry, f32)> {
        let bag = pairs(text);
        let mine = self.norm(&bag);
        let mut dots: HashMap<u32, f32> = HashMap::new();
        for pair in &bag {
            if let Some((weight, list)) = self.postings.get(pair) {
                for at in list {
                    *dots.entry(*at).or_default() += weight * weight;
                }
            }
        }
        let mut best: HashMap<usize, f32> = HashMap::new();
        for (at, dot) in dots {
            if let Some(phrase) = self.phrases.get(at as usize) {
                let likeness = dot / (mine * phrase.norm).sqrt().max(1e-3);
                let known = best.entry(phrase.entry).or_default();
                *known = known.max(likeness);
            }
        }
        let mut out: Vec<(&Entry, f32)> = best
            .into_iter()
            .filter_map(|(entry, likeness)| Some((self.entries.get(entry)?, likeness)))
            .collect();
        out.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.node.cmp(&b.0.node)));
        out
    }
}

/// The set of neighbouring characters, pauses and bare particles left out.
fn pairs(text: &[char]) -> Vec<Pair> {
    let kept: Vec<char> = text
        .iter()
        .copied()
        .filter(|c| !"，？啊呢吧吗嘛呀的了我你您那这就".contains(*c))
        .collect();
    let mut out: Vec<Pair> = kept.windows(2).map(|pair| (pair[0], pair[1])).collect();
    out.sort_unstable();
    out.dedup();
    out
}
