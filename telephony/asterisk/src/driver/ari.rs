//! ARI over HTTP, and the connection that registers the application.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::header::AUTHORIZATION;
use sidetone_telephony::within;
use tokio::sync::{oneshot, watch};
use tokio::time::{interval, sleep};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use uuid::Uuid;

use crate::ari::{AriEvent, CDR_MODULE, Method, Request, audio_channel, parse_event, taps_among};
use crate::config::AriConfig;

/// Each request; ARI answers within a few milliseconds or hangs.
const REQUEST_LIMIT: Duration = Duration::from_secs(2);
/// From the request for a channel to its arrival in the application.
const ENTER_LIMIT: Duration = Duration::from_secs(2);
const PROBE_EVERY: Duration = Duration::from_secs(10);
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Why ARI did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(super) enum AriError {
    #[error("ARI does not answer within {0:?}")]
    Timeout(Duration),
    #[error("ARI is not reachable: {0}")]
    Unreachable(String),
    #[error("ARI refused {what}: HTTP {status} {message}")]
    Refused { what: String, status: u16, message: String },
    #[error("the {0} channel did not reach the application within {ENTER_LIMIT:?}")]
    NotEntered(&'static str),
    #[error("the configured ARI URL is not usable: {0}")]
    Url(String),
}

/// Whether snoop taps are worth trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AriState {
    Unknown,
    Up,
    Down,
}

#[derive(Debug)]
pub(super) struct Ari {
    http: reqwest::Client,
    config: AriConfig,
    state: watch::Sender<AriState>,
    entering: Mutex<HashMap<String, oneshot::Sender<()>>>,
    /// Whether the switch can leave channels out of its call records.
    records: AtomicBool,
    /// Taps of this daemon, whatever state they are in.
    live: Mutex<HashSet<Uuid>>,
    /// One tap is built at a time, which takes milliseconds: on a loaded Asterisk 22.10 two at once were seen to wait for each
    /// other, until one was given up.
    building: tokio::sync::Mutex<()>,
}

