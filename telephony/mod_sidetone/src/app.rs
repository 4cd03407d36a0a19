//! The dialplan application `sidetone`. What happened is in `sidetone_status`; a call goes on whatever it is.

use std::ffi::c_char;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Answer, Asked, Party};

use crate::abi;
use crate::attach::{self, AttachError};
use crate::callback::BYPASS;
use crate::command::{self, Asking, Command, Start};
use crate::counters::COUNTERS;
use crate::guard::guarded;
use crate::leg::{Leg, Outcome};
use crate::load::shared;
use crate::pump::Shared;
use crate::switch::session::{Session, Slept};
use crate::switch::{Level, log, rust_text};

pub(crate) const SYNTAX: &std::ffi::CStr =
    c"start [profile=NAME] [agent=ID] [role=caller|agent] | stop | pause | resume | listen [timeout=MS] [limit=MS] | answer | wrapup";

/// How often a waiting dialplan looks for its answer: one frame.
const LOOK: Duration = Duration::from_millis(20);

/// For questions whose answer the daemon knows already.
const KNOWN_LIMIT: Duration = Duration::from_secs(3);

/// The application's function.
///
/// # Safety
/// The switch calls it on the session's thread, with its session and a text or null.
pub(crate) unsafe extern "C" fn on_application(session: *mut abi::Session, data: *const c_char) {
    guarded((), || {
        // SAFETY: the session is lent for the call; the text ends in NUL.
        let (session, text) = unsafe { (Session::lent(session), rust_text(data)) };
        if let (Some(session), Some(shared)) = (session, shared()) {
            let (status, reason) =
                run(shared, session, &text).map_or_else(|reason| ("error", reason), |done| (done, ""));
            session.set_variable("sidetone_error", reason);
            session.set_variable("sidetone_status", status);
        }
    });
}

/// A status of docs/IVR.md, or the reason why it is `error`.
type Status = Result<&'static str, &'static str>;

fn run(shared: &Shared, session: Session<'_>, text: &str) -> Status {
    let command = match command::parse(text) {
        Ok(command) => command,
        Err(fault) => {
            log(Level::Error, &format!("application sidetone: {fault}"));
            return Err("syntax");
        }
    };
    if BYPASS.load(Ordering::Relaxed) {
        return Err("bypassed");
    }
    match command {
        Command::Start(start) => run_start(shared, session, &start),
        Command::Stop => done(attach::stop(shared, session)),
        Command::Pause => done(pause(shared, &session.uuid(), true)),
        Command::Resume => done(pause(shared, &session.uuid(), false)),
        Command::Ask(asking) => ask(shared, session, asking),
        Command::Stats | Command::Bypass(_) => Err("syntax"),
    }
}

const fn done(done: bool) -> Status {
    if done { Ok("ok") } else { Err("not_started") }
}

/// Pauses or resumes; `false` when the channel is not tapped.
pub(crate) fn pause(shared: &Shared, uuid: &str, paused: bool) -> bool {
    let leg = shared.registry.find(uuid);
    leg.inspect(|leg| leg.paused.store(paused, Ordering::Relaxed)).is_some()
}

fn run_start(shared: &Shared, session: Session<'_>, start: &Start) -> Status {
    match attach::start(shared, session, start) {
        Ok(()) | Err(AttachError::Already) => Ok("ok"),
        Err(AttachError::NoMedia) => {
            // The switch runs every variable of this prefix as soon as there is media.
            session.set_variable("execute_on_media_sidetone", &again(start));
            COUNTERS.legs_deferred.one();
            Ok("deferred")
        }
        Err(fault) => {
            log(
                Level::Error,
                &format!("{}: not tapped: {}", session.uuid(), fault.counted()),
            );
            Err("not_tapped")
        }
    }
}

fn again(start: &Start) -> String {
    let Start { profile, agent, party } = start;
    format!("sidetone start profile={profile} agent={agent} role={}", party.as_str())
}

/// Waits on the session's own thread, media running, for the daemon's answer.
fn ask(shared: &Shared, session: Session<'_>, asking: Asking) -> Status {
    COUNTERS.listens.one();
    // What an earlier question left is not the answer to this one, also when none comes.
    let shape = match asking {
        Asking::Listen(_) | Asking::Answer => Asked::Last,
        Asking::Wrapup => Asked::Summary,
    };
    shape.variables().for_each(|name| set(session, name, ""));
    let uuid = session.uuid();
    // Who was never heard has said nothing; `listen` begins with it.
    if shared.registry.find(&uuid).is_none() {
        if !matches!(asking, Asking::Listen(_)) {
            return Ok("gone");
        }
        start_listening(shared, session)?;
    }
    let Some(leg) = shared.registry.find(&uuid) else {
        return Err("not_tapped");
    };
    if !shared.connected.load(Ordering::Relaxed) {
        return Err("unavailable");
    }
    let (asked, most) = match asking {
        Asking::Listen(patience) => {
            let profile = || shared.config.listen_timeout(&leg.info.profile);
            let timeout = patience.timeout.unwrap_or_else(profile);
            let limit = patience.limit(timeout);
            (Asked::Next { timeout, limit }, limit)
        }
        Asking::Answer => (Asked::Last, KNOWN_LIMIT),
        Asking::Wrapup => (Asked::Summary, KNOWN_LIMIT),
    };
    if !leg.ask(shared.next_ask(), asked) {
        return Err("busy");
    }
    let withdrawal = Withdrawal(&leg);
    shared.wake();
    match wait(session, &withdrawal.0.clone(), most)? {
        Some(answer) => tell(session, &answer),
        None => Ok("gone"),
    }
}

fn start_listening(shared: &Shared, session: Session<'_>) -> Result<(), &'static str> {
    let start = Start {
        profile: String::new(),
        agent: String::new(),
        party: Party::Caller,
    };
    attach::start(shared, session, &start).map_err(|fault| {
        let fault = fault.counted();
        if fault == AttachError::NoMedia {
            return "no_media";
        }
        log(
            Level::Error,
            &format!("{}: nothing to listen to: {fault}", session.uuid()),
        );
        "not_tapped"
    })
}

fn set(session: Session<'_>, name: &str, value: &str) {
    session.set_variable(&format!("sidetone_{name}"), value);
}

/// However the wait ends, nobody waits any more.
struct Withdrawal<'a>(&'a Arc<Leg>);

impl Drop for Withdrawal<'_> {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

/// `None` when the caller hangs up, or the switch wants the channel for something else.
fn wait(session: Session<'_>, leg: &Leg, most: Duration) -> Result<Option<Box<Answer>>, &'static str> {
    let until = Instant::now() + most;
    loop {
        match leg.outcome() {
            Some(Outcome::Answered(answer)) => return Ok(Some(answer)),
            Some(Outcome::Unavailable) => return Err("unavailable"),
            None => {}
        }
        if BYPASS.load(Ordering::Relaxed) {
            return Err("bypassed");
        }
        if Instant::now() >= until {
            return Err("no_answer");
        }
        if session.sleep(LOOK) == Slept::Cut {
            return Ok(None);
        }
    }
}

fn tell(session: Session<'_>, answer: &Answer) -> Status {
    for (name, value) in &answer.variables {
        set(session, name, value);
    }
    match answer.status {
        sidetone_mod_wire::Status::Error => Err("no_answer"),
        status => {
            COUNTERS.listens_answered.one();
            Ok(status.as_str())
        }
    }
}
