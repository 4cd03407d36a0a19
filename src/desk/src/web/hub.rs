//! One subscription for all screens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use serde::Deserialize;
use tokio::sync::broadcast;

use super::calls::Calls;
use super::store::Store;

/// Events that may wait for a slow screen; one that falls behind reads the streams instead.
const WAITING: usize = 1_024;
/// How long to wait before Redis is tried again.
const AGAIN: Duration = Duration::from_millis(500);
/// How often a silent subscription is asked whether it lives.
const PING: Duration = Duration::from_secs(2);
/// A longer answer is not handed on; as long as a table of some thousand rows.
const CHART: usize = 1 << 20;
/// How often the calls are searched for, whatever the channels bring.
const SEARCH: Duration = Duration::from_secs(300);

/// What screens are told.
#[derive(Clone, Debug)]
pub(super) enum News {
    /// An event came.
    Event(Arc<Live>),
    /// The subscription was made anew: something may be missing.
    Anew,
    /// A login ended; its id.
    Logout(Arc<str>),
    /// A question that was asked on the telephone, with its answer, as JSON.
    Chart(Arc<str>),
}

/// An event from a channel.
#[derive(Debug)]
pub(super) struct Live {
    /// Whose channel it came on; `None` is the channel of all calls.
    pub agent: Option<String>,
    /// The call.
    pub call: String,
    /// Its number in the call.
    pub seq: u64,
    /// The event, as JSON.
    pub json: String,
}

#[derive(Deserialize)]
struct Head {
    call_id: String,
    seq: u64,
    r#type: String,
}

/// Hands what one subscription brings to every screen.
#[derive(Debug)]
pub(super) struct Hub {
    news: broadcast::Sender<News>,
}

impl Hub {
    /// Begins to listen, and goes on whenever Redis comes back.
    pub(super) fn start(store: Store, calls: Arc<Calls>) -> Self {
        let (news, _) = broadcast::channel(WAITING);
        let out = news.clone();
        tokio::spawn(async move {
            loop {
                if let Err(error) = listen(&store, &calls, &out).await {
                    tracing::warn!(%error, "the subscription is lost and made anew");
                }
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self { news }
    }

    /// News from now on.
    pub(super) fn subscribe(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Ends the screens of a login.
    pub(super) fn log_out(&self, id: &str) {
        // Nobody listening is no fault.
        let _ = self.news.send(News::Logout(id.into()));
    }
}

async fn listen(store: &Store, calls: &Calls, out: &broadcast::Sender<News>) -> redis::RedisResult<()> {
    let config = &store.config;
    let late = |_| redis::RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let (head, charts) = (format!("{}:agent:", config.prefix), charts(&config.prefix));
    let connecting = async {
        let mut live = redis::Client::open(config.url.as_str())?.get_async_pubsub().await?;
        live.psubscribe(format!("{head}*")).await?;
        live.subscribe(config.calls_channel()).await?;
        live.subscribe(&charts).await?;
        Ok::<_, redis::RedisError>(live)
    };
    let live = tokio::time::timeout(config.timeout, connecting).await.map_err(late)??;
    let mut searched = search(store, calls).await?;
    let _ = out.send(News::Anew);
    let (mut sink, mut messages) = live.split();
    let mut tick = tokio::time::interval(PING);
    loop {
        let message = tokio::select! {
            message = messages.next() => message,
            _ = tick.tick() => {
                let ping = sink.ping::<redis::Value>();
                tokio::time::timeout(config.timeout, ping).await.map_err(late)??;
                if searched.elapsed() > SEARCH {
                    searched = search(store, calls).await?;
                }
                continue;
            }
        };
        let Some(message) = message else { return Ok(()) };
        let Ok(json) = message.get_payload::<String>() else {
            continue;
        };
        if message.get_channel_name() == charts {
            let news = Some(json).filter(|json| json.len() <= CHART);
            let _ = news.map(|json| out.send(News::Chart(json.into())));
            continue;
        }
        let Ok(Head { call_id, seq, r#type }) = serde_json::from_str(&json) else {
            continue;
        };
        let end = match r#type == "call.ended" && !calls.is_over(&call_id) {
            true => store.end(&call_id).await?,
            false => None,
        };
        calls.heard(&call_id, end, Instant::now());
        let agent = message.get_channel_name().strip_prefix(&head).map(str::to_owned);
        let _ = out.send(News::Event(Arc::new(Live {
            agent,
            call: call_id,
            seq,
            json,
        })));
    }
}

/// The channel of answers to questions on the telephone.
pub(super) fn charts(prefix: &str) -> String {
    format!("{prefix}:desk:chart")
}

/// Searches for the calls; returns when.
async fn search(store: &Store, calls: &Calls) -> redis::RedisResult<Instant> {
    let begun = Instant::now();
    let found = store.find_calls().await?;
    calls.found(found, begun, Instant::now());
    Ok(begun)
}
