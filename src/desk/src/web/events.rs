//! `/events`: one stream for each tab, with every call that the login sees.
//!
//! The hub is subscribed to first, then the streams are read from where the tab says that it is, then news is
//! forwarded; a hole between two events is read up from the stream. So a reload loses nothing.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, broadcast, mpsc};

use super::Desk;
use super::hub::News;
use super::refusal::Refusal;
use super::session::Session;

/// Events that may wait for a slow tab; then reading pauses, and the hub's own bound holds.
const WAITING: usize = 256;
/// A comment is sent this often, so that no proxy takes the connection for dead.
const COMMENT: Duration = Duration::from_secs(15);
/// The streams are read up this often, whatever the channels bring.
const READ_UP: Duration = Duration::from_secs(10);
/// Calls whose place a tab may tell.
const PLACES: usize = 256;

/// Where a tab is.
#[derive(Deserialize)]
pub(super) struct Places {
    /// `<call>:<seq>`, separated by commas.
    #[serde(default)]
    from: String,
}

/// Answers with the stream.
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
    session: Session,
    Query(places): Query<Places>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let permit = desk.clients.clone().try_acquire_owned().map_err(|_| {
        desk.refused.fetch_add(1, Ordering::Relaxed);
        Refusal::Full
    })?;
    let news = desk.hub.subscribe();
    let last = headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    let told = places.from.split(',').chain([last]).filter_map(place).take(PLACES);
    let (out, events) = mpsc::channel(WAITING);
    let tab = Tab {
        desk,
        session,
        out,
        at: HashMap::new(),
    };
    let told: Vec<(String, u64)> = told.collect();
    tokio::spawn(tab.run(told, news, permit));
    let stream = futures_util::stream::unfold(events, |mut events| async move {
        events
            .recv()
            .await
            .map(|event: Event| (Ok::<_, Infallible>(event), events))
    });
    let alive = KeepAlive::new().interval(COMMENT).text("alive");
    Ok(([("x-accel-buffering", "no")], Sse::new(stream).keep_alive(alive)).into_response())
}

/// `<call>:<seq>`; a call's id may hold colons.
fn place(text: &str) -> Option<(String, u64)> {
    let (call, seq) = text.rsplit_once(':')?;
    Some((call.to_owned(), seq.parse().ok()?))
}

/// Why a tab's stream ends.
enum Over {
    /// The tab is gone.
    Gone,
    /// Redis does not answer; the tab connects again.
    Redis,
    /// The login has ended.
    Logout,
}

impl From<redis::RedisError> for Over {
    fn from(error: redis::RedisError) -> Self {
        tracing::debug!(%error, "a stream of events ends");
        Self::Redis
    }
}

struct Tab {
    desk: Arc<Desk>,
    session: Session,
    out: mpsc::Sender<Event>,
    /// The last event of each call that was sent.
    at: HashMap<String, u64>,
}

impl Tab {
    async fn run(mut self, told: Vec<(String, u64)>, news: broadcast::Receiver<News>, _permit: OwnedSemaphorePermit) {
        match self.follow(told, news).await {
            Err(Over::Redis) => tracing::debug!("Redis does not answer: the tab connects again"),
            // The page asks for a login at once.
            Err(Over::Logout) => drop(self.send(Event::default().event("logout").data("{}")).await),
            Ok(()) | Err(Over::Gone) => {}
        }
    }

