//! Policy cards that show an article in its own words, as a library has it on the day and in the region that are meant.

use sidetone_knowledge::{Confidence, Direction, Entry, KnowledgeView, Node, Relation};
use sidetone_language::{HintPhrases, fill, zh};
use sidetone_schema::{HintKind, Source, SourceStatus, Tier};

use super::candidate::Candidate;
use super::compose::{Backing, Composer, wire_source};
use super::highlight::highlights;
use crate::library::{Library, Looked, Passage};
use crate::understand::{Pair, pairs};

/// Characters of an article that a card shows.
const SHOWN: usize = 160;
/// Articles of one node whose words go with its card.
const ARTICLES: usize = 3;
/// Cited articles that are named.
const CITED: usize = 6;
/// How well the article behind an answer fits, beside the answer.
const BEHIND: f32 = 0.9;

impl Composer<'_> {
    /// Has policy cards show the articles that they are about. Where there is none, `answer` gets one, if it is written in an
    /// article that the library has.
    pub(super) fn quote(
        &self,
        library: Library<'_>,
        answer: Option<(&Node, f32)>,
        cards: &mut Vec<Candidate>,
    ) -> Vec<Looked> {
        let mut looked = Vec::new();
        let mut is_policy = cards.iter_mut().filter(|card| card.kind == HintKind::Policy).peekable();
        let has_policy = is_policy.peek().is_some();
        for card in is_policy {
            let node = self.view.knowledge().node(&card.node);
            looked.extend(node.and_then(|node| self.quote_in(library, node, card)));
        }
        if let Some((node, score)) = answer.filter(|_| !has_policy) {
            let mut card = self.blank(node, score * score * BEHIND);
            let outcome = self.quote_in(library, node, &mut card);
            cards.extend(Some(card).filter(|_| outcome == Some(Looked::Quoted)));
            looked.extend(outcome);
        }
        looked
    }

    /// A card of a node without a text.
    fn blank(&self, node: &Node, score: f32) -> Candidate {
        let backing = Backing {
            sources: Vec::new(),
            weakest: Confidence::A,
        };
        let mut card = self.candidate(node, HintKind::Policy, Tier::Useful, score, String::new(), backing);
        card.title.clear();
        card
    }

    /// `None` where the library has no article of the node; then the card stays as it is.
    fn quote_in(&self, library: Library<'_>, node: &Node, card: &mut Candidate) -> Option<Looked> {
        // Who has to replace a sample has not looked at what it is written in.
        if node.provenance.confidence == Confidence::D {
            return None;
        }
        let entries = self.view.articles_of(library.snapshot, node);
        let (first, more) = entries.split_first()?;
        let Some(first) = library.read(*first) else {
            return Some(Looked::Command);
        };
        let more = more.iter().take(ARTICLES - 1).filter_map(|entry| library.read(*entry));
        let mut sources = vec![source_of(self.view, library, &first)];
        sources.extend(more.map(|passage| source_of(self.view, library, &passage)));
        self.show(&first, &sources[0], card);
        let own =
            |source: &Source| source.title == node.provenance.doc_title && source.article == node.provenance.article;
        card.sources.retain(|source| !own(source));
        sources.append(&mut card.sources);
        card.sources = sources;
        if let Some(day) = self.ask.as_of {
            card.dedup_key.push_str(&format!(":{day}"));
        }
        Some(Looked::Quoted)
    }

    fn show(&self, passage: &Passage<'_>, source: &Source, card: &mut Candidate) {
        let words = &self.phrases.hints;
        if card.title.is_empty() {
            card.title = self.place.mark(&name(words, &passage.node));
        }
        card.body = body(words, passage, &self.turn.text);
        if source.status == SourceStatus::Repealed {
            (card.title, card.body) = ended(words, source, &card.title, &card.body);
            card.tier = Tier::Background;
        }
        card.highlights = highlights(&card.body, &[]);
    }
}

/// Title and text of what does not hold any more.
pub(super) fn ended(words: &HintPhrases, source: &Source, title: &str, body: &str) -> (String, String) {
    let by = source
        .ended_by
        .as_deref()
        .map(|by| fill(&words.ended_by, &[("by", by)]));
    let last = source.effective_to.as_deref().unwrap_or_default();
    let parts = [
        ("body", body),
        ("last", last),
        ("by", by.as_deref().unwrap_or_default()),
    ];
    (
        fill(&words.ended_title, &[("title", title)]),
        fill(&words.ended_body, &parts),
    )
}

