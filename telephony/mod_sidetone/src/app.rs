//! The dialplan application `sidetone`. What happened is in `sidetone_status`; a call goes on whatever it is.

use std::ffi::c_char;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use sidetone_mod_wire::{Answer, ListenResult, Party};

use crate::abi;
use crate::attach::{self, AttachError};
use crate::callback::BYPASS;
use crate::command::{self, Command, Start};
use crate::counters::COUNTERS;
use crate::guard::guarded;
use crate::leg::{Leg, Outcome};
use crate::load::shared;
use crate::pump::Shared;
use crate::switch::session::{Session, Slept};
use crate::switch::{Level, log, rust_text};

pub(crate) const SYNTAX: &std::ffi::CStr =
    c"start [profile=NAME] [agent=ID] [role=caller|agent] | stop | pause | resume | listen [timeout=MS]";

/// How often a waiting dialplan looks for its answer: one frame.
const LOOK: Duration = Duration::from_millis(20);

/// The daemon says itself when time is up; this is what it gets for saying so.
const GRACE: Duration = Duration::from_millis(500);

/// What `listen` sets, and empties before.
const RESULTS: [&str; 6] = [
    "sidetone_text",
    "sidetone_intent",
    "sidetone_topic",
    "sidetone_confidence",
    "sidetone_slots",
    "sidetone_reply",
];

/// The application's function.
///
/// # Safety
/// The switch calls it on the session's thread, with its session and a text or null.
pub(crate) unsafe extern "C" fn on_application(session: *mut abi::Session, data: *const c_char) {
    guarded((), || {
        // SAFETY: the session is lent for the call; the text ends in NUL.
        let (session, text) = unsafe { (Session::lent(session), rust_text(data)) };
        if let (Some(session), Some(shared)) = (session, shared()) {
            let status = run(shared, session, &text);
            session.set_variable("sidetone_status", status);
        }
    });
}

fn run(shared: &Shared, session: Session<'_>, text: &str) -> &'static str {
    let command = match command::parse(text) {
        Ok(command) => command,
        Err(fault) => {
            log(Level::Error, &format!("application sidetone: {fault}"));
            return "error";
        }
    };
    if BYPASS.load(Ordering::Relaxed) {
        return "bypassed";
    }
    match command {
        Command::Start(start) => run_start(shared, session, &start),
        Command::Stop => flag(attach::stop(shared, session)),
        Command::Pause => flag(pause(shared, &session.uuid(), true)),
        Command::Resume => flag(pause(shared, &session.uuid(), false)),
        Command::Listen(timeout) => listen(shared, session, timeout),
        Command::Stats | Command::Bypass(_) => "error",
    }
}

const fn flag(done: bool) -> &'static str {
    if done { "ok" } else { "not_started" }
}

/// Pauses or resumes; `false` when the channel is not tapped.
pub(crate) fn pause(shared: &Shared, uuid: &str, paused: bool) -> bool {
    let leg = shared.registry.find(uuid);
    leg.inspect(|leg| leg.paused.store(paused, Ordering::Relaxed)).is_some()
}

fn run_start(shared: &Shared, session: Session<'_>, start: &Start) -> &'static str {
    match attach::start(shared, session, start) {
        Ok(()) => "ok",
        Err(AttachError::Already) => "ok",
        Err(AttachError::NoMedia) => {
            // The switch runs every variable of this prefix as soon as there is media.
            session.set_variable("execute_on_media_sidetone", &again(start));
            "deferred"
        }
        Err(fault) => {
            log(Level::Error, &format!("{}: not tapped: {fault}", session.uuid()));
            "error"
        }
    }
}

fn again(start: &Start) -> String {
    let Start { profile, agent, party } = start;
    format!("sidetone start profile={profile} agent={agent} role={}", party.as_str())
}

/// Waits on the session's own thread, media running, for the daemon's answer.
fn listen(shared: &Shared, session: Session<'_>, timeout: Option<Duration>) -> &'static str {
    RESULTS.iter().for_each(|name| session.set_variable(name, ""));
    COUNTERS.listens.one();
    let uuid = session.uuid();
    if shared.registry.find(&uuid).is_none() {
        let start = Start {
            profile: String::new(),
            agent: String::new(),
            party: Party::Caller,
        };
        if let Err(fault) = attach::start(shared, session, &start) {
            if fault == AttachError::NoMedia {
                return "no_media";
            }
            log(Level::Error, &format!("{uuid}: nothing to listen to: {fault}"));
            return "error";
        }
    }
    let Some(leg) = shared.registry.find(&uuid) else {
        return "error";
    };
    if !shared.connected.load(Ordering::Relaxed) {
        return "unavailable";
    }
    let timeout = timeout.unwrap_or_else(|| shared.config.listen_timeout(&leg.info.profile));
    if !leg.ask(shared.next_ask(), timeout) {
        return "error";
    }
    let withdrawal = Withdrawal(&leg);
    shared.wake();
    let status = wait(session, &withdrawal.0.clone(), timeout + GRACE);
    match status {
        Ok(result) => tell(session, &result),
        Err(status) => status,
    }
}

/// However the wait ends, nobody waits any more.
struct Withdrawal<'a>(&'a Arc<Leg>);

impl Drop for Withdrawal<'_> {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

fn wait(session: Session<'_>, leg: &Leg, most: Duration) -> Result<Box<ListenResult>, &'static str> {
    let until = Instant::now() + most;
    loop {
        match leg.outcome() {
            Some(Outcome::Answered(result)) => return Ok(result),
            Some(Outcome::Unavailable) => return Err("unavailable"),
            None => {}
        }
        if BYPASS.load(Ordering::Relaxed) {
            return Err("bypassed");
        }
        if Instant::now() >= until {
            return Err("timeout");
        }
        if session.sleep(LOOK) == Slept::Cut {
            return Err("interrupted");
        }
    }
}

fn tell(session: Session<'_>, result: &ListenResult) -> &'static str {
    let confidence = format!("{:.3}", f64::from(result.confidence_permille) / 1000.0);
    let values = [
        &result.text,
        &result.intent,
        &result.topic,
        &confidence,
        &result.slots,
        &result.reply,
    ];
    match result.answer {
        Answer::Heard => {
            for (name, value) in RESULTS.iter().zip(values) {
                session.set_variable(name, value);
            }
            COUNTERS.listens_answered.one();
            "ok"
        }
        Answer::Timeout => "timeout",
        Answer::Unavailable => "unavailable",
    }
}
