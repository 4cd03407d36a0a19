//! Telephone calls: SIPp dials through a real Asterisk, the built daemon hears with Whisper, Redis has it.
//!
//! Needs `deploy/setup.sh switch` and `sidetone models fetch`, as `make test` runs them. One test at a time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::HashSet;
use std::time::Duration;

use redis::streams::StreamReadReply;
use sidetone_e2e::live::{Options, PATIENCE, Sound, Stage, until};
use sidetone_e2e::rules::{assert_segments, assert_story};
use sidetone_schema::{Body, CallStarted, Envelope, Transcript, UpdateReason};

const FULL: Options = Options::FULL;
const FINALS_ONLY: Options = Options {
    partials: false,
    ..Options::FULL
};

fn sound(seconds: usize) -> Sound {
    Sound {
        call: "unemployment-benefit",
        seconds,
    }
}

fn finals(events: &[Envelope]) -> Vec<&Transcript> {
    let said = events.iter().filter_map(|event| match &event.body {
        Body::TranscriptFinal(transcript) => Some(transcript),
        _ => None,
    });
    said.collect()
}

fn count(events: &[Envelope], name: &str) -> usize {
    events.iter().filter(|event| event.body.type_name() == name).count()
}

/// A switch that gets no core may not answer for two seconds; the leg is then tapped another way, and what is asked of the call
/// holds as well. That is told, and no fault of the daemon.
fn assert_no_faults(events: &[Envelope]) {
    let faults = events.iter().filter(|event| matches!(event.body, Body::Error(_)));
    let (late, faults): (Vec<_>, Vec<_>) = faults.partition(|event| {
        matches!(&event.body, Body::Error(fault) if fault.code == "tap_failed" && fault.message.contains("does not answer within"))
    });
    println!("{} taps were tried another way: the switch did not answer", late.len());
    assert!(faults.is_empty(), "{faults:#?}");
}

/// Milliseconds from the call's first event to the update with this reason.
fn updated_at(events: &[Envelope], reason: UpdateReason) -> u64 {
    let event = events
        .iter()
        .find(|event| matches!(&event.body, Body::CallUpdated(call) if call.reason == reason));
    let event = event.unwrap_or_else(|| panic!("no {reason:?}"));
    let since = event.ts.instant().as_millisecond() - events[0].ts.instant().as_millisecond();
    since.try_into().unwrap()
}

#[test]
fn a_queue_call_is_heard_understood_and_wrapped_up() {
    let stage = Stage::set("queue", 0, sound(20), &FULL);
    let mirror = stage.store.mirror("8001");
    let mut agent = stage.pbx.agent(1, "agent", &[]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "21000"]);
    let call = stage.call();
    until("the agent's screen to know the call", PATIENCE, || {
        stage.store.call_of("8001").filter(|id| *id == call)
    });
    assert_eq!(stage.store.state(&call, "status").as_deref(), Some("live"));
    assert_eq!(stage.store.state(&call, "queue").as_deref(), Some("12333"));

    let events = stage.story(&call);
    assert_story(&events);
    assert_no_faults(&events);
    let text: String = finals(&events).iter().map(|said| said.text.as_str()).collect();
    println!("{} events; {text}", events.len());
    assert!(text.contains("失业"), "{text}");
    let hinted = events.iter().any(|event| match &event.body {
        Body::HintNew(hint) => hint.trigger.intent.starts_with("unemployment_benefit"),
        _ => false,
    });
    assert!(hinted, "no hint about unemployment benefit");

    caller.assert_success();
    agent.assert_success();
    let shown = until("the mirror to end", PATIENCE, || {
        Some(mirror.seen()).filter(|seen| seen.last().is_some_and(|event| event.seq == events.len() as u64))
    });
    let theirs: Vec<&Envelope> = events
        .iter()
        .filter(|event| event.agent_id.as_deref() == Some("8001"))
        .collect();
    assert!(theirs.len() > 5, "{theirs:?}");
    for event in theirs {
        assert!(shown.contains(event), "agent 8001 was not shown {event:?}");
    }
    assert!(
        shown.iter().all(|event| events.contains(event)),
        "shown, but not in the stream"
    );
    until("the agent to be free", PATIENCE, || {
        stage.store.call_of("8001").is_none().then_some(())
    });
    assert_eq!(stage.store.state(&call, "status").as_deref(), Some("ended"));
    assert_eq!(stage.store.state(&call, "cause").as_deref(), Some("hangup"));
    crm_gets_the_wrapup(&stage, &call);
}

