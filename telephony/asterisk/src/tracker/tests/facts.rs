//! Queues as facts, from dialogues recorded on Asterisk 22.10: one agent, 8005, in 12335 (time of 5 s, room for one caller)
//! and in 12333.

use std::time::Duration;

use sidetone_base::{Fact, IvrExit, QueueExit};
use sidetone_telephony::facts::{Heard, Note};

use super::*;
use crate::fastagi::Caller;

const ANSWERED: &str = include_str!("../../../tests/ami/queue_answered.txt");
const ABANDONED: &str = include_str!("../../../tests/ami/queue_abandoned.txt");
const REFUSED: &str = include_str!("../../../tests/ami/queue_refused.txt");
const PAUSE: &str = include_str!("../../../tests/ami/member_pause.txt");

impl Bench {
    fn facts(&mut self) -> String {
        let facts = std::mem::take(&mut self.facts);
        facts.iter().map(short_fact).collect::<Vec<_>>().join("\n")
    }
}

fn tail(id: &str) -> &str {
    id.rsplit_once('.').map_or(id, |(_, rest)| rest)
}

fn short_fact(fact: &Fact) -> String {
    match fact {
        Fact::ContactEntered {
            contact,
            direction,
            agent,
            ..
        } => format!(
            "{} comes {direction:?}{}",
            tail(contact.as_str()),
            agent.as_ref().map(|agent| format!(" from {agent}")).unwrap_or_default()
        ),
        Fact::ContactLeft { contact, end_by, .. } => format!("{} goes, by {end_by:?}", tail(contact.as_str())),
        Fact::QueueEntered {
            entry, queue, number, ..
        } => format!(
            "{} enters {queue}{}",
            tail(entry),
            if number.is_some() { ", number known" } else { "" }
        ),
        Fact::QueueLeft {
            entry,
            left,
            waited,
            agent,
            ..
        } => format!(
            "{} {left:?} after {}{}",
            tail(entry),
            waited.as_millis(),
            agent.as_ref().map(|agent| format!(" by {agent}")).unwrap_or_default()
        ),
        Fact::Offered {
            offer, agent, queue, ..
        } => {
            format!(
                "{} rings at {agent} for {}",
                tail(offer),
                queue.as_deref().unwrap_or("-")
            )
        }
        Fact::OfferEnded { offer, left, .. } => format!("{} {left:?}", tail(offer)),
        Fact::AgentState { agent, state, reason } => format!(
            "{agent} {state:?}{}",
            reason
                .as_ref()
                .map(|reason| format!(" for {reason}"))
                .unwrap_or_default()
        ),
        Fact::AcwEnded { contact, agent, worked } => {
            format!("{agent} worked {} for {}", worked.as_millis(), tail(contact.as_str()))
        }
        other => format!("{other:?}"),
    }
}

/// A switch that listed one idle agent.
fn staffed(config: &AsteriskConfig) -> Bench {
    let mut bench = Bench::new(config);
    bench.input(Input::Connected);
    for queue in ["12333", "12335"] {
        bench.ami(&format!(
            "Event: QueueMember\nActionID: sync-QueueStatus\nQueue: {queue}\nName: Agent 8005\nLocation: PJSIP/8005\n\
             StateInterface: PJSIP/8005\nStatus: 1\nPaused: 0\nLastCall: 0\nWrapuptime: 0"
        ));
    }
    for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
        bench.ami(&format!("Event: {list}Complete\nActionID: sync-{list}"));
    }
    assert_eq!(bench.facts(), "8005 Ready");
    bench
}

fn with_wrapup() -> AsteriskConfig {
    let mut config = AsteriskConfig::default();
    config.queues.wrapup = Duration::from_secs(2);
    config
}

