//! One party's sound in the other's leg.

use super::*;

/// Plays the caller's voice on the agent's leg, and on the caller's a copy of it, `late` frames of 20 ms behind.
fn copied(bench: &mut Bench, late: usize, divided_by: i16) {
    let from = bench.now;
    let frames: Vec<_> = voice().frames().take_while(|frame| frame.at < TWO_TURNS).collect();
    for (at, said) in frames.iter().enumerate() {
        bench.play_as("agent", from + said.at, said.frame.clone());
        let mut frame = said.frame.clone();
        let copy = at.checked_sub(late).map(|before| &frames[before].frame);
        if let (TapFrame::Pcm { samples, .. }, Some(TapFrame::Pcm { samples: copy, .. })) = (&mut frame, copy) {
            *samples = copy.iter().map(|sample| sample / divided_by).collect();
        }
        bench.play_as("caller", from + said.at, frame);
    }
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
}

fn codes<'a>(bench: &'a Bench) -> Vec<&'a str> {
    let code = |body: &'a Body| match body {
        Body::Error(fault) => Some(fault.code.as_str()),
        _ => None,
    };
    bench.events.iter().filter_map(code).collect()
}

#[test]
fn an_echo_is_said_to_be_there_and_is_no_turn() {
    let mut bench = Bench::joined(Ears::Quick);
    copied(&mut bench, 9, 8);
    let finals = bench.finals();
    assert!(finals.len() >= 2, "{finals:?}");
    assert!(
        finals.iter().all(|(segment, _)| segment.starts_with("agent-")),
        "{finals:?}"
    );
    assert_eq!(codes(&bench), ["crosstalk"]);
}

#[test]
fn the_same_sound_on_both_legs_is_written_once() {
    let mut bench = Bench::joined(Ears::Quick);
    copied(&mut bench, 0, 1);
    let finals = bench.finals();
    assert!(finals.len() >= 2, "{finals:?}");
    assert!(
        finals.iter().all(|(segment, _)| segment.starts_with("agent-")),
        "{finals:?}"
    );
    assert_eq!(codes(&bench), ["same_sound"]);
}

#[test]
fn two_parties_of_their_own_are_both_heard() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.speak_as("agent", TWO_TURNS);
    bench.speak(TWO_TURNS);
    bench.hang_up();
    bench.until(bench.now + Duration::from_millis(1));
    let of = |role: &str| {
        bench
            .finals()
            .iter()
            .filter(|(segment, _)| segment.starts_with(role))
            .count()
    };
    assert!(
        of("agent-") >= 2 && of("agent-") == of("caller-"),
        "{:?}",
        bench.finals()
    );
    assert!(codes(&bench).is_empty());
}
