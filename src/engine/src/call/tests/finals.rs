//! When a final is said, and what of it when a recogniser is late or fails.

use super::*;

#[test]
fn the_last_words_before_a_hang_up_are_drained() {
    let mut bench = Bench::joined(Ears::Quick);
    // In the middle of the first turn of the caller.
    bench.speak(Duration::from_secs(7));
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    assert_eq!(bench.finals().len(), 1);
    assert_eq!(bench.types().last(), Some(&"call.ended"));
}

#[test]
fn what_was_decoded_in_a_pause_is_the_final_when_the_pause_lasts() {
    let mut bench = Bench::joined(Ears::Foreseeing);
    bench.speak(TWO_TURNS);
    let finals = bench.finals();
    assert!(finals.len() >= 2 && bench.foreseen >= finals.len(), "{finals:?}");
    assert!(bench.unanswered.is_empty(), "the final was decoded a second time");
    let ended = bench.types().iter().position(|name| *name == "speech.ended");
    assert_eq!(bench.types()[ended.unwrap() + 1], "transcript.final", "at once");
}

#[test]
fn what_was_decoded_in_a_pause_and_comes_too_late_is_not_said() {
    let mut bench = Bench::joined(Ears::Late);
    bench.speak(TWO_TURNS);
    let finals = bench.finals();
    assert!(finals.len() >= 2, "{finals:?}");
    assert!(finals.iter().all(|(_, text)| !text.contains("不是")), "{finals:?}");
}

#[test]
fn no_final_overtakes_another_of_its_leg() {
    let mut bench = Bench::joined(Ears::Reversed);
    bench.speak(TWO_TURNS);
    bench.hang_up();
    assert!(bench.unanswered.len() >= 2, "the voice has several turns");
    while let Some(key) = bench.unanswered.pop() {
        bench.answer_text(key);
    }
    bench.until(bench.now + Duration::from_millis(1));
    let begins: Vec<u64> = bench
        .finals()
        .iter()
        .map(|(id, _)| id["caller-".len()..].parse().unwrap())
        .collect();
    assert!(begins.is_sorted() && begins.len() >= 2, "{begins:?}");
    assert!(bench.finished);
}

#[test]
fn a_recogniser_that_never_answers_delays_the_end_by_no_more_than_the_drain() {
    let mut bench = Bench::joined(Ears::Deaf);
    bench.speak(Duration::from_secs(10));
    bench.hang_up();
    let drain = EngineConfig::new(AssistConfig::new("2026-03-02".parse().unwrap(), "370500")).drain;
    bench.until(bench.now + drain - Duration::from_secs(8));
    assert!(!bench.finished);
    bench.until(bench.now + Duration::from_secs(8));
    assert!(bench.finished);
    assert!(bench.count("error") > 0);
    assert_eq!(bench.types().last(), Some(&"call.ended"));
}

#[test]
fn a_failed_final_is_said_and_the_call_goes_on() {
    let mut bench = Bench::joined(Ears::Broken);
    bench.speak(TWO_TURNS);
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    assert!(bench.count("error") >= 2);
    assert_eq!(bench.count("transcript.final"), 0);
    assert_eq!(bench.types().last(), Some(&"call.ended"));
}

#[test]
fn a_failed_final_keeps_what_its_partials_have_shown() {
    let mut bench = Bench::joined(Ears::Breaking);
    bench.heads = vec!["我想问一下", "我想问一下失业保险金"];
    bench.speak(TWO_TURNS);
    let Some(Body::TranscriptFinal(kept)) = bench.events.iter().find(|e| e.type_name() == "transcript.final") else {
        panic!("{:?}", bench.types())
    };
    assert_eq!(kept.text, "我想问一下失业保险金");
    assert!(kept.confidence <= 0.2 && kept.rev == 3, "{kept:?}");
    assert!(bench.count("error") > 0);
}
