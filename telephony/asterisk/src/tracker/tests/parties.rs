//! Who is who: agents that are named late, callers who have left their queue, outside lines.

use std::time::Duration;

use sidetone_telephony::calls::Outside;

use super::{Bench, QUEUE, lines, tell, with_pattern};
use crate::config::AsteriskConfig;

/// `AgentConnect` comes after both have entered the bridge.
const LATE: &str = include_str!("../../../tests/ami/late_agentconnect.txt");

/// The dialogue without its marks of time.
fn dialogue(text: &str) -> String {
    text.lines()
        .filter(|line| !line.starts_with('@'))
        .collect::<Vec<_>>()
        .join("\n")
}

fn event(name: &str, channel: &str, uniqueid: &str, linkedid: &str, more: &str) -> String {
    format!("Event: {name}\nChannel: {channel}\nUniqueid: {uniqueid}\nLinkedid: {linkedid}\n{more}\n")
}

#[test]
fn an_agent_who_is_named_after_the_bridge_is_named_all_the_same() {
    let text = dialogue(LATE);
    let at = text.find("Event: BridgeLeave").unwrap();
    assert_eq!(
        tell(&AsteriskConfig::default(), &text[..at]),
        lines(
            "started 0s number=057100000001 called=12333 queue=12333
             joined 0 PJSIP/trunk caller
             tap 0
             joined 1 PJSIP/8001 agent
             tap 1
             joined 1 PJSIP/8001 agent 8001"
        )
    );
}

#[test]
fn a_caller_who_has_left_the_queue_is_in_it_no_more() {
    let join = QUEUE.find("Event: QueueCallerJoin").unwrap();
    let caller = |name: &str| {
        event(
            name,
            "PJSIP/trunk-00000000",
            "pbx-1795383263.0",
            "pbx-1795383263.0",
            "Queue: 12333",
        )
    };
    let bridged = |id: &str, name: &str| event("BridgeEnter", name, id, "pbx-1795383263.0", "BridgeUniqueid: b");
    for (leave, wait, queue) in [
        // For an agent: the bridge comes at once, whatever AgentConnect does.
        ("QueueCallerLeave", Duration::from_millis(40), "queue=12333"),
        // For want of patience; the dialplan calls somebody by name.
        ("QueueCallerLeave", Duration::from_secs(5), "queue=-"),
        ("QueueCallerAbandon", Duration::from_secs(5), "queue=-"),
    ] {
        let mut bench = Bench::idle(&with_pattern());
        bench.ami(&QUEUE[..join]);
        bench.ami(&caller("QueueCallerJoin"));
        bench.ami(&caller(leave));
        bench.pass(wait);
        let agent = event(
            "Newchannel",
            "PJSIP/8002-00000001",
            "pbx-1795383263.1",
            "pbx-1795383263.0",
            "",
        );
        bench.ami(&agent);
        bench.ami(&bridged("pbx-1795383263.1", "PJSIP/8002-00000001"));
        bench.ami(&bridged("pbx-1795383263.0", "PJSIP/trunk-00000000"));
        let story = bench.story();
        assert!(story.contains(queue), "{leave} {wait:?}: {story}");
    }
}

#[test]
fn what_an_outside_line_is_is_a_setting() {
    for (outside, expected) in [
        (Outside::Agent, "joined 2 PJSIP/trunk agent @2000\ntap 2"),
        (Outside::Caller, "joined 2 PJSIP/trunk caller @2000\ntap 2"),
        (Outside::Unheard, ""),
    ] {
        let mut bench = Bench::idle(&AsteriskConfig {
            outside,
            ..with_pattern()
        });
        let enter = |id: &str, name: &str| event("BridgeEnter", name, id, "c.0", "BridgeUniqueid: b");
        bench.ami(&event(
            "Newchannel",
            "PJSIP/trunk-00000000",
            "c.0",
            "c.0",
            "CallerIDNum: 057100000001\nExten: 12333",
        ));
        bench.ami(&event("Newchannel", "PJSIP/8001-00000001", "c.1", "c.0", ""));
        bench.ami(&enter("c.1", "PJSIP/8001-00000001"));
        bench.ami(&enter("c.0", "PJSIP/trunk-00000000"));
        assert!(bench.story().contains("joined 1 PJSIP/8001 agent 8001"));
        bench.pass(Duration::from_secs(2));
        // The agent transfers the caller to a line outside, and leaves.
        bench.ami(&event("Newchannel", "PJSIP/trunk-00000002", "c.2", "c.0", ""));
        bench.ami(&enter("c.2", "PJSIP/trunk-00000002"));
        assert_eq!(bench.story(), expected, "{outside:?}");
        bench.ami("Event: Hangup\nChannel: PJSIP/8001-00000001\nUniqueid: c.1");
        bench.pass(Duration::from_secs(60));
        let story = bench.story();
        assert!(
            !story.lines().any(|line| line.starts_with("ended")),
            "{outside:?}: they go on talking: {story}"
        );
    }
}
