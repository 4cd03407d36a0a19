use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Effect, Hedge, Input, Rule};
use crate::llm::fault::Fault;

const PATIENCE: u64 = 500;
const FIRST: u64 = 1_500;
const WHOLE: u64 = 3_000;

/// What an engine will do once it is asked, in milliseconds after that.
#[derive(Clone, Copy, Debug)]
struct Plan {
    first: Option<u64>,
    end: u64,
    outcome: Result<(), Fault>,
}

fn ms(value: u64) -> Duration {
    Duration::from_millis(value)
}

/// The lane that was asked, and when, in milliseconds.
type Sent = (usize, u64);

/// Runs a request on virtual time: what was sent when, and how and when it ended.
fn simulate(plans: &[Plan]) -> (Vec<Sent>, Vec<Effect>, u64, Result<usize, Fault>) {
    let start = Instant::now();
    let rule = Rule {
        patience: ms(PATIENCE),
        first_token: ms(FIRST),
        until: start + ms(WHOLE),
    };
    let mut hedge = Hedge::new(start, plans.len(), rule);
    let (mut sent, mut all): (Vec<Sent>, Vec<Effect>) = Default::default();
    let mut news: Vec<(u64, Input)> = Vec::new();
    let mut now = 0;
    for _ in 0..64 {
        while let Some(effect) = hedge.poll() {
            all.push(effect);
            match effect {
                Effect::Send(lane) => {
                    sent.push((lane, now));
                    let plan = plans[lane];
                    news.extend(plan.first.map(|at| (now + at, Input::First(lane))));
                    let end = match plan.outcome {
                        Ok(()) => Input::Valid(lane),
                        Err(fault) => Input::Failed(lane, fault),
                    };
                    news.push((now + plan.end.max(plan.first.unwrap_or(0)), end));
                }
                Effect::Cancel(lane) => news.retain(|(_, input)| {
                    !matches!(input, Input::First(l) | Input::Valid(l) | Input::Failed(l, _) if *l == lane)
                }),
                Effect::Blame(..) => {}
                Effect::Settled(outcome) => {
                    assert!(hedge.poll().is_none(), "nothing follows the end");
                    assert!(hedge.deadline().is_none());
                    return (sent, all, now, outcome);
                }
            }
        }
        news.sort_by_key(|(at, _)| *at);
        let wake = hedge.deadline().expect("it is not over");
        let wake = u64::try_from((wake - start).as_millis()).expect("short");
        let input = if news.first().is_some_and(|(at, _)| *at <= wake) {
            let (at, input) = news.remove(0);
            now = at;
            input
        } else {
            now = wake;
            Input::Wake
        };
        hedge.handle(start + ms(now), input);
    }
    panic!("it never ends: {all:?}");
}

fn plans() -> impl Strategy<Value = Plan> {
    let outcome = prop_oneof![
        3 => Just(Ok(())),
        1 => prop_oneof![
            Just(Fault::Unable(429)), Just(Fault::Unable(503)), Just(Fault::CutOff), Just(Fault::Blank),
            Just(Fault::NotJson), Just(Fault::Unreachable),
        ].prop_map(Err),
        1 => prop_oneof![Just(401_u16), Just(402), Just(404), Just(422)].prop_map(|s| Err(Fault::Misconfigured(s))),
    ];
    (prop::option::weighted(0.8, 0..4_000_u64), 0..5_000_u64, outcome).prop_map(|(first, end, outcome)| Plan {
        first,
        end: if first.is_none() && outcome.is_ok() {
            60_000
        } else {
            end
        },
        outcome,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Nobody is paid twice beyond the rule, whatever the two engines do.
    #[test]
    fn spends_by_the_rule(a in plans(), b in plans()) {
        let (sent, all, ended, outcome) = simulate(&[a, b]);
        prop_assert!(ended <= WHOLE);
        prop_assert_eq!(sent[0], (0, 0));
        prop_assert!(sent.len() <= 2);
        if let Some((lane, at)) = sent.get(1).copied() {
            prop_assert_eq!(lane, 1);
            let failed = a.end.max(a.first.unwrap_or(0));
            let silent = a.first.is_none_or(|first| first >= PATIENCE) && (failed >= PATIENCE);
            let elsewhere = a.outcome.is_err_and(Fault::goes_elsewhere) && at == failed;
            prop_assert!((silent && at == PATIENCE) || elsewhere, "asked at {}", at);
        }
        if matches!(a.outcome, Err(Fault::Misconfigured(_))) && a.end.max(a.first.unwrap_or(0)) < PATIENCE {
            prop_assert_eq!(sent.len(), 1, "a request refused as wrong is not sent again");
        }
        if let Ok(winner) = outcome {
            prop_assert!([a, b][winner].outcome.is_ok());
        }
        // Each request that was sent ends in one way: it wins, is cancelled, or is to blame.
        for (lane, _) in &sent {
            let won = outcome == Ok(*lane);
            let dropped = all.contains(&Effect::Cancel(*lane));
            let blamed = all.iter().any(|e| matches!(e, Effect::Blame(l, _) if l == lane));
            prop_assert!(won != (dropped || blamed));
        }
    }
}

fn answers(first: u64, end: u64) -> Plan {
    Plan {
        first: Some(first),
        end,
        outcome: Ok(()),
    }
}

fn fails(end: u64, fault: Fault) -> Plan {
    Plan {
        first: None,
        end,
        outcome: Err(fault),
    }
}

#[test]
fn a_quick_engine_is_asked_alone() {
    let (sent, _, ended, outcome) = simulate(&[answers(200, 2_000), answers(10, 20)]);
    assert_eq!((sent.len(), ended, outcome), (1, 2_000, Ok(0)));
}

#[test]
fn a_late_engine_is_hedged_and_the_loser_is_cancelled() {
    let (sent, all, ended, outcome) = simulate(&[answers(1_200, 2_500), answers(100, 400)]);
    assert_eq!(sent, [(0, 0), (1, 500)]);
    assert_eq!((ended, outcome), (900, Ok(1)));
    assert!(all.contains(&Effect::Cancel(0)));
}

#[test]
fn a_failure_goes_to_the_other_at_once() {
    let (sent, _, ended, outcome) = simulate(&[fails(30, Fault::Unable(429)), answers(100, 400)]);
    assert_eq!((sent, ended, outcome), (vec![(0, 0), (1, 30)], 430, Ok(1)));
}

#[test]
fn a_refusal_is_not_sent_again() {
    let (sent, _, ended, outcome) = simulate(&[fails(30, Fault::Misconfigured(401)), answers(100, 400)]);
    assert_eq!((sent.len(), ended, outcome), (1, 30, Err(Fault::Misconfigured(401))));
}

#[test]
fn silence_is_given_up_at_the_first_token() {
    let silent = fails(60_000, Fault::CutOff);
    let (_, _, ended, outcome) = simulate(&[silent, silent]);
    assert_eq!((ended, outcome), (PATIENCE + FIRST, Err(Fault::Slow)));
}

#[test]
fn a_trickle_is_given_up_at_the_end() {
    let (sent, _, ended, outcome) = simulate(&[answers(100, 9_000), answers(10, 20)]);
    assert_eq!((sent.len(), ended, outcome), (1, WHOLE, Err(Fault::Unfinished)));
}
