//! Pause and mask: what was said meanwhile is never shown, whenever its text comes.

use sidetone_schema::{CallUpdated, PausedBy, RedactionKind, Transcript, UpdateReason};

use super::*;
use crate::Past;

const ONE_TURN: Duration = Duration::from_secs(12);

impl Bench {
    fn control(&mut self, control: Control) {
        self.give(self.now, Input::Control(control));
    }

    fn answer_all(&mut self) {
        for key in std::mem::take(&mut self.unanswered) {
            self.answer_text(key);
        }
        self.until(self.now + Duration::from_millis(1));
    }

    fn transcripts(&self) -> Vec<&Transcript> {
        let text = |body: &'_ Body| matches!(body, Body::TranscriptFinal(_) | Body::TranscriptPartial(_));
        let events = self.events.iter().filter(|body| text(body));
        events
            .map(|body| match body {
                Body::TranscriptFinal(said) | Body::TranscriptPartial(said) => said,
                other => panic!("{other:?}"),
            })
            .collect()
    }

    fn last_update(&self) -> &CallUpdated {
        let update = |body: &'_ Body| matches!(body, Body::CallUpdated(_));
        match self.events.iter().rev().find(|body| update(body)) {
            Some(Body::CallUpdated(updated)) => updated,
            other => panic!("{other:?}"),
        }
    }
}

fn is_withheld(said: &Transcript) -> bool {
    let whole = said.redactions.len() == 1 && said.redactions[0].kind == RedactionKind::Withheld;
    whole && said.redactions[0].end == said.text.chars().count() && said.text.chars().all(|c| c == '*')
}

#[test]
fn masking_withholds_the_text_and_keeps_its_length() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.control(Control::Mask(true));
    bench.speak(ONE_TURN);
    let said = bench.transcripts();
    assert!(is_withheld(said[0]) && said[0].text.chars().count() == 13, "{said:?}");
    assert_eq!(bench.count("hint.new") + bench.count("intent"), 0);
}

#[test]
fn what_was_said_under_the_mask_stays_withheld_when_its_final_comes_after_it() {
    let mut bench = Bench::joined(Ears::Reversed);
    bench.control(Control::Mask(true));
    bench.speak(ONE_TURN);
    assert_eq!(bench.unanswered.len(), 1);
    bench.control(Control::Mask(false));
    bench.answer_all();
    assert!(is_withheld(bench.transcripts()[0]), "{:?}", bench.transcripts());
    assert_eq!(bench.count("hint.new") + bench.count("intent"), 0);
    bench.speak(ONE_TURN);
    bench.answer_all();
    assert_eq!(
        bench.transcripts()[1].text,
        "我1个月能领多少钱",
        "what follows is shown"
    );
}

#[test]
fn a_moment_of_mask_withholds_the_whole_segment_and_none_of_its_partials_shows_more() {
    // In milliseconds from the begin of the first turn's sound, which lasts from about 4.4 s to 10.4 s.
    for (on, off) in [(3_000, 4_900), (4_600, 5_000), (5_500, 5_520), (10_300, 10_900)] {
        let mut bench = Bench::joined(Ears::Streaming);
        bench.heads = vec!["我想", "我想问", "我想问一下", "我想问一下失业", "我想问一下失业保险"];
        let from = bench.now;
        let mut masked_from = None;
        for frame in voice().frames().take_while(|frame| frame.at < ONE_TURN) {
            let at = frame.at.as_millis();
            if at == on {
                bench.control(Control::Mask(true));
                masked_from = Some(bench.transcripts().len());
            }
            if at == off {
                bench.control(Control::Mask(false));
            }
            bench.play(from + frame.at, frame.frame);
        }
        let said = bench.transcripts();
        let after = &said[masked_from.unwrap()..];
        assert!(
            !after.is_empty() && after.iter().all(|said| is_withheld(said)),
            "{on}: {said:?}"
        );
        assert!(after.last().unwrap().is_final);
    }
}

#[test]
fn what_comes_late_and_was_said_in_a_pause_or_under_a_mask_is_not_shown() {
    for control in [Control::Pause, Control::Mask(true)] {
        let mut bench = Bench::joined(Ears::Quick);
        bench.speak(Duration::from_secs(1));
        bench.control(control);
        let from = bench.now;
        let resumed = from + ONE_TURN;
        // The tap stands still meanwhile, and brings all of it when the agent has pressed resume.
        bench.until(resumed);
        bench.control(Control::Mask(false));
        bench.control(Control::Resume);
        for frame in voice().frames().take_while(|frame| frame.at < ONE_TURN) {
            bench.play(resumed + Duration::from_millis(1), frame.frame);
        }
        bench.until(resumed + Duration::from_secs(2));
        let said = bench.transcripts();
        assert!(said.iter().all(|said| is_withheld(said)), "{control:?}: {said:?}");
    }
}

#[test]
fn a_command_that_is_obeyed_is_said_and_survives_a_restart() {
    let mut bench = Bench::joined(Ears::Quick);
    bench.control(Control::Mask(true));
    bench.control(Control::Pause);
    bench.control(Control::Pause);
    let said = bench.events.iter().filter(|body| match body {
        Body::CallUpdated(updated) => updated.reason == UpdateReason::Control,
        _ => false,
    });
    assert_eq!(said.count(), 2, "what changes nothing is not said");
    let CallUpdated { masked, paused_by, .. } = bench.last_update().clone();
    assert_eq!((masked, paused_by.as_slice()), (true, [PausedBy::Operator].as_slice()));

    let past = Past {
        masked,
        paused_by,
        ..Past::default()
    };
    let mut after = Bench::new(Ears::Quick);
    after.call.recall(past);
    after.start();
    after.speak(ONE_TURN);
    assert_eq!(after.count("speech.started"), 0, "paused");
    assert!(after.last_update().masked);
    after.control(Control::Resume);
    after.speak(ONE_TURN);
    assert!(is_withheld(after.transcripts()[0]), "{:?}", after.transcripts());
    after.control(Control::Mask(false));
    assert_eq!(
        (after.last_update().masked, after.last_update().paused_by.len()),
        (false, 0)
    );
}
