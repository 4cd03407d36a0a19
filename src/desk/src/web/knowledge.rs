//! Search in the knowledge base by hand.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query as Fields, State};
use serde::{Deserialize, Serialize};
use sidetone_assist::wire_source;
use sidetone_knowledge::{Knowledge, KnowledgeView, Node};
use sidetone_schema::{Source, Span};
use tokio::sync::OnceCell;

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::config::KnowledgeConfig;

/// Entries of an answer.
const MOST: usize = 12;
/// A node below this was found by chance.
const CHANCE: f32 = 0.3;
/// Longest question, in bytes.
const TEXT: usize = 600;

/// The base, read at the first search.
#[derive(Debug, Default)]
pub(super) struct Shelf(OnceCell<Arc<Knowledge>>);

/// What is looked for.
#[derive(Deserialize)]
pub(super) struct Asked {
    q: String,
}

/// An entry of the base, as a card shows it.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    node: String,
    title: String,
    body: String,
    topic: String,
    highlights: Vec<Span>,
    sources: Vec<Source>,
}

/// Searches as of today and the configured region.
pub(super) async fn search(
    State(desk): State<Arc<Desk>>,
    _session: Session,
    Fields(asked): Fields<Asked>,
) -> Result<Json<Vec<Entry>>, Refusal> {
    let text = asked.q.trim().to_owned();
    if text.is_empty() || text.len() > TEXT {
        return Err(Refusal::Bad);
    }
    let config = &desk.config.knowledge;
    let base = desk.base().await?;
    let region = config.region.clone();
    let date = config.as_of.unwrap_or_else(|| jiff::Zoned::now().date());
    let found = tokio::task::spawn_blocking(move || {
        let view = base.view(date, &region);
        let hits = view.search(&text, MOST).into_iter().filter(|hit| hit.score >= CHANCE);
        hits.filter_map(|hit| entry(&view, hit.node)).collect()
    });
    found.await.map(Json).map_err(|_| Refusal::Bad)
}

impl Desk {
    /// The base; `NotFound` where none is configured.
    pub(super) async fn base(&self) -> Result<Arc<Knowledge>, Refusal> {
        let read = self.shelf.0.get_or_try_init(|| read(&self.config.knowledge));
        read.await.cloned()
    }
}

async fn read(config: &KnowledgeConfig) -> Result<Arc<Knowledge>, Refusal> {
    let dir = config.dir.clone().ok_or(Refusal::NotFound)?;
    let read = tokio::task::spawn_blocking(move || Knowledge::load(&dir));
    match read.await.map_err(|_| Refusal::Bad)? {
        Ok(base) => Ok(Arc::new(base)),
        Err(faults) => {
            tracing::error!(%faults, "knowledge.dir cannot be read");
            Err(Refusal::NotFound)
        }
    }
}

/// `None` for a node whose figure has no row in force: no sentence is shown with a hole.
fn entry(view: &KnowledgeView<'_>, node: &Node) -> Option<Entry> {
    let rendered = view.render(node).ok()?;
    let figures = rendered.figures.iter().map(|figure| view.source_of_figure(figure));
    let mut sources: Vec<Source> = Vec::new();
    for source in [view.source_of(node)].into_iter().chain(figures).map(wire_source) {
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    let topic = view.knowledge().topic(&node.topic);
    Some(Entry {
        node: node.id.clone(),
        title: node.title.clone(),
        body: rendered.text,
        topic: topic.map_or_else(|| node.topic.clone(), |topic| topic.name.clone()),
        highlights: rendered
            .highlights
            .iter()
            .map(|range| Span {
                begin: range.start,
                end: range.end,
            })
            .collect(),
        sources,
    })
}
