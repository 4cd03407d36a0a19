//! The manager connection.

use std::time::Duration;

use metrics::counter;
use sidetone_telephony::link::{Link, Linked, Protocol, Session};
use tokio::sync::mpsc;

use crate::ami::{Action, ActionError, CodecError, Decoder, Kind, Message};
use crate::config::AmiConfig;

pub(super) use sidetone_telephony::link::LinkCommand;
pub(super) type LinkEvent = sidetone_telephony::link::LinkEvent<Message>;
pub(super) type LinkError = sidetone_telephony::link::LinkError<AmiError>;

const FIRST_BACKOFF: Duration = Duration::from_millis(250);
const LAST_BACKOFF: Duration = Duration::from_secs(10);

/// Why a connection is no manager session.
#[derive(Debug, thiserror::Error)]
pub(super) enum AmiError {
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    Action(#[from] ActionError),
    #[error("login refused: {0}")]
    Refused(String),
}

/// What Asterisk's manager speaks.
pub(super) struct Ami(Decoder);

impl Protocol for Ami {
    type Message = Message;
    type Error = AmiError;

    fn feed(&mut self, bytes: &[u8]) {
        self.0.feed(bytes);
    }

    fn poll(&mut self) -> Result<Option<Message>, AmiError> {
        let message = self.0.poll()?;
        match self.0.take_cut() {
            0 => {}
            cut => counter!("sidetone_asterisk_ami_cut_total").increment(cut),
        }
        Ok(message)
    }

    fn ping(&self) -> Vec<u8> {
        Action::new("Ping").encode("ping").unwrap_or_default()
    }
}

pub(super) async fn run(config: AmiConfig, events: mpsc::Sender<LinkEvent>, commands: mpsc::Receiver<LinkCommand>) {
    let link = Link {
        name: "AMI connection",
        place: format!("{}:{}", config.host, config.port),
        first_wait: FIRST_BACKOFF,
        last_wait: LAST_BACKOFF,
        connected: "sidetone_asterisk_ami_connected",
        reconnects: "sidetone_asterisk_ami_reconnects_total",
        messages: "sidetone_asterisk_ami_messages_total",
    };
    link.run(|| open(&config), events, commands).await;
}

/// A session that is logged in.
pub(super) async fn open(config: &AmiConfig) -> Linked<Session<Ami>, Ami> {
    let mut session = Session::connect(&config.host, config.port, Ami(Decoder::new())).await?;
    let login = Action::login(&config.username, config.secret.expose())
        .encode("login")
        .map_err(AmiError::from)
        .map_err(LinkError::Protocol)?;
    let answer = ask(&mut session, &login, "login").await?;
    match answer.kind() {
        Kind::Response(true) => Ok(session),
        _ => {
            let reason = answer.get("Message").unwrap_or("no reason given").to_owned();
            Err(LinkError::Protocol(AmiError::Refused(reason)))
        }
    }
}

/// Sends and waits for the response with this id.
pub(super) async fn ask(session: &mut Session<Ami>, bytes: &[u8], id: &str) -> Linked<Message, Ami> {
    session.write(bytes).await?;
    session.expect(|message| message.action_id() == Some(id)).await
}
