//! The web side: routes, sessions, the stream of events.

mod access;
mod actions;
mod ask;
mod calls;
mod dialogue;
mod doctor;
mod events;
mod figures;
mod health;
mod hub;
mod knowledge;
mod login;
mod microphone;
mod oidc;
mod page;
mod phone;
mod refusal;
mod report;
mod scrape;
mod session;
mod store;
mod tls;
mod wall;

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::{get, post};
use tokio::sync::Semaphore;

use crate::archiving::{Keeper, read};
use crate::config::DeskConfig;
use calls::Calls;
use dialogue::Dialogues;
use hub::Hub;
use knowledge::Shelf;
use store::{CALLS, Store};
use tls::TlsListener;
use wall::WallKeeper;

/// Spoken questions that are heard at a time; one more is answered 503.
const EARS: usize = 4;

/// What every request shares.
pub(crate) struct Desk {
    config: DeskConfig,
    store: Store,
    hub: Hub,
    calls: Arc<Calls>,
    wall: WallKeeper,
    /// One permit for each open stream of events.
    clients: Arc<Semaphore>,
    /// Streams that found no permit.
    refused: AtomicU64,
    /// Passwords are checked two at a time: each takes memory and processor time.
    checks: Semaphore,
    /// The archive, where one is configured.
    archive: Option<Keeper>,
    /// One doctor at a time.
    doctor: Semaphore,
    /// Spoken questions that are heard at a time.
    ears: Semaphore,
    shelf: Shelf,
    /// What was asked last in each telephone call.
    dialogues: Mutex<Dialogues>,
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The address cannot be listened on.
    #[error("{0}: {1}")]
    Listen(std::net::SocketAddr, std::io::Error),
    /// Certificate or key cannot be used.
    #[error("{0}")]
    Tls(String),
    /// The URL of Redis cannot be used.
    #[error("redis.url: {0}")]
    Redis(String),
}

/// Serves until the program is told to end. Redis may be away: pages come, requests about calls are answered 503.
pub(crate) async fn serve(config: DeskConfig) -> Result<(), ServeError> {
    sidetone_base::ready_tls();
    // The first question does not wait until it is learned what questions mean.
    tokio::task::spawn_blocking(|| sidetone_metrics::ready(None));
    config.redis.usable().map_err(ServeError::Redis)?;
    let fault = |error| ServeError::Listen(config.listen, error);
    let listener = tokio::net::TcpListener::bind(config.listen).await.map_err(fault)?;
    let store = Store::open(config.redis.clone()).map_err(|error| ServeError::Redis(error.to_string()))?;
    let calls = Arc::new(Calls::new(config.redis.ttl_after_end, CALLS));
    let desk = Arc::new(Desk {
        hub: Hub::start(store.clone(), Arc::clone(&calls)),
        calls,
        wall: WallKeeper::start(store.clone()),
        clients: Arc::new(Semaphore::new(config.clients_max)),
        refused: AtomicU64::new(0),
        dialogues: Mutex::default(),
        checks: Semaphore::new(2),
        archive: config.archive.clone().map(Keeper::new),
        doctor: Semaphore::new(1),
        ears: Semaphore::new(EARS),
        shelf: Shelf::default(),
        store,
        config: config.clone(),
    });
    if let Some(keeper) = desk.archive.clone() {
        tokio::spawn(read(config.clone(), keeper.clone()));
        if let Some(address) = config.prometheus {
            let listener = tokio::net::TcpListener::bind(address).await;
            let listener = listener.map_err(|error| ServeError::Listen(address, error))?;
            tokio::spawn(async move { axum::serve(listener, scrape::routes(keeper)).await });
        }
    }
    tracing::info!(address = %config.listen, "the desk is served");
    let ended = async {
        // Without a handler for the signal the program ends by it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let routes = routes(desk);
    let served = async {
        match config.tls {
            Some(tls) => {
                let listener = TlsListener::start(listener, config.listen, tls).map_err(ServeError::Tls)?;
                axum::serve(listener, routes).await.map_err(fault)
            }
            None => axum::serve(listener, routes).await.map_err(fault),
        }
    };
    tokio::select! {
        served = served => served,
        () = ended => Ok(()),
    }
}

fn routes(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/api/login", post(login::login).get(login::ways))
        .route("/api/oidc", get(oidc::begin))
        .route("/api/oidc/done", get(oidc::done))
        .route("/api/sso", post(login::single_sign_on))
        .route("/api/logout", post(login::logout))
        .route("/api/me", get(login::me))
        .route("/api/calls", get(actions::calls))
        .route("/api/calls/{call}", get(actions::call))
        .route("/api/calls/{call}/events", get(actions::call_events))
        .route("/api/calls/{call}/feedback", post(actions::feedback))
        .route("/api/calls/{call}/control", post(actions::control))
        .route("/api/ask", post(ask::ask))
        .route("/api/ask/phone", post(phone::phone))
        .route("/api/ask/sound", post(microphone::hear))
        .route("/api/metrics", get(figures::figures))
        .route("/api/metrics/registry", get(figures::all))
        .route("/api/knowledge", get(knowledge::search))
        .route("/api/doctor", post(doctor::doctor))
        .route("/api/wall", get(wall::wall))
        .route("/api/report", get(report::report))
        .route("/api/health", get(health::health))
        .route("/events", get(events::events))
        .fallback(page::page)
        .layer(axum::middleware::from_fn(page::guard))
        .with_state(desk)
}
