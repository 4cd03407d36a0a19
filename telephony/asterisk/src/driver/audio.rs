//! The audio server. It takes no audio that was not asked for: a connection says its identifier first,
//! and one that nobody waits for is closed.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics::counter;
use sidetone_base::TapFrame;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use super::StartError;
use crate::audiosocket::{Decoder, Frame};

const MAX_CONNECTIONS: usize = 2048;
const ID_LIMIT: Duration = Duration::from_secs(3);
/// Bytes that a connection holds while this process does not read: the switch hangs the tap's channel up when it can
/// write no more. 16 kHz sound takes 32 kB/s and as much again for the kernel's own use, so this is half a minute. The
/// kernel gives less where `net.core.rmem_max` is smaller.
const RECEIVE_BUFFER: u32 = 2 << 20;
const BACKLOG: u32 = 1024;

/// Identifiers that are waited for.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting(Arc<Mutex<HashMap<Uuid, oneshot::Sender<Connection>>>>);

impl Waiting {
    /// Waits for a connection with this identifier until the ticket is dropped.
    pub(super) fn expect(&self, id: Uuid) -> (Ticket, oneshot::Receiver<Connection>) {
        let (sender, receiver) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, sender);
        (
            Ticket {
                waiting: self.clone(),
                id,
            },
            receiver,
        )
    }

    fn take(&self, id: Uuid) -> Option<oneshot::Sender<Connection>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&id)
    }
}

/// Keeps an identifier awaited.
pub(super) struct Ticket {
    waiting: Waiting,
    id: Uuid,
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.waiting.take(self.id);
    }
}

/// An identified connection. Closing it ends the tap on the switch.
#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    decoder: Decoder,
    _permit: tokio::sync::OwnedSemaphorePermit,
}

impl Connection {
    /// The next stretch of sound; an error says why there is no more.
    pub(super) async fn next(&mut self) -> Result<TapFrame, String> {
        loop {
            match self.frame().await? {
                Frame::Audio { rate, samples } => return Ok(TapFrame::Pcm { rate, samples }),
                Frame::Hangup => return Err("the switch ended the tap".to_owned()),
                Frame::Error(code) => return Err(format!("the switch reported AudioSocket error {code:?}")),
                Frame::Id(_) | Frame::Dtmf(_) | Frame::Unknown(_) => {}
            }
        }
    }

    async fn frame(&mut self) -> Result<Frame, String> {
        let mut chunk = [0u8; 4096];
        loop {
            if let Some(frame) = self.decoder.poll().map_err(|error| error.to_string())? {
                return Ok(frame);
            }
            match self.stream.read(&mut chunk).await {
                Ok(0) => return Err("the switch closed the audio connection".to_owned()),
                Ok(count) => self.decoder.feed(&chunk[..count]),
                Err(error) => return Err(format!("the audio connection broke: {error}")),
            }
        }
    }
}

/// Accepted connections take over the listener's receive buffer.
fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    // A smaller one does for everything but a stall.
    if let Err(error) = socket.set_recv_buffer_size(RECEIVE_BUFFER) {
        tracing::debug!(%error, "the receive buffer of audio connections stays as it is");
    }
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

pub(super) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    waiting: Waiting,
}

impl Server {
    pub(super) async fn bind(address: SocketAddr) -> Result<Self, StartError> {
        let failed = |source| StartError::Listen { address, source };
        let listener = listen(address).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self {
            listener,
            address,
            waiting: Waiting::default(),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn waiting(&self) -> Waiting {
        self.waiting.clone()
    }

    pub(super) async fn run(self) {
        let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let mut greetings = JoinSet::new();
        loop {
            while greetings.try_join_next().is_some() {}
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors: it passes, or it does not, but spinning does not help.
                    tracing::warn!(%error, "cannot accept an audio connection");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            match Arc::clone(&permits).try_acquire_owned() {
                Ok(permit) => {
                    let connection = Connection {
                        stream,
                        decoder: Decoder::new(),
                        _permit: permit,
                    };
                    greetings.spawn(greet(connection, self.waiting.clone()));
                }
                Err(_) => refuse("too many connections"),
            }
        }
    }
}

async fn greet(mut connection: Connection, waiting: Waiting) {
    match timeout(ID_LIMIT, connection.frame()).await {
        Ok(Ok(Frame::Id(id))) => match waiting.take(id) {
            // The tap may have been given up this very moment; then the connection closes here.
            Some(tap) => drop(tap.send(connection)),
            None => refuse("nobody asked for this identifier"),
        },
        Ok(Ok(_)) => refuse("audio came before an identifier"),
        Ok(Err(_)) | Err(_) => refuse("no identifier came"),
    }
}

fn refuse(reason: &'static str) {
    counter!("sidetone_asterisk_audiosocket_refused_total").increment(1);
    tracing::debug!(reason, "audio connection refused");
}
