//! The speech engine's server: one WebSocket for each speech object of a dialplan.
//!
//! What is heard here is an unlisted call: the dialplan gets its words, and nobody else does.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use metrics::{counter, gauge};
use sidetone_base::{
    CallEvent, CallId, CallSignal, EndCause, LegExit, LegId, Question, Role, Secret, SwitchOutput, TapFrame, TapKind,
};
use sidetone_telephony::accept;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{sleep_until, timeout};
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::tungstenite::http::{HeaderValue, StatusCode};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async_with_config};
use uuid::Uuid;

use super::SIGNAL_RESERVE;
use super::asks::{Ask, Asks};
use crate::aeap::{Effect, MessageError, PROTOCOL, Session};

/// Speech objects at once; the next one is refused, and its `SpeechCreate` sets `ERROR`.
const MAX_CONNECTIONS: usize = 256;
/// The switch's messages are below 1 KiB, its frames of sound below 4.
const MAX_MESSAGE: usize = 64 * 1024;
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(3);
const SETUP_LIMIT: Duration = Duration::from_secs(5);
const WRITE_LIMIT: Duration = Duration::from_secs(2);
/// A speech object that nothing is heard of for this long belongs to a channel that is gone.
const IDLE_LIMIT: Duration = Duration::from_secs(900);
/// The patience of one question; the dialplan has its own, and it is asked again.
const WITHIN: Duration = Duration::from_secs(60);

/// Why a speech object ended before its channel wanted.
#[derive(Debug, thiserror::Error)]
enum SpeechError {
    #[error("no WebSocket handshake within {HANDSHAKE_LIMIT:?}")]
    NoHandshake,
    #[error("no setup within {SETUP_LIMIT:?}")]
    NoSetup,
    #[error("nothing came for {IDLE_LIMIT:?}")]
    Idle,
    #[error("the switch does not read")]
    Stuck,
    #[error("the connection broke: {0}")]
    WebSocket(#[from] Error),
    #[error(transparent)]
    Message(#[from] MessageError),
    #[error("nobody listens any more")]
    Stopped,
}

pub(super) struct Server {
    listener: TcpListener,
    output: mpsc::Sender<SwitchOutput>,
    asks: Asks,
    /// Asked of every connection; empty where nothing is asked.
    secret: Secret,
}

impl Server {
    pub(super) async fn bind(
        address: SocketAddr,
        output: mpsc::Sender<SwitchOutput>,
        asks: Asks,
        secret: Secret,
    ) -> std::io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            output,
            asks,
            secret,
        })
    }

    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    pub(super) async fn run(self) {
        let refuse = |_| counter!("sidetone_asterisk_aeap_refused_total").increment(1);
        let object = |stream| {
            let (output, asks, secret) = (self.output.clone(), self.asks.clone(), self.secret.clone());
            async move {
                gauge!("sidetone_asterisk_aeap_sessions").increment(1.0);
                if let Err(error) = serve(stream, output, asks, secret).await {
                    counter!("sidetone_asterisk_aeap_broken_total").increment(1);
                    tracing::debug!(%error, "a speech object came to an early end");
                }
                gauge!("sidetone_asterisk_aeap_sessions").decrement(1.0);
            }
        };
        accept(&self.listener, MAX_CONNECTIONS, refuse, object).await;
    }
}

async fn serve(
    stream: TcpStream,
    output: mpsc::Sender<SwitchOutput>,
    asks: Asks,
    secret: Secret,
) -> Result<(), SpeechError> {
    // A result that waits for more to send is a caller who waits.
    let _ = stream.set_nodelay(true);
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE))
        .max_frame_size(Some(MAX_MESSAGE));
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let open = |request: &Request, response: Response| {
        let response = choose_protocol(request, response)?;
        match knows(&secret, request) {
            true => Ok(response),
            false => {
                counter!("sidetone_asterisk_aeap_strangers_total").increment(1);
                tracing::warn!("a speech object did not know asterisk.aeap.secret");
                let reason = "no secret, or another one: aeap.conf must have url = ws://host:port/?secret=…";
                Err(refusal(StatusCode::FORBIDDEN, reason.to_owned()))
            }
        }
    };
    let accepted = accept_hdr_async_with_config(stream, open, Some(config));
    let socket = timeout(HANDSHAKE_LIMIT, accepted)
        .await
        .map_err(|_| SpeechError::NoHandshake)??;
    let object = Object {
        call: CallId::new(format!("aeap-{}", Uuid::new_v4())),
        output,
        asks,
        session: Session::new(),
        ask: None,
        rounds: 0,
    };
    object.run(socket).await
}

/// The switch wants its own sub-protocol named back.
#[expect(clippy::result_large_err, reason = "the library's own type")]
fn choose_protocol(request: &Request, mut response: Response) -> Result<Response, ErrorResponse> {
    let offered = request
        .headers()
        .get("sec-websocket-protocol")
        .and_then(|value| value.to_str().ok());
    match offered {
        Some(offered) if offered.split(',').any(|name| name.trim() == PROTOCOL) => {
            let name = HeaderValue::from_static(PROTOCOL);
            response.headers_mut().insert("sec-websocket-protocol", name);
            Ok(response)
        }
        _ => {
            let reason = format!("the sub-protocol here is {PROTOCOL}");
            Err(refusal(StatusCode::BAD_REQUEST, reason))
        }
    }
}