#[test]
fn an_answered_caller_an_offer_and_after_call_work() {
    let mut bench = staffed(&with_wrapup());
    bench.ami(ANSWERED);
    bench.pass(Duration::from_secs(3));
    assert_eq!(
        bench.facts(),
        lines(
            "0 comes In
             0/1 enters 12335, number known
             3 rings at 8005 for 12335
             8005 Ring
             8005 Talk
             3 Answered
             0/1 Answered after 0 by 8005
             8005 Acw
             0 goes, by Caller
             8005 worked 2000 for 0
             8005 Ready"
        )
    );
}

#[test]
fn a_caller_who_gives_up_while_it_rings() {
    let mut bench = staffed(&AsteriskConfig::default());
    let rest = bench.until(ABANDONED, "Event: HangupRequest");
    bench.pass(Duration::from_millis(1_200));
    bench.ami(rest);
    assert_eq!(
        bench.facts(),
        lines(
            "15 comes In
             15/1 enters 12335, number known
             18 rings at 8005 for 12335
             8005 Ring
             18 CallerGone
             15/1 Abandoned after 1200
             8005 Ready
             15 goes, by Caller"
        )
    );
}

/// The switch's threads tell of the queue and of the telephone in either order.
#[test]
fn a_telephone_that_stops_ringing_first_has_lost_its_caller_all_the_same() {
    let mut bench = staffed(&AsteriskConfig::default());
    let rest = bench.until(ABANDONED, "Event: QueueCallerAbandon");
    let hangup = rest.find("Event: Hangup").unwrap();
    bench.ami(rest[hangup..].split("\n\n").next().unwrap());
    bench.ami(rest);
    let facts = bench.facts();
    assert!(facts.contains("18 CallerGone\n15/1 Abandoned after 0"), "{facts}");
}

#[test]
fn a_refusal_a_full_queue_and_a_time_that_is_over() {
    let mut bench = staffed(&AsteriskConfig::default());
    bench.ami(REFUSED);
    assert_eq!(
        bench.facts(),
        lines(
            "25 comes In
             25/1 enters 12335, number known
             28 rings at 8005 for 12335
             8005 Ring
             28 Rejected
             8005 Ready
             32 comes In
             32/1 enters 12335, number known
             32/1 Full after 0
             32 goes, by System
             38 rings at 8005 for 12335
             38 NoAnswer
             25/1 Timeout after 0
             25 goes, by System"
        )
    );
}

/// Without the two events of class `dialplan`, which an older manager.conf does not let through.
#[test]
fn without_the_switchs_word_the_queue_s_own_events_decide() {
    let without = |text: &str| {
        let messages = text.split("\n\n");
        let kept =
            messages.filter(|message| !message.contains("Event: VarSet") && !message.contains("Event: Newexten"));
        kept.collect::<Vec<_>>().join("\n\n")
    };
    let mut bench = staffed(&AsteriskConfig::default());
    bench.ami(&without(REFUSED));
    let facts = bench.facts();
    assert!(
        facts.contains("\n25/1 Timeout after 0\n") && !facts.contains("32/1"),
        "{facts}"
    );
}

/// A key that leads out of the queue: it tells that the caller has left, and nothing else.
#[test]
fn a_caller_who_leaves_without_a_reason_has_been_given_away() {
    let mut bench = staffed(&AsteriskConfig::default());
    bench.ami("Event: QueueCallerJoin\nUniqueid: pbx-1.9\nLinkedid: pbx-1.9\nQueue: 12335");
    bench.pass(Duration::from_secs(4));
    bench.ami("Event: QueueCallerLeave\nUniqueid: pbx-1.9\nQueue: 12335");
    bench.pass(Duration::from_millis(999));
    assert_eq!(bench.facts(), "9/1 enters 12335");
    bench.pass(Duration::from_millis(1));
    assert_eq!(bench.facts(), "9/1 Overflow after 4000");
}

