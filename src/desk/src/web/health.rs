//! How the daemon and Redis are, for administrators.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use redis::cmd;
use serde_json::{Value, json};

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::archiving::Keeper;
use crate::users::Role;

/// The daemon answers in this time, or does not.
const WAIT: Duration = Duration::from_secs(2);

/// `/ready` and the `sidetone_` figures of `/metrics`, as the daemon tells them, and whether Redis answers.
pub(super) async fn health(State(desk): State<Arc<Desk>>, session: Session) -> Result<Json<Value>, Refusal> {
    if session.role < Role::Admin {
        return Err(Refusal::Forbidden);
    }
    let ping = cmd("PING").query_async::<String>(&mut desk.store.connection()).await;
    let ready = ask(&desk, "/ready").await;
    let metrics = ask(&desk, "/metrics").await.unwrap_or_default();
    let figures: Vec<&str> = metrics.lines().filter(|line| line.starts_with("sidetone_")).collect();
    let open = desk.config.clients_max - desk.clients.available_permits();
    Ok(Json(json!({
        "redis": ping.is_ok(),
        "redis_address": desk.config.redis.address(),
        "ready": ready,
        "archive": desk.archive.as_ref().map(Keeper::progress),
        "figures": figures,
        "screens": open,
        "screens_refused": desk.refused.load(std::sync::atomic::Ordering::Relaxed),
        "screens_max": desk.config.clients_max,
    })))
}

async fn ask(desk: &Desk, path: &str) -> Option<String> {
    if desk.config.daemon.is_empty() {
        return None;
    }
    let client = reqwest::Client::builder().timeout(WAIT).no_proxy().build().ok()?;
    client
        .get(format!("{}{path}", desk.config.daemon))
        .send()
        .await
        .ok()?
        .text()
        .await
        .ok()
}
