use std::time::{Duration, Instant};

use proptest::prelude::*;
use sidetone_base::{AgentId, AgentState, Direction, Fact, IvrExit, OfferExit, QueueExit};

use super::{Contact, Facts, Heard, MOST_OPEN};

fn who(channel: &str) -> Contact {
    Contact {
        channel: channel.to_owned(),
        base: format!("{channel}.base"),
        number: None,
    }
}

/// In short: `contact entry: what`.
fn told(facts: &mut Facts) -> Vec<String> {
    std::iter::from_fn(|| facts.poll()).map(|fact| short(&fact)).collect()
}

fn short(fact: &Fact) -> String {
    match fact {
        Fact::ContactEntered {
            contact,
            direction,
            agent,
            ..
        } => format!(
            "{contact}: {direction:?}{}",
            agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default()
        ),
        Fact::ContactLeft {
            contact,
            end_by,
            lasted,
        } => format!("{contact}: ended by {end_by:?} after {}", lasted.as_millis()),
        Fact::QueueEntered {
            contact, entry, queue, ..
        } => format!("{contact} {entry}: enters {queue}"),
        Fact::QueueLeft {
            entry,
            left,
            waited,
            agent,
            ..
        } => format!(
            "{entry}: {left:?} {}{}",
            waited.as_millis(),
            agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default()
        ),
        Fact::Offered {
            contact, offer, agent, ..
        } => format!("{contact} {offer}: rings at {agent}"),
        Fact::OfferEnded { offer, left, rang, .. } => format!("{offer}: {left:?} {}", rang.as_millis()),
        Fact::AgentState { agent, state, reason } => {
            format!(
                "{agent}: {state:?}{}",
                reason.as_ref().map(|why| format!(" ({why})")).unwrap_or_default()
            )
        }
        Fact::AcwEnded { contact, agent, worked } => format!("{contact}: {agent} worked {}", worked.as_millis()),
        Fact::IvrEntered { contact, session, .. } => format!("{contact} {session}: machine"),
        Fact::IvrTurn { session, turn, .. } => format!(
            "{session}: {}{} {:?}-{:?}",
            if turn.understood { "understood" } else { "lost" },
            if turn.answered { " answered" } else { "" },
            turn.speech_end.map(|at| at.as_millis()),
            turn.play_start.map(|at| at.as_millis()),
        ),
        Fact::IvrLeft {
            session,
            left,
            lasted,
            answers,
            fails_after_last_answer,
            ..
        } => format!(
            "{session}: {left:?} {} {answers}+{fails_after_last_answer}",
            lasted.as_millis()
        ),
        Fact::SurveyOffered { contact } => format!("{contact}: survey"),
        Fact::SurveyAnswered { contact, score } => format!("{contact}: {score} points"),
    }
}