fn crm_gets_the_wrapup(stage: &Stage, call: &str) {
    let _: String = stage.store.ask(&["XGROUP", "CREATE", "sidetone:wrapups", "crm", "0"]);
    let read = [
        "XREADGROUP",
        "GROUP",
        "crm",
        "one",
        "COUNT",
        "10",
        "STREAMS",
        "sidetone:wrapups",
        ">",
    ];
    let reply: StreamReadReply = stage.store.ask(&read);
    let entries = &reply.keys[0].ids;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].get::<String>("call_id").as_deref(), Some(call));
    let event: Envelope = serde_json::from_str(&entries[0].get::<String>("event").unwrap()).unwrap();
    assert!(
        matches!(&event.body, Body::WrapupFinal(wrapup) if wrapup.complete),
        "{event:?}"
    );
    let acknowledged: u64 = stage.store.ask(&["XACK", "sidetone:wrapups", "crm", &entries[0].id]);
    assert_eq!(acknowledged, 1);
}

#[test]
fn a_killed_daemon_comes_back_into_the_call() {
    let mut stage = Stage::set("killed", 1, sound(34), &FULL);
    let mut agent = stage.pbx.agent(1, "agent", &[]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "35000"]);
    let call = stage.call();
    stage.events(&call, "a final before the kill", |events| {
        count(events, "transcript.final") > 0
    });
    stage.daemon.kill();
    let before = stage.store.stream(&call);
    stage.daemon.restart();
    let events = stage.story(&call);
    caller.assert_success();
    agent.assert_success();
    // What was in the journal and not yet in Redis when the daemon was killed comes after it.
    assert_eq!(events[..before.len()], before[..], "the past has changed");
    let resumed = events.iter().position(
        |event| matches!(&event.body, Body::CallStarted(CallStarted { resumed: true, age_ms, .. }) if *age_ms > 0),
    );
    let resumed = resumed.expect("call.started with resumed");
    assert_eq!((count(&events, "call.started"), count(&events, "call.ended")), (2, 1));
    assert!(!finals(&events[..resumed]).is_empty(), "no final before");
    assert!(!finals(&events[resumed..]).is_empty(), "no final after");
    assert_eq!(count(&events, "wrapup.final"), 1);
    assert_segments(&events[resumed..]);
    let ids: HashSet<&str> = finals(&events).iter().map(|said| said.segment_id.as_str()).collect();
    assert_eq!(ids.len(), finals(&events).len(), "a segment id is used twice");
}

#[test]
fn a_call_that_ended_behind_the_daemons_back_is_ended() {
    let mut stage = Stage::set("unseen", 2, sound(12), &FULL);
    let mut agent = stage.pbx.agent(1, "agent", &[]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "12000"]);
    let call = stage.call();
    stage.events(&call, "a final", |events| count(events, "transcript.final") > 0);
    stage.daemon.kill();
    caller.assert_success();
    agent.assert_success();
    stage.daemon.restart();
    let events = stage.story(&call);
    let Some(Body::CallEnded(end)) = events.last().map(|event| &event.body) else {
        panic!("no end")
    };
    assert_eq!(end.cause, "lost_sight");
    assert_eq!(count(&events, "wrapup.final"), 1);
    // It lasts to the last that was heard of it, and is the same call as before to every reader.
    let before_kill = events
        .iter()
        .rposition(|event| matches!(event.body, Body::CallStarted(_)))
        .unwrap();
    let heard_for = events[before_kill - 1]
        .ts
        .instant()
        .duration_since(events[0].ts.instant());
    let lasted = i128::from(end.duration_ms);
    assert!(
        lasted > 3_000 && (lasted - heard_for.as_millis()).abs() < 1_500,
        "{lasted} {heard_for}"
    );
    assert_eq!(usize::try_from(end.finals).unwrap(), finals(&events).len());
    let since = stage.store.state(&call, "since").unwrap();
    let shift = events[0].ts.instant().duration_since(since.parse().unwrap());
    assert!(shift.abs() < jiff::SignedDuration::from_millis(1_500), "{since}");
    assert_eq!(stage.store.state(&call, "queue").as_deref(), Some("12333"));
    until("the agent to be free", PATIENCE, || {
        stage.store.call_of("8001").is_none().then_some(())
    });
}

#[test]
fn what_is_being_said_when_the_daemon_is_stopped_is_said() {
    let mut stage = Stage::set("stopped", 1, sound(34), &FULL);
    let _agent = stage.pbx.agent(1, "agent", &[]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "20000"]);
    let call = stage.call();
    let open = |events: &[Envelope]| count(events, "speech.started") > count(events, "speech.ended");
    // Whole sentences have been said, and somebody is in the middle of one.
    stage.events(&call, "somebody to speak", |events| {
        count(events, "transcript.final") > 0 && open(events)
    });
    stage.daemon.stop();
    let events = stage.store.stream(&call);
    assert_eq!(
        count(&events, "speech.started"),
        count(&events, "speech.ended"),
        "{events:#?}"
    );
    let last = events
        .iter()
        .rposition(|event| matches!(event.body, Body::SpeechEnded(_)))
        .unwrap();
    let Body::SpeechEnded(spoken) = &events[last].body else {
        unreachable!()
    };
    let said = finals(&events[last..]);
    assert!(
        said.iter()
            .any(|said| said.segment_id == spoken.segment_id && !said.text.is_empty()),
        "{said:?}"
    );
    assert_eq!(count(&events, "call.ended"), 0, "the call goes on");
    stage.daemon.restart();
    let events = stage.story(&call);
    caller.assert_success();
    assert_eq!((count(&events, "call.started"), count(&events, "call.ended")), (2, 1));
    assert_segments(&events);
}

