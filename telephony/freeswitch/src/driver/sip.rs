//! The socket of the SIP endpoint. Whoever has something to say to the endpoint locks it for the moment
//! that its state machine takes; there is no queue to fill.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use metrics::counter;
use tokio::net::UdpSocket;
use tokio::sync::{Notify, mpsc};

use crate::sip::{Accepted, Endpoint, Expected, Input, Output};

/// What happens to one tap.
#[derive(Debug)]
pub(super) enum TapNews {
    Accepted(Accepted),
    Ended(String),
}

#[derive(Debug)]
struct State {
    endpoint: Endpoint,
    listeners: HashMap<String, mpsc::Sender<TapNews>>,
}

#[derive(Debug)]
pub(super) struct Sip {
    socket: UdpSocket,
    contact: SocketAddr,
    allow: Vec<IpAddr>,
    state: Mutex<State>,
    changed: Notify,
}

impl Sip {
    pub(super) fn new(socket: UdpSocket, contact: SocketAddr, allow: Vec<IpAddr>) -> Self {
        Self {
            socket,
            contact,
            allow: allow.clone(),
            state: Mutex::new(State {
                endpoint: Endpoint::new(contact, allow),
                listeners: HashMap::new(),
            }),
            changed: Notify::new(),
        }
    }

    pub(super) const fn contact(&self) -> SocketAddr {
        self.contact
    }

    /// Whence the switch may send.
    pub(super) fn allowed(&self) -> &[IpAddr] {
        &self.allow
    }

    /// Where this host receives: not what the switch is told where there is an address translation between.
    pub(super) fn local_ip(&self) -> IpAddr {
        self.socket
            .local_addr()
            .map_or(self.contact.ip(), |address| address.ip())
    }

    /// Waits for a tap until the ticket is dropped, which also ends the tap.
    pub(super) fn expect(self: &Arc<Self>, expected: Expected) -> Ticket {
        let (sender, news) = mpsc::channel(4);
        let tap = expected.tap.clone();
        self.state().listeners.insert(tap.clone(), sender);
        self.tell(Input::Expect(expected));
        Ticket {
            sip: Arc::clone(self),
            tap,
            news,
        }
    }

    /// Whether this tap is one of ours that lives.
    pub(super) fn owns(&self, tap: &str) -> bool {
        self.state().listeners.contains_key(tap)
    }

    /// Says goodbye once to every tap that is left: nobody will be here to say it twice.
    pub(super) fn leave_all(&self) {
        let taps: Vec<String> = self.state().listeners.keys().cloned().collect();
        for tap in taps {
            self.tell(Input::Forget { tap });
        }
    }

    pub(super) async fn run(self: Arc<Self>) {
        let mut buffer = vec![0u8; 64 * 1024];
        loop {
            let deadline = self.state().endpoint.deadline();
            let alarm = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                received = self.socket.recv_from(&mut buffer) => match received {
                    Ok((count, from)) => self.tell(Input::Datagram { from, bytes: buffer[..count].to_vec() }),
                    // An earlier datagram of ours found nobody: the endpoint's own clock handles that.
                    Err(error) => tracing::debug!(%error, "SIP socket"),
                },
                () = alarm => {
                    let mut state = self.state();
                    state.endpoint.wake(Instant::now());
                    self.drain(&mut state);
                }
                () = self.changed.notified() => {}
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, input: Input) {
        let mut state = self.state();
        state.endpoint.handle(Instant::now(), input);
        self.drain(&mut state);
        drop(state);
        self.changed.notify_one();
    }

    fn drain(&self, state: &mut State) {
        while let Some(output) = state.endpoint.poll() {
            match output {
                Output::Send { to, bytes } => {
                    // A full socket buffer loses a copy; the next one follows.
                    if let Err(error) = self.socket.try_send_to(&bytes, to) {
                        tracing::debug!(%error, %to, "a SIP message was not sent");
                    }
                }
                Output::Accepted { tap, media } => state.news(&tap, TapNews::Accepted(media)),
                Output::Ended { tap, reason } => state.news(&tap, TapNews::Ended(reason)),
                Output::Refused(why) => {
                    counter!("sidetone_freeswitch_sip_refused_total", "why" => why.as_str()).increment(1);
                    tracing::debug!(?why, "a SIP request was refused");
                }
            }
        }
    }
}

impl State {
    fn news(&self, tap: &str, news: TapNews) {
        if let Some(listener) = self.listeners.get(tap) {
            // The tap's task may be on its way out.
            let _ = listener.try_send(news);
        }
    }
}

/// A tap that is waited for or runs.
#[derive(Debug)]
pub(super) struct Ticket {
    sip: Arc<Sip>,
    tap: String,
    news: mpsc::Receiver<TapNews>,
}

impl Ticket {
    /// The next thing that happens to it.
    pub(super) async fn news(&mut self) -> TapNews {
        match self.news.recv().await {
            Some(news) => news,
            None => TapNews::Ended("the SIP endpoint is gone".to_owned()),
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let tap = std::mem::take(&mut self.tap);
        self.sip.state().listeners.remove(&tap);
        self.sip.tell(Input::Forget { tap });
    }
}
