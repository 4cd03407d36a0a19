//! The event socket connection.

use std::time::Duration;

use sidetone_telephony::link::{Link, Linked, Protocol, Session};
use tokio::sync::mpsc;

use crate::config::EslConfig;
use crate::esl::{CodecError, Command, CommandError, Decoder, Message};

pub(super) use sidetone_telephony::link::LinkCommand;
pub(super) type LinkEvent = sidetone_telephony::link::LinkEvent<Message>;
pub(super) type LinkError = sidetone_telephony::link::LinkError<EslError>;

const FIRST_BACKOFF: Duration = Duration::from_secs(1);
const LAST_BACKOFF: Duration = Duration::from_secs(30);

/// Why a connection is no event socket.
#[derive(Debug, thiserror::Error)]
pub(super) enum EslError {
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
}

/// What FreeSWITCH's event socket speaks.
pub(super) struct Esl(Decoder);

impl Protocol for Esl {
    type Message = Message;
    type Error = EslError;

    fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    fn poll(&mut self) -> Result<Option<Message>, EslError> {
        match self.0.poll()? {
            Some(Message::Goodbye(text)) => Err(EslError::Goodbye(text)),
            message => Ok(message),
        }
    }

    fn ping(&self) -> Vec<u8> {
        Command::api("uptime").encode().unwrap_or_default()
    }
}

pub(super) async fn run(config: EslConfig, events: mpsc::Sender<LinkEvent>, commands: mpsc::Receiver<LinkCommand>) {
    let link = Link {
        name: "event socket",
        place: format!("{}:{}", config.host, config.port),
        first_wait: FIRST_BACKOFF,
        last_wait: LAST_BACKOFF,
        connected: "sidetone_freeswitch_esl_connected",
        reconnects: "sidetone_freeswitch_esl_reconnects_total",
        messages: "sidetone_freeswitch_esl_messages_total",
    };
    let subscribed = || async {
        let mut session = open(&config).await?;
        let answer = ask(&mut session, &Command::events()).await?;
        accepted(&answer)
            .map_err(EslError::Subscription)
            .map_err(LinkError::Protocol)?;
        Ok(session)
    };
    link.run(subscribed, events, commands).await;
}

/// A session that is let in.
pub(super) async fn open(config: &EslConfig) -> Linked<Session<Esl>, Esl> {
    let mut session = Session::connect(&config.host, config.port, Esl(Decoder::new())).await?;
    session
        .expect(|message| matches!(message, Message::AuthRequest))
        .await?;
    let answer = ask(&mut session, &Command::auth(config.password.expose())).await?;
    accepted(&answer)
        .map_err(EslError::Refused)
        .map_err(LinkError::Protocol)?;
    Ok(session)
}

/// Sends and waits for the answer: the socket answers in order. Events that come between are dropped.
pub(super) async fn ask(session: &mut Session<Esl>, command: &Command) -> Linked<Message, Esl> {
    let bytes = command.encode().map_err(EslError::from).map_err(LinkError::Protocol)?;
    session.write(&bytes).await?;
    session
        .expect(|message| matches!(message, Message::Reply(_) | Message::ApiResponse(_)))
        .await
}

/// Or why not.
fn accepted(answer: &Message) -> Result<(), String> {
    match answer.reply() {
        Some(text) if text.starts_with("+OK") => Ok(()),
        other => Err(other.unwrap_or("no reason given").to_owned()),
    }
}
