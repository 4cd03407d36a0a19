//! `/live`, `/ready` and `/metrics`, for the administrator's own monitoring.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::{lock, metrics as names, process};

/// Which parts of the daemon do their work, and what it sheds. A cheap handle; clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, Option<String>>>>, Arc<Mutex<Sheds>>);

/// Who can tell what is being shed.
#[derive(Default)]
struct Sheds(Vec<Box<dyn Fn() -> Vec<&'static str> + Send>>);

impl fmt::Debug for Sheds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sheds({})", self.0.len())
    }
}

/// What Prometheus asks for.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";
/// All that may be shed, in the order in which it is.
const SHEDDABLE: [&str; 3] = ["partials", "second_passes", "hints"];

/// One part's entry in [`Readiness`].
#[derive(Clone, Debug)]
pub struct Component {
    name: &'static str,
    all: Readiness,
}

impl Readiness {
    /// Adds a part (`redis`, `switch`, `models`); it is not ready until it says so.
    #[must_use]
    pub fn component(&self, name: &'static str) -> Component {
        lock(&self.0).insert(name, Some("starting".into()));
        Component {
            name,
            all: self.clone(),
        }
    }

    /// Adds somebody who can tell what is being shed (`partials`, `second_passes`, `hints`). A daemon that sheds
    /// is ready all the same: calls are heard, finals and wrap-ups come.
    pub fn shed_by(&self, who: impl Fn() -> Vec<&'static str> + Send + 'static) {
        lock(&self.1).0.push(Box::new(who));
    }

    /// What is being shed, in the order in which it is.
    #[must_use]
    pub fn shedding(&self) -> Vec<&'static str> {
        let told: Vec<&str> = lock(&self.1).0.iter().flat_map(|who| who()).collect();
        SHEDDABLE.into_iter().filter(|what| told.contains(what)).collect()
    }

    /// The parts that are not ready, and why.
    #[must_use]
    pub fn missing(&self) -> BTreeMap<&'static str, String> {
        let parts = lock(&self.0);
        parts
            .iter()
            .filter_map(|(name, why)| Some((*name, why.clone()?)))
            .collect()
    }
}

impl Component {
    /// The part does its work.
    pub fn ready(&self) {
        lock(&self.all.0).insert(self.name, None);
    }

    /// The part does not; `why` in plain words, without secrets or personal data.
    pub fn not_ready(&self, why: impl Into<String>) {
        lock(&self.all.0).insert(self.name, Some(why.into()));
    }
}

/// A bearer token. Never prints.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// Takes the token's text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// Compares in a time that depends on the lengths only.
    fn is(&self, given: &[u8]) -> bool {
        let own = self.0.as_bytes();
        let same = own.iter().zip(given).fold(0, |differs, (a, b)| differs | (a ^ b));
        std::hint::black_box(same) == 0 && own.len() == given.len()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(‹redacted›)")
    }
}

/// Requests at once. An administrator's monitoring asks one at a time.
const MOST: usize = 64;
/// From the connection to the end of the answer. One request a connection: nothing is kept open between two.
const LIMIT: Duration = Duration::from_secs(10);
/// Out of descriptors: it passes, or it does not, but spinning does not help.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, and what was asked by then. `listener` should be on loopback. With a token, every path
/// but `/live` wants `Authorization: Bearer …`. Whoever comes while 64 are served, or does not ask and read within
/// 10 s, is closed and counted.
pub async fn serve(
    listener: TcpListener,
    readiness: Readiness,
    render: PrometheusHandle,
    token: Option<Token>,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let app = routes(readiness, render, token);
    let permits = Arc::new(Semaphore::new(MOST));
    let mut sessions = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        while sessions.try_join_next().is_some() {}
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "an HTTP connection cannot be accepted");
                sleep(PAUSE).await;
                continue;
            }
        };
        match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => {
                let app = app.clone();
                sessions.spawn(async move {
                    answer(stream, app).await;
                    drop(permit);
                });
            }
            Err(_) => refused("full"),
        }
    }
    while sessions.join_next().await.is_some() {}
}

fn routes(readiness: Readiness, render: PrometheusHandle, token: Option<Token>) -> Router {
    let shedding = readiness.clone();
    let metrics = move || {
        let now = shedding.shedding();
        for what in SHEDDABLE {
            metrics::gauge!(names::SHEDDING, "what" => what).set(f64::from(u8::from(now.contains(&what))));
        }
        let text = render.render() + &process::render();
        std::future::ready(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], text))
    };
    let guarded = Router::new()
        .route("/ready", get(ready).with_state(readiness))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(token, authorise));
    Router::new()
        .route("/live", get(|| std::future::ready("live\n")))
        .merge(guarded)
}

