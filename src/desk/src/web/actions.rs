//! What a screen asks about calls, and what its user does.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use redis::cmd;
use serde::Deserialize;
use serde_json::value::RawValue;
use sidetone_shell::wire::{FeedbackAction, RedisConfig};

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use super::store::State as CallState;

/// Longest id or text that is taken, in bytes.
const TEXT: usize = 8_192;

/// The calls that the login sees.
pub(super) async fn calls(State(desk): State<Arc<Desk>>, session: Session) -> Result<Json<Vec<CallState>>, Refusal> {
    let mut calls = Vec::new();
    for call in desk.visible(&session).await? {
        calls.push(desk.store.state(&call).await?);
    }
    // A state may have run out since it was last heard of.
    calls.retain(|state| !state.is_empty());
    Ok(Json(calls))
}

/// One call at a glance.
pub(super) async fn call(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Path(call): Path<String>,
) -> Result<Json<CallState>, Refusal> {
    let state = desk.admit(&session, &call).await?;
    desk.store.audit(&session.user, &call, "state").await?;
    Ok(Json(state))
}

/// A call's events from its beginning.
pub(super) async fn call_events(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Path(call): Path<String>,
) -> Result<Json<Vec<Box<RawValue>>>, Refusal> {
    desk.admit(&session, &call).await?;
    desk.store.audit(&session.user, &call, "history").await?;
    let (mut all, mut at) = (Vec::new(), 0);
    loop {
        let stored = desk.store.events(&call, at).await?;
        let Some(last) = stored.last() else {
            return Ok(Json(all));
        };
        at = last.seq;
        all.extend(
            stored
                .into_iter()
                .filter_map(|event| RawValue::from_string(event.json).ok()),
        );
    }
}

/// What an agent did with a hint or a text.
#[derive(Deserialize)]
pub(super) struct Deed {
    action: FeedbackAction,
    #[serde(default)]
    hint_id: String,
    #[serde(default)]
    segment_id: String,
    #[serde(default)]
    text: String,
}

/// Writes to `sidetone:feedback`.
pub(super) async fn feedback(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Path(call): Path<String>,
    Json(deed): Json<Deed>,
) -> Result<Json<()>, Refusal> {
    desk.admit(&session, &call).await?;
    if deed.text.len() > TEXT || deed.hint_id.is_empty() == deed.segment_id.is_empty() {
        return Err(Refusal::Bad);
    }
    let fields = [
        ("action", deed.action.as_str()),
        ("call_id", &call),
        ("hint_id", &deed.hint_id),
        ("segment_id", &deed.segment_id),
        ("agent_id", session.agent.as_deref().unwrap_or_default()),
        ("text", &deed.text),
    ];
    write(&desk, RedisConfig::feedback_key, 10_000, &fields).await
}

/// A command to the daemon.
#[derive(Deserialize)]
pub(super) struct Order {
    command: Command,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Command {
    Pause,
    Mask,
    Resume,
}

/// Writes to `sidetone:control`.
pub(super) async fn control(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Path(call): Path<String>,
    Json(order): Json<Order>,
) -> Result<Json<()>, Refusal> {
    desk.admit(&session, &call).await?;
    let command = match order.command {
        Command::Pause => "pause",
        Command::Mask => "mask",
        Command::Resume => "resume",
    };
    let by = session.agent.as_deref().unwrap_or(&session.user);
    write(
        &desk,
        RedisConfig::control_key,
        1_000,
        &[("command", command), ("call_id", &call), ("by", by)],
    )
    .await
}

async fn write(
    desk: &Desk,
    key: fn(&RedisConfig) -> String,
    kept: u32,
    fields: &[(&str, &str)],
) -> Result<Json<()>, Refusal> {
    let mut add = cmd("XADD");
    add.arg(key(&desk.config.redis))
        .arg("MAXLEN")
        .arg("~")
        .arg(kept)
        .arg("*");
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
        add.arg(*name).arg(*value);
    }
    add.exec_async(&mut desk.store.connection()).await?;
    Ok(Json(()))
}
