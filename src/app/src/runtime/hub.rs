//! Knows every call: makes their tasks, and brings each what is meant for it.

mod early;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use sidetone_base::{Answer, AskId, CallEvent, CallId, CallSignal, Question};
use sidetone_engine::{Call, Control, EngineConfig, Input, Parts};
use sidetone_schema::PastCall;
use sidetone_shell::pool::JobDone;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};

use super::asked::{Answers, reply};
use super::jobs::recognised;
use super::{AUDIO_FRAMES, CallTask, Composer, Heard, Inbound, Jobs, Memory, Outlet, telemetry};
use early::Early;

/// Signals and answers of one call that may wait: minutes of a lively call. The hub never waits for one
/// call, as every other call would wait with it. A call whose inbox is full is stuck; what then comes is
/// counted, and a signal that must not be lost ends the call's task: its wrap-up follows from the journal
/// at the next start.
const INPUTS: usize = 1024;

/// The way of audio into calls: cheap to clone, never waits.
#[derive(Clone, Default)]
pub struct Ears(Arc<RwLock<HashMap<CallId, mpsc::Sender<Heard>>>>);

impl Ears {
    /// Brings a frame to its call. A frame of no call, or one that finds no room, is dropped and counted.
    pub fn hear(&self, call: &CallId, heard: Heard) {
        let calls = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let sent = calls.get(call).map(|audio| audio.try_send(heard));
        match sent {
            Some(Ok(())) => {}
            Some(Err(_)) => metrics::counter!(telemetry::OVERRUN).increment(1),
            None => metrics::counter!(telemetry::STRAY).increment(1),
        }
    }

    fn open(&self, call: &CallId) -> mpsc::Receiver<Heard> {
        let (sender, receiver) = mpsc::channel(AUDIO_FRAMES);
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(call.clone(), sender);
        receiver
    }

    fn close(&self, call: &CallId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(call);
    }
}

/// What the hub is told.
pub enum HubInput {
    /// From a switch.
    Signal(CallSignal),
    /// From a soft-phone or an operator: to one call, or to all of them.
    Control(Option<CallId>, Control),
    /// An agent put a hint of a call away.
    Dismissed {
        /// Of which call.
        call: CallId,
        /// Its `hint_id`.
        hint: String,
    },
    /// A dialplan asks.
    Asked {
        /// Of which call.
        call: CallId,
        /// Names the question.
        ask: AskId,
        /// What.
        question: Question,
        /// Who asks.
        back: Arc<dyn Answers>,
    },
    /// What the caller of a call called for before.
    Caller(CallId, Vec<PastCall>),
    /// The knowledge was read anew: for calls that start from now on.
    Parts(Arc<Parts>),
    /// The daemon stops: calls say what is being said and go on without it. The hub ends when they have.
    Leave,
    /// Asks whether the hub is at work.
    Alive(oneshot::Sender<()>),
}

/// Every call of this daemon.
pub struct Hub {
    /// Limits and intervals of a call that starts now: the day decides which policy holds.
    pub config: Box<dyn Fn() -> EngineConfig + Send + Sync>,
    /// What calls share.
    pub parts: Arc<Parts>,
    /// Where recognition goes.
    pub jobs: Arc<Jobs>,
    /// Where events go.
    pub outlet: Arc<dyn Outlet>,
    /// Where audio comes in.
    pub ears: Ears,
    /// What was heard before a restart.
    pub memory: Arc<dyn Memory>,
    /// Who words wrap-ups better, if anybody.
    pub composer: Option<Arc<Composer>>,
}

/// The way to one call's task.
struct Line {
    inbox: mpsc::Sender<Inbound>,
    task: AbortHandle,
}

type Lines = HashMap<CallId, Line>;

impl Hub {
    /// Runs until `inputs` is closed, or [`HubInput::Leave`] was said, and every call is done.
    pub async fn run(mut self, mut inputs: mpsc::Receiver<HubInput>, mut answers: mpsc::Receiver<JobDone>) {
        let mut calls = Lines::new();
        let mut early = Early::default();
        let mut tasks: JoinSet<CallId> = JoinSet::new();
        let mut open = true;
        while open || !tasks.is_empty() {
            tokio::select! {
                input = inputs.recv(), if open => match input {
                    Some(HubInput::Signal(signal)) => self.signal(&mut calls, &mut early, &mut tasks, signal),
                    Some(HubInput::Control(call, control)) => command(&calls, &mut early, call.as_ref(), control),
                    Some(HubInput::Asked { call, ask, question, back }) => asked(&calls, &call, ask, question, back),
                    Some(HubInput::Dismissed { call, hint }) => told(&calls, &call, "dismissed", Input::Dismissed { hint }),
                    Some(HubInput::Caller(call, past)) => told(&calls, &call, "caller", Input::Caller(past)),
                    Some(HubInput::Parts(parts)) => self.parts = parts,
                    Some(HubInput::Alive(back)) => drop(back.send(())),
                    Some(HubInput::Leave) => {
                        open = false;
                        leave(&calls);
                    }
                    None => open = false,
                },
                Some(done) = answers.recv() => {
                    self.jobs.answered();
                    answer(&calls, done);
                }
                Some(ended) = tasks.join_next() => match ended {
                    Ok(call) => self.forget(&mut calls, &call),
                    Err(error) if error.is_cancelled() => {}
                    Err(error) => self.bury(&mut calls, &error),
                },
            }
        }
    }

