//! The connection to a switch that tells of its calls: made, watched, and made anew.

use std::time::Duration;

use metrics::{counter, gauge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until};

use crate::{Backoff, within};

/// For a connection, and for an answer while it is made.
const LIMIT: Duration = Duration::from_secs(5);
/// A switch that has said nothing for so long is asked for a word.
const PING_AFTER: Duration = Duration::from_secs(10);
/// One that does not give it is gone.
const DEAD_AFTER: Duration = Duration::from_secs(25);

/// What the link says.
#[derive(Debug)]
pub enum LinkEvent<M> {
    /// It is let in: what is known is to be compared with what the switch says.
    Up,
    /// The switch said this.
    Message(M),
    /// The connection is gone; it is tried again.
    Down,
}

/// What the link is told.
#[derive(Debug)]
pub enum LinkCommand {
    /// Say this.
    Write(Vec<u8>),
    /// The switch does not answer what it must: connect anew.
    Reconnect,
}

/// Why a session ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError<E> {
    /// Nobody listens there, or nobody may come.
    #[error("cannot connect: {0}")]
    Connect(std::io::Error),
    /// Nothing came in time.
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    /// It broke.
    #[error("the connection broke: {0}")]
    Io(#[from] std::io::Error),
    /// The other end closed it.
    #[error("the switch closed the connection")]
    Closed,
    /// As [`LinkCommand::Reconnect`] wants.
    #[error("the switch did not list its calls")]
    Unanswered,
    /// Nobody listens to the link any more.
    #[error("the daemon is stopping")]
    Stopping,
    /// The protocol's own reasons.
    #[error(transparent)]
    Protocol(E),
}

/// What a switch speaks.
pub trait Protocol: Send + Sized + 'static {
    /// One thing that it says.
    type Message: Send;
    /// Why a stream is not of this protocol, or the switch refuses.
    type Error: std::error::Error + Send;

    /// Takes bytes as they come.
    fn feed(&mut self, bytes: &[u8]);

    /// The next message; an error ends the session.
    fn poll(&mut self) -> Result<Option<Self::Message>, Self::Error>;

    /// Asks the switch for a word.
    fn ping(&self) -> Vec<u8>;
}

/// The session's result, by its protocol.
pub type Linked<T, P> = Result<T, LinkError<<P as Protocol>::Error>>;

/// One connection.
#[derive(Debug)]
pub struct Session<P> {
    stream: TcpStream,
    protocol: P,
}

impl<P: Protocol> Session<P> {
    /// Connects; to be let in is the protocol's affair.
    ///
    /// # Errors
    /// When there is nobody.
    pub async fn connect(host: &str, port: u16, protocol: P) -> Linked<Self, P> {
        let stream = within(LIMIT, TcpStream::connect((host, port)))
            .await
            .ok_or(LinkError::Timeout(LIMIT))?
            .map_err(LinkError::Connect)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, protocol })
    }

    /// Says something.
    ///
    /// # Errors
    /// When the connection is broken.
    pub async fn write(&mut self, bytes: &[u8]) -> Linked<(), P> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// The next message. Safe to drop while waiting: bytes are kept.
    ///
    /// # Errors
    /// When there is none any more.
    pub async fn next(&mut self) -> Linked<P::Message, P> {
        let mut chunk = [0u8; 16 * 1024];
        loop {
            if let Some(message) = self.protocol.poll().map_err(LinkError::Protocol)? {
                return Ok(message);
            }
            match self.stream.read(&mut chunk).await? {
                0 => return Err(LinkError::Closed),
                count => self.protocol.feed(&chunk[..count]),
            }
        }
    }

    /// The first message that is wanted; what comes between is dropped.
    ///
    /// # Errors
    /// When it does not come in time.
    pub async fn expect(&mut self, wanted: impl Fn(&P::Message) -> bool + Send) -> Linked<P::Message, P> {
        let answer = async {
            loop {
                let message = self.next().await?;
                if wanted(&message) {
                    return Ok(message);
                }
            }
        };
        within(LIMIT, answer).await.ok_or(LinkError::Timeout(LIMIT))?
    }
}

/// How a link is kept, and what it is called.
#[derive(Clone, Debug)]
pub struct Link {
    /// For people: `AMI connection`.
    pub name: &'static str,
    /// `host:port`, for people.
    pub place: String,
    /// The wait after the first loss, which doubles.
    pub first_wait: Duration,
    /// The longest wait.
    pub last_wait: Duration,
    /// 1 while it is up.
    pub connected: &'static str,
    /// Attempts after a loss.
    pub reconnects: &'static str,
    /// Messages.
    pub messages: &'static str,
}

impl Link {
    /// Opens sessions, one after the other, until nobody listens any more.
    pub async fn run<P: Protocol, F: Future<Output = Linked<Session<P>, P>> + Send>(
        self,
        open: impl Fn() -> F + Send,
        events: mpsc::Sender<LinkEvent<P::Message>>,
        mut commands: mpsc::Receiver<LinkCommand>,
    ) {
        let mut backoff = Backoff::new(self.first_wait, self.last_wait);
        loop {
            let began = Instant::now();
            let error = match open().await {
                Ok(session) => match self.follow(session, &events, &mut commands).await {
                    Ok(never) => match never {},
                    Err(error) => error,
                },
                Err(error) => error,
            };
            gauge!(self.connected).set(0.0);
            if matches!(error, LinkError::Stopping) || events.send(LinkEvent::Down).await.is_err() {
                return;
            }
            counter!(self.reconnects).increment(1);
            let wait = backoff.after(began.elapsed());
            tracing::warn!(at = %self.place, %error, retry_in = ?wait, "no {}", self.name);
            sleep(wait).await;
            while commands.try_recv().is_ok() {}
        }
    }

    async fn follow<P: Protocol>(
        &self,
        mut session: Session<P>,
        events: &mpsc::Sender<LinkEvent<P::Message>>,
        commands: &mut mpsc::Receiver<LinkCommand>,
    ) -> Linked<std::convert::Infallible, P> {
        tracing::info!(at = %self.place, "{}", self.name);
        gauge!(self.connected).set(1.0);
        events.send(LinkEvent::Up).await.map_err(|_| LinkError::Stopping)?;
        let (mut heard, mut pinged) = (Instant::now(), false);
        loop {
            let quiet = heard + if pinged { DEAD_AFTER } else { PING_AFTER };
            tokio::select! {
                message = session.next() => {
                    let message = message?;
                    (heard, pinged) = (Instant::now(), false);
                    counter!(self.messages).increment(1);
                    events.send(LinkEvent::Message(message)).await.map_err(|_| LinkError::Stopping)?;
                }
                command = commands.recv() => match command {
                    Some(LinkCommand::Write(bytes)) => session.write(&bytes).await?,
                    Some(LinkCommand::Reconnect) => return Err(LinkError::Unanswered),
                    None => return Err(LinkError::Stopping),
                },
                () = sleep_until(quiet) => {
                    if pinged {
                        return Err(LinkError::Timeout(DEAD_AFTER));
                    }
                    pinged = true;
                    let ping = session.protocol.ping();
                    session.write(&ping).await?;
                }
            }
        }
    }
}
