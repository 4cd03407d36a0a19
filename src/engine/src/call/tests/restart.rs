//! The daemon goes while a call is on, and comes back.

use sidetone_assist::Turn;
use sidetone_schema::{CallEnded, CallStarted};

use super::*;
use crate::Past;

/// A call that was heard for 40 of the 60 s that it is old.
fn past() -> Past {
    let turn = Turn {
        segment: sidetone_base::SegmentId::new("caller-100"),
        role: Role::Caller,
        text: "失业保险金要什么条件才能领".to_owned(),
        begin: CallTime::default(),
        end: CallTime(Duration::from_secs(3)),
        confidence: 0.9,
    };
    Past {
        age: Duration::from_secs(60),
        seen: Duration::from_secs(40),
        caller: Some("*********01".to_owned()),
        caller_hash: Some("00ff".to_owned()),
        called: Some("12333".to_owned()),
        queue: Some("queue".to_owned()),
        cti_id: Some("crm-7".to_owned()),
        agent: Some(AgentId::new("8001")),
        turns: vec![turn],
        finals: 3,
        hints: 2,
        ..Past::default()
    }
}

fn started(age: Duration) -> CallEvent {
    CallEvent::Started {
        age,
        caller_number: None,
        called_number: None,
        queue: None,
        cti_id: None,
    }
}

fn start(bench: &Bench) -> &CallStarted {
    match &bench.events[0] {
        Body::CallStarted(start) => start,
        other => panic!("{other:?}"),
    }
}

fn end(bench: &Bench) -> &CallEnded {
    match bench.events.last() {
        Some(Body::CallEnded(end)) => end,
        _ => panic!("{:?}", bench.types()),
    }
}

#[test]
fn a_call_that_ended_meanwhile_keeps_who_since_when_and_how_long() {
    let mut bench = Bench::new(Ears::Quick);
    bench.call.recall(past());
    bench.signal(started(Duration::ZERO));
    bench.signal(CallEvent::Ended {
        cause: EndCause::LostSight,
    });
    let expected = CallStarted {
        caller: Some("*********01".to_owned()),
        caller_hash: Some("00ff".to_owned()),
        called: Some("12333".to_owned()),
        queue: Some("queue".to_owned()),
        cti_id: Some("crm-7".to_owned()),
        age_ms: 60_000,
        resumed: true,
        dir: None,
    };
    assert_eq!(*start(&bench), expected);
    let CallEnded {
        cause,
        duration_ms,
        finals,
        hints,
        ..
    } = end(&bench).clone();
    assert_eq!(
        (cause.as_str(), duration_ms, finals, hints),
        ("lost_sight", 40_000, 3, 2)
    );
    assert_eq!(
        bench.count("transcript.final") + bench.count("hint.new"),
        0,
        "not said again"
    );
    let Some(Body::WrapupFinal(wrapup)) = bench.events.iter().find(|e| e.type_name() == "wrapup.final") else {
        panic!("{:?}", bench.types())
    };
    assert_eq!(wrapup.topics.len(), 1);
}

#[test]
fn a_call_that_goes_on_counts_from_its_own_beginning() {
    let mut bench = Bench::new(Ears::Quick);
    bench.call.recall(past());
    bench.signal(started(Duration::from_secs(58)));
    assert_eq!(start(&bench).age_ms, 60_000);
    bench.join("caller", Role::Caller, None);
    bench.speak(TWO_TURNS);
    let first = &bench.finals()[0].0;
    let begin: u64 = first["caller-".len()..].parse().unwrap();
    assert!(begin > 60_000, "{begin}");
    bench.until(bench.begun + Duration::from_secs(30));
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    let end = end(&bench);
    assert_eq!((end.cause.as_str(), end.duration_ms), ("hangup", 90_000));
    assert_eq!(end.finals as usize, 3 + bench.finals().len());
}

#[test]
fn sight_that_is_lost_while_we_listen_ends_with_the_last_sound() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.speak(Duration::from_secs(10));
    bench.until(bench.begun + Duration::from_secs(300));
    bench.signal(CallEvent::Ended {
        cause: EndCause::LostSight,
    });
    bench.until(bench.now + Duration::from_millis(1));
    assert!((9_900..10_000).contains(&end(&bench).duration_ms), "{:?}", end(&bench));
}

#[test]
fn what_is_being_said_when_the_daemon_stops_is_said_and_the_call_does_not_end() {
    let mut bench = Bench::joined(Ears::Reversed);
    // In the middle of the first turn of the caller.
    bench.speak(Duration::from_secs(7));
    bench.give(bench.now, Input::Leave);
    assert_eq!((bench.unanswered.len(), bench.finished), (1, false));
    let key = bench.unanswered.remove(0);
    bench.until(bench.now + Duration::from_millis(800));
    bench.answer_text(key);
    bench.until(bench.now + Duration::from_millis(1));
    assert!(bench.finished);
    assert_eq!(bench.finals().len(), 1);
    assert!(bench.count("hint.new") > 0, "{:?}", bench.types());
    assert_eq!(bench.count("wrapup.final") + bench.count("call.ended"), 0);
}

#[test]
fn nobody_waits_longer_than_three_seconds_for_a_recogniser_that_hangs() {
    let mut bench = Bench::joined(Ears::Deaf);
    bench.speak(Duration::from_secs(7));
    bench.give(bench.now, Input::Leave);
    bench.until(bench.now + Duration::from_millis(2_900));
    assert!(!bench.finished);
    bench.until(bench.now + Duration::from_millis(100));
    assert!(bench.finished && bench.count("error") == 1, "{:?}", bench.types());
}

#[test]
fn a_call_that_drains_when_the_daemon_stops_ends() {
    let mut bench = Bench::joined(Ears::Deaf);
    bench.speak(Duration::from_secs(7));
    bench.hang_up();
    bench.give(bench.now, Input::Leave);
    bench.until(bench.now + Duration::from_secs(3));
    assert!(bench.finished);
    assert_eq!(bench.types().last(), Some(&"call.ended"));
    let mut new = Bench::new(Ears::Quick);
    new.give(new.now, Input::Leave);
    assert!(new.finished && new.events.is_empty());
}