fn later(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

#[test]
fn a_caller_rings_at_two_and_one_answers() {
    let (mut facts, start) = (Facts::new(Some("east".to_owned())), Instant::now());
    facts.entered_queue(start, &who("c"), "12333");
    for (offer, agent) in [("a1", "8001"), ("a2", "8002")] {
        facts.offered(later(start, 100), offer, &who("c"), AgentId::new(agent), None);
    }
    facts.offer_ended(later(start, 900), "a2", OfferExit::Answered);
    facts.left_queue(later(start, 900), "c", QueueExit::Answered, Some(AgentId::new("8002")));
    facts.gone(later(start, 5_000), "c", true);
    assert_eq!(
        told(&mut facts),
        [
            "east-c.base c/1: enters 12333",
            "east-c.base a1: rings at 8001",
            "east-c.base a2: rings at 8002",
            "a2: Answered 800",
            "a1: Elsewhere 800",
            "c/1: Answered 900 by 8002",
        ]
    );
}

#[test]
fn a_caller_who_gives_up_takes_the_offers_along() {
    let (mut facts, start) = (Facts::new(None), Instant::now());
    facts.entered_queue(start, &who("c"), "12333");
    facts.offered(start, "a1", &who("c"), AgentId::new("8001"), Some("12333".to_owned()));
    facts.gone(later(start, 700), "c", true);
    facts.gone(later(start, 900), "c", true);
    assert_eq!(told(&mut facts)[2..], ["a1: CallerGone 700", "c/1: Abandoned 700"]);
}

#[test]
fn a_second_wait_has_a_name_of_its_own_and_a_found_one_no_begin() {
    let (mut facts, start) = (Facts::new(None), Instant::now());
    facts.found_in_queue(start, &who("c"), "12333", Duration::from_secs(9));
    facts.found_in_queue(later(start, 500), &who("c"), "12333", Duration::from_secs(1));
    facts.entered_queue(later(start, 1_000), &who("c"), "night");
    facts.left_queue(later(start, 2_000), "c", QueueExit::Timeout, None);
    assert_eq!(
        told(&mut facts),
        ["c/1: Overflow 10000", "c.base c/2: enters night", "c/2: Timeout 1000"]
    );
}

#[test]
fn a_contact_is_ended_by_whoever_hung_up() {
    for (direction, itself, other, end) in [
        (Direction::In, true, Some(100), "Caller"),
        (Direction::In, false, Some(1_000), "Agent"),
        (Direction::In, false, Some(2_001), "System"),
        (Direction::In, false, None, "System"),
        (Direction::Out, true, None, "Agent"),
        (Direction::Out, false, Some(0), "Caller"),
    ] {
        let (mut facts, start) = (Facts::new(None), Instant::now());
        facts.contact_found(start, &who("c"), direction, Duration::from_secs(5));
        facts.contact_entered(start, &who("c"), direction, None);
        let end_at = later(start, 4_000);
        if let Some(before) = other {
            facts.other_hung_up(end_at - Duration::from_millis(before), "c");
        }
        facts.gone(end_at, "c", itself);
        assert_eq!(told(&mut facts), [format!("c.base: ended by {end} after 9000")]);
    }
    let mut facts = Facts::new(None);
    facts.contact_entered(Instant::now(), &who("a"), Direction::Out, Some(AgentId::new("8001")));
    assert_eq!(told(&mut facts), ["a.base: Out by 8001"]);
}

#[test]
fn a_state_is_told_when_it_is_news() {
    let (mut facts, li, now) = (Facts::new(None), AgentId::new("8001"), Instant::now());
    for reason in ["", "lunch", "lunch", "tea"] {
        facts.agent_is(now, &li, AgentState::Break, Some(reason.to_owned()));
    }
    facts.agent_is(now, &li, AgentState::Ready, None);
    assert_eq!(
        told(&mut facts),
        ["8001: Break", "8001: Break (lunch)", "8001: Break (tea)", "8001: Ready"]
    );
}

#[test]
fn the_work_after_a_call_is_about_the_caller_whom_the_agent_served() {
    let li = AgentId::new("8001");
    for (acw_begins, about) in [(3_000, true), (8_000, true), (8_001, false)] {
        let (mut facts, start) = (Facts::new(None), Instant::now());
        let mut at = |ms: u64, state| facts.agent_is(later(start, ms), &li, state, None);
        at(0, AgentState::Talk);
        if acw_begins > 3_000 {
            at(3_000, AgentState::Ready);
        }
        facts.entered_queue(start, &who("c"), "12333");
        facts.left_queue(start, "c", QueueExit::Answered, Some(li.clone()));
        facts.agent_is(later(start, acw_begins), &li, AgentState::Acw, None);
        facts.agent_is(
            later(start, acw_begins + 100),
            &li,
            AgentState::Acw,
            Some("notes".to_owned()),
        );
        facts.agent_is(later(start, 40_000), &li, AgentState::Ready, None);
        let told = told(&mut facts);
        let worked = format!("c.base: 8001 worked {}", 40_000 - acw_begins);
        assert_eq!(told.contains(&worked), about, "{told:?}");
    }
}

#[test]
fn a_dialogue_counts_its_answers_and_what_failed_since() {
    let (mut facts, start) = (Facts::new(None), Instant::now());
    facts.turn(start, "c", None, Heard::default());
    facts.dialogue(start, &who("c"), None);
    facts.dialogue(later(start, 10), &who("c"), None);
    let heard = Heard {
        understood: true,
        answered: true,
        topic: None,
        speech_end: Some(later(start, 4_000)),
    };
    facts.turn(later(start, 4_300), "c", None, heard);
    facts.turn(later(start, 9_000), "c", None, Heard::default());
    facts.dialogue_ended(later(start, 9_500), "c", IvrExit::ToQueue);
    facts.gone(later(start, 9_900), "c", true);
    assert_eq!(
        told(&mut facts),
        [
            "c.base c/1: machine",
            "c/1: understood answered Some(4000)-Some(4300)",
            "c/1: lost None-None",
            "c/1: ToQueue 9500 1+1",
        ]
    );
}

#[test]
fn what_finds_no_room_is_counted() {
    let (mut facts, now) = (Facts::new(None), Instant::now());
    for n in 0..=MOST_OPEN {
        facts.entered_queue(now, &who(&n.to_string()), "12333");
    }
    assert_eq!((facts.take_refused(), facts.take_refused()), (1, 0));
    assert_eq!(facts.waiting().len(), MOST_OPEN);
}

#[derive(Clone, Debug)]
enum Step {
    Enters,
    Found,
    Offered(u8),
    OfferEnds(u8),
    Leaves,
    Gone,
    Dialogue,
    Turn,
    Done,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Enters),
        Just(Step::Found),
        (0..3u8).prop_map(Step::Offered),
        (0..3u8).prop_map(Step::OfferEnds),
        Just(Step::Leaves),
        Just(Step::Gone),
        Just(Step::Dialogue),
        Just(Step::Turn),
        Just(Step::Done),
    ]
}

