//! A question that was asked on the telephone: the switch brings its words, says the answer, and screens hear of the chart.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Instant;

use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use redis::cmd;
use serde::{Deserialize, Serialize};

use sidetone_metrics::Answer;

use super::Desk;
use super::dialogue::Dialogues;
use super::hub::charts;
use super::refusal::Refusal;
use super::session::same;
use crate::asking::Reply;

/// What the dialplan sends, as a form.
#[derive(Deserialize)]
pub(super) struct Heard {
    text: String,
    /// Who asked, for the screens.
    #[serde(default)]
    extension: String,
    /// The switch's name of the call: a question may follow the one before it in the same call. Empty: none does.
    #[serde(default)]
    call: String,
}

#[derive(Serialize)]
struct News<'a> {
    extension: &'a str,
    text: &'a str,
    #[serde(flatten)]
    reply: &'a Reply,
}

fn dialogues(desk: &Desk) -> MutexGuard<'_, Dialogues> {
    desk.dialogues.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers who knows the secret of `[phone]`, with what a voice says. The whole answer is published on `<prefix>:desk:chart`; a Redis that is away
/// keeps nobody from hearing the number.
pub(super) async fn phone(
    State(desk): State<Arc<Desk>>,
    headers: HeaderMap,
    Form(heard): Form<Heard>,
) -> Result<String, Refusal> {
    let secret = desk.config.phone.secret_file.as_deref().ok_or(Refusal::NotFound)?;
    let secret = std::fs::read_to_string(secret).map_err(|_| Refusal::Login)?;
    let secret = secret.trim();
    let told = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let told = told
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or(Refusal::Login)?;
    if secret.is_empty() || !same(told.as_bytes(), secret.as_bytes()) {
        return Err(Refusal::Login);
    }
    let follows = dialogues(&desk).last(Instant::now(), &heard.call);
    let reply = desk.answer(heard.text.clone(), follows.map(Box::new)).await?;
    if let (Answer::Query { query, .. }, false) = (&reply.answer, heard.call.is_empty()) {
        dialogues(&desk).asked(Instant::now(), &heard.call, (**query).clone());
    }
    let news = News {
        extension: &heard.extension,
        text: &heard.text,
        reply: &reply,
    };
    if let Ok(news) = serde_json::to_string(&news) {
        let mut publish = cmd("PUBLISH");
        publish.arg(charts(&desk.config.redis.prefix)).arg(news);
        if let Err(error) = publish.exec_async(&mut desk.store.connection()).await {
            tracing::warn!(%error, "screens do not hear of a chart");
        }
    }
    Ok(reply.spoken())
}
