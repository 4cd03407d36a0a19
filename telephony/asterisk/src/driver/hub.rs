//! The task that owns the tracker: everything that is said to it, and everything that it wants done.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, gauge};
use sidetone_base::{LegId, SwitchOutput};
use sidetone_telephony::{offer, within};
use tokio::sync::{mpsc, oneshot};

use super::link::{LinkCommand, LinkEvent};
use super::order::Order;
use super::tap::{TapGuard, Taps};
use crate::ami::{Action, ActionError, Kind, Message};
use crate::config::AsteriskConfig;
use crate::tracker::{Effect, Input, Tracker};

const ANSWER_LIMIT: Duration = Duration::from_secs(7);

/// Why an action had no success.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no connection.
    #[error("no AMI connection")]
    Away,
    /// No answer.
    #[error("the switch did not answer {0} within {ANSWER_LIMIT:?}")]
    Timeout(&'static str),
    /// The switch said no.
    #[error("the switch refused {action}: {reason}")]
    Refused {
        /// What was asked.
        action: &'static str,
        /// Its words.
        reason: String,
    },
    /// The action cannot be written.
    #[error(transparent)]
    Action(#[from] ActionError),
}

#[derive(Debug)]
pub(super) struct Request {
    action: Action,
    answer: oneshot::Sender<Message>,
}

/// Sends actions and brings their answers.
#[derive(Clone, Debug)]
pub(super) struct Requests(mpsc::Sender<Request>);

impl Requests {
    pub(super) fn new() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(256);
        (Self(sender), receiver)
    }

    /// The answer; for an `Originate` the one that tells how it went.
    pub(super) async fn send(&self, action: Action) -> Result<Message, RequestError> {
        let name = action.name();
        let (answer, answered) = oneshot::channel();
        self.0
            .send(Request { action, answer })
            .await
            .map_err(|_| RequestError::Away)?;
        let message = within(ANSWER_LIMIT, answered)
            .await
            .ok_or(RequestError::Timeout(name))?;
        let message = message.map_err(|_| RequestError::Away)?;
        let refused = matches!(message.kind(), Kind::Response(false)) || message.get("Response") == Some("Failure");
        if refused {
            let reason = message
                .get("Message")
                .or_else(|| message.get("Reason"))
                .unwrap_or("no reason given");
            return Err(RequestError::Refused {
                action: name,
                reason: reason.to_owned(),
            });
        }
        Ok(message)
    }

    /// How many packets of this channel's sound the switch has received; `None` where it does not know.
    pub(super) async fn received(&self, channel: &str) -> Option<u64> {
        self.variable(channel, "CHANNEL(rtcp,rxcount)").await?.parse().ok()
    }

    /// Whether this channel's phone sends to the other phone, and not to the switch.
    pub(super) async fn is_direct(&self, channel: &str) -> bool {
        let address = self.variable(channel, "CHANNEL(rtp,direct)").await;
        let address = address.and_then(|address| address.parse::<SocketAddr>().ok());
        address.is_some_and(|address| !address.ip().is_unspecified() && address.port() != 0)
    }

    /// Whether there is a channel of this `Uniqueid`, and it runs an AGI now. `true` where the switch does not say: a
    /// caller's question does not hang on the manager connection.
    pub(super) async fn runs_agi(&self, uniqueid: &str) -> bool {
        for (name, wanted) in [("CHANNEL(uniqueid)", uniqueid), ("CHANNEL(appname)", "AGI")] {
            match self.send(Action::get_variable(uniqueid, name)).await {
                // `EAGI` and `DeadAGI` are of the same kind.
                Ok(answer) if answer.get("Value").is_some_and(|value| value.ends_with(wanted)) => {}
                Ok(_) | Err(RequestError::Refused { .. }) => return false,
                Err(_) => return true,
            }
        }
        true
    }

    /// What the switch has under this name; `None` where it has nothing, or does not answer.
    async fn variable(&self, channel: &str, name: &str) -> Option<String> {
        let answer = self.send(Action::get_variable(channel, name)).await.ok()?;
        answer.get("Value").map(str::to_owned)
    }
}

struct Pending {
    answer: oneshot::Sender<Message>,
    /// An `Originate` is answered twice; the second answer counts.
    originate: bool,
}

/// Where the hub's inputs come from.
pub(super) struct Sources {
    pub(super) link: mpsc::Receiver<LinkEvent>,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) reports: mpsc::Receiver<Input>,
    pub(super) orders: mpsc::Receiver<Order>,
}

pub(super) struct Hub {
    tracker: Tracker,
    taps: Arc<Taps>,
    guards: HashMap<LegId, TapGuard>,
    output: mpsc::Sender<SwitchOutput>,
    pending: HashMap<String, Pending>,
    serial: u64,
    connected: bool,
}

impl Hub {
    pub(super) fn new(config: &AsteriskConfig, taps: Arc<Taps>, output: mpsc::Sender<SwitchOutput>) -> Self {
        Self {
            tracker: Tracker::new(config),
            taps,
            guards: HashMap::new(),
            output,
            pending: HashMap::new(),
            serial: 0,
            connected: false,
        }
    }