async fn answer(stream: TcpStream, app: Router) {
    let connection = http1::Builder::new()
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(app));
    match timeout(LIMIT, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an HTTP request came to nothing"),
        Err(_) => refused("slow"),
    }
}

fn refused(why: &'static str) {
    metrics::counter!(names::HTTP_REFUSED, "why" => why).increment(1);
}

/// Binds the endpoints' listener.
///
/// # Errors
/// When the address is taken or not ours.
pub async fn bind(listen: SocketAddr) -> std::io::Result<TcpListener> {
    if !listen.ip().is_loopback() {
        tracing::warn!(%listen, "the HTTP endpoints are not on loopback; set a token and a firewall");
    }
    TcpListener::bind(listen).await
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let missing = readiness.missing();
    let status = if missing.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let mut body = json!({ "ready": missing.is_empty(), "missing": missing });
    let shedding = readiness.shedding();
    if !shedding.is_empty() {
        body["shedding"] = json!(shedding);
    }
    let body = body.to_string() + "\n";
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn authorise(State(token): State<Option<Token>>, request: Request, next: Next) -> Response {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .map(header::HeaderValue::as_bytes);
    let given = given.and_then(|value| value.strip_prefix(b"Bearer "));
    match (&token, given) {
        (None, _) => next.run(request).await,
        (Some(token), Some(given)) if token.is(given) => next.run(request).await,
        _ => (
            StatusCode::UNAUTHORIZED,
            [(header::WWW_AUTHENTICATE, "Bearer")],
            "unauthorised\n",
        )
            .into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    async fn get(address: SocketAddr, path: &str, headers: &str) -> (String, String) {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), body.to_owned())
    }

    async fn served(token: Option<Token>) -> (SocketAddr, Readiness) {
        let readiness = Readiness::default();
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        tokio::spawn(serve(
            listener,
            readiness.clone(),
            metrics,
            token,
            std::future::pending(),
        ));
        (address, readiness)
    }

    #[tokio::test]
    async fn ready_names_what_is_missing() {
        let (address, readiness) = served(None).await;
        let (redis, switch) = (readiness.component("redis"), readiness.component("switch"));
        redis.ready();
        switch.not_ready("AMI login refused");
        let (status, body) = get(address, "/ready", "").await;
        assert_eq!(status, "503");
        assert_eq!(
            body.trim(),
            r#"{"missing":{"switch":"AMI login refused"},"ready":false}"#
        );
        switch.ready();
        assert_eq!(get(address, "/ready", "").await.0, "200");
        readiness.shed_by(|| vec!["hints", "partials"]);
        let (status, body) = get(address, "/ready", "").await;
        assert_eq!(status, "200", "shedding is no reason to send calls elsewhere");
        assert_eq!(
            body.trim(),
            r#"{"missing":{},"ready":true,"shedding":["partials","hints"]}"#
        );
        assert_eq!(get(address, "/metrics", "").await.0, "200");
        assert_eq!(get(address, "/nowhere", "").await.0, "404");
    }

    #[tokio::test]
    async fn with_a_token_only_live_is_open() {
        let (address, _readiness) = served(Some(Token::new("s3cret"))).await;
        let status = async |path: &str, header: &str| get(address, path, header).await.0;
        assert_eq!(status("/live", "").await, "200");
        for wrong in [
            "",
            "Authorization: Bearer s3cre\r\n",
            "Authorization: Bearer s3creT\r\n",
            "Authorization: s3cret\r\n",
        ] {
            assert_eq!(status("/metrics", wrong).await, "401", "{wrong}");
        }
        assert_eq!(status("/metrics", "Authorization: Bearer s3cret\r\n").await, "200");
        assert_eq!(status("/ready", "Authorization: Bearer s3cret\r\n").await, "200");
    }

    /// What is read of a connection until it is closed.
    async fn all(stream: &mut TcpStream) -> String {
        let mut said = String::new();
        let _ = stream.read_to_string(&mut said).await;
        said
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_does_not_ask_is_closed_and_keeps_nobody_out() {
        let (address, _readiness) = served(None).await;
        let mut silent = Vec::new();
        for _ in 0..MOST {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET /live HTTP/1.1\r\nHost: x\r\n").await.unwrap();
            silent.push(stream);
        }
        let mut beyond = TcpStream::connect(address).await.unwrap();
        assert_eq!(all(&mut beyond).await, "", "closed at once");
        // The clock goes on by itself while everybody waits.
        for stream in &mut silent {
            assert_eq!(all(stream).await, "");
        }
        assert_eq!(get(address, "/live", "").await.1, "live\n");
    }
}
