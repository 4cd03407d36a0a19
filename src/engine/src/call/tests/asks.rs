//! Questions of a dialplan. The caller speaks from 4.6 s to 10.3 s, and again from 18.5 s on.

use std::time::Duration;

use sidetone_base::{Answer, AskId, CallEvent, LegId, Question, Role, Said};

use super::{Bench, Ears, TWO_TURNS};
use crate::port::{Control, Input};

const SECOND: Duration = Duration::from_secs(1);

impl Bench {
    /// A caller alone in an IVR.
    fn ivr(ears: Ears) -> Self {
        let mut bench = Self::new(ears);
        bench.signal(CallEvent::Started {
            age: Duration::ZERO,
            caller_number: None,
            called_number: None,
            queue: None,
            cti_id: None,
        });
        bench.join("caller", Role::Caller, None);
        bench
    }

    fn ask(&mut self, ask: u64, question: Question) {
        self.give(
            self.now,
            Input::Asked {
                ask: AskId(ask),
                question,
            },
        );
    }

    fn listen(&mut self, ask: u64, within: Duration) {
        let leg = LegId::new("caller");
        self.ask(ask, Question::Listen { leg, within });
    }

    /// `1 silence`, `2 heard unemployment_benefit`
    fn told(&mut self) -> String {
        let told = self.answers.drain(..).map(|(AskId(ask), answer)| match answer {
            Answer::Heard(said) => format!("{ask} heard {}", said.topic.unwrap_or(said.text)),
            Answer::Silence => format!("{ask} silence"),
            Answer::Summary(_) => format!("{ask} summary"),
            Answer::Gone => format!("{ask} gone"),
        });
        told.collect::<Vec<_>>().join(", ")
    }

    fn heard(&self) -> Said {
        match &self.answers[0].1 {
            Answer::Heard(said) => said.clone(),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_answer_is_the_next_utterance_with_its_meaning_and_a_reply() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.listen(1, 6 * SECOND);
    bench.speak(12 * SECOND);
    let said = bench.heard();
    assert_eq!(said.text, "失业保险金要什么条件才能领");
    assert_eq!(said.topic.as_deref(), Some("unemployment_benefit"));
    assert!(said.topic_name.is_some());
    assert_eq!(said.intent.as_deref(), Some("eligibility"));
    // The caller speaks from 6.3 s to 11.1 s.
    let ended = said.ended.unwrap().saturating_duration_since(bench.begun);
    assert!((10 * SECOND..12 * SECOND).contains(&ended), "{ended:?}");
    let reply = said.reply.unwrap();
    assert!((10..=120).contains(&reply.chars().count()), "{reply}");
    assert!(reply.ends_with('。'), "{reply}");
}

#[test]
fn patience_ends_where_it_was_said_to_end() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.listen(1, 2 * SECOND);
    bench.until(bench.begun + 2 * SECOND - Duration::from_millis(1));
    assert_eq!(bench.told(), "");
    bench.until(bench.begun + 2 * SECOND);
    assert_eq!(bench.told(), "1 silence");
}

#[test]
fn once_somebody_speaks_patience_is_not_counted() {
    let mut bench = Bench::ivr(Ears::Quick);
    // Ends in the middle of the caller's words.
    bench.listen(1, 6 * SECOND);
    bench.speak(9 * SECOND);
    assert_eq!(bench.told(), "");
}

#[test]
fn whoever_speaks_already_is_heard_to_the_end() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.speak(7 * SECOND);
    bench.listen(1, SECOND);
    bench.hold_still_then_speak_on();
    assert_eq!(bench.told(), "1 heard unemployment_benefit");
}

impl Bench {
    /// The rest of the first turn, from 7 s to 12 s.
    fn hold_still_then_speak_on(&mut self) {
        let begun = self.begun;
        for frame in super::voice().frames().take_while(|frame| frame.at < 12 * SECOND) {
            if frame.at >= 7 * SECOND {
                self.play(begun + frame.at, frame.frame);
            }
        }
    }
}

#[test]
fn what_was_no_speech_leaves_the_rest_of_the_patience() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.texts = vec!["", "我一个月能领多少钱"];
    bench.listen(1, 6 * SECOND);
    bench.speak(14 * SECOND);
    // Some 1.4 s were left when the caller began, and they count from the final on.
    assert_eq!(bench.told(), "1 silence");
    bench.listen(2, 9 * SECOND);
    bench.until(bench.begun + 14 * SECOND);
    let begun = bench.begun;
    for frame in super::voice().frames().take_while(|frame| frame.at < 25 * SECOND) {
        if frame.at >= 14 * SECOND {
            bench.play(begun + frame.at, frame.frame);
        }
    }
    assert!(bench.told().starts_with("2 heard"));
}

