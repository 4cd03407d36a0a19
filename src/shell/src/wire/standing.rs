//! Which calls were told to pause or to mask, on disk: a process that takes another's place goes on withholding.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;

use metrics::counter;
use serde::{Deserialize, Serialize};
use sidetone_base::CallId;

use super::control::{ControlAction, ControlCommand};
use super::publisher::Publisher;
use crate::metrics as names;

const FILE: &str = "control.json";
/// Calls that are remembered; other daemons' calls are among them. The oldest are forgotten first.
const CALLS: usize = 4_096;

/// What the file holds.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    /// The last entry of the control stream that was read.
    at: Option<String>,
    /// Calls that are paused or masked, in the order in which that was asked.
    calls: VecDeque<Told>,
}

/// One call's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    call_id: String,
    #[serde(default)]
    paused: bool,
    #[serde(default)]
    masked: bool,
}

/// Everything that was asked and not taken back.
#[derive(Debug)]
pub(super) struct Standing {
    publisher: Publisher,
    path: PathBuf,
    saved: Saved,
    /// The disk has refused the last writing, and that was said.
    quiet: bool,
}

impl Standing {
    pub(super) fn open(publisher: Publisher) -> Self {
        let path = publisher.outbox.config.state_dir.join(FILE);
        let saved = match std::fs::read(&path).map(|bytes| serde_json::from_slice(&bytes)) {
            Ok(Ok(saved)) => saved,
            Ok(Err(error)) => {
                tracing::error!(path = %path.display(), %error, "what calls were told is not readable; it is read from Redis");
                Saved::default()
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::NotFound {
                    tracing::error!(path = %path.display(), %error, "what calls were told cannot be read; it is read from Redis");
                }
                Saved::default()
            }
        };
        Self {
            publisher,
            path,
            saved,
            quiet: false,
        }
    }

    /// The last entry that an earlier process has read.
    pub(super) fn at(&self) -> Option<&str> {
        self.saved.at.as_deref()
    }

    /// The commands that hold.
    pub(super) fn commands(&self) -> Vec<ControlCommand> {
        let command = |told: &Told, action| ControlCommand {
            id: String::new(),
            action,
            call: Some(CallId::new(told.call_id.as_str())),
            leg: None,
            by: None,
        };
        let both = |told: &Told| {
            let paused = told.paused.then(|| command(told, ControlAction::Pause));
            paused
                .into_iter()
                .chain(told.masked.then(|| command(told, ControlAction::Mask)))
        };
        self.saved.calls.iter().flat_map(both).collect()
    }

    /// Takes a command in and writes it down before anybody obeys it.
    pub(super) fn note(&mut self, id: &str, command: Option<&ControlCommand>) {
        self.saved.at = Some(id.to_owned());
        if let Some(ControlCommand {
            action,
            call: Some(call),
            ..
        }) = command
        {
            self.apply(*action, call.as_str());
        }
        let publisher = &self.publisher;
        self.saved
            .calls
            .retain(|told| !publisher.has_ended(&CallId::new(told.call_id.as_str())));
        match self.save() {
            Ok(()) => self.quiet = false,
            Err(error) => {
                counter!(names::WIRE_JOURNAL_ERRORS).increment(1);
                if !std::mem::replace(&mut self.quiet, true) {
                    tracing::error!(path = %self.path.display(), %error, "what calls were told cannot be written: a restart reads it from Redis");
                }
            }
        }
    }

    fn apply(&mut self, action: ControlAction, call: &str) {
        let calls = &mut self.saved.calls;
        let before = calls
            .iter()
            .position(|told| told.call_id == call)
            .and_then(|at| calls.remove(at));
        let mut told = before.unwrap_or_else(|| Told {
            call_id: call.to_owned(),
            paused: false,
            masked: false,
        });
        match action {
            ControlAction::Pause => told.paused = true,
            ControlAction::Mask => told.masked = true,
            ControlAction::Resume => return,
            ControlAction::Reload => {}
        }
        if told.paused || told.masked {
            calls.push_back(told);
        }
        if calls.len() > CALLS {
            calls.pop_front();
        }
    }

    fn save(&self) -> io::Result<()> {
        let fresh = self.path.with_extension("new");
        std::fs::write(&fresh, serde_json::to_vec(&self.saved)?)?;
        std::fs::rename(&fresh, &self.path)
    }
}
