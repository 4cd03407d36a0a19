//! The `FastAGI` server: one connection for each line of a dialplan that asks.
//!
//! Everything is answered within its limit, whatever the rest of the daemon does: a caller waits.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use metrics::{counter, gauge};
use sidetone_base::{Answer, LegId, Question, Said};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::asks::Asks;
use super::order::{Order, Orders};
use crate::fastagi::{self, Action, Decoder, Reply, Request};
use crate::tracker::Wanted;

/// Dialplans that may ask at once; the next one is told `error` and counted.
const MAX_CONNECTIONS: usize = 512;
/// The switch says what it is about as soon as it has connected, and answers a command at once.
const LINE_LIMIT: Duration = Duration::from_secs(3);
/// For questions whose answer is known already.
const KNOWN_LIMIT: Duration = Duration::from_secs(3);

/// Why a connection came to nothing.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error("nothing came within {LINE_LIMIT:?}")]
    Silent,
    #[error("the switch closed the connection")]
    Closed,
    #[error("the connection broke: {0}")]
    Broken(#[from] std::io::Error),
    #[error(transparent)]
    NotAgi(#[from] fastagi::AgiError),
    #[error("the switch refused a command: {0}")]
    Refused(u16),
}

pub(super) struct Server {
    listener: TcpListener,
    orders: Orders,
    asks: Asks,
}

impl Server {
    pub(super) async fn bind(address: SocketAddr, orders: Orders, asks: Asks) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            orders,
            asks,
        })
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) async fn run(self) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut sessions = JoinSet::new();
        loop {
            while sessions.try_join_next().is_some() {}
            let mut stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors: it passes, or it does not, but spinning does not help.
                    tracing::warn!(%error, "cannot accept a FastAGI connection");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
                counter!("sidetone_asterisk_agi_refused_total").increment(1);
                // No more than what the socket takes at once; the switch reads it when it likes.
                let _ = stream.try_write(&fastagi::set_variable("SIDETONE_STATUS", "error"));
                drop(stream);
                continue;
            };
            gauge!("sidetone_asterisk_agi_sessions").set((MAX_CONNECTIONS - permits.available_permits()) as f64);
            let session = Session {
                orders: self.orders.clone(),
                asks: self.asks.clone(),
                decoder: Decoder::new(),
            };
            sessions.spawn(async move {
                let _permit = permit;
                if let Err(error) = session.run(&mut stream).await {
                    counter!("sidetone_asterisk_agi_broken_total").increment(1);
                    tracing::debug!(%error, "a FastAGI connection came to nothing");
                }
                // What is still unread would turn this end into a reset, and the last command would be lost.
                let _ = stream.shutdown().await;
            });
        }
    }
}

/// How a request went: the status and what else is set.
struct Outcome {
    status: &'static str,
    variables: Vec<(String, String)>,
}

impl Outcome {
    const fn plain(status: &'static str) -> Self {
        Self {
            status,
            variables: Vec::new(),
        }
    }
}

struct Session {
    orders: Orders,
    asks: Asks,
    decoder: Decoder,
}

