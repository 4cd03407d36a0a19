//! Events in, commands out.

use std::time::Duration;

use sidetone_base::CallId;
use sidetone_schema::{Class, Entity, IntentData};

use super::super::config::RedisConfig;
use super::super::project::{Command, Delivery, Entry, Place, append, claim, project, wanted_live};
use super::super::view::View;
use super::*;

const NOW: Delivery = Delivery {
    fresh: true,
    mirror: true,
};
const OLD: Delivery = Delivery {
    fresh: false,
    mirror: false,
};

const ON_8001: &str = "EVAL … 2 sidetone:agent:8001:calls sidetone:agent:8001:call c 1795334400123 7200 sidetone:{";
const OFF_8001: &str = "EVAL … 2 sidetone:agent:8001:calls sidetone:agent:8001:call c  7200 sidetone:{";

/// One line a command, without the scripts' text; `{json}` stands for the event.
fn text(commands: Vec<Command>) -> Vec<String> {
    let plain = |arg: String| {
        if arg.contains("redis.call") {
            "…".to_owned()
        } else {
            arg
        }
    };
    commands
        .into_iter()
        .map(|command| command.args.into_iter().map(plain).collect::<Vec<_>>().join(" "))
        .collect()
}

fn run(view: &mut View, draft: Draft, seq: u64, delivery: Delivery) -> (Vec<String>, Vec<String>) {
    let effects = project(&RedisConfig::default(), view, &envelope(draft, seq), "{json}", delivery);
    (text(effects.before), text(effects.after))
}

#[test]
fn a_call_begins() {
    let (before, after) = run(&mut View::default(), started("c"), 1, NOW);
    assert_eq!(
        before,
        [
            "HSET sidetone:{c}:state seq 1 updated_at 2026-11-22T08:00:00.123Z call_id c status live \
             since 2026-11-22T07:59:59.000Z caller  caller_hash  called  queue 12333 cti_id  on_hold 0 paused 0 masked 0 agent_id ",
            "EXPIRE sidetone:{c}:state 7200",
        ]
    );
    assert_eq!(after, ["PUBLISH sidetone:calls {json}"]);
}

#[test]
fn a_final_is_mirrored_to_the_agent_and_left_for_the_dialplan() {
    let mut view = View::default();
    run(&mut view, updated("c", Some("8001")), 1, NOW);
    let (before, after) = run(&mut view, spoken("c", "你好", true), 2, NOW);
    assert_eq!(
        before[2..],
        [
            "HSET sidetone:ivr:L1 call_id c seq 2 text 你好 segment_id s1 text_confidence 0.5 end_ms 900",
            "EXPIRE sidetone:ivr:L1 3600",
            ON_8001,
        ]
    );
    assert_eq!(
        after,
        [
            "XTRIM sidetone:{c}:partials MINID 2-0",
            "PUBLISH sidetone:agent:8001 {json}"
        ]
    );
    let (before, after) = run(&mut view, spoken("c", "你", false), 3, NOW);
    assert_eq!(
        before[0],
        "HSET sidetone:{c}:state seq 3 updated_at 2026-11-22T08:00:00.123Z"
    );
    assert_eq!(before.len(), 2, "a partial changes nothing else");
    assert_eq!(
        after,
        [
            "XADD sidetone:{c}:partials MAXLEN 512 3-0 event {json}",
            "EXPIRE sidetone:{c}:partials 7200",
            "PUBLISH sidetone:agent:8001 {json}",
        ]
    );
    let (_, after) = run(&mut view, spoken("c", "你", false), 4, OLD);
    assert!(after.is_empty(), "nobody wants an old partial: {after:?}");
}

#[test]
fn an_intent_leaves_its_slots() {
    let mut view = View::default();
    run(&mut view, updated("c", None), 1, NOW);
    let entity = |kind: &str, text: &str, value: Option<&str>| Entity {
        kind: kind.into(),
        text: text.into(),
        value: value.map(str::to_owned),
    };
    let intent = IntentData {
        segment_id: "s1".into(),
        topic: "t".into(),
        topic_name: "失业".into(),
        intent: "amount".into(),
        is_question: true,
        confidence: 0.5,
        entities: vec![
            entity("duration", "一年半", Some("PT18M")),
            entity("region", "东营", None),
        ],
    };
    let (before, _) = run(&mut view, draft("c", Body::Intent(intent)), 2, NOW);
    assert_eq!(
        before[2],
        "HSET sidetone:ivr:L1 call_id c seq 2 slot_duration PT18M slot_region 东营 topic t topic_name 失业 \
         intent amount is_question 1 intent_confidence 0.5 slots {\"duration\":\"PT18M\",\"region\":\"东营\"}"
    );
}

