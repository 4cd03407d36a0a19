//! The switches that this daemon listens to. A new kind is one variant, and one line in each method.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use sidetone_asterisk::AsteriskSwitch;
use sidetone_base::{Answer, AskId, CallEvent, CallId, CallSignal, EndCause, Secret, SwitchOutput};
use sidetone_freeswitch::{Announcer, FreeswitchSwitch};
use sidetone_shell::clock::WallClock;
use sidetone_shell::http::{Component, Readiness};
use sidetone_shell::wire::{Facts, Publisher};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::runtime::{Answers, Ears, Heard, HubInput, facts};

/// A kind of switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Asterisk,
    Freeswitch,
}

impl Kind {
    /// Those that the configuration names.
    pub(super) fn configured(config: &Config) -> Vec<Self> {
        let asterisk = config.asterisk.is_some().then_some(Self::Asterisk);
        let freeswitch = config.freeswitch.is_some().then_some(Self::Freeswitch);
        asterisk.into_iter().chain(freeswitch).collect()
    }

    /// Its part of `/ready`.
    fn component(self) -> &'static str {
        match self {
            Self::Asterisk => "asterisk",
            Self::Freeswitch => "freeswitch",
        }
    }

    /// Its name in the keys of facts: that of the node, where several share a Redis.
    fn source(self, config: &Config) -> String {
        let node = match self {
            Self::Asterisk => config.asterisk.as_ref().and_then(|section| section.node.clone()),
            Self::Freeswitch => config.freeswitch.as_ref().and_then(|section| section.node.clone()),
        };
        node.unwrap_or_else(|| self.component().to_owned())
    }

    /// Why it is not ready while its connection is down.
    fn away(self) -> &'static str {
        match self {
            Self::Asterisk => "the manager connection is down; it is tried again",
            Self::Freeswitch => "the event socket is down; it is tried again",
        }
    }

    async fn start(self, config: &Config) -> Result<(Switch, mpsc::Receiver<SwitchOutput>), String> {
        match self {
            Self::Asterisk => {
                let section = config.asterisk.clone().unwrap_or_default();
                let (switch, output) = AsteriskSwitch::start(section)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok((Switch::Asterisk(switch), output))
            }
            Self::Freeswitch => {
                let section = config.freeswitch.clone().unwrap_or_default();
                let (switch, output) = FreeswitchSwitch::start(section)
                    .await
                    .map_err(|error| error.to_string())?;
                Ok((Switch::Freeswitch(switch), output))
            }
        }
    }
}

/// A running one.
pub(super) enum Switch {
    Asterisk(AsteriskSwitch),
    Freeswitch(FreeswitchSwitch),
}

impl Switch {
    fn answers(&self) -> Arc<dyn Answers> {
        match self {
            Self::Asterisk(switch) => Arc::new(switch.asks()),
            Self::Freeswitch(switch) => Arc::new(switch.asks()),
        }
    }

    pub(super) async fn stop(self) {
        match self {
            Self::Asterisk(switch) => switch.stop().await,
            Self::Freeswitch(switch) => switch.stop().await,
        }
    }
}

impl Answers for sidetone_asterisk::Asks {
    fn answer(&self, ask: AskId, answer: Answer) {
        Self::answer(self, ask, answer);
    }
}

/// What the switches' outputs are brought to.
#[derive(Clone)]
pub(super) struct Targets {
    pub(super) inputs: mpsc::Sender<HubInput>,
    pub(super) ears: Ears,
    pub(super) publisher: Publisher,
    pub(super) owners: Arc<Owners>,
    pub(super) clock: WallClock,
    /// Hashes callers' numbers in facts.
    pub(super) salt: Option<Secret>,
    /// Filled in when there is a FreeSWITCH.
    pub(super) announcer: Arc<OnceLock<Announcer>>,
}

/// The facts that others tell, and this daemon's name among those that read them.
pub(super) fn told(config: &Config, publisher: &Publisher) -> (String, Facts) {
    let sources = Kind::configured(config).into_iter().map(|kind| kind.source(config));
    let reader = sources.collect::<Vec<_>>().join("+");
    let facts = Facts::new(publisher.clone(), &format!("told-{reader}"));
    (reader, facts)
}

/// Every switch's part of `/ready`, to be made before anything is slow.
pub(super) fn components(kinds: &[Kind], readiness: &Readiness) -> Vec<Component> {
    kinds.iter().map(|kind| readiness.component(kind.component())).collect()
}

