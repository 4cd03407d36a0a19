//! The server that `mod_sidetone` connects to: legs' audio in, answers and events out.
//!
//! | queue | bound | when full |
//! |---|---|---|
//! | audio of one leg | [`LEG_QUEUE`] frames | the frame is dropped, `sidetone_freeswitch_module_dropped_total` |
//! | messages to the module | [`OUT_QUEUE`] | the message is dropped, `sidetone_freeswitch_module_unsent_total` |

use std::collections::HashMap;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use metrics::{counter, gauge};
use sidetone_mod_wire::{Audio, Decoder, FromModule, LegEnd, LegStart, Message, Party, Subclass, ToModule, Welcome};
use sidetone_telephony::{Asks, Orders, Wanted};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::listen::Listens;
use crate::tracker::DialplanChannel;

/// Frames of one leg: 1.3 s.
const LEG_QUEUE: usize = 64;
const OUT_QUEUE: usize = 256;
/// A module says who it is at once.
const HELLO_LIMIT: Duration = Duration::from_secs(3);
/// A module that does not read for so long is not there any more.
const WRITE_LIMIT: Duration = Duration::from_secs(5);

/// What comes of one leg.
#[derive(Debug)]
pub(super) enum LegNews {
    Audio(Audio),
    Stopped(LegEnd),
}

#[derive(Debug, Default)]
struct State {
    link: Option<mpsc::Sender<ToModule>>,
    /// Counts connections: an old one that ends late takes nothing from the new one.
    serial: u64,
    started: HashMap<String, LegStart>,
    listeners: HashMap<String, mpsc::Sender<LegNews>>,
}

/// What is known of the module. Cheap to share.
#[derive(Debug, Default)]
pub(super) struct Module {
    state: Mutex<State>,
    connected: watch::Sender<bool>,
}

impl Module {
    pub(super) fn is_connected(&self) -> bool {
        *self.connected.borrow()
    }

    /// After a start of the daemon calls are known before the module has noticed that there is one again.
    pub(super) async fn wait_connected(&self, limit: Duration) -> bool {
        let mut connected = self.connected.subscribe();
        matches!(
            timeout(limit, connected.wait_for(|connected| *connected)).await,
            Ok(Ok(_))
        )
    }

    /// Whether the dialplan has started the leg already.
    pub(super) fn has_started(&self, uuid: &str) -> bool {
        self.state().started.contains_key(uuid)
    }

    /// What comes of this leg from now on; closed when the module is gone.
    pub(super) fn listen(&self, uuid: &str) -> mpsc::Receiver<LegNews> {
        let (sender, receiver) = mpsc::channel(LEG_QUEUE);
        let mut state = self.state();
        if state.link.is_some() {
            state.listeners.insert(uuid.to_owned(), sender);
        }
        receiver
    }

    /// Has the module fire an event on the switch.
    pub(super) fn announce(&self, uuid: &str, subclass: Subclass, body: &str) {
        let event = sidetone_mod_wire::Event {
            uuid: uuid.to_owned(),
            subclass,
            body: body.to_owned(),
        };
        self.send(ToModule::Event(event));
    }

    pub(super) fn send(&self, message: ToModule) -> bool {
        let sent = self
            .state()
            .link
            .as_ref()
            .is_some_and(|link| link.try_send(message).is_ok());
        if !sent {
            counter!("sidetone_freeswitch_module_unsent_total").increment(1);
        }
        sent
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn up(&self, link: mpsc::Sender<ToModule>) -> u64 {
        let mut state = self.state();
        state.serial += 1;
        state.link = Some(link);
        state.started.clear();
        state.listeners.clear();
        self.connected.send_replace(true);
        gauge!("sidetone_freeswitch_module_connected").set(1.0);
        state.serial
    }

    fn down(&self, serial: u64) {
        let mut state = self.state();
        if state.serial == serial {
            state.link = None;
            state.started.clear();
            state.listeners.clear();
            self.connected.send_replace(false);
            gauge!("sidetone_freeswitch_module_connected").set(0.0);
        }
    }

    fn news(&self, uuid: &str, news: LegNews) {
        let mut state = self.state();
        let stopped = matches!(news, LegNews::Stopped(_));
        if let Some(listener) = state.listeners.get(uuid)
            && let Err(mpsc::error::TrySendError::Full(_)) = listener.try_send(news)
        {
            counter!("sidetone_freeswitch_module_dropped_total").increment(1);
        }
        if stopped {
            state.started.remove(uuid);
            state.listeners.remove(uuid);
        }
    }
}

/// Waits for the module.
pub(super) struct Server {
    listener: UnixListener,
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    asks: Asks,
}

impl Server {
    pub(super) async fn bind(
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
        Ok(Self {
            listener: UnixListener::bind(path)?,
            module,
            orders,
            asks,
        })
    }

    pub(super) async fn run(self) {
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
            let listens = Listens::new(Arc::clone(&self.module), self.orders.clone(), self.asks.clone());
            let connection = Connection {
                module: Arc::clone(&self.module),
                orders: self.orders.clone(),
                listens,
            };
            connections.spawn(connection.run(stream));
        }
    }
}

struct Connection {
    module: Arc<Module>,
    orders: Orders<DialplanChannel>,
    listens: Listens,
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
                let uuid = audio.uuid.clone();
                self.module.news(&uuid, LegNews::Audio(audio));
            }
            FromModule::LegStart(leg) => self.started(leg).await,
            FromModule::LegStop(stop) => self.module.news(&stop.uuid, LegNews::Stopped(stop.end)),
            FromModule::Pause(uuid) => self.want(uuid, Wanted::Paused).await,
            FromModule::Resume(uuid) => self.want(uuid, Wanted::Continued).await,
            FromModule::Listen(listen) => self.listens.begin(listen),
            FromModule::ListenCancel { ask, .. } => self.listens.cancel(ask),
        }
    }

    /// The dialplan wants the leg heard; one that we asked for is in a call already, which changes nothing.
    async fn started(&self, leg: LegStart) {
        let channel = DialplanChannel {
            agent: (!leg.agent.is_empty()).then(|| leg.agent.clone()),
            is_agent: leg.party == Party::Agent,
            ..DialplanChannel::named(leg.uuid.as_str())
        };
        self.module.state().started.insert(leg.uuid.clone(), leg);
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
