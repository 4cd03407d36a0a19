//! Puts the tap on a leg and takes it off.

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use sidetone_mod_wire::{MAX_ID, Party, fit};

use crate::abi;
use crate::callback::{self, BYPASS};
use crate::command::Start;
use crate::counters::COUNTERS;
use crate::leg::{Attach, Leg, LegInfo, Refused};
use crate::pump::Shared;
use crate::ring::Ring;
use crate::switch::session::Session;

/// Why no tap was put on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttachError {
    Bypassed,
    /// Not answered, held out of the media path, or going down.
    NoMedia,
    Already,
    Full,
    UnknownProfile(String),
    /// The switch did not take the bug.
    Switch,
}

impl std::fmt::Display for AttachError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bypassed => f.write_str("bypass is on"),
            Self::NoMedia => f.write_str("the channel has no media"),
            Self::Already => f.write_str("the channel is tapped already"),
            Self::Full => f.write_str("as many legs are tapped as max-legs allows"),
            Self::UnknownProfile(name) => write!(f, "sidetone.conf has no profile {name}"),
            Self::Switch => f.write_str("the switch did not take the media bug"),
        }
    }
}

impl AttachError {
    /// The leg goes without a tap for it.
    pub(crate) fn counted(self) -> Self {
        COUNTERS.legs_refused.one();
        self
    }
}

/// Puts the tap on this session's leg. Whether an error is a refusal is for whoever asked to say.
pub(crate) fn start(shared: &Shared, session: Session<'_>, start: &Start) -> Result<(), AttachError> {
    let done = try_start(shared, session, start);
    if done.is_ok() {
        COUNTERS.legs_started.one();
        shared.wake();
    }
    done
}

fn try_start(shared: &Shared, session: Session<'_>, start: &Start) -> Result<(), AttachError> {
    if BYPASS.load(Ordering::Relaxed) {
        return Err(AttachError::Bypassed);
    }
    if !shared.config.knows_profile(&start.profile) {
        return Err(AttachError::UnknownProfile(start.profile.clone()));
    }
    if !session.has_media() {
        return Err(AttachError::NoMedia);
    }
    let format = session.format();
    let ring = Ring::new(shared.config.ring, format.rate, format.channels, format.packet);
    let leg = Arc::new(Leg::new(describe(session, start, format.rate), ring, Instant::now()));
    shared
        .registry
        .insert(&leg, shared.config.max_legs)
        .map_err(|refused| match refused {
            Refused::Already => AttachError::Already,
            Refused::Full => AttachError::Full,
        })?;
    let conclusion = Conclusion(&leg);
    add_bug(session, &leg)?;
    conclusion.0.set_attach(Attach::Done);
    Ok(())
}

/// Takes the tap off; `false` when there is none.
pub(crate) fn stop(shared: &Shared, session: Session<'_>) -> bool {
    let Some(leg) = shared.registry.find(&session.uuid()) else {
        return false;
    };
    leg.stopping.store(true, Ordering::Relaxed);
    // SAFETY: the session lives. The switch takes the bug off its list under its lock and then says `CLOSE`,
    // where our reference ends; we hold another one.
    unsafe { abi::switch_core_media_bug_remove_callback(session.raw(), callback::on_media) };
    shared.wake();
    true
}

/// A leg is not left pending whatever happens, or it would be listed for ever.
struct Conclusion<'a>(&'a Leg);

impl Drop for Conclusion<'_> {
    fn drop(&mut self) {
        if self.0.attach() == Attach::Pending {
            self.0.set_attach(Attach::Failed);
        }
    }
}

/// The switch gets a reference of its own, which `CLOSE` gives back. When it refuses the bug it says no
/// `CLOSE`, and when the channel hangs up meanwhile it may have said it before this returns: either way the
/// reference is taken back exactly once, by [`callback::release`].
fn add_bug(session: Session<'_>, leg: &Arc<Leg>) -> Result<(), AttachError> {
    let lent = Arc::into_raw(Arc::clone(leg));
    let mut bug = ptr::null_mut();
    // SAFETY: the session lives; the texts live for ever; `lent` is a reference that the callback gives back.
    let status = unsafe {
        abi::switch_core_media_bug_add(
            session.raw(),
            c"sidetone".as_ptr(),
            c"leg".as_ptr(),
            callback::on_media,
            lent.cast_mut().cast(),
            0,
            abi::SMBF_READ_STREAM | abi::SMBF_ONE_ONLY,
            &raw mut bug,
        )
    };
    if status == abi::SUCCESS {
        return Ok(());
    }
    // SAFETY: the switch refused, so it calls no more; `leg` is a reference of ours.
    unsafe { callback::release(lent) };
    Err(AttachError::Switch)
}

/// What legs of one call share: what the dialplan set, else the caller's channel.
fn describe(session: Session<'_>, start: &Start, rate: u32) -> LegInfo {
    let uuid = session.uuid();
    let named = session.variable("sidetone_call");
    let call = match start.party {
        _ if !named.is_empty() => named,
        Party::Caller => uuid.clone(),
        Party::Agent => Some(session.partner())
            .filter(|partner| !partner.is_empty())
            .unwrap_or_else(|| uuid.clone()),
    };
    // The one that it waits in, else the one that the dialplan names.
    let queues = ["cc_queue", "sidetone_queue"].map(|name| session.variable(name));
    let queue = queues.into_iter().find(|queue| !queue.is_empty()).unwrap_or_default();
    let word = |text: &str| fit(text, MAX_ID).replace(char::is_control, " ");
    LegInfo {
        uuid: word(&uuid),
        call: word(&call),
        party: start.party,
        agent: start.agent.clone(),
        profile: start.profile.clone(),
        queue: word(&queue),
        rate,
    }
}
