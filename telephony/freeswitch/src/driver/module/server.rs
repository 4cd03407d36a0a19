//! The server that `mod_sidetone` connects to: legs' audio in, answers and events out.
//!
//! | queue | bound | when full |
//! |---|---|---|
//! | messages to the module | [`OUT_QUEUE`] | the message is dropped, `sidetone_freeswitch_module_unsent_total` |

use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::counter;
use sidetone_mod_wire::{Decoder, FromModule, LegStart, Message, Party, ToModule, Welcome};
use sidetone_telephony::{Asks, Orders, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::super::listen::Questions;
use super::Module;
use crate::tracker::DialplanChannel;

const OUT_QUEUE: usize = 256;
/// A module says who it is at once.
const HELLO_LIMIT: Duration = Duration::from_secs(3);
/// A module that does not read for so long is not there any more.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// Waits for the module.
pub(in crate::driver) struct Server {
    listener: UnixListener,
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    asks: Asks,
}

impl Server {
    pub(in crate::driver) async fn bind(
        path: &Path,
        module: Arc<Module>,
        orders: Orders<DialplanChannel>,
        asks: Asks,
    ) -> std::io::Result<Self> {
        // What an earlier daemon left; a daemon that lives answers, and keeps it.
        let left = std::fs::metadata(path).is_ok_and(|file| file.file_type().is_socket());
        if left && UnixStream::connect(path).await.is_err() {
            std::fs::remove_file(path)?;
        }
        let listener = UnixListener::bind(path)?;
        let _ = module.since.set(Instant::now());
        Ok(Self {
            listener,
            module,
            orders,
            asks,
        })
    }

    pub(in crate::driver) async fn run(self) {
        // One module at a time, and its successor while the old connection is noticed to be gone.
        let mut connections = JoinSet::new();
        loop {
            while connections.try_join_next().is_some() {}
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept mod_sidetone's connection");
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            if connections.len() > 3 {
                connections.shutdown().await;
            }
            let questions = Questions::new(Arc::clone(&self.module), self.orders.clone(), self.asks.clone());
            let connection = Connection {
                module: Arc::clone(&self.module),
                orders: self.orders.clone(),
                questions,
            };
            connections.spawn(connection.run(stream));
        }
    }
}

struct Connection {
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    questions: Questions,
}

impl Connection {
    async fn run(mut self, mut stream: UnixStream) {
        let mut decoder = Decoder::<FromModule>::default();
        match timeout(HELLO_LIMIT, next(&mut stream, &mut decoder)).await {
            Ok(Ok(FromModule::Hello(hello))) => {
                tracing::info!(module = %hello.module, switch = %hello.switch, "mod_sidetone connected");
            }
            _ => {
                counter!("sidetone_freeswitch_module_strangers_total").increment(1);
                return;
            }
        }
        let (read, write) = stream.into_split();
        let (link, outgoing) = mpsc::channel(OUT_QUEUE);
        let serial = self.module.up(link);
        self.module.send(ToModule::Welcome(Welcome {
            daemon: env!("CARGO_PKG_VERSION").to_owned(),
        }));
        let reason = tokio::select! {
            reason = self.hear(read, decoder) => reason,
            reason = speak(write, outgoing) => reason,
        };
        self.module.down(serial);
        tracing::warn!(%reason, "mod_sidetone is gone");
    }

    async fn hear(&mut self, mut stream: tokio::net::unix::OwnedReadHalf, mut decoder: Decoder<FromModule>) -> String {
        loop {
            match next(&mut stream, &mut decoder).await {
                Ok(message) => self.message(message).await,
                Err(reason) => return reason,
            }
        }
    }

    async fn message(&mut self, message: FromModule) {
        match message {
            FromModule::Hello(_) => {}
            FromModule::Audio(audio) => {
                counter!("sidetone_freeswitch_module_lost_total").increment(audio.lost.into());
                self.module.audio(audio);
            }
            FromModule::LegStart(leg) => self.started(leg).await,
            FromModule::LegStop(stop) => self.module.stopped(&stop.uuid, stop.end),
            FromModule::Pause(uuid) => {
                self.module.paused(&uuid, true);
                self.want(uuid, Wanted::Paused).await;
            }
            FromModule::Resume(uuid) => {
                self.module.paused(&uuid, false);
                self.want(uuid, Wanted::Continued).await;
            }
            FromModule::Ask(ask) => self.questions.begin(ask),
            FromModule::AskCancel { ask, .. } => self.questions.cancel(ask),
        }
    }

    /// The dialplan wants the leg heard; one that we asked for is in a call already, which changes nothing.
    async fn started(&self, leg: LegStart) {
        let channel = DialplanChannel {
            agent: (!leg.agent.is_empty()).then(|| leg.agent.clone()),
            is_agent: leg.party == Party::Agent,
            queue: (!leg.queue.is_empty()).then(|| leg.queue.clone()),
            ..DialplanChannel::named(leg.uuid.as_str())
        };
        self.module.started(&leg);
        self.orders.want(&channel, Wanted::Heard).await;
    }

    async fn want(&self, uuid: String, wanted: Wanted) {
        self.orders.want(&DialplanChannel::named(uuid), wanted).await;
    }
}

async fn next(
    stream: &mut (impl AsyncReadExt + Unpin),
    decoder: &mut Decoder<FromModule>,
) -> Result<FromModule, String> {
    let mut chunk = [0u8; 16 * 1024];
    loop {
        if let Some(message) = decoder.take().map_err(|error| error.to_string())? {
            return Ok(message);
        }
        match stream.read(&mut chunk).await {
            Ok(0) => return Err("it closed the connection".to_owned()),
            Ok(count) => decoder.push(&chunk[..count]),
            Err(error) => return Err(error.to_string()),
        }
    }
}

async fn speak(mut stream: tokio::net::unix::OwnedWriteHalf, mut outgoing: mpsc::Receiver<ToModule>) -> String {
    let mut bytes = Vec::new();
    while let Some(message) = outgoing.recv().await {
        bytes.clear();
        if let Err(error) = message.encode(&mut bytes) {
            tracing::warn!(%error, "a message to mod_sidetone cannot be written");
            continue;
        }
        match timeout(WRITE_LIMIT, stream.write_all(&bytes)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return error.to_string(),
            Err(_) => return format!("it did not read for {WRITE_LIMIT:?}"),
        }
    }
    "another connection took its place".to_owned()
}
