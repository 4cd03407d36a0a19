//! An IVR on telephone calls: SIPp speaks to a dialplan of a real Asterisk, the built daemon hears with Whisper.
//!
//! Needs what `live.rs` needs. One test at a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::time::Duration;

use sidetone_base::Role;
use sidetone_e2e::corpus::CorpusCall;
use sidetone_e2e::live::{Options, PATIENCE, Sound, Stage, until_or};
use sidetone_e2e::rules::assert_story;
use sidetone_schema::{Body, UpdateReason};

const OPTIONS: Options = Options {
    partials: false,
    ..Options::FULL
};
/// Of the corpus call, the caller's first turn: "失业保险金" and how to get it, from 4.6 s to 10.3 s.
const FROM: usize = 3;
const TO: usize = 11;

fn stage(name: &str, block: u16) -> Stage {
    let sound = Sound {
        call: "unemployment-benefit",
        seconds: 20,
    };
    let stage = Stage::set(name, block, sound, &OPTIONS);
    for (role, bytes) in CorpusCall::open(sound.call).a_law {
        if role == Role::Caller {
            std::fs::write(stage.pbx.folder.join("caller.pcma"), &bytes[FROM * 8_000..TO * 8_000]).unwrap();
        }
    }
    stage
}

/// The first line of the switch's log with this text.
fn logged(stage: &Stage, text: &str) -> String {
    let line = || {
        let log = stage.pbx.log();
        log.lines().find(|line| line.contains(text)).map(str::to_owned)
    };
    until_or(text, PATIENCE, line, || stage.pbx.log())
}

#[test]
fn a_caller_is_routed_by_what_they_said_and_the_agent_gets_it_all() {
    let stage = stage("ivr-route", 0);
    let agent = stage.pbx.agent(1, "agent_hangs_up", &["-d", "3000"]);
    let _caller = stage.pbx.caller(1, "caller", "701", &[]);
    let routed = logged(&stage, "SidetoneRouted");
    assert!(routed.contains("Topic: unemployment_benefit"), "{routed}");
    let call = stage.call();
    let events = stage.story(&call);
    drop(agent);
    assert_story(&events);
    assert_eq!(
        stage.store.calls(),
        std::slice::from_ref(&call),
        "the agent's call is the IVR's"
    );
    let said = events
        .iter()
        .position(|event| matches!(event.body, Body::TranscriptFinal(_)));
    let joined = events
        .iter()
        .position(|event| event.agent_id.as_deref() == Some("8001"));
    let (said, joined) = (said.expect("a final"), joined.expect("an agent"));
    assert!(said < joined, "heard before the agent was there");
    let first = &events[joined];
    assert!(
        matches!(&first.body, Body::CallUpdated(update) if update.reason == UpdateReason::Joined),
        "{first:?}"
    );
    let header = logged(&stage, "Set(PJSIP_HEADER(add,X-Sidetone-Summary)=%E");
    println!("{routed}\n{header}");
    let hash: Option<String> = stage.store.ask(&["HGET", &format!("sidetone:ivr:{call}"), "topic"]);
    assert_eq!(hash.as_deref(), Some("unemployment_benefit"));
}

#[test]
fn the_switchs_speech_engine_hears_and_nobody_else_does() {
    let stage = stage("ivr-speech", 1);
    let _caller = stage.pbx.caller(1, "caller_hangs_up", "704", &["-d", "25000"]);
    let heard = logged(&stage, "SidetoneSpeech,Text");
    println!("{heard}");
    assert!(heard.contains("失业"), "{heard}");
    assert!(heard.contains("Grammar: unemployment_benefit/"), "{heard}");
    assert!(heard.contains("Reply: "), "{heard}");
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(
        stage.store.calls(),
        Vec::<String>::new(),
        "an engine's words are not published"
    );
}
