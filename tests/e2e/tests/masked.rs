//! What an operator has withheld stays withheld, however often the daemon is killed: a telephone call through a real Asterisk, the
//! built daemon, a real Redis.
//!
//! Needs `deploy/setup.sh switch` and `sidetone models fetch`, as `make test` runs them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sidetone_e2e::live::{Options, Sound, Stage};
use sidetone_schema::{Body, Envelope, Transcript, UpdateReason};

/// In each of two calls: a call has sound for a minute.
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
    fn text(body: &Body) -> Option<&Transcript> {
        match body {
            Body::TranscriptPartial(said) | Body::TranscriptFinal(said) | Body::TranscriptRevised(said) => Some(said),
            _ => None,
        }
    }
    let said = events.iter().filter_map(|event| text(&event.body));
    said.map(|said| said.text.as_str()).collect()
}

/// One masked call, in which the daemon is killed so often. Gives how much was said after the mask.
fn killed_while_masked(name: &str, seed: u64) -> usize {
    let sound = Sound {
        call: "unemployment-benefit",
        seconds: 300,
    };
    let options = Options {
        partials: true,
        model: "sidetone-zh",
    };
    let mut stage = Stage::set(name, 5, sound, &options);
    let _agent = stage.pbx.agent(1, "agent", &[]);
    let _caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "290000"]);
    let call = stage.call();
    stage.events(&call, "somebody to speak", |events| !texts(events).is_empty());
    let mask = ["XADD", "sidetone:control", "*", "command", "mask", "call_id", &call];
    let _: String = stage.store.ask(&mask);
    let withheld =
        |event: &Envelope| matches!(&event.body, Body::CallUpdated(call) if call.reason == UpdateReason::Control);
    let events = stage.events(&call, "the call to be masked", |events| events.iter().any(withheld));
    let from = events.iter().position(withheld).unwrap();
    let mut dice = Dice(seed);
    for _ in 0..KILLS {
        // Any moment: between two events of the call, or while the daemon is only just back.
        let (now, more) = (stage.store.stream(&call).len(), dice.roll(3));
        stage.events(&call, "more events", |events| events.len() >= now + more);
        stage.daemon.kill();
        stage.daemon.restart();
    }
    let now = texts(&stage.store.stream(&call)).len();
    let events = stage.events(&call, "more to be said", |events| texts(events).len() > now);
    let texts = texts(&events[from..]);
    let shown: Vec<&&str> = texts.iter().filter(|text| text.chars().any(|c| c != '*')).collect();
    assert!(shown.is_empty(), "{} of {}: {shown:?}", shown.len(), texts.len());
    let resumed = |event: &&Envelope| matches!(&event.body, Body::CallStarted(call) if call.resumed);
    assert!(
        events.iter().filter(resumed).count() >= KILLS / 2,
        "daemons did not come back into the call"
    );
    texts.len()
}

#[test]
fn nothing_that_is_withheld_shows_over_twenty_kills() {
    let said = killed_while_masked("masked-1", 2_311) + killed_while_masked("masked-2", 7_919);
    assert!(said > KILLS, "little was said: {said}");
}