impl Session {
    async fn run(mut self, stream: &mut TcpStream) -> Result<(), SessionError> {
        stream.set_nodelay(true)?;
        let environment = timeout(LINE_LIMIT, self.environment(stream))
            .await
            .map_err(|_| SessionError::Silent)??;
        let outcome = match Request::parse(&environment) {
            Ok(request) => {
                // The caller may hang up while it is listened to; nothing is left of the question then.
                let (orders, asks) = (self.orders.clone(), self.asks.clone());
                tokio::select! {
                    outcome = carry_out(&orders, &asks, &request) => outcome,
                    gone = self.hung_up(stream) => {
                        gone?;
                        Outcome::plain("gone")
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a FastAGI URL in the dialplan is wrong");
                Outcome::plain("error")
            }
        };
        counter!("sidetone_asterisk_agi_requests_total", "status" => outcome.status).increment(1);
        for (name, value) in &outcome.variables {
            self.set(stream, name, value).await?;
        }
        // Last, so that it never speaks of what is not there yet.
        self.set(stream, "SIDETONE_STATUS", outcome.status).await
    }

    async fn environment(&mut self, stream: &mut TcpStream) -> Result<Vec<(String, String)>, SessionError> {
        loop {
            if let Some(environment) = self.decoder.poll_environment()? {
                return Ok(environment);
            }
            self.read(stream).await?;
        }
    }

    /// Returns when the channel has hung up, and fails when the connection is gone.
    async fn hung_up(&mut self, stream: &mut TcpStream) -> Result<(), SessionError> {
        while self.reply(stream).await? != Reply::Hangup {}
        Ok(())
    }

    async fn reply(&mut self, stream: &mut TcpStream) -> Result<Reply, SessionError> {
        loop {
            if let Some(reply) = self.decoder.poll_reply()? {
                return Ok(reply);
            }
            self.read(stream).await?;
        }
    }

    async fn read(&mut self, stream: &mut TcpStream) -> Result<(), SessionError> {
        let mut chunk = [0u8; 2048];
        match stream.read(&mut chunk).await? {
            0 => Err(SessionError::Closed),
            count => {
                self.decoder.feed(&chunk[..count]);
                Ok(())
            }
        }
    }

    async fn set(&mut self, stream: &mut TcpStream, name: &str, value: &str) -> Result<(), SessionError> {
        let exchange = async {
            stream.write_all(&fastagi::set_variable(name, value)).await?;
            loop {
                match self.reply(stream).await? {
                    Reply::Done => return Ok(()),
                    Reply::Refused(code) => return Err(SessionError::Refused(code)),
                    Reply::Hangup => {}
                }
            }
        };
        timeout(LINE_LIMIT, exchange).await.map_err(|_| SessionError::Silent)?
    }
}

async fn carry_out(orders: &Orders, asks: &Asks, request: &Request) -> Outcome {
    let wants = |wanted| orders.want(&request.caller, wanted);
    let leg = LegId::new(request.caller.uniqueid.as_str());
    let (question, limit) = match request.action {
        Action::Start => return told(wants(Wanted::Heard).await),
        Action::Stop => return told(wants(Wanted::Ended).await),
        Action::Pause => return told(wants(Wanted::Paused).await),
        Action::Resume => return told(wants(Wanted::Continued).await),
        Action::Listen { within, limit } => (Question::Listen { leg, within }, limit),
        Action::Answer => (Question::Last { leg }, KNOWN_LIMIT),
        Action::Wrapup => (Question::Summary, KNOWN_LIMIT),
    };
    // A dialplan that listens without having said `start` means both.
    let hear = matches!(question, Question::Listen { .. });
    let summary = question == Question::Summary;
    let mut ask = asks.open();
    let id = ask.id;
    let asked = async {
        let order = Order::ask(&request.caller, id, question, hear);
        match orders.send(order).await {
            Some(true) => Some(ask.answered().await),
            Some(false) => Some(Answer::Gone),
            None => None,
        }
    };
    match timeout(limit, asked).await {
        Ok(Some(answer)) => Outcome {
            status: fastagi::status(&answer),
            variables: match &answer {
                Answer::Heard(said) => fastagi::heard(said),
                Answer::Summary(so_far) => fastagi::summary(so_far),
                Answer::Silence | Answer::Gone if summary => fastagi::summary(&Default::default()),
                Answer::Silence | Answer::Gone => fastagi::heard(&Said::default()),
            },
        },
        Ok(None) => Outcome::plain("error"),
        Err(_) => {
            tracing::warn!(channel = %request.caller.uniqueid, ?limit, "a question of the dialplan had no answer in time");
            Outcome::plain("error")
        }
    }
}

/// `Some` says whether there is such a call; `None` that nobody took the order.
fn told(heard: Option<bool>) -> Outcome {
    Outcome::plain(match heard {
        Some(true) => "ok",
        Some(false) => "gone",
        None => "error",
    })
}