    async fn follow(&mut self, told: Vec<(String, u64)>, mut news: broadcast::Receiver<News>) -> Result<(), Over> {
        // Jitter: tabs do not all come back in the same instant.
        let wait = 300 + u64::from(uuid::Uuid::new_v4().as_bytes()[0]) * 4;
        self.send(
            Event::default()
                .event("ready")
                .data("{}")
                .retry(Duration::from_millis(wait)),
        )
        .await?;
        for (call, seq) in told {
            if self.desk.admit(&self.session, &call).await.is_ok() {
                self.read_up(&call, Some(seq)).await?;
            }
        }
        self.read_all().await?;
        let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + READ_UP, READ_UP);
        loop {
            tokio::select! {
                () = self.out.closed() => return Err(Over::Gone),
                _ = tick.tick() => {
                    if !self.session.is_open(&self.desk).await? {
                        return Err(Over::Logout);
                    }
                    self.read_all().await?;
                }
                new = news.recv() => match new {
                    Ok(News::Event(event)) => {
                        let mine = self.session.sees_all() || (event.agent.is_some() && event.agent == self.session.agent);
                        if mine {
                            self.forward(&event.call, event.seq, &event.json).await?;
                        }
                    }
                    Ok(News::Chart(json)) if self.session.sees_all() => {
                        self.send(Event::default().event("chart").data(json.replace(['\r', '\n'], " "))).await?;
                    }
                    Ok(News::Chart(_)) => {}
                    Ok(News::Logout(id)) if *id == *self.session.id => return Err(Over::Logout),
                    Ok(News::Logout(_)) => {}
                    Ok(News::Anew) | Err(broadcast::error::RecvError::Lagged(_)) => self.read_all().await?,
                    Err(broadcast::error::RecvError::Closed) => return Ok(()),
                },
            }
        }
    }

    /// Reads up every call that the login sees now.
    async fn read_all(&mut self) -> Result<(), Over> {
        let calls = self.desk.visible(&self.session).await.map_err(|_| Over::Redis)?;
        for call in &calls {
            self.read_up(call, None).await?;
        }
        Ok(())
    }

    /// Sends what a call's stream has behind `told`, or behind what was sent. Where the stream's beginning was trimmed away
    /// behind it, the tab is told to begin the call anew.
    async fn read_up(&mut self, call: &str, told: Option<u64>) -> Result<(), Over> {
        let first = !self.at.contains_key(call);
        let mut at = told.or_else(|| self.at.get(call).copied()).unwrap_or(0);
        if first && self.desk.store.audit(&self.session.user, call, "events").await.is_err() {
            return Err(Over::Redis);
        }
        let mut begun = at == 0;
        loop {
            let stored = self.desk.store.events(call, at).await?;
            if stored.is_empty() {
                break;
            }
            let follows = stored.iter().find_map(|stored| stored.after);
            if !begun && follows.is_some_and(|follows| follows > at) {
                let whole = serde_json::json!({ "call_id": call }).to_string();
                self.send(Event::default().event("resync").data(whole)).await?;
                (at, begun) = (0, true);
                continue;
            }
            begun = true;
            for event in stored {
                at = event.seq;
                self.write(call, event.seq, &event.json).await?;
            }
        }
        self.at.insert(call.to_owned(), at);
        Ok(())
    }

    async fn forward(&mut self, call: &str, seq: u64, json: &str) -> Result<(), Over> {
        let at = self.at.get(call).copied();
        match at {
            Some(at) if seq <= at => Ok(()),
            Some(at) if seq == at + 1 => {
                self.at.insert(call.to_owned(), seq);
                self.write(call, seq, json).await
            }
            _ => {
                self.read_up(call, None).await?;
                // A partial may have gone with its final, or come before what follows it.
                if self.at.get(call).is_none_or(|at| *at < seq) {
                    self.at.insert(call.to_owned(), seq);
                    self.write(call, seq, json).await?;
                }
                Ok(())
            }
        }
    }

    async fn write(&self, call: &str, seq: u64, json: &str) -> Result<(), Over> {
        self.send(
            Event::default()
                .id(format!("{call}:{seq}").replace(['\r', '\n', '\0'], ""))
                .data(json),
        )
        .await
    }

    async fn send(&self, event: Event) -> Result<(), Over> {
        self.out.send(event).await.map_err(|_| Over::Gone)
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn a_place_is_a_call_and_a_number() {
        assert_eq!(place("a:b.1:42"), Some(("a:b.1".to_owned(), 42)));
        assert_eq!(place("a"), None);
        assert_eq!(place("a:-1"), None);
    }
}