/// An announcement plays to the agent after they have picked up, longer than any reason takes to come.
#[test]
fn an_announcement_to_the_agent_is_a_part_of_the_wait() {
    for (end, expected) in [
        (
            "Event: AgentConnect",
            "3 Answered\n0/1 Answered after 8000 by 8005\n0 goes, by System",
        ),
        (
            "Event: HangupRequest",
            "3 CallerGone\n0/1 Abandoned after 8000\n0 goes, by Caller",
        ),
    ] {
        let mut bench = staffed(&AsteriskConfig::default());
        bench.until(ANSWERED, "Event: AgentConnect");
        bench.facts();
        bench.pass(Duration::from_secs(8));
        let at = ANSWERED.find(end).unwrap();
        let after = &ANSWERED[at..];
        let message = after.split_once("\n\n").unwrap().0;
        bench.ami(message);
        bench.ami("Event: Hangup\nUniqueid: pbx-1795946692.0");
        assert_eq!(bench.facts(), expected, "{end}");
    }
}

#[test]
fn a_break_is_one_when_no_queue_calls_the_agent() {
    let mut config = AsteriskConfig::default();
    config.queues.acw_reasons = vec!["Lunch".to_owned()];
    for (config, state) in [(AsteriskConfig::default(), "Break"), (config, "Acw")] {
        let mut bench = staffed(&config);
        let everywhere = PAUSE.replace("Queue: 12335", "Queue: 12333");
        bench.until(PAUSE, "\n\nEvent: QueueMemberPause");
        assert_eq!(bench.facts(), "", "12333 still calls");
        bench.until(&everywhere, "\n\nEvent: QueueMemberPause");
        assert_eq!(bench.facts(), format!("8005 {state} for lunch"));
        bench.ami(PAUSE);
        assert_eq!(bench.facts(), "8005 Ready");
    }
}

#[test]
fn members_come_and_go_and_telephones_too() {
    let mut bench = staffed(&AsteriskConfig::default());
    let member = |event: &str, queue: &str, status: u8| {
        format!(
            "Event: {event}\nQueue: {queue}\nInterface: PJSIP/8005\nStateInterface: PJSIP/8005\nMemberName: Agent 8005\n\
             Status: {status}\nPaused: 0"
        )
    };
    for (event, queue, status, expected) in [
        ("QueueMemberRemoved", "12333", 1, ""),
        ("QueueMemberRemoved", "12335", 1, "8005 Offline"),
        ("QueueMemberAdded", "12335", 5, ""),
        ("QueueMemberStatus", "12335", 1, "8005 Ready"),
        ("QueueMemberStatus", "12335", 8, "8005 Talk"),
        ("QueueMemberStatus", "12335", 4, "8005 Offline"),
    ] {
        bench.ami(&member(event, queue, status));
        assert_eq!(bench.facts(), expected, "{event} {queue} {status}");
    }
}

#[test]
fn what_ended_while_nobody_looked_is_said_when_the_switch_is_back() {
    let mut bench = staffed(&AsteriskConfig::default());
    for n in [8, 9] {
        bench.ami(&format!(
            "Event: QueueCallerJoin\nUniqueid: pbx-1.{n}\nLinkedid: pbx-1.{n}\nQueue: 12335"
        ));
    }
    bench.facts();
    bench.input(Input::Disconnected);
    bench.pass(Duration::from_secs(30));
    bench.input(Input::Connected);
    for n in [9, 10] {
        bench.ami(&format!(
            "Event: QueueEntry\nActionID: sync-QueueStatus\nQueue: 12335\nUniqueid: pbx-1.{n}\nWait: 12"
        ));
    }
    bench.ami("Event: QueueStatusComplete\nActionID: sync-QueueStatus");
    assert_eq!(bench.facts(), "8005 Offline\n8/1 Failed after 30000");
    for n in [9, 10] {
        bench.ami(&format!(
            "Event: HangupRequest\nUniqueid: pbx-1.{n}\n\nEvent: QueueCallerAbandon\nUniqueid: pbx-1.{n}\nQueue: 12335"
        ));
    }
    assert_eq!(bench.facts(), "9/1 Abandoned after 30000\n10/1 Abandoned after 12000");
}

