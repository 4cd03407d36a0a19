//! Search in questions as they are spoken: BM25 over character pairs and domain words, then likeness to the
//! node's own example questions.

use std::collections::{BTreeMap, HashMap};

use crate::model::{Layer, Node, TopicInfo};
use crate::spot::TermTarget;
use crate::store::Knowledge;
use crate::tokens::{Token, normalise, token_set, tokens};
use crate::view::KnowledgeView;

/// A node that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit<'a> {
    /// The node.
    pub node: &'a Node,
    /// Comparable within one search, and roughly between searches: 1 and above is a good answer, below 0.3 chance.
    pub score: f32,
}

/// How much a token counts where it stands.
const TITLE: f32 = 3.0;
const ASKED_AS: f32 = 1.6;
const TOPIC: f32 = 1.2;
const BODY: f32 = 0.6;

const K1: f32 = 1.2;
const B: f32 = 0.3;
/// Candidates that are compared with their example questions.
const RERANKED: usize = 48;
/// Added to every node of a topic that the question names.
const NAMED_TOPIC: f32 = 0.35;
/// A token in more nodes than this tells nothing once rarer ones have found candidates.
const COMMON: usize = 20_000;

#[derive(Debug, Default)]
pub(crate) struct Index {
    token_ix: HashMap<Token, u32>,
    /// Postings of token `t`: `postings[offsets[t]..offsets[t + 1]]`, as node and BM25 weight.
    offsets: Vec<u32>,
    postings: Vec<(u32, f32)>,
    idf: Vec<f32>,
    /// Sorted token sets of the titles and example questions, node by node.
    examples: Vec<Vec<Vec<Token>>>,
}

impl Index {
    pub(crate) fn build(topics: &[TopicInfo], topic_ix: &HashMap<String, u32>, nodes: &[Node]) -> Self {
        let topic_tokens: Vec<Vec<Token>> = topics.iter().map(topic_tokens).collect();
        let mut index = Self::default();
        let mut rows: Vec<(u32, u32, f32)> = Vec::new();
        let mut holders = Vec::new();
        let mut lengths = Vec::with_capacity(nodes.len());
        for (number, node) in nodes.iter().enumerate() {
            let of_topic = topic_ix.get(&node.topic).and_then(|&at| topic_tokens.get(at as usize));
            let counts = index.counts(node, of_topic.map_or(&[], Vec::as_slice), &mut holders);
            lengths.push(counts.values().sum::<f32>());
            rows.extend(counts.into_iter().map(|(token, count)| (token, number as u32, count)));
            let questions = std::iter::once(&node.title).chain(&node.asked_as);
            index.examples.push(questions.map(|text| token_set(text)).collect());
        }
        index.finish(rows, &lengths, &holders);
        index
    }

    /// In the order of token numbers, so that sums of floats come out the same on every load. Adds one to the
    /// `holders` of every token that the node's own text has: a word is not common because its topic is large.
    fn counts(&mut self, node: &Node, of_topic: &[Token], holders: &mut Vec<u32>) -> BTreeMap<u32, f32> {
        let mut counts = BTreeMap::new();
        let asked = node.asked_as.iter().map(|text| (text, ASKED_AS));
        for (text, weight) in [(&node.title, TITLE), (&node.body, BODY)].into_iter().chain(asked) {
            for token in tokens(&normalise(text)) {
                *counts.entry(self.number(token)).or_insert(0.0) += weight;
            }
        }
        holders.resize(self.token_ix.len(), 0);
        counts.keys().for_each(|&number| holders[number as usize] += 1);
        for &token in of_topic {
            *counts.entry(self.number(token)).or_insert(0.0) += TOPIC;
        }
        holders.resize(self.token_ix.len(), 0);
        counts
    }

    fn number(&mut self, token: Token) -> u32 {
        let next = self.token_ix.len() as u32;
        *self.token_ix.entry(token).or_insert(next)
    }

    fn finish(&mut self, mut rows: Vec<(u32, u32, f32)>, lengths: &[f32], holders: &[u32]) {
        rows.sort_unstable_by_key(|&(token, node, _)| (token, node));
        let count = lengths.len().max(1) as f32;
        let mean = (lengths.iter().sum::<f32>() / count).max(1.0);
        self.offsets = vec![0; self.token_ix.len() + 1];
        for &(token, node, weight) in &rows {
            self.offsets[token as usize + 1] += 1;
            let length = lengths.get(node as usize).copied().unwrap_or(mean);
            self.postings.push((
                node,
                weight * (K1 + 1.0) / (weight + K1 * (1.0 - B + B * length / mean)),
            ));
        }
        for at in 1..self.offsets.len() {
            self.offsets[at] += self.offsets[at - 1];
        }
        let idf = |&holders: &u32| {
            let df = holders.max(1) as f32;
            (1.0 + (count - df + 0.5) / (df + 0.5)).ln()
        };
        self.idf = holders.iter().map(idf).collect();
    }