proptest! {
    /// Whatever order a switch tells things in, each begin has one end once the channel is gone, and nothing stays.
    #[test]
    fn every_begin_has_one_end(steps in prop::collection::vec((0..3u8, step()), 0..60)) {
        let (mut facts, mut now) = (Facts::new(None), Instant::now());
        for (channel, step) in steps {
            now += Duration::from_millis(100);
            let (caller, offer) = (who(&format!("c{channel}")), |n: u8| format!("o{channel}-{n}"));
            match step {
                Step::Enters => facts.entered_queue(now, &caller, "12333"),
                Step::Found => facts.found_in_queue(now, &caller, "12333", Duration::ZERO),
                Step::Offered(n) => facts.offered(now, &offer(n), &caller, AgentId::new("8001"), None),
                Step::OfferEnds(n) => facts.offer_ended(now, &offer(n), OfferExit::NoAnswer),
                Step::Leaves => facts.left_queue(now, &caller.channel, QueueExit::Timeout, None),
                Step::Gone => facts.gone(now, &caller.channel, true),
                Step::Dialogue => facts.dialogue(now, &caller, None),
                Step::Turn => facts.turn(now, &caller.channel, None, Heard::default()),
                Step::Done => facts.dialogue_ended(now, &caller.channel, IvrExit::Transfer),
            }
        }
        for channel in 0..3u8 {
            facts.gone(now, &format!("c{channel}"), false);
        }
        let (mut begun, mut ended) = (Vec::new(), Vec::new());
        while let Some(fact) = facts.poll() {
            match fact {
                Fact::QueueEntered { entry, .. } => begun.push(("wait", entry)),
                Fact::QueueLeft { entry, .. } => ended.push(("wait", entry)),
                Fact::Offered { offer, .. } => begun.push(("offer", offer)),
                Fact::OfferEnded { offer, .. } => ended.push(("offer", offer)),
                Fact::IvrEntered { session, .. } => begun.push(("dialogue", session)),
                Fact::IvrLeft { session, .. } => ended.push(("dialogue", session)),
                _ => {}
            }
        }
        let mut without_begin = ended.clone();
        for begin in &begun {
            let at = without_begin.iter().position(|end| end == begin);
            prop_assert!(at.is_some(), "no end of {begin:?}");
            without_begin.remove(at.unwrap());
        }
        prop_assert!(without_begin.iter().all(|(what, _)| *what == "wait"), "{without_begin:?}");
        prop_assert!(facts.waits.open.is_empty() && facts.offers.open.is_empty() && facts.dialogues.open.is_empty());
        prop_assert!(facts.waits.entries.is_empty() && facts.dialogues.sessions.is_empty());
    }
}