/// Whether the URL that the switch has opened holds the secret, where one is asked for.
fn knows(secret: &Secret, request: &Request) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let said = query.split('&').find_map(|part| part.strip_prefix("secret="));
    secret.is_empty() || secret.is(said.unwrap_or_default())
}

fn refusal(status: StatusCode, reason: String) -> ErrorResponse {
    let mut refusal = ErrorResponse::new(Some(reason));
    *refusal.status_mut() = status;
    refusal
}

/// One speech object.
struct Object {
    call: CallId,
    output: mpsc::Sender<SwitchOutput>,
    asks: Asks,
    session: Session,
    ask: Option<Ask>,
    rounds: u64,
}

impl Object {
    async fn run(mut self, mut socket: WebSocketStream<TcpStream>) -> Result<(), SpeechError> {
        self.signal(CallEvent::StartedUnlisted).await?;
        let ended = self.converse(&mut socket).await;
        let cause = EndCause::Hangup;
        self.signal(CallEvent::Ended { cause }).await?;
        let _ = timeout(WRITE_LIMIT, socket.close(None)).await;
        ended
    }

    async fn converse(&mut self, socket: &mut WebSocketStream<TcpStream>) -> Result<(), SpeechError> {
        loop {
            let patience = match self.session.is_set_up() {
                true => IDLE_LIMIT,
                false => SETUP_LIMIT,
            };
            let deadline = self.session.deadline();
            let alarm = async {
                match deadline {
                    Some(at) => sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let answer = async {
                match &mut self.ask {
                    Some(ask) => ask.answered().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                message = timeout(patience, socket.next()) => match message {
                    Ok(Some(Ok(message))) => if !self.take(message)? { return Ok(()) },
                    Ok(Some(Err(Error::ConnectionClosed | Error::Protocol(_)))) | Ok(None) => return Ok(()),
                    Ok(Some(Err(error))) => return Err(error.into()),
                    Err(_) if self.session.is_set_up() => return Err(SpeechError::Idle),
                    Err(_) => return Err(SpeechError::NoSetup),
                },
                answer = answer => {
                    self.ask = None;
                    self.session.answered(answer);
                }
                () = alarm => self.session.wake(Instant::now()),
            }
            self.perform(socket).await?;
        }
    }

    /// `false` when the switch is done.
    fn take(&mut self, message: Message) -> Result<bool, SpeechError> {
        match message {
            Message::Text(text) => self.session.text(&text)?,
            Message::Binary(bytes) => self.session.audio(Instant::now(), &bytes),
            Message::Close(_) => return Ok(false),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
        Ok(true)
    }

    async fn perform(&mut self, socket: &mut WebSocketStream<TcpStream>) -> Result<(), SpeechError> {
        while let Some(effect) = self.session.poll() {
            match effect {
                Effect::Send(text) => timeout(WRITE_LIMIT, socket.send(Message::text(text)))
                    .await
                    .map_err(|_| SpeechError::Stuck)??,
                Effect::Begin => {
                    self.rounds += 1;
                    counter!("sidetone_asterisk_aeap_rounds_total").increment(1);
                    let leg = self.leg();
                    self.signal(CallEvent::LegJoined {
                        leg: leg.clone(),
                        channel: "speech".to_owned(),
                        role: Role::Caller,
                        agent: None,
                    })
                    .await?;
                    self.signal(CallEvent::TapAttached {
                        leg,
                        kind: TapKind::SpeechEngine,
                        payload_types: Vec::new(),
                    })
                    .await?;
                    self.question().await?;
                }
                Effect::Ask => self.question().await?,
                Effect::Audio(frame) => self.sound(frame),
                Effect::End => {
                    self.ask = None;
                    let leg = self.leg();
                    let exit = LegExit::HungUp;
                    self.signal(CallEvent::LegLeft { leg, exit }).await?;
                }
            }
        }
        Ok(())
    }

    /// A leg for each round: the same call remembers what it is about.
    fn leg(&self) -> LegId {
        LegId::new(format!("{}-{}", self.call, self.rounds))
    }

    async fn question(&mut self) -> Result<(), SpeechError> {
        let ask = self.asks.open();
        let asked = SwitchOutput::Asked {
            ask: ask.id,
            call: self.call.clone(),
            question: Question::Listen {
                leg: self.leg(),
                within: WITHIN,
            },
        };
        self.ask = Some(ask);
        self.output.send(asked).await.map_err(|_| SpeechError::Stopped)
    }

    async fn signal(&self, event: CallEvent) -> Result<(), SpeechError> {
        let call = self.call.clone();
        let signal = SwitchOutput::Signal(CallSignal { call, event });
        self.output.send(signal).await.map_err(|_| SpeechError::Stopped)
    }

    fn sound(&self, frame: TapFrame) {
        let output = SwitchOutput::Audio {
            call: self.call.clone(),
            leg: self.leg(),
            at: Instant::now(),
            frame,
        };
        let room = self.output.capacity() > SIGNAL_RESERVE;
        if room && self.output.try_send(output).is_ok() {
            counter!("sidetone_asterisk_audio_frames_total").increment(1);
        } else {
            counter!("sidetone_asterisk_audio_dropped_total").increment(1);
        }
    }
}
