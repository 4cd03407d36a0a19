//! What calls publish, told to the switch as well: a FreeSWITCH site without Redis listens to
//! `CUSTOM sidetone::transcription`, `hint` and `wrapup`, which `mod_sidetone` fires.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use sidetone_base::CallId;
use sidetone_engine::{LegReport, Published};
use sidetone_freeswitch::{Announcer, Subclass};
use sidetone_schema::Body;

use super::switches::{Kind, Owners};
use crate::runtime::Outlet;

/// An outlet that tells the module what it publishes of this switch's calls.
pub(super) struct Announced<O> {
    inner: O,
    owners: Arc<Owners>,
    /// Set when the switch is started; there are no calls before.
    announcer: Arc<OnceLock<Announcer>>,
    /// Calls of FreeSWITCH that go on; the owner forgets a call at its hang-up, before its wrap-up.
    calls: Mutex<HashSet<CallId>>,
    /// What stands before call ids, and not before the switch's own.
    node: String,
}

impl<O: Outlet> Announced<O> {
    pub(super) fn new(inner: O, owners: Arc<Owners>, announcer: Arc<OnceLock<Announcer>>, node: Option<&str>) -> Self {
        Self {
            inner,
            owners,
            announcer,
            calls: Mutex::default(),
            node: node.map(|node| format!("{node}-")).unwrap_or_default(),
        }
    }

    fn is_ours(&self, call: &CallId, body: &Body) -> bool {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        match body {
            Body::CallStarted(_) if self.owners.owner(call) == Some(Kind::Freeswitch) => calls.insert(call.clone()),
            Body::CallEnded(_) => calls.remove(call),
            _ => calls.contains(call),
        }
    }
}

impl<O: Outlet> Outlet for Announced<O> {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        if let Some(announcer) = self.announcer.get()
            && self.is_ours(call, &event.body)
            && let Some(subclass) = subclass(&event.body)
        {
            let channel = match &event.leg {
                Some(leg) => leg.as_str(),
                None => call.as_str().strip_prefix(&self.node).unwrap_or(call.as_str()),
            };
            match serde_json::to_string(&event.body) {
                Ok(body) => announcer.announce(channel, subclass, &body),
                Err(error) => tracing::error!(%error, "an event cannot be written as JSON"),
            }
        }
        self.inner.publish(call, at, event);
    }

    fn leg_done(&self, report: &LegReport) {
        self.inner.leg_done(report);
    }
}

/// As which event the module fires it, if at all.
const fn subclass(body: &Body) -> Option<Subclass> {
    match body {
        Body::TranscriptFinal(_) | Body::TranscriptRevised(_) => Some(Subclass::Transcription),
        Body::HintNew(_) | Body::HintUpdate(_) | Body::HintExpire(_) => Some(Subclass::Hint),
        Body::WrapupFinal(_) => Some(Subclass::Wrapup),
        Body::Error(_) => Some(Subclass::Error),
        _ => None,
    }
}
