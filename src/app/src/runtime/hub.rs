//! Knows every call: makes their tasks, and brings each what is meant for it.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use sidetone_base::{CallEvent, CallId, CallSignal};
use sidetone_engine::{Call, Control, EngineConfig, Input, Parts};
use sidetone_shell::pool::JobDone;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::jobs::recognition;
use super::{AUDIO_FRAMES, CallTask, Heard, Jobs, Memory, Outlet, telemetry};

/// Signals and answers of one call that may wait; whoever brings more waits.
const INPUTS: usize = 256;

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
    /// The knowledge was read anew: for calls that start from now on.
    Parts(Arc<Parts>),
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
}

impl Hub {
    /// Runs until `inputs` is closed and every call is over.
    pub async fn run(mut self, mut inputs: mpsc::Receiver<HubInput>, mut answers: mpsc::Receiver<JobDone>) {
        let mut calls: HashMap<CallId, mpsc::Sender<Input>> = HashMap::new();
        let mut tasks: JoinSet<CallId> = JoinSet::new();
        let mut open = true;
        while open || !tasks.is_empty() {
            tokio::select! {
                input = inputs.recv(), if open => match input {
                    Some(HubInput::Signal(signal)) => self.signal(&mut calls, &mut tasks, signal).await,
                    Some(HubInput::Control(call, control)) => command(&calls, call.as_ref(), control).await,
                    Some(HubInput::Parts(parts)) => self.parts = parts,
                    None => open = false,
                },
                Some(done) = answers.recv() => {
                    self.jobs.answered();
                    answer(&calls, done).await;
                }
                Some(ended) = tasks.join_next() => match ended {
                    Ok(call) => self.forget(&mut calls, &call),
                    Err(error) => self.bury(&mut calls, &error),
                },
            }
        }
    }

    async fn signal(
        &self,
        calls: &mut HashMap<CallId, mpsc::Sender<Input>>,
        tasks: &mut JoinSet<CallId>,
        signal: CallSignal,
    ) {
        let CallSignal { call, event } = signal;
        if matches!(event, CallEvent::Started { .. }) && !calls.contains_key(&call) {
            let inputs = self.start(tasks, &call);
            calls.insert(call.clone(), inputs);
            metrics::gauge!(telemetry::CALLS).set(calls.len() as f64);
        }
        match calls.get(&call) {
            // A closed inbox: the call ended by itself a moment ago.
            Some(inbox) => drop(inbox.send(Input::Signal(event)).await),
            None => tracing::debug!(%call, "signal of a call that was never started"),
        }
    }

    fn start(&self, tasks: &mut JoinSet<CallId>, id: &CallId) -> mpsc::Sender<Input> {
        let past = self.memory.recall(id);
        let parts = Arc::clone(&self.parts);
        let mut call = Call::new(Instant::now(), id.clone(), (self.config)(), parts, past.is_some());
        if let Some(turns) = past {
            call.recall(&turns);
        }
        let (sender, inputs) = mpsc::channel(INPUTS);
        let audio = self.ears.open(id);
        let (jobs, outlet) = (Arc::clone(&self.jobs), Arc::clone(&self.outlet));
        tasks.spawn(
            CallTask {
                call,
                inputs,
                audio,
                jobs,
                outlet,
            }
            .run(),
        );
        metrics::counter!(telemetry::CALLS_STARTED).increment(1);
        sender
    }

    fn forget(&self, calls: &mut HashMap<CallId, mpsc::Sender<Input>>, call: &CallId) {
        calls.remove(call);
        self.ears.close(call);
        metrics::gauge!(telemetry::CALLS).set(calls.len() as f64);
    }

    /// A task that panicked takes its call with it, and no other.
    fn bury(&self, calls: &mut HashMap<CallId, mpsc::Sender<Input>>, error: &tokio::task::JoinError) {
        tracing::error!(%error, "a call's task has died");
        metrics::counter!(telemetry::TASK_DEATHS).increment(1);
        let dead: Vec<CallId> = calls
            .iter()
            .filter(|(_, inbox)| inbox.is_closed())
            .map(|(call, _)| call.clone())
            .collect();
        dead.iter().for_each(|call| self.forget(calls, call));
    }
}

async fn answer(calls: &HashMap<CallId, mpsc::Sender<Input>>, done: JobDone) {
    let Some(inbox) = calls.get(&done.key.call) else { return };
    let (key, pass) = (done.key.clone(), done.pass);
    drop(
        inbox
            .send(Input::Recognised {
                key,
                pass,
                outcome: recognition(done),
            })
            .await,
    );
}

async fn command(calls: &HashMap<CallId, mpsc::Sender<Input>>, call: Option<&CallId>, control: Control) {
    for (id, inbox) in calls {
        if call.is_none_or(|wanted| wanted == id) {
            drop(inbox.send(Input::Control(control)).await);
        }
    }
}
