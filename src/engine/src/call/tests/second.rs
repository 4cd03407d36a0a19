//! Finals in doubt are decoded again, with what the call has established.

use super::*;
use crate::SecondConfig;

const WITHIN: Duration = Duration::from_secs(3);

/// A call whose finals are in doubt below this confidence; those of the bench have 0.9.
fn doubting(below: f32) -> Bench {
    let mut config = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500"));
    config.second = Some(SecondConfig { below, within: WITHIN });
    let mut bench = Bench::configured(Ears::Quick, config);
    bench.start();
    bench
}

/// The agent says something after the caller's first turn.
fn answered(bench: &mut Bench) {
    let typed = Input::Typed {
        leg: LegId::new("agent"),
        text: "失业保险金要缴满一年".to_owned(),
        lasted: Duration::from_secs(2),
    };
    bench.give(bench.now, typed);
    bench.until(bench.now + Duration::from_millis(1));
}

fn read(bench: &mut Bench, text: &str, confidence: f32) {
    let job = bench.again.remove(0);
    let heard = Hypothesis {
        confidence,
        ..said(text)
    };
    bench.answer(job.key, Pass::Again, Recognition::Text(heard));
}

fn revised(bench: &Bench) -> Vec<(String, u32, String)> {
    let of = |body: &Body| match body {
        Body::TranscriptRevised(t) => Some((t.segment_id.clone(), t.rev, t.text.clone())),
        _ => None,
    };
    bench.events.iter().filter_map(of).collect()
}

#[test]
fn a_final_in_doubt_is_read_again_when_the_other_party_has_answered() {
    let mut bench = doubting(0.95);
    bench.speak(Duration::from_secs(12));
    assert!(bench.again.is_empty(), "no answer yet");
    answered(&mut bench);
    assert_eq!(bench.again.len(), 1);
    let job = &bench.again[0];
    assert!(!job.samples.is_empty());
    let words = job.words.as_ref().unwrap();
    assert!(words.terms.iter().any(|term| term == "失业保险金"), "{words:?}");
    assert_eq!(words.said, ["失业保险金要缴满1年"], "a text in doubt is not among them");
    let (segment, _) = bench.finals()[0].clone();
    read(&mut bench, "失业保险金要什么条件才能领呢", 0.97);
    assert_eq!(
        revised(&bench),
        [(segment, 2, "失业保险金要什么条件才能领呢".to_owned())]
    );
}

#[test]
fn the_first_reading_stands_where_the_second_is_no_surer_or_says_the_same() {
    for (text, confidence) in [
        ("失业保险金要什么条件才能领呢", 0.8),
        ("失业保险金要什么条件才能领", 0.97),
        ("失业保险金，要什么条件才能领？", 0.97),
    ] {
        let mut bench = doubting(0.95);
        bench.speak(Duration::from_secs(12));
        answered(&mut bench);
        read(&mut bench, text, confidence);
        assert_eq!(revised(&bench), []);
    }
}

#[test]
fn the_wrapup_does_not_wait_and_the_end_no_longer_than_it_may() {
    for answers in [true, false] {
        let mut bench = doubting(0.95);
        bench.speak(Duration::from_secs(12));
        bench.hang_up();
        bench.until(bench.now + Duration::from_millis(1));
        assert_eq!(bench.types().last(), Some(&"wrapup.final"));
        assert_eq!(bench.again.len(), 1);
        let hung_up = bench.now;
        if answers {
            read(&mut bench, "失业保险金要什么条件才能领呢", 0.97);
        } else {
            bench.until(hung_up + WITHIN - Duration::from_millis(2));
            assert!(!bench.finished);
            bench.until(hung_up + WITHIN);
        }
        let types = bench.types();
        assert_eq!(types.last(), Some(&"call.ended"));
        assert_eq!(bench.count("transcript.revised"), usize::from(answers));
        assert!(bench.finished);
        if let Some(job) = bench.again.pop() {
            assert_eq!(bench.forgotten.last(), Some(&job.key), "its sound is not kept");
            bench.answer(job.key, Pass::Again, Recognition::Text(said("太晚了")));
            assert_eq!(bench.types(), types, "nothing follows the end");
        }
    }
}

#[test]
fn what_is_sure_covered_or_withheld_is_not_read_again() {
    let mut bench = doubting(0.5);
    bench.speak(Duration::from_secs(12));
    answered(&mut bench);
    assert!(bench.again.is_empty(), "a confidence of 0.9 is no doubt");

    let mut bench = doubting(0.95);
    bench.texts = vec!["我的电话是15405460137"];
    bench.speak(Duration::from_secs(12));
    answered(&mut bench);
    assert!(bench.again.is_empty(), "what is personal is not read again");

    for control in [Control::Mask(true), Control::Pause] {
        let mut bench = doubting(0.95);
        bench.speak(Duration::from_secs(12));
        bench.give(bench.now, Input::Control(control));
        answered(&mut bench);
        assert!(bench.again.is_empty(), "its sound is given up: {control:?}");
        let mut bench = doubting(0.95);
        bench.speak(Duration::from_secs(12));
        answered(&mut bench);
        bench.forgotten.clear();
        bench.give(bench.now, Input::Control(control));
        assert_eq!(bench.forgotten, [bench.again[0].key.clone()], "{control:?}");
        read(&mut bench, "失业保险金要什么条件才能领呢", 0.97);
        assert_eq!(revised(&bench), [], "what was asked for is not shown: {control:?}");
    }
}

#[test]
fn a_second_reading_is_masked_as_the_final_was() {
    let mut bench = doubting(0.95);
    bench.texts = vec!["我的电话是"];
    bench.speak(Duration::from_secs(12));
    answered(&mut bench);
    read(&mut bench, "我的电话是15405460137", 0.97);
    let text = revised(&bench).remove(0).2;
    assert!(text.contains('*') && !text.contains("0546"), "{text}");
}

#[test]
fn a_call_keeps_the_sound_of_four_finals() {
    let mut bench = doubting(0.95);
    bench.texts = vec!["失业保险金"; 9];
    bench.speak(Duration::from_secs(60));
    let finals = bench.finals().len();
    assert!(finals > 4, "{finals}");
    assert_eq!(bench.again.len(), finals - 4, "the oldest is read without an answer");
}
