//! What calls publish, told to the switch as well: a FreeSWITCH site without Redis listens to
//! `CUSTOM sidetone::transcription`, `hint` and `wrapup`, which `mod_sidetone` fires.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use sidetone_base::{CallId, LegId, Role};
use sidetone_engine::{LegReport, Published, Unmasked};
use sidetone_freeswitch::{Announcer, Subclass};
use sidetone_schema::Body;

use super::switches::{Kind, Owners};
use crate::runtime::Outlet;

/// Has the switch fire an event.
pub(super) trait Announces: Send + Sync {
    /// With this `Unique-ID` and a JSON body.
    fn announce(&self, channel: &str, subclass: Subclass, body: &str);
}

impl Announces for Announcer {
    fn announce(&self, channel: &str, subclass: Subclass, body: &str) {
        Self::announce(self, channel, subclass, body);
    }
}

/// An outlet that tells the module what it publishes of this switch's calls.
pub(super) struct Announced<O, A = Announcer> {
    inner: O,
    owners: Arc<Owners>,
    /// Set when the switch is started; there are no calls before.
    announcer: Arc<OnceLock<A>>,
    /// Calls of FreeSWITCH that go on, each with its caller once one has been heard of; the owner forgets a call at
    /// its hang-up, before its wrap-up.
    calls: Mutex<HashMap<CallId, Option<LegId>>>,
}

impl<O: Outlet, A: Announces> Announced<O, A> {
    pub(super) fn new(inner: O, owners: Arc<Owners>, announcer: Arc<OnceLock<A>>) -> Self {
        Self {
            inner,
            owners,
            announcer,
            calls: Mutex::default(),
        }
    }

    /// The channel that the event is about: its leg, else its call's caller. `None` for another switch's calls.
    fn channel(&self, call: &CallId, event: &Published) -> Option<LegId> {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        match &event.body {
            Body::CallStarted(_) if self.owners.owner(call) == Some(Kind::Freeswitch) => {
                calls.insert(call.clone(), None);
            }
            Body::CallEnded(_) => drop(calls.remove(call)),
            _ => {}
        }
        let caller = calls.get_mut(call)?;
        if event.role == Some(Role::Caller) {
            caller.clone_from(&event.leg);
        }
        event.leg.clone().or_else(|| caller.clone())
    }
}

impl<O: Outlet, A: Announces> Outlet for Announced<O, A> {
    fn publish(&self, call: &CallId, at: Instant, event: Published) {
        if let Some(announcer) = self.announcer.get()
            && let Some(channel) = self.channel(call, &event)
            && let Some(subclass) = subclass(&event.body)
        {
            match serde_json::to_string(&event.body) {
                Ok(body) => announcer.announce(channel.as_str(), subclass, &body),
                Err(error) => tracing::error!(%error, "an event cannot be written as JSON"),
            }
        }
        self.inner.publish(call, at, event);
    }

    fn unmasked(&self, call: &CallId, said: Unmasked) {
        self.inner.unmasked(call, said);
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

#[cfg(test)]
#[path = "announce_tests.rs"]
mod tests;
