//! Corpus calls through the real engine on virtual time: media, gate, segmentation, text, privacy,
//! understanding, hints and wrap-up as in the daemon; only the recogniser reads from the script.
//!
//! `UPDATE_GOLDEN=1 cargo test -p sidetone-e2e --test replay` writes `golden/` anew; read the difference.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde_json::{Value, json};
use sidetone_base::Role;
use sidetone_e2e::corpus::{CorpusCall, Expect, names};
use sidetone_e2e::network::{Weather, send};
use sidetone_e2e::replay::{Replayed, replay};
use sidetone_e2e::rules::{assert_discreet, assert_story, assert_valid};
use sidetone_e2e::scripted::Wording;
use sidetone_schema::{Body, Envelope, HintData};

const SHARE_OF_HINTS: f64 = 0.8;

fn calls() -> &'static [CorpusCall] {
    static CALLS: OnceLock<Vec<CorpusCall>> = OnceLock::new();
    CALLS.get_or_init(|| names().iter().map(|name| CorpusCall::open(name)).collect())
}

fn call(name: &str) -> &'static CorpusCall {
    calls().iter().find(|call| call.script.name == name).unwrap()
}

/// Every call as written, replayed once for all tests.
fn written() -> &'static [Replayed] {
    static REPLAYED: OnceLock<Vec<Replayed>> = OnceLock::new();
    REPLAYED.get_or_init(|| {
        calls()
            .iter()
            .map(|call| replay(call, Wording::Written, &call.frames))
            .collect()
    })
}

fn stories() -> impl Iterator<Item = (&'static CorpusCall, &'static [Envelope])> {
    calls()
        .iter()
        .zip(written())
        .map(|(call, replayed)| (call, replayed.events.as_slice()))
}

/// The hints that were shown, in order.
fn hints(events: &[Envelope]) -> impl Iterator<Item = &HintData> {
    events.iter().filter_map(|event| match &event.body {
        Body::HintNew(hint) | Body::HintUpdate(hint) => Some(&**hint),
        _ => None,
    })
}

/// Turns of which some text was settled.
fn turns_heard(call: &CorpusCall, events: &[Envelope]) -> BTreeSet<usize> {
    let turn = |event: &Envelope| match &event.body {
        Body::TranscriptFinal(said) if !said.text.is_empty() => {
            let role = if event.role.as_deref() == Some("caller") {
                Role::Caller
            } else {
                Role::Agent
            };
            call.turn_at(role, said.begin_ms, said.end_ms)
        }
        _ => None,
    };
    events.iter().filter_map(turn).collect()
}

fn text_of<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value)
        .unwrap()
        .as_str()
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn there_are_fourteen_calls() {
    assert_eq!(calls().len(), 14, "{:?}", names());
}

#[test]
fn every_call_keeps_the_order() {
    for (call, events) in stories() {
        println!("{}: {} events", call.script.name, events.len());
        assert_story(events);
    }
}

#[test]
fn every_event_is_as_the_schema_says() {
    for (_, events) in stories() {
        events
            .iter()
            .for_each(|event| assert_valid(&serde_json::to_value(event).unwrap()));
    }
}

#[test]
fn the_schema_has_teeth() {
    let good = serde_json::to_value(&written()[0].events[0]).unwrap();
    let spoilt = [
        ("seq", json!("one")),
        ("type", json!(7)),
        ("data", json!({})),
        ("role", json!("judge")),
    ];
    for (field, value) in spoilt {
        let mut bad = good.clone();
        bad[field] = value;
        assert!(
            std::panic::catch_unwind(|| assert_valid(&bad)).is_err(),
            "{field} may be anything"
        );
    }
    // Types are added within a version: a validator that is older passes them.
    let mut newer = good;
    newer["type"] = json!("call.begun");
    newer["data"] = json!({});
    assert_valid(&newer);
}

#[test]
fn every_turn_is_heard() {
    for (call, events) in stories() {
        let all: BTreeSet<usize> = (0..call.script.turns.len()).collect();
        assert_eq!(turns_heard(call, events), all, "{}", call.script.name);
    }
}

#[test]
fn no_personal_data_leaves_written_or_spoken() {
    for (call, events) in stories() {
        assert_discreet(&call.script, events);
        if !call.script.secrets.is_empty() {
            let spoken = replay(call, Wording::Spoken, &call.frames).events;
            assert_story(&spoken);
            assert_discreet(&call.script, &spoken);
        }
    }
}

