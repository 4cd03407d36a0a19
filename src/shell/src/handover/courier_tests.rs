use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

fn letter(id: &str, expires: Instant) -> Letter {
    Letter {
        id: id.to_owned(),
        call_id: "c".to_owned(),
        seq: id.to_owned(),
        event: "{}".to_owned(),
        expires,
    }
}

/// A courier on a clock of its own; waits are shown in whole seconds, rounded up.
struct Stage {
    courier: Courier,
    now: Instant,
    start: Instant,
}

impl Stage {
    fn new() -> Self {
        let now = Instant::now();
        let policy = Policy {
            attempts: 3,
            ..Policy::DEFAULT
        };
        Self {
            courier: Courier::new(policy),
            now,
            start: now,
        }
    }

    fn tell(&mut self, input: Input) -> String {
        self.courier.handle(self.now, input);
        let mut said = Vec::new();
        while let Some(effect) = self.courier.poll() {
            said.push(match effect {
                Effect::Send(letter) => format!("send {}", letter.id),
                Effect::Settle {
                    letter,
                    verdict: Verdict::Delivered,
                    ..
                } => format!("delivered {}", letter.id),
                Effect::Settle {
                    letter,
                    verdict: Verdict::Dead(why, status),
                    attempts,
                } => format!("dead {} {why} {status} after {attempts}", letter.id),
            });
        }
        said.join(", ")
    }

    fn letter(&mut self, id: &str) -> String {
        self.tell(Input::Letter(letter(id, self.start + DAY)))
    }

    fn answer(&mut self, outcome: Outcome) -> String {
        self.tell(Input::Answered(outcome))
    }

    /// Sleeps until the deadline; gives the seconds.
    fn sleep(&mut self) -> u64 {
        let deadline = self.courier.deadline().unwrap();
        let slept = deadline.saturating_duration_since(self.now);
        self.now = self.now.max(deadline);
        slept.as_secs_f64().ceil() as u64
    }
}

#[test]
fn letters_go_one_by_one_in_their_order() {
    let mut stage = Stage::new();
    assert_eq!(stage.letter("1"), "send 1");
    assert_eq!(stage.letter("2"), "");
    assert_eq!(stage.letter("1"), "", "it is under way");
    assert_eq!(stage.answer(Outcome::Taken), "delivered 1, send 2");
    assert_eq!(stage.answer(Outcome::Taken), "delivered 2");
    assert_eq!(stage.letter("2"), "", "it has been settled");
    assert!(stage.courier.deadline().is_none() && stage.courier.is_empty());
}

#[test]
fn a_letter_that_the_receiver_fails_on_waits_aside_and_dies_of_its_errors() {
    let mut stage = Stage::new();
    stage.letter("bad");
    stage.letter("good");
    assert_eq!(stage.answer(Outcome::Failed(500)), "send good");
    assert_eq!(stage.answer(Outcome::Taken), "delivered good");
    assert_eq!(stage.sleep(), 1);
    assert_eq!(stage.tell(Input::Wake), "send bad");
    assert_eq!(stage.answer(Outcome::Failed(0)), "");
    assert_eq!(stage.sleep(), 2);
    assert_eq!(stage.tell(Input::Wake), "send bad");
    assert_eq!(stage.answer(Outcome::Failed(500)), "dead bad attempts 500 after 3");
}

#[test]
fn what_is_refused_is_dead_at_once() {
    let mut stage = Stage::new();
    stage.letter("1");
    stage.letter("2");
    assert_eq!(
        stage.answer(Outcome::Refused(422)),
        "dead 1 refused 422 after 1, send 2"
    );
}

#[test]
fn a_closed_receiver_is_left_alone_and_costs_no_attempt() {
    let mut stage = Stage::new();
    stage.letter("1");
    stage.letter("2");
    for waited in [1, 2, 4, 8] {
        assert_eq!(stage.answer(Outcome::Closed(None)), "");
        let slept = stage.sleep();
        assert!((waited * 3 / 4..=waited).contains(&slept), "{slept} for {waited}");
        assert_eq!(stage.tell(Input::Wake), "send 1", "it keeps its place");
    }
    assert_eq!(stage.answer(Outcome::Closed(Some(Duration::from_secs(90)))), "");
    assert_eq!(stage.letter("3"), "");
    assert_eq!(stage.sleep(), 90, "as long as it asked for");
    assert_eq!(stage.tell(Input::Wake), "send 1");
    assert_eq!(stage.answer(Outcome::Taken), "delivered 1, send 2");
    assert!(!stage.courier.is_closed());
}

#[test]
fn what_nobody_takes_expires_though_the_receiver_is_closed() {
    let mut stage = Stage::new();
    stage.letter("1");
    stage.answer(Outcome::Closed(None));
    stage.now = stage.start + DAY;
    assert_eq!(stage.tell(Input::Wake), "dead 1 expired 0 after 0");
}

#[test]
fn what_is_held_is_bounded() {
    let mut stage = Stage::new();
    for id in 0..Policy::DEFAULT.held {
        assert!(stage.courier.has_room());
        stage.letter(&id.to_string());
    }
    assert!(!stage.courier.has_room());
    stage.answer(Outcome::Taken);
    assert!(stage.courier.has_room());
}

proptest! {
    /// Whatever comes, each letter is settled once, one is under way at most, and none is sent before its wait is over.
    #[test]
    fn every_letter_is_settled_once(outcomes in prop::collection::vec(0_u8..6, 1..200), letters in 1_usize..20) {
        let mut stage = Stage::new();
        let (mut sent, mut settled) = (0_usize, Vec::new());
        let mut outcomes = outcomes.into_iter().chain(std::iter::repeat(0));
        let mut inputs: Vec<Input> = (0..letters).map(|id| Input::Letter(letter(&id.to_string(), stage.start + DAY))).collect();
        inputs.reverse();
        for _ in 0..2_000 {
            let input = match inputs.pop() {
                Some(input) => input,
                None if sent > 0 => {
                    sent -= 1;
                    Input::Answered(match outcomes.next().unwrap_or_default() {
                        0 | 1 => Outcome::Taken,
                        2 => Outcome::Refused(400),
                        3 => Outcome::Failed(503),
                        4 => Outcome::Closed(None),
                        _ => Outcome::Closed(Some(Duration::from_secs(5))),
                    })
                }
                None if stage.courier.is_empty() => break,
                None => {
                    stage.sleep();
                    Input::Wake
                }
            };
            stage.courier.handle(stage.now, input);
            while let Some(effect) = stage.courier.poll() {
                match effect {
                    Effect::Send(_) => sent += 1,
                    Effect::Settle { letter, .. } => settled.push(letter.id),
                }
            }
            prop_assert!(sent <= 1);
        }
        settled.sort();
        let count = settled.len();
        settled.dedup();
        prop_assert_eq!((count, settled.len()), (letters, letters));
    }
}
