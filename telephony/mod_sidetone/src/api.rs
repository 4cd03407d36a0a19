//! The API commands `uuid_sidetone` and `sidetone`.

use std::ffi::{CStr, c_char};
use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use crate::abi::{self, Status, Stream};
use crate::callback::BYPASS;
use crate::command::{self, Command};
use crate::counters::COUNTERS;
use crate::guard::{guarded, lock};
use crate::leg::Leg;
use crate::load::shared;
use crate::pump::Shared;
use crate::switch::session::locate;
use crate::switch::{Level, c_text, log, rust_text};
use crate::{app, attach};

pub(crate) const UUID_SYNTAX: &CStr =
    c"<uuid> start [profile=NAME] [agent=ID] [role=caller|agent] | stop | pause | resume | stats | bypass on|off";
pub(crate) const SYNTAX: &CStr = c"status | bypass on|off";

/// `uuid_sidetone`.
///
/// # Safety
/// The switch calls it with a text or null, and a stream that takes text.
pub(crate) unsafe extern "C" fn on_uuid_sidetone(
    text: *const c_char,
    _: *mut abi::Session,
    stream: *mut Stream,
) -> Status {
    // SAFETY: as the switch calls it.
    unsafe { answer(text, stream, for_uuid) }
}

/// `sidetone`.
///
/// # Safety
/// As above.
pub(crate) unsafe extern "C" fn on_sidetone(text: *const c_char, _: *mut abi::Session, stream: *mut Stream) -> Status {
    // SAFETY: as the switch calls it.
    unsafe { answer(text, stream, for_module) }
}

/// # Safety
/// `text` is null or ends in NUL; `stream` is null or the switch's.
unsafe fn answer(text: *const c_char, stream: *mut Stream, run: fn(&Shared, &str) -> Result<String, String>) -> Status {
    let answer = guarded("-ERR a fault within the module\n".to_owned(), || {
        // SAFETY: as the caller says.
        let text = unsafe { rust_text(text) };
        match shared().map(|shared| run(shared, &text)) {
            Some(Ok(lines)) => lines,
            Some(Err(fault)) => format!("-ERR {fault}\n"),
            None => "-ERR not loaded\n".to_owned(),
        }
    });
    let answer = c_text(&answer);
    // SAFETY: as the caller says; the format takes one text, which lives during the call.
    unsafe {
        if let Some(write) = stream.as_ref().and_then(|stream| stream.write) {
            write(stream, c"%s".as_ptr(), answer.as_ptr());
        }
    }
    abi::SUCCESS
}

fn done() -> String {
    "+OK\n".to_owned()
}

fn for_uuid(shared: &Shared, text: &str) -> Result<String, String> {
    let (uuid, rest) = text
        .trim()
        .split_once(char::is_whitespace)
        .ok_or("a uuid and a command are needed")?;
    let command = command::parse(rest).map_err(|fault| fault.to_string())?;
    if BYPASS.load(Ordering::Relaxed) && !matches!(command, Command::Stats) {
        return Err(attach::AttachError::Bypassed.to_string());
    }
    let not_tapped = || "the channel is not tapped".to_owned();
    match command {
        Command::Start(start) => {
            let found = locate(uuid).ok_or("no such channel")?;
            attach::start(shared, found.session(), &start).map_err(|fault| fault.counted().to_string())?;
        }
        Command::Stop => {
            let found = locate(uuid).ok_or("no such channel")?;
            if !attach::stop(shared, found.session()) {
                return Err(not_tapped());
            }
        }
        Command::Pause | Command::Resume => {
            if !app::pause(shared, uuid, command == Command::Pause) {
                return Err(not_tapped());
            }
        }
        Command::Bypass(on) => {
            let leg = shared.registry.find(uuid).ok_or_else(not_tapped)?;
            leg.bypassed.store(on, Ordering::Relaxed);
        }
        Command::Stats => return shared.registry.find(uuid).map(|leg| stats(&leg)).ok_or_else(not_tapped),
        Command::Ask(_) => return Err("listen, answer and wrapup are for the dialplan".to_owned()),
    }
    Ok(done())
}

fn for_module(shared: &Shared, text: &str) -> Result<String, String> {
    let mut words = text.split_whitespace();
    match words.next() {
        Some("status") | None => Ok(status(shared)),
        Some("bypass") => {
            let on = command::parse_switch(words.next()).map_err(|fault| fault.to_string())?;
            BYPASS.store(on, Ordering::Relaxed);
            log(Level::Warning, if on { "bypass on" } else { "bypass off" });
            Ok(done())
        }
        #[cfg(debug_assertions)]
        Some("fault") => test_fault(shared, words.next()),
        Some(word) => Err(format!("unknown word {word}")),
    }
}

/// One line for each number, for people and scripts.
fn status(shared: &Shared) -> String {
    let up = shared.connected.load(Ordering::Relaxed);
    let mut text = String::new();
    let _ = writeln!(text, "version: {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "socket: {}", shared.config.socket.display());
    let _ = writeln!(text, "daemon: {}", if up { "connected" } else { "gone" });
    let _ = writeln!(text, "daemon_version: {}", lock(&shared.daemon));
    let _ = writeln!(
        text,
        "bypass: {}",
        if BYPASS.load(Ordering::Relaxed) { "on" } else { "off" }
    );
    for (name, value) in COUNTERS.all() {
        let _ = writeln!(text, "{name}: {value}");
    }
    for leg in shared.registry.all() {
        let _ = writeln!(text, "leg: {} {}", leg.info.uuid, one_line(&leg));
    }
    text
}

fn stats(leg: &Leg) -> String {
    format!("+OK {}\n", one_line(leg))
}

fn one_line(leg: &Leg) -> String {
    let yes = |flag: &std::sync::atomic::AtomicBool| if flag.load(Ordering::Relaxed) { "yes" } else { "no" };
    format!(
        "role={} rate={} frames={} sent={} lost={} paused={} bypassed={}",
        leg.info.party.as_str(),
        leg.rate.load(Ordering::Relaxed),
        leg.ring.written(),
        leg.sent.load(Ordering::Relaxed),
        leg.lost.load(Ordering::Relaxed),
        yes(&leg.paused),
        yes(&leg.bypassed),
    )
}

/// Debug builds: fails where a test wants it.
#[cfg(debug_assertions)]
#[allow(clippy::panic)]
fn test_fault(shared: &Shared, place: Option<&str>) -> Result<String, String> {
    match place {
        None => panic!("a fault that a test asked for"),
        Some("pump") => shared.fault.store(true, Ordering::Relaxed),
        Some(uuid) => {
            let leg = shared.registry.find(uuid).ok_or("the channel is not tapped")?;
            leg.fault.store(true, Ordering::Relaxed);
        }
    }
    Ok(done())
}
