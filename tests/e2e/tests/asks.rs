//! A supervisor asks for a figure on the telephone: SIPp speaks the question to a dialplan of a real Asterisk, the built daemon
//! hears it, the desk answers from its archive, the dialplan has the sentence to say, and screens are told of the chart.
//!
//! Needs what `live.rs` needs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sidetone_base::Role;
use sidetone_e2e::corpus::CorpusCall;
use sidetone_e2e::live::{Desk, Options, PATIENCE, Sound, Stage, until_or};

/// The desk's port, counted from the switch's.
const DESK: u16 = 524;
const DAY: i64 = 86_400_000;
const EAST: i64 = 8 * 3_600_000;

/// Four callers of yesterday noon, of whom three were answered.
fn facts() -> String {
    let now = jiff::Timestamp::now().as_millisecond();
    let noon = (now + EAST).div_euclid(DAY) * DAY - EAST - DAY / 2;
    let entry = |n: i64| {
        let (t0, left) = (noon + n * 60_000, if n == 3 { "abandoned" } else { "answered" });
        json!({"call_id": format!("c{n}"), "seq": 1, "rev": 1, "sym": "Q", "queue": "12333", "t0": t0, "t1": t0 + 9_000, "w": 9_000, "left": left})
    };
    (0..4).map(|n| entry(n).to_string() + "\n").collect()
}

#[test]
fn a_supervisor_asks_on_the_telephone_and_hears_the_number() {
    let sound = Sound {
        call: "unemployment-benefit",
        seconds: 1,
    };
    let stage = Stage::set("asks", 3, sound, &Options::FULL);
    let question = CorpusCall::open_in("asks", "answer-rate");
    let spoken_ms = question.spans[0].1;
    for (role, bytes) in question.a_law {
        if role == Role::Caller {
            std::fs::write(stage.pbx.folder.join("caller.pcma"), bytes).unwrap();
        }
    }
    let folder = stage.pbx.folder.parent().unwrap().to_owned();
    let desk = Desk::start(&folder, stage.pbx.port + DESK, &stage.store.url(), &facts());
    let (told, charts) = std::sync::mpsc::channel::<String>();
    let mut connection = stage.store.connect();
    let (ready, subscribed) = std::sync::mpsc::channel();
    let listening = std::thread::spawn(move || {
        let mut live = connection.as_pubsub();
        live.subscribe("sidetone:desk:chart").unwrap();
        ready.send(()).unwrap();
        if let Ok(message) = live.get_message() {
            let _ = told.send(message.get_payload().unwrap());
        }
    });
    subscribed.recv().unwrap();

    let begun = Instant::now();
    let _caller = stage.pbx.caller(1, "caller_hangs_up", "705", &["-d", "30000"]);
    let said = || {
        let log = stage.pbx.log();
        log.lines()
            .find(|line| line.contains("SidetoneFigure,Asked"))
            .map(str::to_owned)
    };
    let line = until_or("an answer", PATIENCE, said, || stage.pbx.log() + &desk.log());
    println!(
        "{} ms after the last word: {line}",
        begun.elapsed().as_millis().saturating_sub(u128::from(spoken_ms))
    );
    assert!(line.contains("接通率"), "{line}");
    assert!(line.contains("百分之75") || line.contains("百分之七十五"), "{line}");

    let chart: Value = serde_json::from_str(&charts.recv_timeout(Duration::from_secs(5)).unwrap()).unwrap();
    listening.join().unwrap();
    assert_eq!(chart["query"]["metrics"], json!(["M016"]));
    assert_eq!(chart["rows"][0]["num"], 3);
    assert_eq!(chart["rows"][0]["den"], 4);
    assert!(
        chart["extension"]
            .as_str()
            .is_some_and(|from| from.starts_with("0000000"))
    );
}
