//! A week's report for supervisors, as a page of its own.

use std::sync::Arc;

use axum::extract::{Query as Fields, State};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;

use sidetone_domain::subjects;

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::report::{Week, gaps, html};

/// The report has styles within, and no script.
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");

/// Which week, as 2026-W47; the last whole one when it is left out.
#[derive(Deserialize)]
pub(super) struct Asked {
    week: Option<String>,
}

pub(super) async fn report(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Fields(asked): Fields<Asked>,
) -> Result<Response, Refusal> {
    if !session.sees_all() {
        return Err(Refusal::Forbidden);
    }
    let now = jiff::Timestamp::now();
    let week = match asked.week {
        Some(text) => Week::parse(&text).ok_or(Refusal::Bad)?,
        None => Week::before(now).ok_or(Refusal::Bad)?,
    };
    let gaps = gaps(&desk.config, week).await;
    let base = desk.base().await.ok();
    let kinds = desk.config.knowledge.dir.as_deref().map(subjects).unwrap_or_default();
    let page = desk
        .ask_archive(move |archive| html(archive, base.as_deref(), &kinds, gaps, week, now.as_millisecond()))
        .await?;
    Ok(([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(page)).into_response())
}
