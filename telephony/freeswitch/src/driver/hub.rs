//! The task that owns the tracker: everything that is said to it, and everything that it wants done.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::{counter, gauge};
use sidetone_base::{LegId, SwitchOutput};
use sidetone_telephony::{Order, offer, within};
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use super::leg::Party;
use super::link::{LinkCommand, LinkEvent};
use super::tap::{TapGuard, Taps};
use super::undescribed::{Held, Undescribed};
use crate::config::FreeswitchConfig;
use crate::esl::{Command, CommandError, Headers, Message};
use crate::tracker::{Ask, DialplanChannel, Effect, Input, Tracker};

const ANSWER_LIMIT: Duration = Duration::from_secs(12);

/// Why an API command had no success.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// There is no connection.
    #[error("no event socket connection")]
    Away,
    /// No answer.
    #[error("the switch did not answer {0} within {ANSWER_LIMIT:?}")]
    Timeout(String),
    /// The switch said no.
    #[error("the switch refused {command}: {reason}")]
    Refused {
        /// The command's first word.
        command: String,
        /// Its words.
        reason: String,
    },
    /// The command cannot be written.
    #[error(transparent)]
    Command(#[from] CommandError),
}

#[derive(Debug)]
pub(super) struct Request {
    command: String,
    answer: oneshot::Sender<String>,
}

/// Runs API commands in the background of the switch and brings their output.
#[derive(Clone, Debug)]
pub(super) struct Requests(mpsc::Sender<Request>);

impl Requests {
    pub(super) fn new() -> (Self, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(256);
        (Self(sender), receiver)
    }

    /// Asks without waiting for room or for the output: for what is done as well as it can be.
    pub(super) fn post(&self, command: String) {
        let (answer, _) = oneshot::channel();
        // A full queue means that the switch is away.
        let _ = self.0.try_send(Request { command, answer });
    }

    /// The output; `-ERR` is an error.
    pub(super) async fn api(&self, command: String) -> Result<String, RequestError> {
        let word = command.split(' ').next().unwrap_or_default().to_owned();
        Command::api(&command).encode()?;
        let (answer, answered) = oneshot::channel();
        self.0
            .send(Request { command, answer })
            .await
            .map_err(|_| RequestError::Away)?;
        let text = within(ANSWER_LIMIT, answered)
            .await
            .ok_or_else(|| RequestError::Timeout(word.clone()))?;
        let text = text.map_err(|_| RequestError::Away)?;
        match text.trim().strip_prefix("-ERR") {
            Some(reason) => Err(RequestError::Refused {
                command: word,
                reason: reason.trim().to_owned(),
            }),
            None => Ok(text),
        }
    }
}

/// What a tap says to the tracker; `told` is answered when it has been passed on.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) input: Input,
    pub(super) told: oneshot::Sender<()>,
}

enum Waiting {
    Tracker(Ask),
    /// The description of a channel that a dialplan has orders for.
    Description(String),
    Request(oneshot::Sender<String>),
}

/// Whatever is said to the hub.
pub(super) struct Sources {
    pub(super) link: mpsc::Receiver<LinkEvent>,
    pub(super) requests: mpsc::Receiver<Request>,
    pub(super) reports: mpsc::Receiver<Report>,
    pub(super) orders: mpsc::Receiver<Order<DialplanChannel>>,
}

pub(super) struct Hub {
    tracker: Tracker,
    taps: Arc<Taps>,
    guards: HashMap<LegId, TapGuard>,
    output: mpsc::Sender<SwitchOutput>,
    /// By job.
    waiting: HashMap<String, Waiting>,
    undescribed: Undescribed,
    /// Orders that have waited for a description.
    ready: VecDeque<Order<DialplanChannel>>,
    /// Begins the names of this daemon's jobs: every connection hears of everybody's.
    instance: Uuid,
    serial: u64,
    connected: bool,
}