#[test]
fn contacts_are_callers_and_agents_who_dial_and_not_whom_the_switch_calls_for_them() {
    let mut bench = staffed(&with_pattern());
    bench.ami(BLIND);
    bench.pass(Duration::from_secs(10));
    let facts = bench.facts();
    let contacts: Vec<&str> = facts
        .lines()
        .filter(|line| line.contains(" comes ") || line.contains(" goes"))
        .collect();
    assert_eq!(contacts, ["4 comes In", "4 goes, by System"]);

    let began = |channel: &str, n: u8, state: u8, linked: u8| {
        format!(
            "Event: Newchannel\nChannel: {channel}\nChannelState: {state}\nExten: 057100000001\nUniqueid: pbx-1.{n}\n\
             Linkedid: pbx-1.{linked}"
        )
    };
    for (channel, n, state, linked, expected) in [
        ("PJSIP/8001-00000001", 1, 4, 1, "1 comes Out from 8001"),
        ("PJSIP/trunk-00000002", 2, 0, 1, ""),
        ("PJSIP/trunk-00000003", 3, 0, 3, "3 comes Out"),
        ("Local/8003@agents-00000001;1", 4, 0, 4, ""),
        ("Snoop/pbx-1.1-00000000", 5, 0, 5, ""),
    ] {
        bench.ami(&began(channel, n, state, linked));
        assert_eq!(bench.facts(), expected, "{channel}");
    }
}

/// An agent who is in a call and dials asks a colleague: no contact of its own.
#[test]
fn a_question_to_a_colleague_is_no_contact() {
    let mut bench = staffed(&with_pattern());
    bench.ami(ATTENDED);
    bench.pass(Duration::from_secs(10));
    let facts = bench.facts();
    assert_eq!(
        facts.lines().filter(|line| line.contains(" comes ")).count(),
        1,
        "{facts}"
    );
}

#[test]
fn a_dialogue_ends_in_the_queue_and_a_callback_ends_the_wait() {
    let mut bench = staffed(&AsteriskConfig::default());
    let channel = |node: Option<&str>| Caller {
        uniqueid: "pbx-1.9".to_owned(),
        node: node.map(str::to_owned),
        ..Caller::default()
    };
    let noted = |node, note| Input::Noted {
        channel: channel(node),
        note,
    };
    bench.input(noted(Some("main"), Note::Listening));
    bench.pass(Duration::from_secs(5));
    bench.input(noted(Some("main"), Note::Turn(Heard::default())));
    let join = "Event: QueueCallerJoin\nUniqueid: pbx-1.9\nLinkedid: pbx-1.9\nQueue: 12335";
    bench.ami(join);
    bench.input(noted(None, Note::Callback));
    bench.ami("Event: QueueCallerLeave\nUniqueid: pbx-1.9\nQueue: 12335");
    bench.pass(Duration::from_secs(3));
    let told = std::mem::take(&mut bench.facts);
    let main = |node: &Option<String>| node.as_deref() == Some("main");
    assert!(
        matches!(&told[0], Fact::IvrEntered { node, .. } if main(node)),
        "{told:?}"
    );
    assert!(matches!(&told[1], Fact::IvrTurn { node, .. } if main(node)), "{told:?}");
    assert!(
        matches!(
            &told[2],
            Fact::IvrLeft {
                left: IvrExit::ToQueue,
                answers: 0,
                fails_after_last_answer: 1,
                ..
            }
        ),
        "{told:?}"
    );
    assert!(
        matches!(
            &told[4],
            Fact::QueueLeft {
                left: QueueExit::Callback,
                ..
            }
        ),
        "{told:?}"
    );
    assert_eq!(told.len(), 5, "{told:?}");
}
