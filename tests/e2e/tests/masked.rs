//! What an operator has withheld stays withheld, however often the daemon is killed: a telephone call through a real Asterisk, the
//! built daemon, a real Redis.
//!
//! Needs `deploy/setup.sh switch` and `sidetone models fetch`, as `make test` runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sidetone_e2e::live::{Options, Phone, Sound, Stage};
use sidetone_schema::{Body, Envelope, Transcript, UpdateReason};

/// In each of two masked calls.
const KILLS: usize = 10;

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides).unwrap()
    }
}

/// What partials and finals show.
fn texts(events: &[Envelope]) -> Vec<&str> {
    let said = events.iter().filter_map(|event| said(&event.body));
    said.map(|said| said.text.as_str()).collect()
}

fn said(body: &Body) -> Option<&Transcript> {
    match body {
        Body::TranscriptPartial(said) | Body::TranscriptFinal(said) | Body::TranscriptRevised(said) => Some(said),
        _ => None,
    }
}

/// A call on which somebody has spoken.
fn open_call(name: &str) -> (Stage, String, [Phone; 2]) {
    let sound = Sound {
        call: "unemployment-benefit",
        seconds: 300,
    };
    let options = Options {
        partials: true,
        model: "sidetone-zh",
    };
    let stage = Stage::set(name, 5, sound, &options);
    let agent = stage.pbx.agent(1, "agent", &[]);
    let caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "290000"]);
    let call = stage.call();
    stage.events(&call, "somebody to speak", |events| !texts(events).is_empty());
    (stage, call, [agent, caller])
}

/// The operator asks this; gives the place of the event that says so.
fn control(stage: &Stage, call: &str, command: &str) -> usize {
    let obeyed =
        |event: &Envelope| matches!(&event.body, Body::CallUpdated(call) if call.reason == UpdateReason::Control);
    let before = stage.store.stream(call).len();
    let _: String = stage
        .store
        .ask(&["XADD", "sidetone:control", "*", "command", command, "call_id", call]);
    let events = stage.events(call, command, |events| events.iter().skip(before).any(obeyed));
    before + events[before..].iter().position(obeyed).unwrap()
}

fn assert_came_back(events: &[Envelope], kills: usize) {
    let resumed = |event: &&Envelope| matches!(&event.body, Body::CallStarted(call) if call.resumed);
    assert!(
        events.iter().filter(resumed).count() >= kills / 2,
        "daemons did not come back into the call"
    );
}

/// One masked call, in which the daemon is killed so often. It goes on until more was said after the mask than there were
/// kills: how much a daemon hears between two of them is up to the machine.
fn killed_while_masked(name: &str, seed: u64) {
    let (mut stage, call, _phones) = open_call(name);
    let from = control(&stage, &call, "mask");
    let mut dice = Dice(seed);
    for _ in 0..KILLS {
        // Any moment: between two events of the call, or while the daemon is only just back.
        let (now, more) = (stage.store.stream(&call).len(), dice.roll(3));
        stage.events(&call, "more events", |events| events.len() >= now + more);
        stage.daemon.kill();
        stage.daemon.restart();
    }
    let events = stage.events(&call, "more to be said", |events| texts(&events[from..]).len() > KILLS);
    let texts = texts(&events[from..]);
    let shown: Vec<&&str> = texts.iter().filter(|text| text.chars().any(|c| c != '*')).collect();
    assert!(shown.is_empty(), "{} of {}: {shown:?}", shown.len(), texts.len());
    assert_came_back(&events, KILLS);
}

#[test]
fn nothing_that_is_withheld_shows_over_twenty_kills() {
    killed_while_masked("masked-1", 2_311);
    killed_while_masked("masked-2", 7_919);
}

#[test]
fn nothing_is_heard_while_paused_over_kills_and_what_follows_is() {
    const KILLS: usize = 4;
    let (mut stage, call, _phones) = open_call("paused");
    let from = control(&stage, &call, "pause");
    for kill in 1..=KILLS {
        stage.daemon.kill();
        stage.daemon.restart();
        stage.events(&call, "the daemon in the call again", |events| {
            let resumed = |event: &&Envelope| matches!(&event.body, Body::CallStarted(call) if call.resumed);
            events.iter().filter(resumed).count() >= kill
        });
    }
    let to = control(&stage, &call, "resume");
    let events = stage.events(&call, "more to be said", |events| !texts(&events[to..]).is_empty());
    // What was being said when the operator asked may still be written.
    let since = events[from].ts.instant().as_millisecond() - events[0].ts.instant().as_millisecond();
    let paused_ms = u64::try_from(since).unwrap();
    let heard: Vec<&Transcript> = events[from..to].iter().filter_map(|event| said(&event.body)).collect();
    let late: Vec<_> = heard.iter().filter(|said| said.begin_ms > paused_ms).collect();
    assert!(late.is_empty(), "paused at {paused_ms} ms: {late:?}");
    assert_came_back(&events, KILLS);
}
