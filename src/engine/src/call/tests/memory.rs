//! Callers who called before, hints that are put away, and questions that nothing answers.

use sidetone_schema::{HintData, HintKind, PastCall, PastTopic, Tier, Timestamp};

use super::*;
use crate::Past;

/// The caller's first turn lies in it.
const ONE_TURN: Duration = Duration::from_secs(12);

fn past_call() -> PastCall {
    PastCall {
        call_id: "c0".to_owned(),
        at: Timestamp::new("2026-02-27T08:00:00Z".parse().unwrap()),
        request_type: "咨询".to_owned(),
        topics: vec![PastTopic {
            topic: "unemployment_benefit".to_owned(),
            name: "失业保险金".to_owned(),
            resolved: false,
        }],
        todos: vec!["先办理失业登记".to_owned()],
        summary: "失业人员来电咨询失业保险金。待办：先办理失业登记。".to_owned(),
    }
}

fn shown(bench: &Bench) -> Vec<&HintData> {
    let events = bench.events.iter();
    events
        .filter_map(|body| match body {
            Body::HintNew(hint) => Some(&**hint),
            _ => None,
        })
        .collect()
}

#[test]
fn who_called_before_is_on_the_screen_the_moment_it_is_known() {
    let mut bench = Bench::joined(Ears::Quick);
    let before = bench.events.len();
    bench.give(bench.now, Input::Caller(vec![past_call()]));
    assert_eq!(
        bench.events.len(),
        before + 1,
        "without a moment's delay: {:?}",
        bench.types()
    );
    let hint = shown(&bench)[0].clone();
    assert_eq!((hint.kind, hint.tier), (HintKind::Caller, Tier::Background));
    assert_eq!(hint.past_calls.unwrap()[0].todos, ["先办理失业登记"]);
    bench.join("second", Role::Agent, Some("8002"));
    assert_eq!(shown(&bench).len(), 2, "an agent who joins sees it, too");
    bench.until(bench.now + Duration::from_secs(61));
    assert_eq!(bench.count("hint.expire"), 1);
}

#[test]
fn a_call_that_is_over_shows_no_past() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.hang_up();
    bench.give(bench.now, Input::Caller(vec![past_call()]));
    assert_eq!(bench.count("hint.new"), 0);
    assert_eq!(bench.types().last(), Some(&"call.ended"));
}

#[test]
fn a_hint_that_was_put_away_stays_away_after_a_restart_too() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.speak(ONE_TURN);
    bench.until(bench.now + Duration::from_millis(1));
    let hint = shown(&bench)[0].clone();
    let put_away = hint.hint_id.clone();
    bench.give(bench.now, Input::Dismissed { hint: put_away });
    let Some(Body::HintExpire(gone)) = bench.events.last() else {
        panic!("{:?}", bench.types())
    };
    assert_eq!((&gone.hint_id, gone.reason.as_str()), (&hint.hint_id, "dismissed"));

    let mut after = Bench::new(Ears::Quick);
    after.call.recall(Past {
        past_calls: vec![past_call()],
        dismissed: vec![hint.dedup_key.clone()],
        ..Past::default()
    });
    after.start();
    after.speak(ONE_TURN);
    after.until(after.now + Duration::from_millis(1));
    let again = shown(&after);
    assert!(again.iter().all(|again| again.dedup_key != hint.dedup_key), "{again:?}");
    assert!(
        again
            .iter()
            .all(|again| (again.kind == HintKind::Caller) == (again.hint_id == "h1")),
        "the past keeps its id, on the screen of the agent who joins: {again:?}"
    );
}

#[test]
fn a_question_that_nothing_answers_is_published_before_the_wrapup() {
    let mut assist = AssistConfig::new("2026-03-02".parse().unwrap(), "370500");
    // No answer is strong enough.
    assist.min_score = 2.0;
    let mut bench = Bench::configured(Ears::Quick, EngineConfig::new(assist));
    bench.start();
    bench.speak(ONE_TURN);
    bench.until(bench.now + Duration::from_millis(1));
    bench.hang_up();
    let end = ["knowledge.gap", "wrapup.final", "call.ended"];
    assert!(bench.types().ends_with(&end), "{:?}", bench.types());
    let asked = bench.events.iter().find_map(|body| match body {
        Body::KnowledgeGap(gap) => Some(gap.question.clone()),
        _ => None,
    });
    assert_eq!(asked.as_deref(), Some("失业保险金要什么条件才能领"));
}
