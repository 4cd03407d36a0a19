//! The event socket connection: connects, authenticates, subscribes, notices silence, begins again.

use std::time::Duration;

use metrics::{counter, gauge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use sidetone_telephony::Backoff;

use crate::config::EslConfig;
use crate::esl::{CodecError, Command, CommandError, Decoder, Message};

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LAST_BACKOFF: Duration = Duration::from_secs(30);
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
    #[error("the switch says goodbye: {0}")]
    Goodbye(String),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("the password was refused: {0}")]
    Refused(String),
    #[error("the switch refused the subscription: {0}")]
    Subscription(String),
    #[error("the switch did not list its channels")]
    Unanswered,
    #[error("the daemon is stopping")]
    Stopping,
}

pub(super) async fn run(config: EslConfig, events: mpsc::Sender<LinkEvent>, mut commands: mpsc::Receiver<LinkCommand>) {
    let mut backoff = Backoff::new(FIRST_BACKOFF, LAST_BACKOFF);
    loop {
        let began = Instant::now();
        let error = match session(&config, &events, &mut commands).await {
            Ok(never) => match never {},
            Err(error) => error,
        };
        gauge!("sidetone_freeswitch_esl_connected").set(0.0);
        if matches!(error, LinkError::Stopping) || events.send(LinkEvent::Down).await.is_err() {
            return;
        }
        counter!("sidetone_freeswitch_esl_reconnects_total").increment(1);
        let wait = backoff.after(began.elapsed());
        tracing::warn!(host = %config.host, port = config.port, %error, retry_in = ?wait, "no event socket");
        sleep(wait).await;
        while commands.try_recv().is_ok() {}
    }
}

/// A connection that is let in.
pub(super) struct Session {
    stream: TcpStream,
    decoder: Decoder,
}

impl Session {
    pub(super) async fn open(config: &EslConfig) -> Result<Self, LinkError> {
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
        session
            .expect(|message| matches!(message, Message::AuthRequest))
            .await?;
        let answer = session.ask(&Command::auth(config.password.expose())).await?;
        match answer.reply() {
            Some(text) if text.starts_with("+OK") => Ok(session),
            other => Err(LinkError::Refused(other.unwrap_or("no reason given").to_owned())),
        }
    }

    async fn subscribe(&mut self) -> Result<(), LinkError> {
        let answer = self.ask(&Command::events()).await?;
        match answer.reply() {
            Some(text) if text.starts_with("+OK") => Ok(()),
            other => Err(LinkError::Subscription(other.unwrap_or("no reason given").to_owned())),
        }
    }

    /// Sends and waits for the answer: the socket answers in order. Events that come between are dropped.
    pub(super) async fn ask(&mut self, command: &Command) -> Result<Message, LinkError> {
        self.stream.write_all(&command.encode()?).await?;
        self.expect(|message| matches!(message, Message::Reply(_) | Message::ApiResponse(_)))
            .await
    }

    async fn expect(&mut self, wanted: impl Fn(&Message) -> bool) -> Result<Message, LinkError> {
        let answer = async {
            loop {
                let message = self.next().await?;
                if wanted(&message) {
                    return Ok(message);
                }
            }
        };
        timeout(CONNECT_LIMIT, answer)
            .await
            .map_err(|_| LinkError::Timeout(CONNECT_LIMIT))?
    }

    /// The next message. Safe to drop while waiting: bytes are kept.
    async fn next(&mut self) -> Result<Message, LinkError> {
        let mut chunk = [0u8; 16 * 1024];
        loop {
            match self.decoder.poll()? {
                Some(Message::Goodbye(text)) => return Err(LinkError::Goodbye(text)),
                Some(message) => return Ok(message),
                None => {}
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(LinkError::Closed),
                count => self.decoder.feed(&chunk[..count]),
            }
        }
    }
}

async fn session(
    config: &EslConfig,
    events: &mpsc::Sender<LinkEvent>,
    commands: &mut mpsc::Receiver<LinkCommand>,
) -> Result<std::convert::Infallible, LinkError> {
    let mut session = Session::open(config).await?;
    session.subscribe().await?;
    tracing::info!(host = %config.host, port = config.port, "event socket connected");
    gauge!("sidetone_freeswitch_esl_connected").set(1.0);
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
                counter!("sidetone_freeswitch_esl_messages_total").increment(1);
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
                session.stream.write_all(&Command::api("uptime").encode()?).await?;
            }
        }
    }
}
