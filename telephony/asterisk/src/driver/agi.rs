//! The `FastAGI` server: one connection for each line of a dialplan that asks.
//!
//! Everything is answered within its limit, whatever the rest of the daemon does: a caller waits.

use std::net::SocketAddr;
use std::time::Duration;

use metrics::{counter, gauge};
use sidetone_base::Secret;
use sidetone_telephony::{Granted, accept};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::asks::Asks;
use super::hub::Requests;
use super::order::Orders;
use crate::fastagi::{self, Decoder, Reply, Request};

/// Dialplans that may ask at once; the next one is told `error` and counted.
const MAX_CONNECTIONS: usize = 512;
/// The switch says what it is about as soon as it has connected, and answers a command at once.
const LINE_LIMIT: Duration = Duration::from_secs(3);

/// The global variable of the dialplan that holds the secret, where one is asked for.
const SECRET_VARIABLE: &str = "SIDETONE_SECRET";

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
    #[error("no secret, or another one: {SECRET_VARIABLE} in [globals] must be asterisk.agi.secret")]
    Stranger,
}

pub(super) struct Server {
    listener: TcpListener,
    door: Door,
}

/// What every session needs.
#[derive(Clone)]
pub(super) struct Door {
    pub(super) orders: Orders,
    pub(super) asks: Asks,
    pub(super) requests: Requests,
    /// Asked of every connection; empty where nothing is asked.
    pub(super) secret: Secret,
}

impl Server {
    pub(super) async fn bind(address: SocketAddr, door: Door) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            door,
        })
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) async fn run(self) {
        let refuse = |stream: TcpStream| {
            counter!("sidetone_asterisk_agi_refused_total").increment(1);
            // No more than what the socket takes at once; the switch reads it when it likes.
            let _ = stream.try_write(&fastagi::set_variable("SIDETONE_STATUS", "error"));
        };
        let session = |mut stream: TcpStream| {
            let session = Session {
                door: self.door.clone(),
                decoder: Decoder::new(),
            };
            async move {
                gauge!("sidetone_asterisk_agi_sessions").increment(1.0);
                if let Err(error) = session.run(&mut stream).await {
                    counter!("sidetone_asterisk_agi_broken_total").increment(1);
                    tracing::debug!(%error, "a FastAGI connection came to nothing");
                }
                // What is still unread would turn this end into a reset, and the last command would be lost.
                let _ = stream.shutdown().await;
                gauge!("sidetone_asterisk_agi_sessions").decrement(1.0);
            }
        };
        accept(&self.listener, MAX_CONNECTIONS, refuse, session).await;
    }
}

struct Session {
    door: Door,
    decoder: Decoder,
}

impl Session {
    async fn run(mut self, stream: &mut TcpStream) -> Result<(), SessionError> {
        stream.set_nodelay(true)?;
        let environment = timeout(LINE_LIMIT, self.environment(stream))
            .await
            .map_err(|_| SessionError::Silent)??;
        let granted = match Request::parse(&environment) {
            Ok(request) => {
                self.knows_secret(stream).await?;
                // The caller may hang up while it is listened to; nothing is left of the question then.
                let door = self.door.clone();
                tokio::select! {
                    granted = door.grant(&request) => granted,
                    gone = self.hung_up(stream) => {
                        gone?;
                        Granted::plain("gone")
                    }
                }
            }
            // `sidetone doctor` looks whether anybody is here.
            Err(fastagi::RequestError::NoChannel) => Granted::plain("error"),
            Err(error) => {
                tracing::warn!(%error, "a FastAGI URL in the dialplan is wrong");
                Granted::plain("error")
            }
        };
        counter!("sidetone_asterisk_agi_requests_total", "status" => granted.status).increment(1);
        for (name, value) in &granted.variables {
            let name = format!("SIDETONE_{}", name.to_ascii_uppercase());
            self.set(stream, &name, value).await?;
        }
        self.set(stream, "SIDETONE_STATUS", granted.status).await
    }

    async fn environment(&mut self, stream: &mut TcpStream) -> Result<Vec<(String, String)>, SessionError> {
        loop {
            if let Some(environment) = self.decoder.poll_environment()? {
                return Ok(environment);
            }
            self.read(stream).await?;
        }
    }

    /// Asks the switch for the secret, where one is wanted.
    async fn knows_secret(&mut self, stream: &mut TcpStream) -> Result<(), SessionError> {
        if self.door.secret.is_empty() {
            return Ok(());
        }
        let said = self.command(stream, &fastagi::get_variable(SECRET_VARIABLE)).await?;
        if self.door.secret.is(&said.unwrap_or_default()) {
            return Ok(());
        }
        counter!("sidetone_asterisk_agi_strangers_total").increment(1);
        tracing::warn!("a FastAGI connection did not know asterisk.agi.secret");
        Err(SessionError::Stranger)
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
        self.command(stream, &fastagi::set_variable(name, value))
            .await
            .map(|_| ())
    }

    /// What the switch answers to a command.
    async fn command(&mut self, stream: &mut TcpStream, command: &[u8]) -> Result<Option<String>, SessionError> {
        let exchange = async {
            stream.write_all(command).await?;
            loop {
                match self.reply(stream).await? {
                    Reply::Done(value) => return Ok(value),
                    Reply::Refused(code) => return Err(SessionError::Refused(code)),
                    Reply::Hangup => {}
                }
            }
        };
        timeout(LINE_LIMIT, exchange).await.map_err(|_| SessionError::Silent)?
    }
}

impl Door {
    /// Carries the wish out, if the channel that the connection names is there and waits for the answer.
    async fn grant(&self, request: &Request) -> Granted {
        let uniqueid = &request.caller.uniqueid;
        if !self.requests.runs_agi(uniqueid).await {
            counter!("sidetone_asterisk_agi_strangers_total").increment(1);
            tracing::warn!("a FastAGI connection names a channel that runs no AGI");
            return Granted::plain("gone");
        }
        self.orders
            .grant(&self.asks, &request.caller, uniqueid, &request.wish)
            .await
    }
}