#[test]
fn wrap_ups_name_the_topics() {
    let mut wrong = Vec::new();
    for (call, events) in stories() {
        let wrapup = events.iter().find_map(|event| match &event.body {
            Body::WrapupFinal(wrapup) => Some(wrapup),
            _ => None,
        });
        let found: BTreeSet<&str> = wrapup
            .unwrap()
            .topics
            .iter()
            .map(|topic| topic.topic.as_str())
            .collect();
        let wanted: BTreeSet<&str> = call.script.topics.iter().map(String::as_str).collect();
        if found != wanted {
            wrong.push(format!("{}: {found:?} instead of {wanted:?}", call.script.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn expected_hints_are_shown() {
    let (mut expected, mut missed) = (0, Vec::new());
    for (call, events) in stories() {
        for turn in &call.script.turns {
            for expect in &turn.expect {
                expected += 1;
                if !hints(events).any(|hint| meets(hint, expect)) {
                    missed.push(format!("{}: {} wants {expect:?}", call.script.name, turn.text));
                }
            }
        }
    }
    println!(
        "{} of {expected} expected hints are missing\n{}",
        missed.len(),
        missed.join("\n")
    );
    let found = (expected - missed.len()) as f64;
    assert!(
        found / f64::from(expected as u32) >= SHARE_OF_HINTS,
        "too many are missing:\n{}",
        missed.join("\n")
    );
}

fn meets(hint: &HintData, expect: &Expect) -> bool {
    hint.trigger.intent.split('/').next() == Some(&expect.topic)
        && expect.kinds.contains(&text_of(hint.kind))
        && expect
            .must_contain
            .as_ref()
            .is_none_or(|text| hint.title.contains(text) || hint.body.contains(text))
}

#[test]
fn small_talk_shows_nothing() {
    for (call, events) in stories() {
        for hint in hints(events) {
            let segment = events.iter().find_map(|event| match &event.body {
                Body::SpeechEnded(speech) if speech.segment_id == hint.trigger.segment_id => Some(speech),
                _ => None,
            });
            let segment = segment.unwrap_or_else(|| panic!("a hint after no segment: {hint:?}"));
            let turn = call.turn_at(Role::Caller, segment.begin_ms, segment.end_ms);
            let talk = turn.is_some_and(|turn| call.script.turns[turn].small_talk);
            assert!(!talk, "{}: {} after small talk", call.script.name, hint.title);
        }
    }
}

#[test]
fn the_same_input_gives_the_same_events() {
    for name in ["personal-pension", "layoff-compensation"] {
        let call = call(name);
        let packets = send(
            call,
            Weather {
                loss_percent: 5,
                jitter_ms: 40,
                seed: 7,
            },
        )
        .packets;
        for frames in [&call.frames, &packets] {
            let once = replay(call, Wording::Spoken, frames).events;
            let again = replay(call, Wording::Spoken, frames).events;
            assert!(once == again, "{name} differs from itself");
        }
    }
}

#[test]
fn a_bad_network_costs_sound_and_not_turns() {
    for (index, call) in calls().iter().enumerate() {
        let weather = Weather {
            loss_percent: [1, 5, 10][index % 3],
            jitter_ms: 40,
            seed: index as u64,
        };
        let sent = send(call, weather);
        let Replayed { events, reports } = replay(call, Wording::Written, &sent.packets);
        assert_story(&events);
        assert_discreet(&call.script, &events);
        let heard = turns_heard(call, &events).len();
        println!(
            "{}: {weather:?}: {heard} of {} turns",
            call.script.name,
            call.script.turns.len()
        );
        assert!(
            heard + 1 >= call.script.turns.len(),
            "{}: only {heard} turns",
            call.script.name
        );
        for (leg, delivered, lost) in &sent.legs {
            let report = reports.iter().find(|report| report.leg == *leg).unwrap();
            let media = &report.media;
            assert_eq!(media.received, *delivered, "{leg}: {media:?}");
            assert!(
                (*lost..=*lost + media.late).contains(&media.lost),
                "{leg}: {lost} lost, says {media:?}"
            );
            assert_eq!(
                (media.malformed, media.unknown_payload, media.duplicate),
                (0, 0, 0),
                "{leg}: {media:?}"
            );
            assert_eq!(report.finals_lost, 0, "{leg}");
        }
    }
}

#[test]
fn golden_unemployment_benefit() {
    golden("unemployment-benefit");
}

#[test]
fn golden_social_card_lost() {
    golden("social-card-lost");
}

fn golden(name: &str) {
    let (_, events) = stories().find(|(call, _)| call.script.name == name).unwrap();
    let lines: Vec<String> = events.iter().map(|event| gist(event).to_string()).collect();
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("golden/{name}.jsonl"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    let mut differ = wanted.lines().zip(&lines).filter(|(wanted, found)| wanted != found);
    if let Some((wanted, found)) = differ.next() {
        panic!("{name}: first difference\n- {wanted}\n+ {found}\nmeant? UPDATE_GOLDEN=1");
    }
    assert_eq!(
        wanted.lines().count(),
        lines.len(),
        "{name}: as many events; meant? UPDATE_GOLDEN=1"
    );
}

/// What a change of must be seen by whoever makes it.
fn gist(event: &Envelope) -> Value {
    let mut gist = json!({"seq": event.seq, "type": event.body.type_name()});
    if let Some(role) = &event.role {
        gist["role"] = json!(role);
    }
    let data = serde_json::to_value(event).unwrap()["data"].take();
    let fields: &[&str] = match &event.body {
        Body::CallStarted(_) => &["caller", "queue", "resumed"],
        Body::CallUpdated(_) => &["reason"],
        Body::CallEnded(_) => &["cause", "finals", "hints", "duration_ms"],
        Body::SpeechStarted(_) => &["segment_id"],
        Body::SpeechEnded(_) => &["segment_id", "end_ms"],
        Body::TranscriptPartial(_) | Body::TranscriptFinal(_) => &["segment_id", "rev", "text"],
        Body::Intent(_) => &["segment_id", "topic", "intent"],
        Body::HintNew(_) | Body::HintUpdate(_) => &["hint_id", "tier", "kind", "title", "supersedes"],
        Body::HintExpire(_) => &["hint_id", "reason"],
        Body::WrapupDraft(_) | Body::WrapupFinal(_) => &["summary", "complete"],
        _ => return gist,
    };
    for field in fields {
        if let Some(value) = data.get(field) {
            gist[field] = value.clone();
        }
    }
    gist
}
