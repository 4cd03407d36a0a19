//! Sockets, timers and tasks: the only part of this crate that does I/O.
//!
//! Queues and what happens when they are full:
//!
//! | queue | bound | when full |
//! |---|---|---|
//! | output, signals | [`OUTPUT_QUEUE`] | the sender waits: no signal is lost |
//! | output, audio | all but [`SIGNAL_RESERVE`] of it | the frame is dropped, `sidetone_freeswitch_audio_dropped_total` |
//! | event socket messages | 1024 | the socket is not read: the switch drops events for us, its calls go on |
//! | event socket commands | 256 | the sender waits |
//! | tap reports | 256 | the tap waits |
//! | news of one tap's dialog | 4 | none follow: it has ended by then |
//! | orders of dialplans | 256 | whoever brings more waits, for 2 s at most |
//! | channels whose orders wait for their description | 256, 500 ms | the order is carried out with what is known |
//! | outbound event sockets | 512 | closed at once, `sidetone_freeswitch_outbound_refused_total` |
//! | taps | the RTP ports | a further leg is not heard, said as `TapFailed` |

mod capture;
mod diagnose;
mod dial;
mod hub;
mod leg;
mod link;
mod listen;
mod module;
mod module_tap;
mod others;
mod outbound;
mod quiet;
mod rtp;
mod sip;
mod tap;
mod tries;
mod undescribed;

use std::net::SocketAddr;
use std::sync::Arc;

use sidetone_base::SwitchOutput;
use sidetone_mod_wire::Subclass;
use sidetone_telephony::{Asks, Orders};
pub use sidetone_telephony::{OUTPUT_QUEUE, SIGNAL_RESERVE};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::config::{FreeswitchConfig, SipConfig};
use crate::tracker::DialplanChannel;
pub use diagnose::diagnose;
pub use hub::RequestError;
use hub::{Hub, Requests, Sources};

/// Why the switch's side cannot start. That the switch is away is no reason: it is waited for.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The SIP port is taken or forbidden.
    #[error("cannot listen for taps on {address}: {source}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The module's socket cannot be made.
    #[error("cannot listen for mod_sidetone on {path}: {source}")]
    Module {
        /// Where.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The port that dialplans ask on is taken or forbidden.
    #[error("cannot listen for dialplans on {address}: {source}; `freeswitch.outbound.listen` names another")]
    Outbound {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The switch cannot be told where to send taps.
    #[error("freeswitch.sip.listen is {0}, which is no address to call: set freeswitch.sip.advertise")]
    Advertise(SocketAddr),
}

/// A running connection to one FreeSWITCH. Dropping it ends every tap and leaves every call alone.
#[derive(Debug)]
pub struct FreeswitchSwitch {
    sip: Arc<sip::Sip>,
    requests: Requests,
    module: Arc<module::Module>,
    asks: Asks,
    outbound: Option<SocketAddr>,
    tasks: JoinSet<()>,
}

impl FreeswitchSwitch {
    /// Listens for taps, connects (and goes on connecting), follows calls, taps legs.
    ///
    /// The receiver must be read without long pauses; dropping it stops everything.
    ///
    /// # Errors
    /// When the SIP port cannot be had, or no address can be advertised.
    pub async fn start(config: FreeswitchConfig) -> Result<(Self, mpsc::Receiver<SwitchOutput>), StartError> {
        let sip = Arc::new(bind(&config.sip).await?);
        let (output, receiver) = mpsc::channel(OUTPUT_QUEUE);
        let (requests, request_receiver) = Requests::new();
        let (report_sender, reports) = mpsc::channel(256);
        let (asks, module) = (Asks::default(), Arc::new(module::Module::default()));
        let (orders, order_receiver) = Orders::new();
        let taps = Arc::new(tap::Taps {
            choice: config.tap,
            silence: config.tap_silence,
            profile: config.sip.profile.clone(),
            sip: Arc::clone(&sip),
            ports: rtp::Ports::new(config.rtp),
            module: Arc::clone(&module),
            requests: requests.clone(),
            reports: report_sender,
            output: output.clone(),
        });
        let mut tasks = JoinSet::new();
        let (link_sender, link_receiver) = mpsc::channel(1024);
        let (write_sender, write_receiver) = mpsc::channel(256);
        tasks.spawn(link::run(config.esl.clone(), link_sender, write_receiver));
        tasks.spawn(Arc::clone(&sip).run());
        if let Some(path) = &config.module.socket {
            let server = module::Server::bind(path, Arc::clone(&module), orders.clone(), asks.clone()).await;
            let server = server.map_err(|source| StartError::Module {
                path: path.clone(),
                source,
            })?;
            tasks.spawn(server.run());
        }
        let outbound = serve_dialplans(&config, orders, asks.clone(), &mut tasks).await?;
        let hub = Hub::new(&config, taps, output);
        let sources = Sources {
            link: link_receiver,
            requests: request_receiver,
            reports,
            orders: order_receiver,
        };
        tasks.spawn(hub.run(sources, write_sender));
        let switch = Self {
            sip,
            requests,
            module,
            asks,
            outbound,
            tasks,
        };
        Ok((switch, receiver))
    }

    /// Where taps are answered, with the port that was given.
    #[must_use]
    pub fn sip_address(&self) -> SocketAddr {
        self.sip.contact()
    }

    /// Where dialplans ask; `None` where they cannot.
    #[must_use]
    pub const fn outbound_address(&self) -> Option<SocketAddr> {
        self.outbound
    }

    /// The way back for answers to what dialplans ask.
    #[must_use]
    pub fn asks(&self) -> Asks {
        self.asks.clone()
    }

    /// The way of events to the switch's own listeners.
    #[must_use]
    pub fn announcer(&self) -> Announcer {
        Announcer(Arc::clone(&self.module))
    }

    /// Sets a variable on a live channel, for the dialplan to read.
    ///
    /// # Errors
    /// When the switch is away, refuses, or does not answer in time.
    pub async fn set_variable(&self, channel: &str, name: &str, value: &str) -> Result<(), RequestError> {
        let command = format!("uuid_setvar {channel} {name} {value}");
        self.requests.api(command).await.map(|_| ())
    }

    /// Stops: every tap is said goodbye to, the event socket closes.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.sip.leave_all();
    }
}