#[test]
fn a_transfer_frees_one_agent_and_claims_the_other() {
    let mut view = View::default();
    run(&mut view, updated("c", Some("8001")), 1, NOW);
    let (before, after) = run(&mut view, updated("c", Some("8002")), 2, NOW);
    assert_eq!(
        before[2..],
        [
            "EVAL … 2 sidetone:agent:8001:calls sidetone:agent:8001:call c  7200 sidetone:{",
            "EVAL … 2 sidetone:agent:8002:calls sidetone:agent:8002:call c 1795334400123 7200 sidetone:{",
        ]
    );
    let audience = [
        "PUBLISH sidetone:agent:8001 {json}",
        "PUBLISH sidetone:agent:8002 {json}",
    ];
    assert_eq!(after[..2], audience, "who left sees that too");
    let (before, after) = run(&mut view, spoken("c", "你好", false), 3, NOW);
    assert_eq!(before.len(), 2);
    assert_eq!(after[2..], audience, "8001 by the event's own agent_id");
}

#[test]
fn the_end_frees_the_agent_and_is_seen_by_whoever_was_there_last() {
    let mut view = View::default();
    run(&mut view, updated("c", Some("8001")), 1, NOW);
    run(&mut view, updated("c", None), 2, NOW);
    let (before, after) = run(&mut view, ended("c"), 3, NOW);
    assert_eq!(
        before[0],
        "HSET sidetone:{c}:state seq 3 updated_at 2026-11-22T08:00:00.123Z status ended \
         ended_at 2026-11-22T08:00:00.123Z cause hangup duration_ms 9 agent_id 8001"
    );
    assert_eq!(
        after,
        [
            "DEL sidetone:{c}:partials",
            "PUBLISH sidetone:agent:8001 {json}",
            "PUBLISH sidetone:calls {json}"
        ]
    );
}

#[test]
fn an_old_event_claims_no_agent_and_reaches_no_screen() {
    let mut view = View::default();
    let (before, after) = run(&mut view, updated("c", Some("8001")), 1, OLD);
    assert!(!before.iter().any(|line| line == ON_8001), "{before:?}");
    assert!(after.is_empty());
    let claimed = text(claim(&RedisConfig::default(), &CallId::new("c"), &view));
    assert_eq!(claimed, [ON_8001]);
    let (before, _) = run(&mut view, ended("c"), 2, OLD);
    assert_eq!(before[2], OFF_8001);
    assert!(claim(&RedisConfig::default(), &CallId::new("c"), &view).is_empty());
}

#[test]
fn what_is_never_shed_is_shown_however_late() {
    let window = Duration::from_secs(5);
    for (class, seconds, wanted) in [
        (Class::Partial, 5, true),
        (Class::Partial, 6, false),
        (Class::Hint, 6, false),
        (Class::Kept, 600, true),
    ] {
        assert_eq!(
            wanted_live(class, Duration::from_secs(seconds), window),
            wanted,
            "{class:?} {seconds}"
        );
    }
}

#[test]
fn partials_that_are_kept_have_no_stream_of_their_own() {
    let config = RedisConfig {
        keep_partials: true,
        ..RedisConfig::default()
    };
    let event = envelope(spoken("c", "你", false), 1);
    let effects = project(&config, &mut View::default(), &event, "{json}", OLD);
    assert!(effects.after.is_empty(), "{effects:?}");
}

#[test]
fn an_append_numbers_its_events_and_the_prefix_is_configurable() {
    let config = RedisConfig {
        prefix: "hot".into(),
        ..RedisConfig::default()
    };
    let place = Place { after: 6, ended: false };
    let entry = |seq, partials, json: &str| Entry {
        seq,
        partials,
        json: json.to_owned(),
    };
    let events = vec![entry(7, 0, "{a}"), entry(10, 2, "{b}")];
    let command = append(&config, &CallId::new("c"), place, events);
    assert!(command.essential);
    assert_eq!(
        text(vec![command]),
        ["EVAL … 1 hot:{c}:events 20000 7200 6 7 0 {a} 10 2 {b}"]
    );
    let place = Place { ended: true, ..place };
    let over = append(&config, &CallId::new("c"), place, vec![entry(7, 0, "{a}")]);
    assert_eq!(text(vec![over]), ["EVAL … 1 hot:{c}:events 20000 900 6 7 0 {a}"]);
}