    fn signal(&self, calls: &mut Lines, early: &mut Early, tasks: &mut JoinSet<CallId>, signal: CallSignal) {
        let CallSignal { call, event } = signal;
        let listed = match event {
            CallEvent::Started { .. } => Some(true),
            CallEvent::StartedUnlisted => Some(false),
            _ => None,
        };
        if let Some(listed) = listed
            && !calls.contains_key(&call)
        {
            let line = self.start(tasks, &call, listed);
            for control in early.take(&call) {
                // The inbox is empty.
                drop(line.inbox.try_send(Inbound::Fact(Input::Control(control))));
            }
            calls.insert(call.clone(), line);
            metrics::gauge!(telemetry::CALLS).set(calls.len() as f64);
        }
        let Some(line) = calls.get(&call) else {
            tracing::debug!(%call, "signal of a call that was never started");
            return;
        };
        if let Err(TrySendError::Full(_)) = line.inbox.try_send(Inbound::Fact(Input::Signal(event))) {
            full("signal");
            tracing::error!(%call, "a call's task does not keep up: the call is given up, and ended at the next start");
            metrics::counter!(telemetry::ABANDONED).increment(1);
            line.task.abort();
            self.forget(calls, &call);
        }
    }

    /// What was heard before a restart is read on a thread that may wait for the disk; what is said
    /// meanwhile waits in the inbox.
    fn start(&self, tasks: &mut JoinSet<CallId>, id: &CallId, listed: bool) -> Line {
        let (inbox, inputs) = mpsc::channel(INPUTS);
        let audio = self.ears.open(id);
        let (jobs, outlet) = (Arc::clone(&self.jobs), Arc::clone(&self.outlet));
        let (parts, config, memory) = (Arc::clone(&self.parts), (self.config)(), Arc::clone(&self.memory));
        let composer = self.composer.clone();
        let (now, id) = (Instant::now(), id.clone());
        let task = tasks.spawn(async move {
            let name = id.clone();
            let made = tokio::task::spawn_blocking(move || {
                let past = listed.then(|| memory.recall(&id)).flatten();
                let mut call = Call::new(now, id, config, parts);
                if let Some(past) = past {
                    call.recall(past);
                }
                call
            });
            let call = match made.await {
                Ok(call) => call,
                Err(error) => {
                    tracing::error!(call = %name, %error, "a call cannot be followed");
                    metrics::counter!(telemetry::TASK_DEATHS).increment(1);
                    return name;
                }
            };
            let task = CallTask {
                call,
                inputs,
                audio,
                jobs,
                outlet,
                composer,
            };
            task.run().await
        });
        metrics::counter!(telemetry::CALLS_STARTED).increment(1);
        Line { inbox, task }
    }

    fn forget(&self, calls: &mut Lines, call: &CallId) {
        calls.remove(call);
        self.ears.close(call);
        metrics::gauge!(telemetry::CALLS).set(calls.len() as f64);
    }

    /// A task that panicked takes its call with it, and no other.
    fn bury(&self, calls: &mut Lines, error: &tokio::task::JoinError) {
        tracing::error!(%error, "a call's task has died");
        metrics::counter!(telemetry::TASK_DEATHS).increment(1);
        let dead: Vec<CallId> = calls
            .iter()
            .filter(|(_, line)| line.inbox.is_closed())
            .map(|(call, _)| call.clone())
            .collect();
        dead.iter().for_each(|call| self.forget(calls, call));
    }
}

fn full(what: &'static str) {
    metrics::counter!(telemetry::INBOX_FULL, "what" => what).increment(1);
}

/// A final that is not answered is given up by its call after `final_timeout`.
fn answer(calls: &Lines, done: JobDone) {
    let Some(line) = calls.get(&done.key.call) else { return };
    let answer = recognised(done);
    if let Err(TrySendError::Full(_)) = line.inbox.try_send(Inbound::Fact(Input::Recognised(answer))) {
        full("answer");
    }
}

fn command(calls: &Lines, early: &mut Early, call: Option<&CallId>, control: Control) {
    if let Some(call) = call.filter(|call| !calls.contains_key(*call)) {
        early.keep(call, control);
        return;
    }
    for (id, line) in calls {
        if call.is_none_or(|wanted| wanted == id)
            && let Err(TrySendError::Full(_)) = line.inbox.try_send(Inbound::Fact(Input::Control(control)))
        {
            tracing::warn!(call = %id, ?control, "a command found no room");
            full("control");
        }
    }
}

/// Something of use to a call; without room, or without the call, it is dropped.
fn told(calls: &Lines, call: &CallId, what: &'static str, input: Input) {
    let Some(line) = calls.get(call) else { return };
    if let Err(TrySendError::Full(_)) = line.inbox.try_send(Inbound::Fact(input)) {
        full(what);
    }
}

/// A call that has no room for the word is left when the hub is.
fn leave(calls: &Lines) {
    for line in calls.values() {
        if line.inbox.try_send(Inbound::Leave).is_err() {
            full("leave");
        }
    }
}

/// A question that cannot be asked is answered at once: a caller waits.
fn asked(calls: &Lines, call: &CallId, ask: AskId, question: Question, back: Arc<dyn Answers>) {
    let refused = match calls.get(call) {
        Some(line) => line.inbox.try_send(Inbound::Asked { ask, question, back }).err(),
        None => return reply(&*back, ask, Answer::Gone),
    };
    let inbound = match refused {
        None => return,
        Some(TrySendError::Full(inbound)) => {
            full("question");
            inbound
        }
        Some(TrySendError::Closed(inbound)) => inbound,
    };
    if let Inbound::Asked { ask, back, .. } = inbound {
        reply(&*back, ask, Answer::Gone);
    }
}

#[cfg(test)]
mod tests;
