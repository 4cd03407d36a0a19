//! Logins that are open: a random id in a cookie, what it stands for in Redis.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use redis::cmd;
use serde::{Deserialize, Serialize};

use super::Desk;
use super::refusal::Refusal;
use crate::users::Role;

/// The cookie's name.
const COOKIE: &str = "sidetone_desk";
/// The header that repeats the session's token.
const TOKEN: &str = "x-csrf-token";

/// Who is logged in. A request that changes something is refused unless it repeats the session's token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Session {
    /// The name to log in with.
    pub user: String,
    /// What they may see.
    pub role: Role,
    /// The agent id that the switch knows them by.
    pub agent: Option<String>,
    /// What a request that changes something repeats.
    pub csrf: String,
    /// What the cookie holds. It is told to nobody.
    #[serde(skip)]
    pub id: String,
}

impl Session {
    /// Whether every call may be seen.
    pub(super) fn sees_all(&self) -> bool {
        self.role >= Role::Supervisor
    }

    /// Opens a session; returns it and the value of `Set-Cookie`.
    pub(super) async fn open(
        desk: &Desk,
        user: &str,
        role: Role,
        agent: Option<String>,
    ) -> Result<(Self, String), Refusal> {
        let session = Self {
            user: user.to_owned(),
            role,
            agent,
            csrf: random(),
            id: random(),
        };
        let kept = u64::from(desk.config.session_minutes) * 60;
        let json = serde_json::to_string(&session).map_err(|_| Refusal::Bad)?;
        let mut set = cmd("SET");
        set.arg(key(desk, &session.id)).arg(json).arg("EX").arg(kept);
        set.exec_async(&mut desk.store.connection()).await?;
        let cookie = cookie(desk, &session.id, kept);
        Ok((session, cookie))
    }

    /// Ends it, with its open streams of events; returns the value of `Set-Cookie` that takes the cookie away.
    pub(super) async fn close(&self, desk: &Desk) -> Result<String, Refusal> {
        let mut del = cmd("DEL");
        del.arg(key(desk, &self.id))
            .exec_async(&mut desk.store.connection())
            .await?;
        desk.hub.log_out(&self.id);
        Ok(cookie(desk, "", 0))
    }

    /// Whether it is still open, which does not make it last longer.
    pub(super) async fn is_open(&self, desk: &Desk) -> redis::RedisResult<bool> {
        let mut exists = cmd("EXISTS");
        exists
            .arg(key(desk, &self.id))
            .query_async(&mut desk.store.connection())
            .await
    }
}

impl FromRequestParts<Arc<Desk>> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, desk: &Arc<Desk>) -> Result<Self, Refusal> {
        let id = id(&parts.headers).ok_or(Refusal::Login)?;
        let kept = u64::from(desk.config.session_minutes) * 60;
        let mut get = cmd("GETEX");
        get.arg(key(desk, &id)).arg("EX").arg(kept);
        let json: Option<String> = get.query_async(&mut desk.store.connection()).await?;
        let session = json.and_then(|json| serde_json::from_str::<Self>(&json).ok());
        let session = Self {
            id,
            ..session.ok_or(Refusal::Login)?
        };
        let told = parts.headers.get(TOKEN).map(|token| token.as_bytes());
        if parts.method != Method::GET && !told.is_some_and(|token| same(token, session.csrf.as_bytes())) {
            return Err(Refusal::Csrf);
        }
        Ok(session)
    }
}

/// Whether two secrets are the same, in a time that does not tell where they differ.
pub(super) fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

/// 244 random bits.
pub(super) fn random() -> String {
    format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

fn key(desk: &Desk, id: &str) -> String {
    format!("{}:desk:session:{id}", desk.config.redis.prefix)
}

fn cookie(desk: &Desk, id: &str, seconds: u64) -> String {
    let secure = if desk.config.secure_cookie { "; Secure" } else { "" };
    format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

fn id(headers: &HeaderMap) -> Option<String> {
    let cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let id = pairs.find(|(name, _)| *name == COOKIE)?.1;
    (id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
}
