//! Logging in and out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use redis::cmd;
use serde::Deserialize;

use super::Desk;
use super::refusal::Refusal;
use super::session::{Session, same};
use crate::users::Users;

/// Attempts for one name in [`TRIES_SECONDS`].
const TRIES: u64 = 10;
const TRIES_SECONDS: u64 = 60;

/// What a login sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
}

/// Name and password.
pub(super) async fn login(
    State(desk): State<Arc<Desk>>,
    Json(credentials): Json<Credentials>,
) -> Result<Response, Refusal> {
    let Credentials { name, password } = credentials;
    if name.len() > 64 || password.len() > 256 {
        return Err(Refusal::Password);
    }
    slow_down(&desk, &name).await?;
    let _check = desk.checks.acquire().await.map_err(|_| Refusal::Full)?;
    let user = users(&desk).and_then(|users| users.get(&name).cloned());
    // The work is the same for a name that is not there: time tells nothing.
    let checked = tokio::task::spawn_blocking(move || match user {
        Some(user) => user.has_password(&password).then_some(user),
        None => {
            Users::waste_time(&password);
            None
        }
    });
    let user = checked.await.ok().flatten().ok_or(Refusal::Password)?;
    greet(&desk, &name, &user).await
}

/// A proxy in front has checked who asks.
pub(super) async fn single_sign_on(State(desk): State<Arc<Desk>>, headers: HeaderMap) -> Result<Response, Refusal> {
    let login = &desk.config.login;
    if login.header.is_empty() || login.secret_header.is_empty() {
        return Err(Refusal::Login);
    }
    let secret = std::fs::read_to_string(&login.secret_file).map_err(|_| Refusal::Login)?;
    let secret = secret.trim().as_bytes();
    let told = headers.get(login.secret_header.as_str()).ok_or(Refusal::Login)?;
    if secret.is_empty() || !same(told.as_bytes(), secret) {
        return Err(Refusal::Login);
    }
    let name = headers
        .get(login.header.as_str())
        .and_then(|name| name.to_str().ok())
        .ok_or(Refusal::Login)?;
    let user = users(&desk)
        .and_then(|users| users.get(name).cloned())
        .ok_or(Refusal::Forbidden)?;
    greet(&desk, name, &user).await
}

/// Who is logged in.
pub(super) async fn me(session: Session) -> Json<Session> {
    Json(session)
}

/// By which ways one may log in.
pub(super) async fn ways(State(desk): State<Arc<Desk>>) -> Json<serde_json::Value> {
    Json(serde_json::json!({ "oidc": desk.config.oidc.is_some() }))
}

/// Ends the session.
pub(super) async fn logout(State(desk): State<Arc<Desk>>, session: Session) -> Result<Response, Refusal> {
    let cookie = session.close(&desk).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(())).into_response())
}

async fn greet(desk: &Desk, name: &str, user: &crate::users::User) -> Result<Response, Refusal> {
    let (session, cookie) = Session::open(desk, name, user.role, user.agent.clone()).await?;
    Ok(([(header::SET_COOKIE, cookie)], Json(session)).into_response())
}

/// The file is read at each login: a new user needs no restart.
fn users(desk: &Desk) -> Option<Users> {
    Users::read(&desk.config.users)
        .inspect_err(|error| tracing::error!(%error, "nobody can log in"))
        .ok()
}

async fn slow_down(desk: &Desk, name: &str) -> Result<(), Refusal> {
    let key = format!("{}:desk:tries:{name}", desk.config.redis.prefix);
    let mut pipe = redis::pipe();
    pipe.add_command(
        cmd("SET")
            .arg(&key)
            .arg(0)
            .arg("EX")
            .arg(TRIES_SECONDS)
            .arg("NX")
            .clone(),
    )
    .ignore();
    pipe.add_command(cmd("INCR").arg(&key).clone());
    let (tries,): (u64,) = pipe.query_async(&mut desk.store.connection()).await?;
    if tries > TRIES { Err(Refusal::SlowDown) } else { Ok(()) }
}
