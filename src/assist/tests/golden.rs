//! The scripted calls and the held-out turns, against the sample base: what is pushed and what the wrap-up says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, dead_code)]

#[path = "../../../tests/bench/src/hints/score.rs"]
mod score;
#[path = "../../../tests/bench/src/hints/script.rs"]
mod script;

use std::path::{Path, PathBuf};

use score::{Bench, Tally};
use sidetone_schema::Wrapup;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn bench() -> Bench {
    Bench::load(&root().join("knowledge/12333"), None).unwrap()
}

fn report(name: &str, tally: &Tally) {
    for fault in &tally.faults {
        println!("{fault}");
    }
    println!(
        "{name}: recall {}/{} precision {}/{} false {}/{} intents {}/{} p50 {:.2} p99 {:.2} ms",
        tally.found,
        tally.expected,
        tally.right,
        tally.pushed,
        tally.broken,
        tally.silent,
        tally.intents,
        tally.expected,
        tally.percentile(0.5),
        tally.percentile(0.99)
    );
}

#[test]
fn scripted_calls_get_the_hints_that_they_need() {
    let bench = bench();
    let mut tally = Tally::default();
    for script in script::scripts(&root().join("tests/corpus/calls")).unwrap() {
        bench.play(&script, &mut tally);
    }
    report("scripts", &tally);
    assert!(Tally::share(tally.found, tally.expected) >= 0.9);
    assert!(Tally::share(tally.right, tally.pushed) >= 0.9);
    assert!(Tally::share(tally.broken, tally.silent) <= 0.05);
}

#[test]
fn held_out_turns_are_understood_too() {
    let turns = script::read(&root().join("tests/bench/data/held-out-turns.toml")).unwrap();
    let tally = bench().held_out(&turns, jiff::civil::date(2026, 3, 2), "370500");
    report("held out", &tally);
    assert!(Tally::share(tally.found, tally.expected) >= 0.8);
    assert!(Tally::share(tally.right, tally.pushed) >= 0.85);
    assert!(Tally::share(tally.broken, tally.silent) <= 0.1);
}

#[test]
fn wrap_ups_hold_what_the_scripts_say() {
    let bench = bench();
    let mut faults = Vec::new();
    let mut learned = Learned::default();
    for script in script::scripts(&root().join("tests/corpus/calls")).unwrap() {
        let wrapup = bench.play(&script, &mut Tally::default());
        check(&script, &wrapup, &mut faults);
        learned.count(&script, &wrapup);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let Learned {
        subject,
        satisfaction,
        calls,
    } = learned;
    assert!(subject as f32 >= 0.85 * calls as f32, "{subject} of {calls} subjects");
    // Whether bare thanks are contentment is seen differently by different authors.
    assert!(
        satisfaction as f32 >= 0.7 * calls as f32,
        "{satisfaction} of {calls} feelings"
    );
}

/// What is learned from others' calls, and need not be right in each.
#[derive(Default)]
struct Learned {
    calls: usize,
    subject: usize,
    satisfaction: usize,
}

impl Learned {
    fn count(&mut self, script: &script::Script, wrapup: &Wrapup) {
        let elements = &wrapup.elements;
        // Behind it stands for whom somebody calls.
        let subject = elements.subject.value.split('（').next().unwrap_or_default();
        let satisfaction = serde_json::to_value(elements.satisfaction.value).unwrap();
        self.calls += 1;
        self.subject += usize::from(subject == script.wrapup.subject);
        self.satisfaction += usize::from(satisfaction == script.wrapup.satisfaction.as_str());
    }
}

fn check(script: &script::Script, wrapup: &Wrapup, faults: &mut Vec<String>) {
    let name = &script.name;
    let elements = &wrapup.elements;
    let mut differ = |what: &str, got: String, want: &str| {
        if got != want {
            faults.push(format!("{name}: {what} is {got}, not {want}"));
        }
    };
    differ(
        "request_type",
        elements.request_type.value.clone(),
        &script.wrapup.request_type,
    );
    let topics: Vec<&str> = wrapup.topics.iter().map(|topic| topic.topic.as_str()).collect();
    differ("topics", topics.join(","), &script.topics.join(","));
    for (what, wanted, got) in [
        ("policies", &script.wrapup.policies, &elements.policies.value),
        ("todos", &script.wrapup.todos, &elements.todos.value),
        ("risks", &script.wrapup.risks, &elements.risks.value),
    ] {
        for text in wanted {
            if !got.iter().any(|entry| entry.contains(text)) {
                faults.push(format!("{name}: {what} lack {text}: {got:?}"));
            }
        }
    }
    if !wrapup.complete {
        faults.push(format!("{name} is not complete: {elements:?}"));
    }
}
