//! The queue wall from the stream of facts, for supervisors.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use redis::cmd;
use redis::streams::StreamRangeReply;
use serde_json::Value;

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use super::store::Store;
use crate::wall::Wall;

/// Facts read at once.
const COUNT: usize = 1_000;
/// How often the stream is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How far back the first look goes: agents may have signed in so long ago.
const BACK: jiff::SignedDuration = jiff::SignedDuration::from_hours(12);

/// The wall, kept up by a task.
#[derive(Clone, Debug, Default)]
pub(super) struct WallKeeper(Arc<Mutex<Wall>>);

impl WallKeeper {
    /// Begins to read, and goes on whenever Redis comes back.
    pub(super) fn start(store: Store) -> Self {
        let keeper = Self::default();
        let kept = keeper.clone();
        tokio::spawn(async move {
            let mut at = format!("({}-0", (Timestamp::now() - BACK).as_millisecond());
            loop {
                match kept.read(&store, &at).await {
                    Ok(Some(last)) => at = format!("({last}"),
                    Ok(None) => tokio::time::sleep(LOOK).await,
                    Err(error) => {
                        tracing::debug!(%error, "the facts are read again");
                        tokio::time::sleep(LOOK).await;
                    }
                }
            }
        });
        keeper
    }

    /// Takes what is behind `at`; returns the last entry's id.
    async fn read(&self, store: &Store, at: &str) -> redis::RedisResult<Option<String>> {
        let mut range = cmd("XRANGE");
        range
            .arg(store.config.facts_key())
            .arg(at)
            .arg("+")
            .arg("COUNT")
            .arg(COUNT);
        let reply: StreamRangeReply = range.query_async(&mut store.connection()).await?;
        let mut wall = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in &reply.ids {
            let event: Option<String> = entry.get("event");
            // What is no fact of this version is passed over.
            if let Some(fact) = event.and_then(|json| serde_json::from_str(&json).ok()) {
                wall.apply(fact);
            }
        }
        Ok(reply.ids.last().map(|entry| entry.id.clone()))
    }
}

/// The wall now.
pub(super) async fn wall(State(desk): State<Arc<Desk>>, session: Session) -> Result<Json<Value>, Refusal> {
    if !session.sees_all() {
        return Err(Refusal::Forbidden);
    }
    let wall = desk.wall.0.lock().unwrap_or_else(PoisonError::into_inner);
    let view = serde_json::to_value(wall.view(Timestamp::now().as_millisecond()));
    view.map(Json).map_err(|_| Refusal::Bad)
}
