//! Metrics for supervisors: the registry, and numbers from the archive.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query as Fields, State};
use jiff::Timestamp;
use serde::Deserialize;
use sidetone_archive::{Archive, Row, answer};
use sidetone_metrics::{Dimension, Grain, Metric, MetricId, Query, Window, registry};

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::commands::metrics::time;

/// Metrics of one request.
const METRICS: usize = 126;

/// All metrics: id, key, name, unit, window, dimensions, formula.
pub(super) async fn all(session: Session) -> Result<Json<&'static [Metric]>, Refusal> {
    if session.sees_all() {
        Ok(Json(registry().all()))
    } else {
        Err(Refusal::Forbidden)
    }
}

/// As the options of `sidetone-desk metrics`.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// Ids or keys, separated by commas.
    metric: String,
    /// FROM/TO.
    window: String,
    by: Option<Dimension>,
    grain: Option<Grain>,
    at: Option<String>,
}

impl Asked {
    fn query(&self) -> Result<(Query, i64), String> {
        let ids = self.metric.split(',').take(METRICS).map(str::parse::<MetricId>);
        let metrics: Vec<MetricId> = ids.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let (from, to) = self.window.split_once('/').ok_or("a window is FROM/TO")?;
        let window = Window::new(time(from)?, time(to)?).map_err(|error| error.to_string())?;
        let now = self.at.as_deref().map(time).transpose()?;
        let query = Query {
            by: self.by,
            grain: self.grain,
            ..Query::new(metrics, window)
        };
        query.check().map_err(|error| error.to_string())?;
        Ok((query, now.unwrap_or_else(|| Timestamp::now().as_millisecond())))
    }
}

/// The numbers, in the form of `metrics --json`.
pub(super) async fn figures(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Fields(asked): Fields<Asked>,
) -> Result<Json<Vec<Row>>, Refusal> {
    if !session.sees_all() {
        return Err(Refusal::Forbidden);
    }
    let (query, now) = asked.query().map_err(Refusal::Question)?;
    desk.ask_archive(move |archive| answer(archive, &query, now).map_err(|error| error.to_string()))
        .await
        .map(Json)
}

impl Desk {
    /// One question at a time. `NotFound` where no archive is configured.
    pub(super) async fn ask_archive<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Archive) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Refusal> {
        let archive = self.archive.as_ref().ok_or(Refusal::NotFound)?;
        archive.ask(question).await.map_err(|why| {
            tracing::warn!(why, "the archive gave no answer");
            Refusal::Question(why)
        })
    }
}