/// A port that the configuration names must be had. The default one may belong to another server: then
/// dialplans cannot ask, it is said once, and everything else works.
async fn serve_dialplans(
    config: &FreeswitchConfig,
    orders: Orders<DialplanChannel>,
    asks: Asks,
    tasks: &mut JoinSet<()>,
) -> Result<Option<SocketAddr>, StartError> {
    let address = config.port().address;
    let secret = config
        .outbound
        .as_ref()
        .map(|outbound| outbound.secret.clone())
        .unwrap_or_default();
    let bound = async {
        let server = outbound::Server::bind(address, orders, asks, secret).await?;
        let address = server.address()?;
        Ok((server, address))
    };
    match bound.await {
        Ok((server, address)) => {
            tasks.spawn(server.run());
            Ok(Some(address))
        }
        Err(source) => {
            let error = StartError::Outbound { address, source };
            if config.outbound.is_some() {
                return Err(error);
            }
            tracing::warn!(%error, "dialplans cannot ask");
            Ok(None)
        }
    }
}

/// Has `mod_sidetone` fire `CUSTOM sidetone::…` on the switch.
#[derive(Clone, Debug)]
pub struct Announcer(Arc<module::Module>);

impl Announcer {
    /// Fires one with this `Unique-ID` and a JSON body. Dropped where the module is not connected, and counted
    /// where it does not keep up.
    pub fn announce(&self, channel: &str, subclass: Subclass, body: &str) {
        if self.0.is_connected() {
            self.0.announce(channel, subclass, body);
        }
    }
}

async fn bind(config: &SipConfig) -> Result<sip::Sip, StartError> {
    let listen = |source| StartError::Listen {
        address: config.listen,
        source,
    };
    let socket = tokio::net::UdpSocket::bind(config.listen).await.map_err(listen)?;
    let bound = socket.local_addr().map_err(listen)?;
    let ip = config.advertise.unwrap_or(bound.ip());
    if ip.is_unspecified() {
        return Err(StartError::Advertise(bound));
    }
    let contact = SocketAddr::new(ip, bound.port());
    Ok(sip::Sip::new(socket, contact, config.allow.clone()))
}
