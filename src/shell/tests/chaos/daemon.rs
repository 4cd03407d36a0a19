//! What is killed: the wire as the daemon has it, and calls that talk.
//!
//! It writes down what it did in `witness`, a line each: `final CALL SEGMENT clear|masked` once the outbox has accepted it,
//! and `mask CALL ID`, `resume CALL ID` once it is obeyed. `place ID` comes first: up to where an earlier process has
//! written down what it was told.

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use sidetone_base::CallId;
use sidetone_schema::{Body, Envelope};
use sidetone_shell::wire::{ControlAction, ControlCommand, Controls, OutboxConfig, Publisher, RedisConfig};
use tokio::sync::mpsc;

use crate::support::{Wire, ended, heard, joined, started, wrapup};

/// How long a call thinks between two sentences.
const TURN: Duration = Duration::from_millis(150);

/// What is known of the calls, and what was done, in one order.
struct Desk {
    masked: HashSet<String>,
    witness: std::fs::File,
}

impl Desk {
    fn tell(&mut self, line: &str) {
        self.witness.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    fn obey(&mut self, command: &ControlCommand) {
        let call = command.call.as_ref().map(CallId::to_string).unwrap_or_default();
        match command.action {
            ControlAction::Mask => drop(self.masked.insert(call.clone())),
            ControlAction::Resume => drop(self.masked.remove(&call)),
            ControlAction::Pause | ControlAction::Reload => {}
        }
        self.tell(&format!("{} {call} {}", command.action.as_str(), command.id));
    }
}

/// The way to Redis that gives up soon.
pub(crate) fn config(url: &str) -> RedisConfig {
    RedisConfig {
        url: url.to_owned(),
        timeout: Duration::from_millis(500),
        ..RedisConfig::default()
    }
}

/// Runs until it is killed.
pub(crate) async fn run(folder: &Path, url: &str, calls: u32) {
    let outbox = OutboxConfig {
        state_dir: folder.join("state"),
        ..OutboxConfig::default()
    };
    let wire = Wire::with(outbox, config(url));
    let witness = std::fs::File::options()
        .create(true)
        .append(true)
        .open(folder.join("witness"));
    let desk = Mutex::new(Desk {
        masked: HashSet::new(),
        witness: witness.unwrap(),
    });
    let controls = Controls::open(config(url), &wire.publisher);
    let saved = std::fs::read(folder.join("state/control.json")).unwrap_or_default();
    if let Ok(saved) = serde_json::from_slice::<serde_json::Value>(&saved) {
        let place = saved["at"].as_str().unwrap_or_default();
        desk.lock().unwrap().tell(&format!("place {place}"));
    }
    for command in controls.standing() {
        desk.lock().unwrap().obey(&command);
    }
    let (out, mut commands) = mpsc::channel(16);
    tokio::spawn(controls.read(out));
    let follow = async {
        while let Some(command) = commands.recv().await {
            desk.lock().unwrap().obey(&command);
        }
    };
    let talks = (0..calls).map(|number| talk(&wire.publisher, &desk, folder, number));
    tokio::join!(follow, futures_util::future::join_all(talks));
}

/// One call, from where an earlier process left it to its end.
async fn talk(publisher: &Publisher, desk: &Mutex<Desk>, folder: &Path, number: u32) {
    let (call, agent) = (format!("call{number}"), format!("8{number:03}"));
    let history = publisher.history(&CallId::new(call.as_str()));
    if history
        .last()
        .is_some_and(|event| matches!(event.body, Body::CallEnded(_)))
    {
        return;
    }
    publisher.publish(started(&call));
    publisher.publish(joined(&call, &agent));
    let mut turn = history.iter().filter_map(segment).max().map_or(0, |last| last + 1);
    tokio::time::sleep(TURN * number / 20).await;
    while !folder.join("hang-up").exists() {
        say(publisher, desk, &call, turn);
        turn += 1;
        tokio::time::sleep(TURN).await;
    }
    publisher.publish(wrapup(&call));
    publisher.publish(ended(&call));
}

fn say(publisher: &Publisher, desk: &Mutex<Desk>, call: &str, turn: u64) {
    let name = format!("s{turn}");
    let mut draft = heard(call, &name);
    let mut desk = desk.lock().unwrap();
    let masked = desk.masked.contains(call);
    if let (true, Body::TranscriptFinal(transcript)) = (masked, &mut draft.body) {
        transcript.text = "****".to_owned();
    }
    publisher.publish(draft);
    let kind = if masked { "masked" } else { "clear" };
    desk.tell(&format!("final {call} {name} {kind}"));
}

fn segment(event: &Envelope) -> Option<u64> {
    match &event.body {
        Body::TranscriptFinal(heard) => heard.segment_id.strip_prefix('s')?.parse().ok(),
        _ => None,
    }
}