#[test]
fn a_redis_that_dies_and_comes_back_empty_is_filled_again() {
    let mut stage = Stage::set("redis", 3, sound(20), &FULL);
    let _agent = stage.pbx.agent(1, "agent", &[]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "21000"]);
    let call = stage.call();
    let before = stage.events(&call, "a final before", |events| count(events, "transcript.final") > 0);
    stage.store.kill();
    std::thread::sleep(Duration::from_secs(5));
    stage.store.restart();
    let events = stage.story(&call);
    caller.assert_success();
    assert_story(&events);
    assert_no_faults(&events);
    assert_eq!(events[..before.len()], before[..], "the past has changed");
    assert!(
        finals(&events).len() > finals(&before).len(),
        "nothing was heard after the fault"
    );
    let wrapups: u64 = stage.store.ask(&["XLEN", "sidetone:wrapups"]);
    assert!(wrapups >= 1);
}

#[test]
fn a_transferred_call_stays_one_call_and_moves_to_the_other_screen() {
    let stage = Stage::set("transfer", 4, sound(16), &FULL);
    let second_screen = stage.store.mirror("8003");
    let transfer = ["-d", "6000", "-key", "transfer_to", "8003", "-key", "agent", "8001"];
    let _first = stage.pbx.agent(1, "agent_transfers", &transfer);
    let _second = stage.pbx.agent(3, "agent_hangs_up", &["-d", "8000"]);
    let mut caller = stage.pbx.caller(1, "caller", "12333", &[]);
    let call = stage.call();
    until("the call to be 8003's", PATIENCE, || {
        stage.store.call_of("8003").filter(|id| *id == call)
    });
    until("8001 to be free", PATIENCE, || {
        stage.store.call_of("8001").is_none().then_some(())
    });
    let events = stage.story(&call);
    caller.assert_success();
    assert_story(&events);
    assert_eq!(stage.store.calls(), [call], "one call");
    assert_no_faults(&events);
    let _ = updated_at(&events, UpdateReason::Transfer);
    let shown = until("8003 to be shown the end", PATIENCE, || {
        Some(second_screen.seen()).filter(|seen| seen.last().is_some_and(|event| event.seq == events.len() as u64))
    });
    let theirs: Vec<&Envelope> = events
        .iter()
        .filter(|event| event.agent_id.as_deref() == Some("8003"))
        .collect();
    assert!(theirs.len() > 3, "{theirs:?}");
    for event in theirs {
        assert!(shown.contains(event), "agent 8003 was not shown {event:?}");
    }
}

#[test]
fn nothing_is_heard_while_on_hold() {
    // The caller speaks from 4.6 s to 10.3 s, and is on hold from some 5.5 s to 9.5 s.
    let stage = Stage::set("hold", 5, sound(18), &FULL);
    let _agent = stage.pbx.agent_holding(1, Duration::from_secs(4), &["-d", "5500"]);
    let mut caller = stage.pbx.caller(1, "caller_hangs_up", "12333", &["-d", "18500"]);
    let events = stage.story(&stage.call());
    caller.assert_success();
    assert_story(&events);
    let (held, resumed) = (
        updated_at(&events, UpdateReason::Hold),
        updated_at(&events, UpdateReason::Resume),
    );
    assert!(resumed >= held + 3_000, "held from {held} to {resumed} ms");
    let slack = 400;
    for said in finals(&events) {
        let outside = said.end_ms <= held + slack || said.begin_ms + slack >= resumed;
        assert!(outside, "held from {held} to {resumed} ms, and yet: {said:?}");
    }
    assert!(
        finals(&events).iter().any(|said| said.begin_ms > resumed),
        "deaf after the hold"
    );
}

#[test]
fn ten_calls_at_once_lose_no_final() {
    let stage = Stage::set("ten", 0, sound(11), &FINALS_ONLY);
    let mut phones: Vec<_> = (1..=10).map(|n| stage.pbx.agent(n, "agent", &[])).collect();
    phones.extend((1..=10).map(|n| stage.pbx.caller(n, "caller_hangs_up", "12333", &["-d", "12000"])));
    let calls = until("ten calls", PATIENCE, || {
        Some(stage.store.calls()).filter(|calls| calls.len() == 10)
    });
    for call in &calls {
        let events = stage.story(call);
        assert_story(&events);
        assert_no_faults(&events);
        let text: String = finals(&events).iter().map(|said| said.text.as_str()).collect();
        println!("{call}: {} finals, {text}", finals(&events).len());
        assert!(finals(&events).len() >= 2, "{call}: {text}");
    }
    assert_eq!(stage.store.calls().len(), 10);
    phones.iter_mut().for_each(sidetone_e2e::live::Phone::assert_success);
}