impl Hub {
    pub(super) fn new(config: &FreeswitchConfig, taps: Arc<Taps>, output: mpsc::Sender<SwitchOutput>) -> Self {
        Self {
            tracker: Tracker::new(config),
            taps,
            guards: HashMap::new(),
            output,
            waiting: HashMap::new(),
            undescribed: Undescribed::default(),
            ready: VecDeque::new(),
            instance: Uuid::new_v4(),
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
            let deadline = self.deadline();
            let alarm = async {
                match deadline {
                    Some(at) => tokio::time::sleep_until(at.into()).await,
                    None => std::future::pending().await,
                }
            };
            let mut told = None;
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
                Some(report) = reports.recv() => {
                    self.tracker.handle(Instant::now(), report.input);
                    told = Some(report.told);
                }
                Some(request) = requests.recv() => self.request(request, &writer).await,
                Some(order) = orders.recv() => {
                    if !self.order(order, &writer).await {
                        return;
                    }
                }
                () = alarm => self.wake(Instant::now()),
                () = self.output.closed() => return,
            }
            if !self.perform(&writer).await || !self.catch_up(&writer).await {
                return;
            }
            if let Some(told) = told {
                // The tap may have been ended meanwhile.
                let _ = told.send(());
            }
        }
    }

    fn deadline(&self) -> Option<Instant> {
        [self.tracker.deadline(), self.undescribed.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn wake(&mut self, now: Instant) {
        self.ready.extend(self.undescribed.overdue(Some(now)));
        if self.tracker.deadline().is_some_and(|at| now >= at) {
            self.tracker.wake(now);
        }
    }

    /// A dialplan's wish. `false` when nobody listens any more.
    async fn order(&mut self, order: Order<DialplanChannel>, writer: &mpsc::Sender<LinkCommand>) -> bool {
        if let Some(note) = order.note {
            let channel = order.channel;
            self.tracker.handle(Instant::now(), Input::Noted { channel, note });
            return true;
        }
        let uuid = order.channel.uuid.clone();
        let known = !self.connected || self.tracker.knows(&uuid);
        match self.undescribed.hold(Instant::now(), order, known) {
            Held::No(order) => self.carry_out(*order, writer).await,
            Held::Behind => true,
            Held::Ask => {
                let command = Ask::Dump(uuid.clone()).command();
                self.start_job(&command, Waiting::Description(uuid), writer).await;
                true
            }
        }
    }

    /// Carries out what has waited for a description. `false` when nobody listens any more.
    async fn catch_up(&mut self, writer: &mpsc::Sender<LinkCommand>) -> bool {
        while let Some(order) = self.ready.pop_front() {
            if !self.carry_out(order, writer).await {
                return false;
            }
        }
        true
    }

    /// The call is told of before it is asked about. `false` when nobody listens any more.
    async fn carry_out(&mut self, order: Order<DialplanChannel>, writer: &mpsc::Sender<LinkCommand>) -> bool {
        let uuid = order.channel.uuid.clone();
        let before = self.tracker.call_of(&uuid);
        if let Some(wanted) = order.wanted {
            let channel = order.channel;
            self.tracker.handle(Instant::now(), Input::Dialplan { channel, wanted });
            if !self.perform(writer).await {
                return false;
            }
        }
        let call = self.tracker.call_of(&uuid).or(before);
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
                self.waiting.clear();
                self.ready.extend(self.undescribed.overdue(None));
                Input::Disconnected
            }
            LinkEvent::Message(Message::Event(headers, body)) => {
                if headers.get("Event-Name") == Some("BACKGROUND_JOB") {
                    return self.job_done(&headers, body);
                }
                Input::Event(headers)
            }
            LinkEvent::Message(message) => {
                if let Some(refusal) = message.reply().filter(|reply| reply.starts_with("-ERR")) {
                    tracing::warn!(refusal, "the switch refused a command");
                }
                return;
            }
        };
        self.tracker.handle(Instant::now(), input);
    }

    fn job_done(&mut self, headers: &Headers, body: String) {
        match headers.get("Job-UUID").and_then(|job| self.waiting.remove(job)) {
            Some(Waiting::Tracker(ask)) => self.tracker.handle(Instant::now(), Input::Answer { ask, text: body }),
            // Whoever asked may have given up.
            Some(Waiting::Request(answer)) => drop(answer.send(body)),
            Some(Waiting::Description(uuid)) => {
                let data = Headers::parse(&body, true);
                self.ready.extend(self.undescribed.described(&uuid, &data));
            }
            None => {}
        }
    }

    async fn request(&mut self, request: Request, writer: &mpsc::Sender<LinkCommand>) {
        if self.connected {
            let waiting = Waiting::Request(request.answer);
            self.start_job(&request.command, waiting, writer).await;
        }
    }

    async fn start_job(&mut self, command: &str, waiting: Waiting, writer: &mpsc::Sender<LinkCommand>) {
        self.serial += 1;
        let job = format!("{}-{}", self.instance, self.serial);
        match Command::background(&job, command).encode() {
            Ok(bytes) => {
                self.waiting
                    .retain(|_, waiting| !matches!(waiting, Waiting::Request(answer) if answer.is_closed()));
                self.waiting.insert(job, waiting);
                let _ = writer.send(LinkCommand::Write(bytes)).await;
            }
            Err(error) => tracing::warn!(%error, "a command cannot be written"),
        }
    }

    /// `false` when nobody listens any more.
    async fn perform(&mut self, writer: &mpsc::Sender<LinkCommand>) -> bool {
        while let Some(effect) = self.tracker.poll() {
            match effect {
                Effect::Signal(signal) => {
                    counter!("sidetone_freeswitch_signals_total").increment(1);
                    if self.output.send(SwitchOutput::Signal(signal)).await.is_err() {
                        return false;
                    }
                }
                Effect::Fact(fact) => {
                    let name = match offer(&self.output, SwitchOutput::Fact(fact)) {
                        true => "sidetone_freeswitch_facts_total",
                        false => "sidetone_freeswitch_facts_dropped_total",
                    };
                    counter!(name).increment(1);
                }
                Effect::Synced { live } => {
                    if self.output.send(SwitchOutput::Connected { live }).await.is_err() {
                        return false;
                    }
                }
                Effect::Ask(ask) => {
                    self.start_job(&ask.command(), Waiting::Tracker(ask.clone()), writer)
                        .await
                }
                Effect::Attach {
                    call,
                    leg,
                    role,
                    agent,
                    line,
                } => {
                    let party = Party { call, leg, role, agent };
                    let leg = party.leg.clone();
                    let guard = Arc::clone(&self.taps).attach(party, line);
                    self.guards.insert(leg, guard);
                }
                Effect::Line { leg, line } => {
                    if let Some(guard) = self.guards.get(&leg) {
                        guard.tell(line);
                    }
                }
                Effect::Detach { leg } => {
                    self.guards.remove(&leg);
                }
                Effect::FoundTap { uuid, at } => self.found_tap(&uuid, at.as_deref(), writer).await,
                Effect::Reconnect => {
                    let _ = writer.send(LinkCommand::Reconnect).await;
                }
            }
        }
        counter!("sidetone_freeswitch_facts_dropped_total").increment(self.tracker.take_refused_facts());
        gauge!("sidetone_freeswitch_calls").set(self.tracker.live_calls() as f64);
        gauge!("sidetone_freeswitch_taps").set(self.guards.len() as f64);
        true
    }

    /// A tap of a daemon that was killed goes on until its leg ends: it is taken away.
    async fn found_tap(&mut self, uuid: &str, at: Option<&str>, writer: &mpsc::Sender<LinkCommand>) {
        if at == Some(self.taps.sip.contact().to_string().as_str()) && !self.taps.sip.owns(uuid) {
            counter!("sidetone_freeswitch_taps_orphaned_total").increment(1);
            tracing::info!(tap = uuid, "an earlier daemon left a tap behind: ended");
            let (answer, _) = oneshot::channel();
            self.start_job(&format!("uuid_kill {uuid}"), Waiting::Request(answer), writer)
                .await;
        }
    }
}
