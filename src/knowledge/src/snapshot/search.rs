//! Search in the full text of a snapshot: BM25 over characters and words, and over syllables, then likeness to a node's
//! own questions.

use std::collections::HashMap;

use super::format::{Section, u32_at};
use super::postings::Postings;
use super::read::{Entry, SnapshotView};
use crate::cite;
use crate::graph::Direction;
use crate::model::Relation;
use crate::tokens::{self, Token, token_set};

/// Postings that one search reads at most: the rarest tokens first, so what is left out tells least. About 3 ms.
const BUDGET: usize = 1_500_000;
/// Candidates that are compared with their titles and questions.
const RERANKED: usize = 96;
/// How much likeness to a title or question counts beside agreement with the whole text.
const LIKENESS: f32 = 0.2;
/// How much it counts, as a share of what the text says, that an entry is cited as often as any can be.
const CITED: f32 = 1.0;
/// Likewise, that business rests on its document.
const RESTS: f32 = 2.0;
/// How much it counts that likely business rests on an entry.
const MEANT: f32 = 0.5;
/// Business nodes that lead to articles.
const LIKELY: usize = 12;
/// How much agreement of sound counts beside agreement of characters.
const SOUND: f32 = 0.1;

/// A node that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Found<'a> {
    /// The node.
    pub entry: Entry<'a>,
    /// Comparable within one search: 1 and above is a good answer.
    pub score: f32,
    /// What the score is made of.
    pub why: Why,
}

/// What a score is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Why {
    /// Characters and words of the whole text, as a share of what the question could reach.
    pub text: f32,
    /// Syllables of title and questions, likewise.
    pub sound: f32,
    /// Likeness to the title or the most similar question, from 0 to 1.
    pub likeness: f32,
    /// The score of the likeliest business that rests on it.
    pub meant: f32,
    /// How often it is cited, from 0 to 1.
    pub cited: f32,
    /// How much of the line's business rests on its document, from 0 to 1.
    pub rests: f32,
}

/// A question's tokens that a snapshot knows, rarest first, and what a node that holds all of them once would reach.
struct Query<'a> {
    known: Vec<(Token, f32, Postings<'a>)>,
    possible: f32,
}

impl<'a> Query<'a> {
    fn new(tokens: &[Token], table: &'a [u8], postings: &'a [u8], all: usize) -> Self {
        let mut known = Vec::with_capacity(tokens.len());
        let mut possible = 0.0;
        // A token that no node holds still makes the question less of a match.
        let unknown = (all.max(2) as f32).ln() * 0.5;
        for &token in tokens {
            match Postings::find(table, postings, token) {
                Some(found) => {
                    let rarity = found.rarity(all);
                    possible += rarity;
                    known.push((token, rarity, found));
                }
                None => possible += unknown,
            }
        }
        known.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Self {
            known,
            possible: possible.max(1.0),
        }
    }

    fn rarity(&self, token: Token) -> f32 {
        let known = self.known.iter().find(|(of, _, _)| *of == token);
        known.map_or(1.0, |(_, rarity, _)| *rarity)
    }

    /// Scores by node number, within [`BUDGET`].
    fn scores(&self, scores: &mut [f32], touched: &mut Vec<u32>) {
        let mut read = 0;
        for &(_, rarity, postings) in &self.known {
            read += postings.nodes as usize;
            if read > BUDGET && !touched.is_empty() {
                break;
            }
            postings.each(|node, weight| {
                let Some(score) = scores.get_mut(node as usize) else {
                    return;
                };
                if *score == 0.0 {
                    touched.push(node);
                }
                *score += rarity * weight / self.possible;
            });
        }
    }
}

