//! An engine may word the wrap-up; the end of the call waits for it no longer than it may.

use super::*;

const WITHIN: Duration = Duration::from_secs(3);

/// A call that has hung up and waits for an engine.
fn waiting() -> Bench {
    let mut config = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500"));
    config.compose_within = Some(WITHIN);
    let mut bench = Bench::configured(Ears::Quick, config);
    bench.start();
    bench.join("caller", Role::Caller, None);
    bench.speak(TWO_TURNS);
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(
        bench.types().last(),
        Some(&"wrapup.draft"),
        "the rules' wrap-up is there at once"
    );
    assert_eq!(bench.composing.len(), 1);
    assert!(!bench.finished);
    bench
}

fn summary(bench: &Bench) -> String {
    let wrapup = bench.events.iter().find_map(|event| match event {
        Body::WrapupFinal(wrapup) => Some(wrapup.summary.clone()),
        _ => None,
    });
    wrapup.unwrap()
}

fn ends_well(bench: &Bench) {
    let types = bench.types();
    assert_eq!(types[types.len() - 2..], ["wrapup.final", "call.ended"]);
    assert_eq!(bench.count("wrapup.final"), 1);
    assert!(bench.finished);
}

#[test]
fn a_better_wording_in_time_is_the_record() {
    let mut bench = waiting();
    let (prompt, _) = bench.composing.remove(0);
    let mut better = prompt.wrapup.clone();
    better.summary = "better".to_owned();
    bench.give(bench.now, Input::Composed(Some(Box::new(better))));
    ends_well(&bench);
    assert_eq!(summary(&bench), "better");
}

#[test]
fn without_an_answer_the_rules_wrapup_stands_when_the_time_is_over() {
    let mut bench = waiting();
    let (prompt, deadline) = bench.composing.remove(0);
    bench.until(deadline - Duration::from_millis(1));
    assert!(!bench.finished);
    bench.until(deadline);
    ends_well(&bench);
    assert_eq!(summary(&bench), prompt.wrapup.summary);
    let late = bench.events.len();
    let mut better = prompt.wrapup;
    better.summary = "late".to_owned();
    bench.give(deadline + WITHIN, Input::Composed(Some(Box::new(better))));
    assert_eq!(bench.events.len(), late, "what comes late changes nothing");
}

#[test]
fn a_failure_and_the_daemons_stop_end_the_call_at_once() {
    for input in [Input::Composed(None), Input::Leave] {
        let mut bench = waiting();
        bench.give(bench.now, input);
        ends_well(&bench);
    }
}