#[test]
fn every_question_gets_one_answer() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.listen(1, 8 * SECOND);
    bench.listen(2, 8 * SECOND);
    bench.listen(3, SECOND);
    bench.speak(12 * SECOND);
    assert_eq!(
        bench.told(),
        "3 silence, 1 heard unemployment_benefit, 2 heard unemployment_benefit"
    );
    for ask in 10..50 {
        bench.listen(ask, SECOND);
    }
    assert_eq!(bench.told().matches("gone").count(), 8, "32 may wait");
    bench.until(bench.now + 2 * SECOND);
    assert_eq!(bench.told().matches("silence").count(), 32);
}

#[test]
fn who_is_not_there_is_gone() {
    let mut bench = Bench::new(Ears::Quick);
    bench.listen(1, SECOND);
    assert_eq!(bench.told(), "1 gone", "before the call");
    let mut bench = Bench::ivr(Ears::Quick);
    let leg = LegId::new("nobody");
    bench.ask(2, Question::Listen { leg, within: SECOND });
    assert_eq!(bench.told(), "2 gone", "an unknown leg");
    bench.listen(3, 60 * SECOND);
    bench.hang_up();
    assert_eq!(bench.told(), "3 gone", "a hang-up");
    bench.listen(4, SECOND);
    bench.ask(5, Question::Summary);
    assert_eq!(bench.told(), "4 gone, 5 gone", "after the call");
}

#[test]
fn a_leg_that_was_never_tapped_is_gone_and_not_silent() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.signal(CallEvent::TapFailed {
        leg: LegId::new("caller"),
        kind: sidetone_base::TapKind::Snoop,
        reason: "a test".to_owned(),
    });
    bench.listen(1, SECOND);
    bench.until(bench.now + 2 * SECOND);
    assert_eq!(bench.told(), "1 gone");
}

#[test]
fn a_recogniser_that_never_answers_ends_in_silence() {
    let mut bench = Bench::ivr(Ears::Deaf);
    bench.listen(1, 6 * SECOND);
    bench.speak(12 * SECOND);
    bench.until(bench.now + 600 * SECOND);
    assert_eq!(bench.told(), "1 silence");
}

#[test]
fn the_last_words_are_told_without_listening() {
    let mut bench = Bench::ivr(Ears::Quick);
    let last = || Question::Last {
        leg: LegId::new("caller"),
    };
    bench.ask(1, last());
    bench.speak(12 * SECOND);
    bench.ask(2, last());
    assert_eq!(bench.told(), "1 silence, 2 heard unemployment_benefit");
}

#[test]
fn a_summary_names_the_topic_and_what_the_caller_told() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.texts = vec!["我交了六年失业保险，失业保险金怎么领", "好的谢谢"];
    bench.speak(TWO_TURNS);
    bench.ask(1, Question::Summary);
    bench.until(bench.now + SECOND);
    let Answer::Summary(summary) = &bench.answers[0].1 else {
        panic!("{:?}", bench.answers)
    };
    assert_eq!(summary.topic.as_deref(), Some("unemployment_benefit"));
    assert!(summary.text.contains("失业保险"), "{}", summary.text);
    assert!(
        summary.slots.contains(&("duration".to_owned(), "P6Y".to_owned())),
        "{summary:?}"
    );
}

#[test]
fn nothing_of_an_unlisted_call_is_published() {
    let mut bench = Bench::new(Ears::Quick);
    bench.signal(CallEvent::StartedUnlisted);
    bench.join("caller", Role::Caller, None);
    bench.listen(1, 6 * SECOND);
    bench.speak(12 * SECOND);
    bench.hang_up();
    bench.until(bench.now + SECOND);
    assert_eq!(bench.told(), "1 heard unemployment_benefit");
    assert!(bench.finished);
    assert_eq!(bench.types(), Vec::<&str>::new());
}

#[test]
fn a_paused_caller_is_not_heard_until_the_dialplan_goes_on() {
    let mut bench = Bench::ivr(Ears::Quick);
    bench.signal(CallEvent::Paused);
    bench.listen(1, 8 * SECOND);
    bench.give(bench.now, Input::Control(Control::Pause));
    bench.signal(CallEvent::Continued);
    bench.speak(12 * SECOND);
    assert_eq!(bench.told(), "1 silence", "an operator's pause outlives the dialplan's");
}
