//! 涉及政策: the documents whose rule the agent stated, each document and article once.

use sidetone_base::Role;
use sidetone_knowledge::{Knowledge, KnowledgeView, Layer, Node, NodeId, Status};
use sidetone_language::{Act, Phrases, fill, zh};

use super::SURE;
use super::found::Found;
use super::record::{Record, Said};
use crate::understand::text::fold;
use crate::understand::{Pair, pairs};

/// Of the pairs of neighbouring characters of a stated rule, how many a node's title and text hold that it is of.
const STATED: f32 = 0.45;
/// What it counts that the node answers what the caller asked.
const ASKED: f32 = 0.12;
/// What it counts that a figure that was said stands in the node.
const FIGURE: f32 = 0.12;
/// A rule of fewer pairs tells no document.
const FEWEST: usize = 5;

/// The policies that the agent named, and those whose rule the agent stated.
pub(super) fn used(record: &Record, kb: &Knowledge, phrases: &Phrases) -> Found {
    let mut found = Found::default();
    let mut nodes = record.topics.iter().flat_map(|topic| &topic.nodes);
    let Some((_, (day, region))) = nodes.next() else {
        return found;
    };
    let view = kb.view(*day, region);
    for said in record.said.iter().filter(|said| said.role == Role::Agent) {
        for name in named(&said.statement.text, phrases) {
            found.add_policy(name, said, said.statement.share.max(SURE));
        }
        if let Some((node, likeness)) = stated(record, kb, &view, said)
            && let Some(basis) = basis(phrases, &view, node)
        {
            found.add_policy(basis.name(phrases), said, likeness);
        }
    }
    found
}

/// Titles between the marks of a document.
fn named(text: &str, phrases: &Phrases) -> Vec<String> {
    let marks: Vec<char> = phrases.wrapup.document_marks.chars().collect();
    let [open, close] = marks[..] else { return Vec::new() };
    let titles = text.split(open).skip(1).filter_map(|rest| rest.split_once(close));
    titles
        .map(|(title, _)| fill(&phrases.wrapup.document, &[("document", title)]))
        .collect()
}

/// The node whose rule a statement gives, and how much of it stands there.
fn stated<'a>(record: &Record, kb: &'a Knowledge, view: &KnowledgeView<'_>, said: &Said) -> Option<(&'a Node, f32)> {
    let words = pairs(&fold(&said.statement.text));
    let figures = figures_of(&said.statement.text);
    if words.len() < FEWEST || !matches!(said.statement.act, Act::State | Act::Warn) {
        return None;
    }
    let of_call = |node: &&Node| record.topics.iter().any(|topic| topic.topic == node.topic);
    let served = said.serves.as_deref().and_then(|serves| serves.split('/').next());
    let asked = record
        .topics
        .iter()
        .filter(|topic| Some(topic.topic.as_str()) == served);
    let asked: Vec<&NodeId> = asked.flat_map(|topic| topic.nodes.iter().map(|(id, _)| id)).collect();
    let ids = said.nodes.iter().chain(asked.iter().copied());
    let nodes = ids.filter_map(|id| kb.node(id)).filter(of_call);
    let scored = nodes.map(|node| {
        let expected = if asked.contains(&&node.id) { ASKED } else { 0.0 };
        let (said_so, figures) = held(&words, &figures, view, node);
        let figure = if figures { FIGURE } else { 0.0 };
        (node, (said_so + expected + figure).min(1.0))
    });
    let best = scored.max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|(_, likeness)| *likeness >= STATED)
}

/// How much of what was said stands in a node's title and text, and whether a figure does.
fn held(words: &[Pair], figures: &[String], view: &KnowledgeView<'_>, node: &Node) -> (f32, bool) {
    let body = view.render(node).map(|body| body.text).unwrap_or_default();
    let body = format!("{}{}{body}", node.title, zh().marks.title);
    let text = pairs(&fold(&body));
    let both = words.iter().filter(|pair| text.binary_search(pair).is_ok()).count();
    let of_body = figures_of(&body);
    (
        both as f32 / words.len() as f32,
        figures.iter().any(|figure| of_body.contains(figure)),
    )
}

/// Numbers of three digits or more: an amount or a year, which few texts share by chance.
fn figures_of(text: &str) -> Vec<String> {
    let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    numbers.filter(|number| number.len() >= 3).map(str::to_owned).collect()
}

/// A document, or one article of it.
struct Basis {
    document: String,
    doc_no: String,
    article: String,
    /// What the article is about.
    about: String,
}

impl Basis {
    /// `《社会保险经办条例》（国务院令第765号）第七条：社会保障卡`.
    fn name(&self, phrases: &Phrases) -> String {
        let words = &phrases.wrapup;
        let part = |phrase: &str, name: &str, text: &str| match text.is_empty() {
            true => String::new(),
            false => fill(phrase, &[(name, text)]),
        };
        let number = part(&words.number, "number", &self.doc_no);
        let about = part(&words.about, "about", &self.about);
        format!("{}{number}{}{about}", self.document, self.article)
    }
}

fn basis(phrases: &Phrases, view: &KnowledgeView<'_>, node: &Node) -> Option<Basis> {
    let source = view.source_of(node);
    if source.title.is_empty() {
        return None;
    }
    // A sample has no document yet; its title is what the policy is about.
    if source.status == Status::Sample {
        let sample = &phrases.sample;
        let document = match node.title.contains(&sample.mark) {
            true => node.title.clone(),
            false => fill(&sample.title, &[("title", &node.title)]),
        };
        return Some(Basis {
            document,
            doc_no: String::new(),
            article: String::new(),
            about: String::new(),
        });
    }
    let about = match node.title.split_once(zh().marks.title) {
        Some((_, about)) if node.layer == Layer::Policy => about,
        _ => node.title.as_str(),
    };
    let words = &phrases.wrapup;
    let marks: Vec<char> = words.document_marks.chars().collect();
    Some(Basis {
        document: fill(&words.document, &[("document", source.title.trim_matches(&marks[..]))]),
        doc_no: source.doc_no.to_owned(),
        article: source.article.unwrap_or_default().to_owned(),
        about: about.to_owned(),
    })
}
