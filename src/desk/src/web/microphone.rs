//! A question that is spoken into the browser's microphone: the daemon hears it, by the speech engine that it is for switches
//! (AEAP). So the desk links no recogniser and needs no models.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use futures_util::{SinkExt as _, Stream, StreamExt as _};
use serde::Serialize;
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{self, Message};

use super::Desk;
use super::refusal::Refusal;
use super::session::Session;
use crate::config::MicrophoneConfig;

/// Samples of 16 bits, little-endian, at 16 kHz: bytes of a second.
const SECOND: usize = 32_000;
/// The longest question.
const LONGEST: usize = 20 * SECOND;
/// Sound goes out in pieces of 100 ms, ten times as fast as it was spoken: the daemon's queues are made for calls.
const PIECE: usize = SECOND / 10;
const PAUSE: Duration = Duration::from_millis(10);
/// Silence behind the question, so that its end is found.
const SILENCE: usize = SECOND;
/// How long the whole may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// What was heard.
#[derive(Serialize)]
pub(super) struct Heard {
    text: String,
}

/// Why nothing was heard.
#[derive(Debug, thiserror::Error)]
enum Deaf {
    #[error("the daemon does not take sound")]
    Socket(#[from] tungstenite::Error),
    #[error("the daemon ended the connection")]
    Ended,
    #[error("microphone.secret_file cannot be read")]
    Secret,
}

/// Takes a question as sound and answers with its words; they are asked as typed ones are. The sound is kept nowhere.
pub(super) async fn hear(
    State(desk): State<Arc<Desk>>,
    session: Session,
    sound: Bytes,
) -> Result<Json<Heard>, Refusal> {
    if !session.sees_all() {
        return Err(Refusal::Forbidden);
    }
    if desk.config.microphone.url.is_empty() {
        return Err(Refusal::NotFound);
    }
    if sound.len() > LONGEST || !sound.len().is_multiple_of(2) {
        return Err(Refusal::Bad);
    }
    let _permit = desk.ears.try_acquire().map_err(|_| Refusal::Full)?;
    match tokio::time::timeout(PATIENCE, words(&desk.config.microphone, &sound)).await {
        Ok(Ok(text)) => Ok(Json(Heard { text })),
        Ok(Err(error)) => {
            tracing::warn!(%error, "a spoken question is not heard");
            Err(Refusal::Deaf)
        }
        // Silence, or noise: no words is an answer.
        Err(_) => Ok(Json(Heard { text: String::new() })),
    }
}

async fn words(config: &MicrophoneConfig, sound: &[u8]) -> Result<String, Deaf> {
    let mut url = config.url.clone();
    if let Some(path) = &config.secret_file {
        let secret = std::fs::read_to_string(path).map_err(|_| Deaf::Secret)?;
        url = format!("{url}?secret={}", secret.trim());
    }
    let mut request = url.into_client_request()?;
    let protocol = tungstenite::http::HeaderValue::from_static("speech_to_text");
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (mut socket, _) = connect_async(request).await?;
    let setup = json!({"request": "setup", "id": "1", "version": "0.1.0", "codecs": [{"name": "slin16"}]});
    socket.send(Message::text(setup.to_string())).await?;
    next(&mut socket).await?;
    let (mut out, mut incoming) = socket.split();
    let sending = async {
        let silence = vec![0; SILENCE];
        for piece in sound.chunks(PIECE).chain(silence.chunks(PIECE)) {
            out.send(Message::binary(piece.to_vec())).await?;
            tokio::time::sleep(PAUSE).await;
        }
        Ok::<_, Deaf>(())
    };
    tokio::pin!(sending);
    let mut sent = false;
    loop {
        // The end of the question may be found before all of its silence is sent.
        tokio::select! {
            said = next(&mut incoming) => {
                if let Some(text) = said?.pointer("/params/results/0/text").and_then(Value::as_str) {
                    return Ok(text.to_owned());
                }
            }
            done = &mut sending, if !sent => {
                done?;
                sent = true;
            }
        }
    }
}

/// The next message of the daemon.
async fn next(incoming: &mut (impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin)) -> Result<Value, Deaf> {
    while let Some(message) = incoming.next().await {
        if let Ok(text) = message?.to_text()
            && let Ok(value) = serde_json::from_str(text)
        {
            return Ok(value);
        }
    }
    Err(Deaf::Ended)
}