/// Starts them and follows what they say. A follower ends when its switch has stopped and all that it said is told.
pub(super) async fn start(
    config: &Config,
    kinds: &[Kind],
    components: Vec<Component>,
    targets: &Targets,
) -> Result<(Vec<Switch>, Vec<JoinHandle<()>>), String> {
    let (mut switches, mut followers) = (Vec::new(), Vec::new());
    for (kind, ready) in kinds.iter().copied().zip(components) {
        let (switch, output) = kind.start(config).await?;
        if let Switch::Freeswitch(switch) = &switch {
            let _ = targets.announcer.set(switch.announcer());
        }
        let follower = Follower {
            kind,
            ready,
            back: switch.answers(),
            targets: targets.clone(),
            facts: Facts::new(targets.publisher.clone(), &kind.source(config)),
        };
        followers.push(tokio::spawn(follower.run(output)));
        switches.push(switch);
    }
    Ok((switches, followers))
}

/// Brings what one switch says and sounds to the hub.
struct Follower {
    kind: Kind,
    ready: Component,
    back: Arc<dyn Answers>,
    targets: Targets,
    facts: Facts,
}

impl Follower {
    async fn run(self, mut output: mpsc::Receiver<SwitchOutput>) {
        while let Some(output) = output.recv().await {
            match output {
                SwitchOutput::Signal(signal) => {
                    self.targets.owners.heard(self.kind, &signal);
                    self.tell(HubInput::Signal(signal)).await;
                }
                SwitchOutput::Fact(fact) => {
                    let body = facts::event(fact, self.targets.salt.as_ref());
                    self.facts.publish(body, self.targets.clock.timestamp(Instant::now()));
                }
                SwitchOutput::Audio { call, leg, at, frame } => {
                    self.targets.ears.hear(&call, Heard { at, leg, frame });
                }
                SwitchOutput::Asked { ask, call, question } => {
                    let back = Arc::clone(&self.back);
                    self.tell(HubInput::Asked {
                        call,
                        ask,
                        question,
                        back,
                    })
                    .await;
                }
                SwitchOutput::Connected { live } => {
                    self.ready.ready();
                    self.end_lost(&live).await;
                }
                SwitchOutput::Disconnected => self.ready.not_ready(self.kind.away()),
            }
        }
    }

    /// The hub never waits for a call, so this is never long.
    async fn tell(&self, input: HubInput) {
        drop(self.targets.inputs.send(input).await);
    }

    /// Calls of an earlier run of the daemon whose end nobody saw get their wrap-up and their end now.
    async fn end_lost(&self, live: &[CallId]) {
        let publisher = self.targets.publisher.clone();
        // The journals are read for it.
        let open = tokio::task::spawn_blocking(move || publisher.open_calls()).await;
        for call in self.targets.owners.lost(self.kind, live, open.unwrap_or_default()) {
            let started = CallEvent::Started {
                age: Duration::ZERO,
                caller_number: None,
                called_number: None,
                queue: None,
                cti_id: None,
            };
            let ended = CallEvent::Ended {
                cause: EndCause::LostSight,
            };
            for event in [started, ended] {
                let call = call.clone();
                self.tell(HubInput::Signal(CallSignal { call, event })).await;
            }
        }
    }
}

/// Which switch has told of which call. What one switch does not have is no news of another's calls.
pub(super) struct Owners(Mutex<Known>);

struct Known {
    calls: HashMap<CallId, Kind>,
    /// Switches that have not said yet which calls they have.
    awaited: HashSet<Kind>,
}

impl Owners {
    pub(super) fn new(kinds: &[Kind]) -> Self {
        Self(Mutex::new(Known {
            calls: HashMap::new(),
            awaited: kinds.iter().copied().collect(),
        }))
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose call it is, from its start to its hang-up.
    pub(super) fn owner(&self, call: &CallId) -> Option<Kind> {
        self.known().calls.get(call).copied()
    }

    pub(super) fn heard(&self, kind: Kind, signal: &CallSignal) {
        match signal.event {
            CallEvent::Started { .. } => drop(self.known().calls.insert(signal.call.clone(), kind)),
            CallEvent::Ended { .. } => drop(self.known().calls.remove(&signal.call)),
            _ => {}
        }
    }

    /// Of the calls that are `open` in the journals, those that no switch has any more. A call of an
    /// earlier run is concluded upon once every switch has spoken.
    fn lost(&self, kind: Kind, live: &[CallId], open: Vec<CallId>) -> Vec<CallId> {
        let mut known = self.known();
        known.awaited.remove(&kind);
        let all = known.awaited.is_empty();
        let lost = open.into_iter().filter(|call| match known.calls.get(call) {
            Some(owner) => *owner == kind && !live.contains(call),
            None => all && !live.contains(call),
        });
        lost.collect()
    }
}