    pub(super) async fn run(mut self, sources: Sources, writer: mpsc::Sender<LinkCommand>) {
        let Sources {
            mut link,
            mut requests,
            mut reports,
            mut orders,
        } = sources;
        loop {
            let deadline = self.tracker.deadline();
            let alarm = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                event = link.recv() => match event {
                    Some(LinkEvent::Down) => {
                        self.link_event(LinkEvent::Down);
                        if self.output.send(SwitchOutput::Disconnected).await.is_err() {
                            return;
                        }
                    }
                    Some(event) => self.link_event(event),
                    None => return,
                },
                Some(report) = reports.recv() => self.tracker.handle(Instant::now(), report),
                Some(request) = requests.recv() => self.request(request, &writer).await,
                Some(order) = orders.recv() => {
                    if !self.order(order, &writer).await {
                        return;
                    }
                }
                () = alarm => self.tracker.wake(Instant::now()),
                () = self.output.closed() => return,
            }
            if !self.perform(&writer).await {
                return;
            }
        }
    }

    /// A dialplan's wish: the call is told of before it is asked about. `false` when nobody listens any more.
    async fn order(&mut self, order: Order, writer: &mpsc::Sender<LinkCommand>) -> bool {
        if let Some(note) = order.note {
            let channel = order.channel;
            self.tracker.handle(Instant::now(), Input::Noted { channel, note });
            return true;
        }
        let uniqueid = order.channel.uniqueid.clone();
        let before = self.tracker.call_of(&uniqueid);
        if let Some(wanted) = order.wanted {
            let channel = order.channel;
            self.tracker.handle(Instant::now(), Input::Dialplan { channel, wanted });
            if !self.perform(writer).await {
                return false;
            }
        }
        let call = self.tracker.call_of(&uniqueid).or(before);
        if let Some(done) = order.done {
            // Whoever asked may have hung up.
            let _ = done.send(call.is_some());
        }
        match (call, order.question) {
            (Some(call), Some((ask, question))) => {
                let asked = SwitchOutput::Asked { ask, call, question };
                self.output.send(asked).await.is_ok()
            }
            _ => true,
        }
    }

    fn link_event(&mut self, event: LinkEvent) {
        let input = match event {
            LinkEvent::Up => {
                self.connected = true;
                Input::Connected
            }
            LinkEvent::Down => {
                self.connected = false;
                self.pending.clear();
                Input::Disconnected
            }
            LinkEvent::Message(message) => {
                let Some(message) = self.answer(message) else { return };
                Input::Ami(message)
            }
        };
        self.tracker.handle(Instant::now(), input);
    }

    /// Gives an answer to whoever waits for it; events and list items come back.
    fn answer(&mut self, message: Message) -> Option<Message> {
        let Some(id) = message.action_id() else {
            return Some(message);
        };
        let Some(pending) = self.pending.get(id) else {
            if matches!(message.kind(), Kind::Response(false)) {
                let reason = message.get("Message").unwrap_or("no reason given");
                tracing::warn!(action = id, reason, "the switch refused an action");
            }
            return Some(message);
        };
        let queued = pending.originate && matches!(message.kind(), Kind::Response(true));
        if !queued {
            let id = id.to_owned();
            if let Some(pending) = self.pending.remove(&id) {
                // Whoever asked may have given up.
                let _ = pending.answer.send(message);
            }
        }
        None
    }

    async fn request(&mut self, request: Request, writer: &mpsc::Sender<LinkCommand>) {
        if !self.connected {
            return;
        }
        self.serial += 1;
        let id = format!("req-{}", self.serial);
        match request.action.encode(&id) {
            Ok(bytes) => {
                self.pending.retain(|_, pending| !pending.answer.is_closed());
                let originate = request.action.name() == "Originate";
                self.pending.insert(
                    id,
                    Pending {
                        answer: request.answer,
                        originate,
                    },
                );
                let _ = writer.send(LinkCommand::Write(bytes)).await;
            }
            Err(error) => tracing::warn!(%error, "an action cannot be written"),
        }
    }

    /// `false` when nobody listens any more.
    async fn perform(&mut self, writer: &mpsc::Sender<LinkCommand>) -> bool {
        while let Some(effect) = self.tracker.poll() {
            match effect {
                Effect::Signal(signal) => {
                    counter!("sidetone_asterisk_signals_total").increment(1);
                    if self.output.send(SwitchOutput::Signal(signal)).await.is_err() {
                        return false;
                    }
                }
                Effect::Fact(fact) => {
                    let name = match offer(&self.output, SwitchOutput::Fact(fact)) {
                        true => "sidetone_asterisk_facts_total",
                        false => "sidetone_asterisk_facts_dropped_total",
                    };
                    counter!(name).increment(1);
                }
                Effect::Synced { live } => {
                    if self.output.send(SwitchOutput::Connected { live }).await.is_err() {
                        return false;
                    }
                }
                Effect::Send { id, action } => match action.encode(&id) {
                    Ok(bytes) => {
                        let _ = writer.send(LinkCommand::Write(bytes)).await;
                    }
                    Err(error) => tracing::warn!(%error, "an action cannot be written"),
                },
                Effect::Attach { call, leg } => {
                    let guard = Arc::clone(&self.taps).attach(call, leg.clone());
                    self.guards.insert(leg, guard);
                }
                Effect::Detach { leg } => {
                    self.guards.remove(&leg);
                }
                Effect::Reconnect => {
                    let _ = writer.send(LinkCommand::Reconnect).await;
                }
            }
        }
        counter!("sidetone_asterisk_facts_dropped_total").increment(self.tracker.take_refused_facts());
        gauge!("sidetone_asterisk_calls").set(self.tracker.live_calls() as f64);
        gauge!("sidetone_asterisk_taps").set(self.guards.len() as f64);
        true
    }
}
