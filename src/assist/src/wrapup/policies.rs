//! 涉及政策: what the nodes that matched rest on, each document and article once.

use sidetone_knowledge::{Direction, KnowledgeView, Layer, Node, Relation, Status};

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
    pub(super) fn own(&mut self, view: &KnowledgeView<'_>, node: &Node, topic: usize) {
        if let Some(basis) = basis(view, node, topic) {
            self.add(basis);
        }
    }

    /// The documents that the node cites.
    pub(super) fn cited(&mut self, view: &KnowledgeView<'_>, node: &Node, topic: usize) {
        let cited = view.neighbours(node, Relation::Cites, Direction::Out);
        for node in cited.into_iter().take(CITED) {
            self.own(view, node, topic);
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
    pub(super) fn into_names(mut self) -> Vec<String> {
        self.0.sort_by_key(|basis| basis.topic);
        self.0.iter().map(Basis::name).collect()
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
    fn name(&self) -> String {
        let number = wrapped("（", &self.doc_no, "）");
        format!(
            "{}{number}{}{}",
            self.document,
            self.article,
            wrapped("：", &self.about, "")
        )
    }
}

fn basis(view: &KnowledgeView<'_>, node: &Node, topic: usize) -> Option<Basis> {
    let source = view.source_of(node);
    if source.title.is_empty() {
        return None;
    }
    if source.status == Status::Sample {
        let mark = if node.title.contains("示例") {
            ""
        } else {
            "（示例）"
        };
        let document = format!("{}{mark}", node.title);
        return Some(Basis {
            document,
            doc_no: String::new(),
            article: String::new(),
            about: String::new(),
            topic,
        });
    }
    let about = match node.title.split_once('：') {
        Some((_, about)) if node.layer == Layer::Policy => about,
        _ => "",
    };
    Some(Basis {
        document: format!("《{}》", source.title.trim_matches(['《', '》'])),
        doc_no: source.doc_no.to_owned(),
        article: source.article.unwrap_or_default().to_owned(),
        about: about.to_owned(),
        topic,
    })
}

fn wrapped(before: &str, text: &str, after: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{before}{text}{after}")
    }
}
