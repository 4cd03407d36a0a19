//! Search in questions as they are spoken: BM25 over character pairs and domain words, then likeness to the
//! node's own example questions.

use std::collections::HashMap;

use crate::model::{Node, TopicInfo};
use crate::tokens::{Token, normalise, tokens};
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
        let mut lengths = Vec::with_capacity(nodes.len());
        for (number, node) in nodes.iter().enumerate() {
            let of_topic = topic_ix.get(&node.topic).and_then(|&at| topic_tokens.get(at as usize));
            let counts = index.counts(node, of_topic.map_or(&[], Vec::as_slice));
            lengths.push(counts.values().sum::<f32>());
            rows.extend(counts.into_iter().map(|(token, count)| (token, number as u32, count)));
            let questions = std::iter::once(&node.title).chain(&node.asked_as);
            index.examples.push(questions.map(|text| token_set(text)).collect());
        }
        index.finish(rows, &lengths);
        index
    }

    fn counts(&mut self, node: &Node, of_topic: &[Token]) -> HashMap<u32, f32> {
        let mut counts = HashMap::new();
        let mut add = |token: Token, weight: f32| {
            let next = self.token_ix.len() as u32;
            let number = *self.token_ix.entry(token).or_insert(next);
            *counts.entry(number).or_insert(0.0) += weight;
        };
        let asked = node.asked_as.iter().map(|text| (text, ASKED_AS));
        let texts = [(&node.title, TITLE), (&node.body, BODY)].into_iter().chain(asked);
        for (text, weight) in texts {
            tokens(&normalise(text))
                .into_iter()
                .for_each(|token| add(token, weight));
        }
        of_topic.iter().for_each(|&token| add(token, TOPIC));
        counts
    }

    fn finish(&mut self, mut rows: Vec<(u32, u32, f32)>, lengths: &[f32]) {
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
        let idf = |pair: &[u32]| {
            let df = (pair[1] - pair[0]) as f32;
            (1.0 + (count - df + 0.5) / (df + 0.5)).ln()
        };
        self.idf = self.offsets.windows(2).map(idf).collect();
    }

    pub(crate) fn search<'a>(&self, view: &KnowledgeView<'a>, text: &str, limit: usize) -> Vec<Hit<'a>> {
        let query = token_set(text);
        if query.is_empty() || limit == 0 {
            return Vec::new();
        }
        let (scores, best_possible) = self.bm25(&query);
        let mut ranked: Vec<(u32, f32)> = scores.into_iter().collect();
        ranked.retain(|(node, _)| view.knowledge().node_at(*node).is_some_and(|node| view.applies(node)));
        sort(&mut ranked);
        ranked.truncate(RERANKED.max(limit));
        for (node, score) in &mut ranked {
            *score = *score / best_possible + self.likeness(*node, &query);
        }
        sort(&mut ranked);
        ranked.truncate(limit);
        let hit = |(node, score): (u32, f32)| {
            Some(Hit {
                node: view.knowledge().node_at(node)?,
                score,
            })
        };
        ranked.into_iter().filter_map(hit).collect()
    }

    /// Scores, and the score of a node that would hold every token of the query once.
    fn bm25(&self, query: &[Token]) -> (HashMap<u32, f32>, f32) {
        let mut scores: HashMap<u32, f32> = HashMap::new();
        // A pair that no node holds still makes the query less of a match.
        let unknown = self.idf.iter().copied().fold(1.0_f32, f32::max) * 0.5;
        let mut possible = 0.0;
        for token in query {
            let Some(&number) = self.token_ix.get(token) else {
                possible += unknown;
                continue;
            };
            let at = number as usize;
            let idf = self.idf[at];
            possible += idf * (K1 + 1.0) * 0.5;
            for &(node, weight) in &self.postings[self.offsets[at] as usize..self.offsets[at + 1] as usize] {
                *scores.entry(node).or_insert(0.0) += idf * weight;
            }
        }
        (scores, possible.max(1.0))
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

fn topic_tokens(topic: &TopicInfo) -> Vec<Token> {
    let texts = std::iter::once(&topic.name).chain(&topic.terms);
    let mut out: Vec<Token> = texts.flat_map(|text| tokens(&normalise(text))).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn token_set(text: &str) -> Vec<Token> {
    let mut out = tokens(&normalise(text));
    out.sort_unstable();
    out.dedup();
    out
}

fn sort(ranked: &mut [(u32, f32)]) {
    ranked.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
}
