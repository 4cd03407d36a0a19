//! The manager connection: connects, logs in, notices silence, begins again.

use std::time::Duration;

use metrics::{counter, gauge};
use sidetone_telephony::Backoff;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use crate::ami::{Action, ActionError, CodecError, Decoder, Kind, Message};
use crate::config::AmiConfig;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LAST_BACKOFF: Duration = Duration::from_secs(10);
const PING_AFTER: Duration = Duration::from_secs(10);
const DEAD_AFTER: Duration = Duration::from_secs(25);

/// What the link says.
#[derive(Debug)]
pub(super) enum LinkEvent {
    Up,
    Message(Message),
    Down,
}

/// What the link is told.
#[derive(Debug)]
pub(super) enum LinkCommand {
    Write(Vec<u8>),
    Reconnect,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum LinkError {
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    #[error("the switch closed the connection")]
    Closed,
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Action(#[from] ActionError),
    #[error("login refused: {0}")]
    Refused(String),
    #[error("the switch did not list its calls")]
    Unanswered,
    #[error("the daemon is stopping")]
    Stopping,
}

pub(super) async fn run(config: AmiConfig, events: mpsc::Sender<LinkEvent>, mut commands: mpsc::Receiver<LinkCommand>) {
    let mut backoff = Backoff::new(FIRST_BACKOFF, LAST_BACKOFF);
    loop {
        let began = Instant::now();
        let error = match session(&config, &events, &mut commands).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        gauge!("sidetone_asterisk_ami_connected").set(0.0);
        if matches!(error, LinkError::Stopping) || events.send(LinkEvent::Down).await.is_err() {
            return;
        }
        counter!("sidetone_asterisk_ami_reconnects_total").increment(1);
        let wait = backoff.after(began.elapsed());
        tracing::warn!(host = %config.host, port = config.port, %error, retry_in = ?wait, "no AMI connection");
        sleep(wait).await;
        while commands.try_recv().is_ok() {}
    }
}

/// A connection that is logged in.
pub(super) struct Session {
    stream: TcpStream,
    decoder: Decoder,
}

impl Session {
    pub(super) async fn open(config: &AmiConfig) -> Result<Self, LinkError> {
        let connect = TcpStream::connect((config.host.as_str(), config.port));
        let stream = timeout(CONNECT_LIMIT, connect)
            .await
            .map_err(|_| LinkError::Timeout(CONNECT_LIMIT))?;
        let stream = stream.map_err(LinkError::Connect)?;
        stream.set_nodelay(true)?;
        let mut session = Self {
            stream,
            decoder: Decoder::new(),
        };
        let login = Action::login(&config.username, config.secret.expose()).encode("login")?;
        let answer = session.ask(&login, "login").await?;
        match answer.kind() {
            Kind::Response(true) => Ok(session),
            _ => Err(LinkError::Refused(
                answer.get("Message").unwrap_or("no reason given").to_owned(),
            )),
        }
    }

    /// Sends and waits for the response with this id; what comes between is dropped.
    pub(super) async fn ask(&mut self, bytes: &[u8], id: &str) -> Result<Message, LinkError> {
        self.stream.write_all(bytes).await?;
        let answer = async {
            loop {
                let message = self.next().await?;
                if message.action_id() == Some(id) {
                    return Ok(message);
                }
            }
        };
        timeout(CONNECT_LIMIT, answer)
            .await
            .map_err(|_| LinkError::Timeout(CONNECT_LIMIT))?
    }

    /// The next message. Safe to drop while waiting: bytes are kept.
    pub(super) async fn next(&mut self) -> Result<Message, LinkError> {
        let mut chunk = [0u8; 8192];
        loop {
            if let Some(message) = self.decoder.poll()? {
                return Ok(message);
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(LinkError::Closed),
                count => self.decoder.feed(&chunk[..count]),
            }
        }
    }
}

async fn session(
    config: &AmiConfig,
    events: &mpsc::Sender<LinkEvent>,
    commands: &mut mpsc::Receiver<LinkCommand>,
) -> Result<std::convert::Infallible, LinkError> {
    let mut session = Session::open(config).await?;
    tracing::info!(host = %config.host, port = config.port, "AMI connected");
    gauge!("sidetone_asterisk_ami_connected").set(1.0);
    events.send(LinkEvent::Up).await.map_err(|_| LinkError::Stopping)?;
    let mut heard = Instant::now();
    let mut pinged = false;
    loop {
        let quiet = heard + if pinged { DEAD_AFTER } else { PING_AFTER };
        tokio::select! {
            message = session.next() => {
                let message = message?;
                heard = Instant::now();
                pinged = false;
                counter!("sidetone_asterisk_ami_messages_total").increment(1);
                events.send(LinkEvent::Message(message)).await.map_err(|_| LinkError::Stopping)?;
            }
            command = commands.recv() => match command {
                Some(LinkCommand::Write(bytes)) => session.stream.write_all(&bytes).await?,
                Some(LinkCommand::Reconnect) => return Err(LinkError::Unanswered),
                None => return Err(LinkError::Stopping),
            },
            () = tokio::time::sleep_until(quiet) => {
                if pinged {
                    return Err(LinkError::Timeout(DEAD_AFTER));
                }
                pinged = true;
                session.stream.write_all(&Action::new("Ping").encode("ping")?).await?;
            }
        }
    }
}