impl Ari {
    pub(super) fn new(config: AriConfig) -> Result<Self, reqwest::Error> {
        sidetone_base::ready_tls();
        // Straight to the switch: a proxy for the outside world has no business here.
        let http = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self {
            http,
            config,
            state: watch::Sender::new(AriState::Unknown),
            entering: Mutex::default(),
            records: AtomicBool::new(false),
            live: Mutex::default(),
            building: tokio::sync::Mutex::default(),
        })
    }

    /// Up or down; waits a moment while that is not known yet.
    pub(super) async fn is_up(&self) -> bool {
        let mut state = self.state.subscribe();
        let known = async {
            let known = state.wait_for(|state| *state != AriState::Unknown).await;
            known.is_ok_and(|state| *state == AriState::Up)
        };
        within(REQUEST_LIMIT + ENTER_LIMIT, known).await.unwrap_or_default()
    }

    pub(super) async fn request(&self, request: &Request) -> Result<String, AriError> {
        let mut url = reqwest::Url::parse(&self.config.url).map_err(|error| AriError::Url(error.to_string()))?;
        url.path_segments_mut()
            .map_err(|()| AriError::Url("it has no path".to_owned()))?
            .pop_if_empty()
            .extend(&request.path);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let call = self
            .http
            .request(method, url)
            .query(&request.query)
            .basic_auth(&self.config.username, Some(self.config.password.expose()));
        let exchange = async {
            let response = call.send().await?;
            Ok((response.status(), response.text().await?))
        };
        let Some(answer) = within(REQUEST_LIMIT, exchange).await else {
            // It hangs: the next tap need not wait to find that out.
            self.state.send_replace(AriState::Down);
            return Err(AriError::Timeout(REQUEST_LIMIT));
        };
        let (status, body) = answer.map_err(|error| unreachable(&error))?;
        if status.is_success() {
            return Ok(body);
        }
        let message = serde_json::from_str::<serde_json::Value>(&body)
            .ok()
            .and_then(|value| Some(value.get("message")?.as_str()?.to_owned()))
            .unwrap_or_default();
        let what = request.path.last().cloned().unwrap_or_default();
        Err(AriError::Refused {
            what,
            status: status.as_u16(),
            message,
        })
    }

    /// A snoop channel on the leg, bridged with a channel that brings its sound to the daemon's audio server under
    /// this identifier. Neither starts a PBX, and neither has a call record.
    pub(super) async fn snoop(&self, leg: &str, id: Uuid, target: &str) -> Result<(), AriError> {
        let app = &self.config.app;
        let _building = match self.building.try_lock() {
            Ok(building) => building,
            Err(_) => {
                let building = self.building.lock().await;
                // Who waited behind a tap that hung does not wait for the same again.
                if *self.state.borrow() == AriState::Down {
                    return Err(AriError::Unreachable("it did not answer a moment ago".to_owned()));
                }
                building
            }
        };
        let (snoop, audio) = (id.to_string(), audio_channel(id));
        self.live().insert(id);
        self.enter("snoop", &snoop, &Request::snoop(leg, app, id)).await?;
        self.enter("audio", &audio, &Request::audio(target, app, id)).await?;
        self.request(&Request::dial(id)).await?;
        self.request(&Request::bridge(app, id)).await?;
        self.request(&Request::join(app, id)).await?;
        Ok(())
    }

    /// Makes a channel and waits until it is the application's.
    async fn enter(&self, what: &'static str, channel: &str, request: &Request) -> Result<(), AriError> {
        let (sender, entered) = oneshot::channel();
        self.entering().insert(channel.to_owned(), sender);
        let arrived = match self.request(request).await {
            Ok(_) => within(ENTER_LIMIT, entered)
                .await
                .is_some_and(|entered| entered.is_ok()),
            Err(error) => {
                self.entering().remove(channel);
                return Err(error);
            }
        };
        self.entering().remove(channel);
        if !arrived {
            return Err(AriError::NotEntered(what));
        }
        if self.records.load(Ordering::Relaxed) {
            self.request(&Request::without_record(channel)).await?;
        }
        Ok(())
    }

    /// Ends what was made for a tap, of which any part may be gone already.
    pub(super) async fn discard(&self, id: Uuid) {
        let (snoop, audio) = (id.to_string(), audio_channel(id));
        for channel in [&snoop, &audio] {
            self.entering().remove(channel);
        }
        let app = &self.config.app;
        for request in [
            Request::hangup(&snoop),
            Request::hangup(&audio),
            Request::end_bridge(app, id),
        ] {
            if let Err(error) = self.request(&request).await {
                tracing::debug!(%error, "a part of a tap was gone already");
            }
        }
        self.live().remove(&id);
    }

    /// Ends the taps of a daemon before this one, which had no time to.
    async fn sweep(&self) -> Result<(), AriError> {
        let bridges = self.request(&Request::bridges()).await?;
        let mut swept = 0;
        for id in taps_among(&self.config.app, &bridges) {
            let live = self.live().contains(&id);
            if !live {
                self.discard(id).await;
                swept += 1;
            }
        }
        if swept > 0 {
            tracing::info!(swept, "taps of an earlier daemon were ended");
        }
        Ok(())
    }

    fn live(&self) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn entering(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
        self.entering.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the application registered and the state true.
    pub(super) async fn watch(self: Arc<Self>) {
        loop {
            let error = match self.registered().await {
                Ok(never) => match never {},
                Err(error) => error,
            };
            if self.state.send_replace(AriState::Down) != AriState::Down {
                tracing::warn!(%error, "ARI is down: no snoop taps");
            }
            sleep(RETRY_AFTER).await;
        }
    }

    async fn registered(&self) -> Result<std::convert::Infallible, AriError> {
        self.request(&Request::ping()).await?;
        // A switch without the module answers 404.
        let records = self.request(&Request::module(CDR_MODULE)).await;
        self.records.store(
            records.is_ok_and(|module| module.contains("\"Running\"")),
            Ordering::Relaxed,
        );
        if let Err(error) = self.sweep().await {
            tracing::warn!(%error, "taps of an earlier daemon cannot be looked for: is res_ari_bridges.so loaded?");
        }
        let mut request = self
            .events_url()?
            .as_str()
            .into_client_request()
            .map_err(|error| AriError::Url(error.to_string()))?;
        let authorization = self
            .http
            .get(&self.config.url)
            .basic_auth(&self.config.username, Some(self.config.password.expose()))
            .build()
            .ok()
            .and_then(|request| request.headers().get(AUTHORIZATION).cloned());
        if let Some(value) = authorization {
            request.headers_mut().insert(AUTHORIZATION, value);
        }
        let connected = within(REQUEST_LIMIT, connect_async(request)).await;
        let (mut socket, _) = connected
            .ok_or(AriError::Timeout(REQUEST_LIMIT))?
            .map_err(|error| AriError::Unreachable(error.to_string()))?;
        if self.state.send_replace(AriState::Up) != AriState::Up {
            tracing::info!(app = %self.config.app, "ARI is up");
        }
        let mut probe = interval(PROBE_EVERY);
        probe.reset();
        loop {
            tokio::select! {
                message = socket.next() => match message {
                    Some(Ok(message)) => if let Ok(text) = message.to_text() {
                        self.event(text)?;
                    },
                    Some(Err(error)) => return Err(AriError::Unreachable(error.to_string())),
                    None => return Err(AriError::Unreachable("the switch closed the event connection".to_owned())),
                },
                _ = probe.tick() => {
                    self.request(&Request::ping()).await?;
                    socket.flush().await.map_err(|error| AriError::Unreachable(error.to_string()))?;
                    self.state.send_replace(AriState::Up);
                }
            }
        }
    }

    fn event(&self, text: &str) -> Result<(), AriError> {
        match parse_event(text) {
            AriEvent::Entered(id) => {
                if let Some(waiting) = self.entering().remove(&id) {
                    // The tap may have been given up; it discards the channel itself.
                    let _ = waiting.send(());
                }
                Ok(())
            }
            AriEvent::Replaced => Err(AriError::Unreachable(
                "another connection uses the same application name: give each daemon its own ari.app".to_owned(),
            )),
            AriEvent::Other => Ok(()),
        }
    }

    fn events_url(&self) -> Result<reqwest::Url, AriError> {
        let text = match self.config.url.strip_prefix("http://") {
            Some(rest) => format!("ws://{}/events", rest.trim_end_matches('/')),
            None => return Err(AriError::Url("it must begin with http://".to_owned())),
        };
        let mut url = reqwest::Url::parse(&text).map_err(|error| AriError::Url(error.to_string()))?;
        url.query_pairs_mut()
            .append_pair("app", &self.config.app)
            .append_pair("subscribeAll", "false");
        Ok(url)
    }
}

/// Without the URL, which may hold a password.
fn unreachable(error: &reqwest::Error) -> AriError {
    AriError::Unreachable(match std::error::Error::source(error) {
        _ if error.is_connect() => "no connection".to_owned(),
        Some(source) => source.to_string(),
        None => "the request failed".to_owned(),
    })
}