impl<'a> SnapshotView<'a> {
    /// Nodes that apply and look like an answer to what was said, best first; of equal score, in the order of ids.
    pub fn search(&self, text: &str, limit: usize) -> Vec<Found<'a>> {
        let tokens = token_set(text);
        let snapshot = self.snapshot;
        let all = snapshot.stats().nodes;
        if tokens.is_empty() || limit == 0 || all == 0 {
            return Vec::new();
        }
        let section = |of| snapshot.section(of);
        let words = Query::new(&tokens, section(Section::Tokens), section(Section::TokenPostings), all);
        let mut sounds = tokens::syllable_pairs(text);
        sounds.sort_unstable();
        sounds.dedup();
        let sounds = Query::new(
            &sounds,
            section(Section::Syllables),
            section(Section::SyllablePostings),
            all,
        );
        let (mut by_text, mut by_sound) = (vec![0.0; all], vec![0.0; all]);
        let mut touched = Vec::new();
        words.scores(&mut by_text, &mut touched);
        let mut heard = Vec::new();
        sounds.scores(&mut by_sound, &mut heard);
        touched.extend(heard.into_iter().filter(|&node| score_of(&by_text, node) == 0.0));
        let score = |node: u32| score_of(&by_text, node) + SOUND * score_of(&by_sound, node);
        // By node like the others: a table of hashes, asked for each of some hundred thousand nodes, took 15 ms.
        let mut by_business = vec![0.0; all];
        for (node, score) in self.meant(&score) {
            if score_of(&by_text, node) == 0.0 && score_of(&by_sound, node) == 0.0 {
                touched.push(node);
            }
            if let Some(own) = by_business.get_mut(node as usize) {
                *own = score;
            }
        }
        let with_meant = |node: u32| score(node) + MEANT * score_of(&by_business, node);
        let ranked = touched.into_iter().map(|node| (node, with_meant(node))).collect();
        let best = self.best_that_apply(ranked, RERANKED.max(limit));
        let mut found: Vec<Found<'a>> = best
            .into_iter()
            .map(|(entry, score)| {
                let (cited, rests) = entry.priors();
                let why = Why {
                    text: score_of(&by_text, entry.number()),
                    sound: score_of(&by_sound, entry.number()),
                    likeness: likeness(&words, &tokens, &entry),
                    meant: score_of(&by_business, entry.number()),
                    cited,
                    rests,
                };
                Found {
                    entry,
                    score: (score + LIKENESS * why.likeness) * (1.0 + CITED * cited + RESTS * rests),
                    why,
                }
            })
            .collect();
        found.sort_by(|a, b| {
            let order = b.score.total_cmp(&a.score);
            order.then(a.entry.number().cmp(&b.entry.number()))
        });
        found.truncate(limit);
        found
    }

    /// Articles that the likeliest business rests on, each with the score of the likeliest: what callers call a thing leads to
    /// the business, and the business to the statute, whose own words are others.
    fn meant(&self, score: &dyn Fn(u32) -> f32) -> HashMap<u32, f32> {
        let business = self.snapshot.section(Section::Business).chunks_exact(4);
        let numbers = business.filter_map(|number| u32_at(number, 0));
        let all = self.snapshot.stats().nodes;
        let mut likely: Vec<(u32, f32)> = numbers
            .filter(|number| (*number as usize) < all)
            .map(|number| (number, score(number)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        likely.sort_unstable_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        likely.truncate(LIKELY);
        let mut meant: HashMap<u32, f32> = HashMap::new();
        for (number, score) in likely {
            let Some(entry) = self.snapshot.at(number) else {
                continue;
            };
            for cited in self.neighbours_any(entry, Relation::Cites, Direction::Out) {
                let named = cited.article().map(cite::articles).unwrap_or_default();
                let versions = named
                    .iter()
                    .flat_map(|article| self.snapshot.articles(cited.document(), *article));
                for entry in std::iter::once(cited).chain(versions) {
                    let own = meant.entry(entry.number()).or_insert(score);
                    *own = own.max(score);
                }
            }
        }
        meant
    }

    fn best_that_apply(&self, mut ranked: Vec<(u32, f32)>, wanted: usize) -> Vec<(Entry<'a>, f32)> {
        let better = |a: &(u32, f32), b: &(u32, f32)| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
        let mut out = Vec::new();
        let mut from = 0;
        // Portions that double: few nodes are out of force, but of an old statute's articles all may be.
        let mut portion = wanted * 4;
        while out.len() < wanted && from < ranked.len() {
            let rest = &mut ranked[from..];
            let portion_len = portion.min(rest.len());
            if portion_len < rest.len() {
                rest.select_nth_unstable_by(portion_len, better);
            }
            let next = &mut rest[..portion_len];
            next.sort_unstable_by(better);
            let entries = next
                .iter()
                .filter_map(|&(node, score)| Some((self.snapshot.at(node)?, score)));
            out.extend(entries.filter(|(entry, _)| self.applies(entry)));
            from += portion_len;
            portion *= 2;
        }
        out.truncate(wanted);
        out
    }
}

fn score_of(scores: &[f32], node: u32) -> f32 {
    scores.get(node as usize).copied().unwrap_or(0.0)
}

/// Dice's coefficient, weighted by rarity, with the title or the most similar question.
fn likeness(query: &Query<'_>, tokens: &[Token], entry: &Entry<'_>) -> f32 {
    let weigh = |set: &[Token]| -> f32 { set.iter().map(|&token| query.rarity(token)).sum() };
    let of_query = weigh(tokens);
    let asked = entry.asked_as();
    let examples = std::iter::once(entry.title()).chain(asked.iter().map(String::as_str));
    examples.fold(0.0, |best: f32, example| {
        let example = token_set(example);
        let shared: f32 = example
            .iter()
            .filter(|token| tokens.binary_search(token).is_ok())
            .map(|&token| query.rarity(token))
            .sum();
        best.max(2.0 * shared / (of_query + weigh(&example)).max(f32::MIN_POSITIVE))
    })
}
