//! The outbound event socket's server: one connection for each line of a dialplan that asks.
//!
//! Everything is answered within its limit, and whatever happens the connection ends: with the channel variable
//! `socket_resume` the dialplan goes on then.

use std::net::SocketAddr;
use std::time::Duration;

use metrics::{counter, gauge};
use sidetone_base::Secret;
use sidetone_telephony::{Asks, Granted, Orders, accept, within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::esl::{CodecError, Command, CommandError, Decoder, Message};
use crate::outbound::{Request, set_variable};
use crate::tracker::DialplanChannel;

/// Dialplans that may ask at once; the next one is closed and counted.
const MAX_CONNECTIONS: usize = 512;
/// The switch answers a command at once.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// The switch's global variable that holds the secret, where one is asked for.
const SECRET_VARIABLE: &str = "sidetone_secret";

/// Why a connection came to nothing.
#[derive(Debug, thiserror::Error)]
enum SessionError {
    #[error("the switch did not answer within {ANSWER_LIMIT:?}")]
    Silent,
    #[error("the channel hung up")]
    HungUp,
    #[error("the connection broke: {0}")]
    Broken(#[from] std::io::Error),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("no secret, or another one: the global variable {SECRET_VARIABLE} must be freeswitch.outbound.secret")]
    Stranger,
}

pub(super) struct Server {
    listener: TcpListener,
    orders: Orders<DialplanChannel>,
    asks: Asks,
    /// Asked of every connection; empty where nothing is asked.
    secret: Secret,
}

impl Server {
    pub(super) async fn bind(
        address: SocketAddr,
        orders: Orders<DialplanChannel>,
        asks: Asks,
        secret: Secret,
    ) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            orders,
            asks,
            secret,
        })
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) async fn run(self) {
        let refuse = |_| counter!("sidetone_freeswitch_outbound_refused_total").increment(1);
        let session = |stream| {
            let (orders, asks, secret) = (self.orders.clone(), self.asks.clone(), self.secret.clone());
            async move {
                gauge!("sidetone_freeswitch_outbound_sessions").increment(1.0);
                let mut session = Session {
                    stream,
                    decoder: Decoder::new(),
                };
                if let Err(error) = session.run(&orders, &asks, &secret).await {
                    counter!("sidetone_freeswitch_outbound_broken_total").increment(1);
                    tracing::debug!(%error, "an outbound event socket came to an early end");
                }
                gauge!("sidetone_freeswitch_outbound_sessions").decrement(1.0);
            }
        };
        accept(&self.listener, MAX_CONNECTIONS, refuse, session).await;
    }
}

struct Session {
    stream: TcpStream,
    decoder: Decoder,
}

impl Session {
    async fn run(
        &mut self,
        orders: &Orders<DialplanChannel>,
        asks: &Asks,
        secret: &Secret,
    ) -> Result<(), SessionError> {
        self.stream.set_nodelay(true)?;
        let Message::Reply(data) = self.ask(&Command::connect()).await? else {
            return Ok(());
        };
        self.knows(secret).await?;
        let uuid = data.get("Unique-ID").unwrap_or_default().to_owned();
        let granted = match Request::parse(&data) {
            Ok(Request { channel, wish }) => tokio::select! {
                granted = orders.grant(asks, &channel, &uuid, &wish) => granted,
                // The caller may hang up while it is listened to; nothing is left of the question then.
                gone = self.gone() => return Err(gone),
            },
            Err(error) => {
                tracing::warn!(%error, "a socket line in the dialplan is wrong");
                Granted::plain("error")
            }
        };
        counter!("sidetone_freeswitch_outbound_requests_total", "status" => granted.status).increment(1);
        for (name, value) in &granted.variables {
            self.ask(&set_variable(&uuid, name, value)).await?;
        }
        self.ask(&set_variable(&uuid, "status", granted.status)).await?;
        self.ask(&Command::resume()).await?;
        self.ask(&Command::exit()).await?;
        Ok(())
    }

    /// Asks the switch for the secret, where one is wanted.
    async fn knows(&mut self, secret: &Secret) -> Result<(), SessionError> {
        if secret.is_empty() {
            return Ok(());
        }
        let answer = self
            .ask(&Command::api(&format!("global_getvar {SECRET_VARIABLE}")))
            .await?;
        if matches!(&answer, Message::ApiResponse(said) if secret.is(said.trim())) {
            return Ok(());
        }
        counter!("sidetone_freeswitch_outbound_strangers_total").increment(1);
        tracing::warn!("an outbound event socket did not know freeswitch.outbound.secret");
        Err(SessionError::Stranger)
    }

    async fn gone(&mut self) -> SessionError {
        loop {
            match self.next().await {
                Ok(Message::Goodbye(_)) => return SessionError::HungUp,
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    /// Sends and waits for the answer: the socket answers in order.
    async fn ask(&mut self, command: &Command) -> Result<Message, SessionError> {
        let exchange = async {
            self.stream.write_all(&command.encode()?).await?;
            loop {
                match self.next().await? {
                    answer @ (Message::Reply(_) | Message::ApiResponse(_)) => return Ok(answer),
                    Message::Goodbye(_) => return Err(SessionError::HungUp),
                    Message::AuthRequest | Message::Event(..) | Message::Other => {}
                }
            }
        };
        within(ANSWER_LIMIT, exchange).await.ok_or(SessionError::Silent)?
    }

    async fn next(&mut self) -> Result<Message, SessionError> {
        let mut chunk = [0u8; 8192];
        loop {
            if let Some(message) = self.decoder.poll()? {
                return Ok(message);
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(SessionError::HungUp),
                count => self.decoder.feed(&chunk[..count]),
            }
        }
    }
}
