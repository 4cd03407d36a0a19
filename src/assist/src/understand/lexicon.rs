//! What points to a topic: its terms, and how callers have put questions about it.
//!
//! Built once from the knowledge base and shared by every call.

use std::collections::{BTreeMap, HashMap};

use sidetone_knowledge::{Layer, Node, NodeId, TopicId, TopicInfo};

use super::text::{fold, starts_with};

/// A topic by its place in [`Lexicon::topics`].
pub(crate) type TopicIx = usize;

/// A term in a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TermAt {
    pub(crate) begin: usize,
    pub(crate) end: usize,
    /// Without other words in its middle.
    pub(crate) whole: bool,
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
    /// The same of what tells topics apart.
    topical: f32,
}

pub(crate) type Pair = (char, char);

/// Terms and phrases of every topic.
pub(crate) struct Lexicon {
    topics: Vec<(TopicId, String)>,
    /// Topics that are about more than one place.
    spanning: Vec<TopicId>,
    terms: HashMap<char, Vec<Term>>,
    entries: Vec<Entry>,
    phrases: Vec<Phrase>,
    postings: HashMap<Pair, Posting>,
    /// Terms by how they begin, for those of which a speaker may say other words in the middle.
    split: HashMap<(char, char), Vec<Split>>,
}

/// Where a pair of characters occurs.
#[derive(Default)]
struct Posting {
    /// How rare it is among phrases.
    weight: f32,
    /// How much it tells one topic from another.
    topical: f32,
    phrases: Vec<u32>,
}

/// The second part of a term whose first part is two characters.
struct Split {
    tail: String,
    len: usize,
    topics: Vec<TopicIx>,
}

/// What a text is like.
#[derive(Default)]
pub(crate) struct Likeness {
    /// Business nodes that callers reach with like words: best first, 0 to 1.
    pub(crate) nodes: Vec<(usize, f32)>,
    /// By topic, by the words that tell topics apart.
    pub(crate) topics: Vec<f32>,
}

/// Characters that may stand in the middle of a term: 社保关系转移, 拖欠我三个月工资.
const GAP: usize = 6;