/// What a document and its article are called.
pub(super) fn name(words: &HintPhrases, node: &Node) -> String {
    let written = &node.provenance;
    match &written.article {
        Some(article) => fill(
            &words.article_title,
            &[("document", &written.doc_title), ("article", article)],
        ),
        None => node.title.clone(),
    }
}

/// A passage on a card: its number and its words, the nearest to what was said where it is long.
pub(super) fn body(words: &HintPhrases, passage: &Passage<'_>, said: &str) -> String {
    let text = shortened(&passage.node.body, said);
    match &passage.node.provenance.article {
        Some(article) => fill(&words.article, &[("article", article), ("text", &text)]),
        None => text,
    }
}

/// A passage as a source, with all its words and what they hang together with.
pub(super) fn source_of(view: &KnowledgeView<'_>, library: Library<'_>, passage: &Passage<'_>) -> Source {
    let mut source = wire_source(view.source_of(&passage.node));
    source.text = Some(passage.node.body.clone());
    let within = view.within(library.snapshot);
    let cited = within.neighbours(passage.entry, Relation::Cites, Direction::Out);
    source.cites = cited
        .filter_map(|entry| library.read(entry))
        .map(|cited| called(&cited))
        .take(CITED)
        .collect();
    if source.status == SourceStatus::Repealed {
        source.ended_by = ender(library, passage.entry).map(|ender| called(&ender));
    }
    source
}

fn called(passage: &Passage<'_>) -> String {
    let written = &passage.node.provenance;
    let article = written.article.as_deref().unwrap_or_default();
    format!("{}{article}", written.doc_title)
}

/// What took an article's place, or else its document's.
fn ender<'s>(library: Library<'s>, entry: Entry<'s>) -> Option<Passage<'s>> {
    let document = entry
        .id()
        .rsplit_once('.')
        .and_then(|(id, _)| library.snapshot.entry(id));
    let ends = |of: Entry<'s>| {
        let mut newer = of.ties(Direction::In);
        newer.find_map(|(how, number)| match how {
            Relation::Supersedes | Relation::Repeals => library.snapshot.at(number),
            _ => None,
        })
    };
    let ender = ends(entry).or_else(|| document.and_then(ends))?;
    library.read(ender)
}

/// At most [`SHOWN`] characters: the first clause, as it says what all is about, and what is nearest to the words that were said.
fn shortened(text: &str, said: &str) -> String {
    let marks = &zh().marks;
    let flat: String = text.split_whitespace().collect();
    let parts: Vec<&str> = flat
        .split_inclusive(|c| {
            marks.sentence.contains(&c) || marks.entries == c || matches!(c, ';' | ':') || c == marks.title
        })
        .collect();
    let length = |part: &str| part.chars().count();
    if length(&flat) <= SHOWN {
        return flat;
    }
    let said = said_pairs(said);
    let near = |part: &str| said_pairs(part).iter().filter(|pair| said.contains(pair)).count();
    let mut order: Vec<usize> = (1..parts.len()).collect();
    order.sort_by_key(|&at| std::cmp::Reverse(near(parts[at])));
    let mut kept = vec![false; parts.len()];
    let mut room = SHOWN;
    for at in std::iter::once(0).chain(order) {
        if length(parts[at]) <= room {
            room -= length(parts[at]);
            kept[at] = true;
        }
    }
    if !kept.contains(&true) {
        return flat.chars().take(SHOWN).chain([ELLIPSIS]).collect();
    }
    let mut out = String::new();
    let mut left_out = false;
    for (part, kept) in parts.iter().zip(kept) {
        if kept {
            if left_out {
                out.push(ELLIPSIS);
            }
            out.push_str(part);
        }
        left_out = !kept;
    }
    if left_out {
        out.push(ELLIPSIS);
    }
    out
}

/// Where something is left out.
const ELLIPSIS: char = '…';

fn said_pairs(text: &str) -> Vec<Pair> {
    let chars: Vec<char> = text.chars().collect();
    pairs(&chars)
}
