//! Questions in Chinese about the metrics, for supervisors.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Deserialize;
use sidetone_metrics::Query;

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::asking::{Reply, reply, vocabulary};

/// Longest question that is looked at, in bytes.
const TEXT: usize = 2_000;

/// What is asked.
#[derive(Deserialize)]
pub(super) struct Asked {
    text: String,
    /// The query of the question that this one follows.
    #[serde(default)]
    follows: Option<Box<Query>>,
}

/// Answers as `sidetone-desk ask --json` does, without `id`. Where no archive is configured there are no rows.
pub(super) async fn ask(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Json(asked): Json<Asked>,
) -> Result<Json<Reply>, Refusal> {
    if !session.sees_all() {
        return Err(Refusal::Forbidden);
    }
    desk.answer(asked.text, asked.follows).await.map(Json)
}

impl Desk {
    /// Reads a question as of now, with its numbers where an archive is configured.
    pub(super) async fn answer(&self, text: String, follows: Option<Box<Query>>) -> Result<Reply, Refusal> {
        if text.len() > TEXT {
            return Err(Refusal::Bad);
        }
        let now = Timestamp::now().as_millisecond();
        let file = self.config.vocabulary.clone();
        if self.archive.is_none() {
            let words = vocabulary(file.as_deref(), None).map_err(Refusal::Question)?;
            return reply(None, &text, now, &words, follows.as_deref()).map_err(Refusal::Question);
        }
        self.ask_archive(move |archive| {
            let words = vocabulary(file.as_deref(), Some(archive))?;
            reply(Some(archive), &text, now, &words, follows.as_deref())
        })
        .await
    }
}