impl Lexicon {
    /// Reads topics and the business layer; other nodes are not questions and are passed over.
    pub(crate) fn new<'a>(
        topics: impl IntoIterator<Item = &'a TopicInfo>,
        nodes: impl IntoIterator<Item = &'a Node>,
    ) -> Self {
        let mut lexicon = Self {
            topics: Vec::new(),
            spanning: Vec::new(),
            terms: HashMap::new(),
            entries: Vec::new(),
            phrases: Vec::new(),
            postings: HashMap::new(),
            split: HashMap::new(),
        };
        // In order: of two terms that fit equally well the one that comes first is taken.
        let mut owners: BTreeMap<String, Vec<TopicIx>> = BTreeMap::new();
        for (ix, topic) in topics.into_iter().enumerate() {
            lexicon.topics.push((topic.id.clone(), topic.name.clone()));
            if topic.spans_regions {
                lexicon.spanning.push(topic.id.clone());
            }
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
            lexicon.learn_split(&text, len, &topics);
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
        let topics = self.topics.len() as f32;
        for (at, (_, bag)) in bags.iter().enumerate() {
            for pair in bag {
                self.postings.entry(*pair).or_default().phrases.push(at as u32);
            }
        }
        for posting in self.postings.values_mut() {
            let mut of: Vec<TopicIx> = posting
                .phrases
                .iter()
                .filter_map(|at| bags.get(*at as usize).and_then(|(entry, _)| self.entries.get(*entry)))
                .map(|entry| entry.topic)
                .collect();
            of.sort_unstable();
            of.dedup();
            posting.weight = (total / posting.phrases.len() as f32).ln().max(0.1);
            posting.topical = (topics / of.len().max(1) as f32).ln().max(0.0);
        }
        for (entry, bag) in bags {
            let norm = self.norm(&bag);
            let topical = self.topical_norm(&bag);
            self.phrases.push(Phrase { entry, norm, topical });
        }
    }

    fn learn_split(&mut self, text: &str, len: usize, topics: &[TopicIx]) {
        let chars: Vec<char> = text.chars().collect();
        if len < 4 || !chars.iter().all(|c| c.is_alphabetic() && !c.is_ascii()) {
            return;
        }
        let tail: String = chars[2..].iter().collect();
        let split = Split {
            tail,
            len: len - 2,
            topics: topics.to_vec(),
        };
        self.split.entry((chars[0], chars[1])).or_default().push(split);
        if len == 4 {
            // 工资不发 for 不发工资.
            let tail: String = chars[..2].iter().collect();
            let split = Split {
                tail,
                len: 2,
                topics: topics.to_vec(),
            };
            self.split.entry((chars[2], chars[3])).or_default().push(split);
        }
    }

    fn norm(&self, bag: &[Pair]) -> f32 {
        // A pair that no phrase holds counts as a rare one: it is about something else.
        bag.iter()
            .map(|pair| self.postings.get(pair).map_or(4.0, |p| p.weight * p.weight))
            .sum()
    }

    fn topical_norm(&self, bag: &[Pair]) -> f32 {
        bag.iter()
            .map(|pair| self.postings.get(pair).map_or(1.0, |p| p.topical * p.topical))
            .sum()
    }

    pub(crate) fn entry(&self, at: usize) -> Option<&Entry> {
        self.entries.get(at)
    }

    /// Id and name.
    pub(crate) fn topic(&self, ix: TopicIx) -> Option<&(TopicId, String)> {
        self.topics.get(ix)
    }

    /// Whether the topic is about more than one place by its nature.
    pub(crate) fn spans_regions(&self, topic: &str) -> bool {
        self.spanning.iter().any(|id| id == topic)
    }

    pub(crate) fn topic_ix(&self, id: &str) -> Option<TopicIx> {
        self.topics.iter().position(|(known, _)| known == id)
    }

    pub(crate) const fn topic_count(&self) -> usize {
        self.topics.len()
    }

    /// Terms in folded text, the longest at each place, from left to right; where no whole term stands, one
    /// with other words in its middle.
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
                        whole: true,
                        topics: term.topics.clone(),
                    });
                    i += term.len;
                }
                None => i += 1,
            }
        }
        let covered = |at: usize| found.iter().any(|term: &TermAt| (term.begin..term.end).contains(&at));
        let loose: Vec<TermAt> = (0..text.len().saturating_sub(3))
            .filter(|i| !covered(*i))
            .filter_map(|i| self.spot_split(text, i))
            .collect();
        let loose: Vec<TermAt> = loose.into_iter().filter(|term| !covered(term.end - 1)).collect();
        found.extend(loose);
        found.sort_by_key(|term| term.begin);
        found
    }

    fn spot_split(&self, text: &[char], i: usize) -> Option<TermAt> {
        let splits = self.split.get(&(text[i], text[i + 1]))?;
        let from = i + 2;
        let to = (from + GAP).min(text.len());
        let stop = text[from..to]
            .iter()
            .position(|c| matches!(c, '，' | '？'))
            .map_or(to, |at| from + at);
        splits
            .iter()
            .filter_map(|split| {
                let at = (from..=stop).find(|at| text.get(*at..).is_some_and(|rest| starts_with(rest, &split.tail)))?;
                Some(TermAt {
                    begin: i,
                    end: at + split.len,
                    whole: false,
                    topics: split.topics.clone(),
                })
            })
            .min_by_key(|term| term.end)
    }

    /// How like folded text is to what callers have asked.
    pub(crate) fn alike(&self, text: &[char]) -> Likeness {
        let bag = pairs(text);
        let (mine, topical) = (self.norm(&bag), self.topical_norm(&bag));
        let mut dots: HashMap<u32, (f32, f32)> = HashMap::new();
        for posting in bag.iter().filter_map(|pair| self.postings.get(pair)) {
            let (plain, telling) = (posting.weight * posting.weight, posting.topical * posting.topical);
            for at in &posting.phrases {
                let dot = dots.entry(*at).or_default();
                dot.0 += plain;
                dot.1 += telling;
            }
        }
        let mut nodes = vec![0.0_f32; self.entries.len()];
        let mut topics = vec![0.0_f32; self.topics.len()];
        for (at, (plain, telling)) in dots {
            let Some(phrase) = self.phrases.get(at as usize) else {
                continue;
            };
            let likeness = plain / (mine * phrase.norm).sqrt().max(1e-3);
            nodes[phrase.entry] = nodes[phrase.entry].max(likeness);
            let topic = self.entries[phrase.entry].topic;
            topics[topic] = topics[topic].max(telling / (topical * phrase.topical).sqrt().max(1.0));
        }
        let mut nodes: Vec<(usize, f32)> = nodes
            .into_iter()
            .enumerate()
            .filter(|(_, likeness)| *likeness > 0.0)
            .collect();
        nodes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Likeness { nodes, topics }
    }
}

/// The set of neighbouring characters, pauses and bare particles left out.
pub(crate) fn pairs(text: &[char]) -> Vec<Pair> {
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

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        /// Two lexicons of the same base read a text alike, also where terms of several topics fit it equally well.
        #[test]
        fn ties_fall_the_same_way_every_time(
            terms in proptest::collection::vec("[αβγδ]{4,6}", 2..12),
            text in "[αβγδ]{6,24}",
        ) {
            let topics: Vec<TopicInfo> = terms
                .iter()
                .enumerate()
                .map(|(ix, term)| TopicInfo {
                    id: format!("t{ix}"),
                    name: format!("{ix}"),
                    terms: vec![term.clone()],
                    spans_regions: false,
                })
                .collect();
            let text: Vec<char> = text.chars().collect();
            let first = Lexicon::new(&topics, []).spot(&text);
            for _ in 0..4 {
                proptest::prop_assert_eq!(&Lexicon::new(&topics, []).spot(&text), &first);
            }
        }
    }
}