    pub(crate) fn search<'a>(&self, view: &KnowledgeView<'a>, text: &str, limit: usize) -> Vec<Hit<'a>> {
        let query = token_set(text);
        if query.is_empty() || limit == 0 {
            return Vec::new();
        }
        let kb = view.knowledge();
        let (mut ranked, best_possible) = self.bm25(&query, kb.nodes.len());
        let applies = |number: &u32| kb.node_at(*number).is_some_and(|node| view.applies(node));
        let wanted = RERANKED.max(limit);
        // Few nodes are ever out of force: look at the best before at all of them.
        let best = top(&ranked, wanted * 4);
        let mut best: Vec<(u32, f32)> = best.into_iter().filter(|(number, _)| applies(number)).collect();
        if best.len() < wanted && ranked.len() > wanted * 4 {
            ranked.retain(|(number, _)| applies(number));
            best = top(&ranked, wanted);
        }
        best.truncate(wanted);
        let named = named_topics(kb, text);
        for (number, score) in &mut best {
            let Some(node) = kb.node_at(*number) else { continue };
            let topic = named
                .iter()
                .find(|(id, _)| *id == node.topic)
                .map_or(0.0, |(_, share)| share * NAMED_TOPIC);
            *score = *score / best_possible + self.likeness(*number, &query) + topic + of_layer(node.layer);
        }
        sort(&mut best);
        best.truncate(limit);
        let hit = |(node, score): (u32, f32)| {
            Some(Hit {
                node: kb.node_at(node)?,
                score,
            })
        };
        best.into_iter().filter_map(hit).collect()
    }

    /// Scores of the nodes that hold any token, and the score of a node that would hold all of them once.
    fn bm25(&self, query: &[Token], nodes: usize) -> (Vec<(u32, f32)>, f32) {
        // A pair that no node holds still makes the query less of a match.
        let unknown = self.idf.iter().copied().fold(1.0_f32, f32::max) * 0.5;
        let mut known: Vec<usize> = query
            .iter()
            .filter_map(|token| self.token_ix.get(token))
            .map(|&at| at as usize)
            .collect();
        let possible: f32 = known.iter().map(|&at| self.idf[at] * (K1 + 1.0) * 0.5).sum();
        let possible = possible + (query.len() - known.len()) as f32 * unknown;
        // Rare tokens first; of equal rarity, in the order of the index.
        known.sort_by(|&a, &b| self.idf[b].total_cmp(&self.idf[a]).then(a.cmp(&b)));
        let mut scores = vec![0.0_f32; nodes];
        let mut touched: Vec<u32> = Vec::new();
        for at in known {
            let postings = &self.postings[self.offsets[at] as usize..self.offsets[at + 1] as usize];
            if postings.len() > COMMON && touched.len() > RERANKED * 4 {
                continue;
            }
            for &(node, weight) in postings {
                let score = &mut scores[node as usize];
                if *score == 0.0 {
                    touched.push(node);
                }
                *score += self.idf[at] * weight;
            }
        }
        (
            touched.into_iter().map(|node| (node, scores[node as usize])).collect(),
            possible.max(1.0),
        )
    }

    /// Dice's coefficient, weighted by rarity, with the most similar example question.
    fn likeness(&self, node: u32, query: &[Token]) -> f32 {
        let examples = self.examples.get(node as usize).map_or(&[][..], Vec::as_slice);
        let weigh = |token: &Token| self.token_ix.get(token).map_or(1.0, |&at| self.idf[at as usize]);
        let of_query: f32 = query.iter().map(weigh).sum();
        examples.iter().fold(0.0, |best, example| {
            let of_example: f32 = example.iter().map(weigh).sum();
            let shared: f32 = example
                .iter()
                .filter(|token| query.binary_search(token).is_ok())
                .map(weigh)
                .sum();
            best.max(2.0 * shared / (of_query + of_example).max(f32::MIN_POSITIVE))
        })
    }
}

/// Topics whose terms stand in the text, each with its share of all that was named.
fn named_topics<'a>(kb: &'a Knowledge, text: &str) -> Vec<(&'a str, f32)> {
    let mut named: Vec<(&str, f32)> = Vec::new();
    let mut total = 0.0;
    for hit in kb.spot(text) {
        if let TermTarget::Topic(topic) = hit.target {
            let length = hit.range.len() as f32;
            total += length;
            match named.iter_mut().find(|(id, _)| *id == topic.id) {
                Some((_, share)) => *share += length,
                None => named.push((&topic.id, length)),
            }
        }
    }
    named.iter_mut().for_each(|(_, share)| *share /= total);
    named
}

/// Of two that fit alike, the answer goes before the counter, the rule and the case.
fn of_layer(layer: Layer) -> f32 {
    match layer {
        Layer::Business => 0.0,
        Layer::Service | Layer::Policy => -0.05,
        Layer::Case => -0.12,
    }
}

/// The best `count`, sorted.
fn top(ranked: &[(u32, f32)], count: usize) -> Vec<(u32, f32)> {
    let mut out = ranked.to_vec();
    if out.len() > count {
        out.select_nth_unstable_by(count, better);
        out.truncate(count);
    }
    sort(&mut out);
    out
}

fn topic_tokens(topic: &TopicInfo) -> Vec<Token> {
    let texts = std::iter::once(&topic.name).chain(&topic.terms);
    let mut out: Vec<Token> = texts.flat_map(|text| tokens(&normalise(text))).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn sort(ranked: &mut [(u32, f32)]) {
    ranked.sort_unstable_by(better);
}

fn better(a: &(u32, f32), b: &(u32, f32)) -> std::cmp::Ordering {
    b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))
}
