//! Sockets, timers and tasks: the only part of this crate that does I/O.
//!
//! Queues and what happens when they are full:
//!
//! | queue | bound | when full |
//! |---|---|---|
//! | output, signals | [`OUTPUT_QUEUE`] | the sender waits: no signal is lost |
//! | output, audio | all but [`SIGNAL_RESERVE`] of it | the frame is dropped, `sidetone_asterisk_audio_dropped_total` |
//! | output, facts for metrics | the same | dropped, `sidetone_asterisk_facts_dropped_total` |
//! | manager messages | 1024 | the socket is not read: TCP holds the switch's writer, not its calls |
//! | manager actions | 256 | the sender waits |
//! | tap reports | 256 | the tap waits |
//! | dialplans' wishes | 256 | the dialplan waits, 2 s at most |
//! | FastAGI connections | 512 | told `error` and closed, `sidetone_asterisk_agi_refused_total` |
//! | speech objects | 256 | refused, `sidetone_asterisk_aeap_refused_total` |
//! | audio connections | 2048 | closed at once, `sidetone_asterisk_audiosocket_refused_total` |

mod agi;
mod ari;
mod asks;
mod attempts;
mod audio;
mod diagnose;
mod hub;
mod link;
mod order;
mod quiet;
mod servers;
mod speech;
mod tap;

use sidetone_base::SwitchOutput;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ami::Action;
use crate::config::AsteriskConfig;
pub use asks::Asks;
pub use diagnose::diagnose;
pub use hub::RequestError;
use hub::{Hub, Requests, Sources};
use order::Orders;

/// Bound of the output.
pub const OUTPUT_QUEUE: usize = 4096;
/// Room in the output that audio leaves to signals.
pub const SIGNAL_RESERVE: usize = 256;

/// What taps have made in the switch is taken away within this when the daemon stops.
const TAPS_LIMIT: Duration = Duration::from_secs(1);

/// Why the switch's side cannot start. That the switch is away is no reason: it is waited for.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The audio port is taken or forbidden.
    #[error("cannot listen for audio on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The port that the dialplan asks on is taken or forbidden.
    #[error("cannot listen for the dialplan ({what}) on {address}: {source}; `asterisk.{what}.listen` names another")]
    Dialplan {
        /// The section of the configuration.
        what: &'static str,
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The HTTP client cannot be made.
    #[error("cannot make an HTTP client for ARI: {0}")]
    Http(String),
}

/// A running connection to one Asterisk. Dropping it ends every tap and leaves every call alone.
#[derive(Debug)]
pub struct AsteriskSwitch {
    address: SocketAddr,
    requests: Requests,
    asks: Asks,
    agi: Option<SocketAddr>,
    aeap: Option<SocketAddr>,
    tasks: JoinSet<()>,
    taps_gone: mpsc::Receiver<Infallible>,
}

impl AsteriskSwitch {
    /// Listens for audio, connects (and goes on connecting), follows calls, taps legs.
    ///
    /// The receiver must be read without long pauses; dropping it stops everything.
    ///
    /// # Errors
    /// When the audio port cannot be had.
    pub async fn start(config: AsteriskConfig) -> Result<(Self, mpsc::Receiver<SwitchOutput>), StartError> {
        let config = Arc::new(config);
        let server = audio::Server::bind(config.audiosocket.listen).await?;
        let address = server.address();
        let target = config
            .audiosocket
            .advertise
            .clone()
            .unwrap_or_else(|| address.to_string());
        let (output, receiver) = mpsc::channel(OUTPUT_QUEUE);
        let (requests, request_receiver) = Requests::new();
        let (report_sender, reports) = mpsc::channel(256);
        let (alive, taps_gone) = mpsc::channel(1);
        let ari = Arc::new(ari::Ari::new(config.ari.clone()).map_err(|error| StartError::Http(error.to_string()))?);
        let taps = Arc::new(tap::Taps {
            choice: config.tap,
            direct_media: config.tap_direct_media,
            silence: config.tap_silence.max(tap::SHORTEST_SILENCE),
            again: Semaphore::new(tap::AGAIN_AT_ONCE),
            _alive: alive,
            target,
            ari: Arc::clone(&ari),
            requests: requests.clone(),
            waiting: server.waiting(),
            reports: report_sender,
            output: output.clone(),
        });
        let mut tasks = JoinSet::new();
        let (link_sender, link_receiver) = mpsc::channel(1024);
        let (write_sender, write_receiver) = mpsc::channel(256);
        tasks.spawn(link::run(config.ami.clone(), link_sender, write_receiver));
        tasks.spawn(server.run());
        if config.tap != crate::TapChoice::ChanSpy {
            tasks.spawn(ari.watch());
        }
        let asks = Asks::default();
        let (orders, order_receiver) = Orders::new();
        let door = agi::Door {
            orders,
            asks: asks.clone(),
            requests: requests.clone(),
            secret: config.agi.as_ref().map(|agi| agi.secret.clone()).unwrap_or_default(),
        };
        let agi = servers::agi(&config, door, &mut tasks).await?;
        let aeap = servers::aeap(&config, output.clone(), asks.clone(), &mut tasks).await?;
        let hub = Hub::new(&config, taps, output);
        let sources = Sources {
            link: link_receiver,
            requests: request_receiver,
            reports,
            orders: order_receiver,
        };
        tasks.spawn(hub.run(sources, write_sender));
        Ok((
            Self {
                address,
                requests,
                asks,
                agi,
                aeap,
                tasks,
                taps_gone,
            },
            receiver,
        ))
    }

    /// Where audio is listened for, with the port that was given.
    #[must_use]
    pub const fn audio_address(&self) -> SocketAddr {
        self.address
    }

    /// Where the dialplan's `AGI(agi://…)` asks; `None` where it cannot.
    #[must_use]
    pub const fn agi_address(&self) -> Option<SocketAddr> {
        self.agi
    }

    /// Where the switch finds a speech engine; `None` where it cannot.
    #[must_use]
    pub const fn aeap_address(&self) -> Option<SocketAddr> {
        self.aeap
    }

    /// The way back for answers to what dialplans ask.
    #[must_use]
    pub fn asks(&self) -> Asks {
        self.asks.clone()
    }

    /// Sets a variable on a live channel (its name or `Uniqueid`), for the dialplan to read.
    ///
    /// # Errors
    /// When the switch is away, refuses, or does not answer in time.
    pub async fn set_variable(&self, channel: &str, name: &str, value: &str) -> Result<(), RequestError> {
        self.requests
            .send(Action::set_variable(channel, name, value))
            .await
            .map(|_| ())
    }

    /// Stops: taps end, the manager session closes.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        // What they have made in the switch is taken away by each of them.
        let _ = timeout(TAPS_LIMIT, self.taps_gone.recv()).await;
    }
}
