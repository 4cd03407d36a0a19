//! 涉及政策: what the nodes that matched rest on, each document and article once.

use sidetone_knowledge::{Direction, KnowledgeView, Layer, Node, Relation, Status};
use sidetone_language::{Phrases, fill, zh};

/// Entries of the element: what a clerk still reads.
const MOST: usize = 6;
/// Documents that one node cites.
const CITED: usize = 3;

/// A document, or one article of it.
struct Basis {
    document: String,
    doc_no: String,
    article: String,
    /// What the article is about.
    about: String,
    /// Which of the call's topics it came with.
    topic: usize,
}

/// Gathers bases in order of relevance.
#[derive(Default)]
pub(super) struct Policies(Vec<Basis>);

impl Policies {
    /// The node's own document.
    pub(super) fn own(&mut self, phrases: &Phrases, view: &KnowledgeView<'_>, node: &Node, topic: usize) {
        if let Some(basis) = basis(phrases, view, node, topic) {
            self.add(basis);
        }
    }

    /// The documents that the node cites.
    pub(super) fn cited(&mut self, phrases: &Phrases, view: &KnowledgeView<'_>, node: &Node, topic: usize) {
        let cited = view.neighbours(node, Relation::Cites, Direction::Out);
        for node in cited.into_iter().take(CITED) {
            self.own(phrases, view, node, topic);
        }
    }

    fn add(&mut self, new: Basis) {
        let same = |known: &&mut Basis| known.document == new.document && known.overlaps(&new);
        if let Some(known) = self.0.iter_mut().find(same) {
            known.complete(new);
        } else if self.0.len() < MOST {
            self.0.push(new);
        }
    }

    /// Topic by topic, each in order of relevance.
    pub(super) fn into_names(mut self, phrases: &Phrases) -> Vec<String> {
        self.0.sort_by_key(|basis| basis.topic);
        self.0.iter().map(|basis| basis.name(phrases)).collect()
    }
}

impl Basis {
    /// The same article, or the document as a whole beside one of its articles.
    fn overlaps(&self, other: &Self) -> bool {
        self.article == other.article || self.article.is_empty() || other.article.is_empty()
    }

    /// Takes over what it lacks.
    fn complete(&mut self, other: Self) {
        if self.article.is_empty() {
            self.article = other.article;
        }
        if self.doc_no.is_empty() {
            self.doc_no = other.doc_no;
        }
        if self.about.is_empty() {
            self.about = other.about;
        }
    }

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

fn basis(phrases: &Phrases, view: &KnowledgeView<'_>, node: &Node, topic: usize) -> Option<Basis> {
    let source = view.source_of(node);
    if source.title.is_empty() {
        return None;
    }
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
            topic,
        });
    }
    let about = match node.title.split_once(zh().marks.title) {
        Some((_, about)) if node.layer == Layer::Policy => about,
        _ => "",
    };
    let words = &phrases.wrapup;
    let marks: Vec<char> = words.document_marks.chars().collect();
    Some(Basis {
        document: fill(&words.document, &[("document", source.title.trim_matches(&marks[..]))]),
        doc_no: source.doc_no.to_owned(),
        article: source.article.unwrap_or_default().to_owned(),
        about: about.to_owned(),
        topic,
    })
}
