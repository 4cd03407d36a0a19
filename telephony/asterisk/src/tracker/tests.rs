//! Dialogues recorded from Asterisk 22 (`tests/ami/`), told back as signals. `@ms` is virtual time.

use std::time::{Duration, Instant};

use sidetone_base::{Fact, LegId, TapKind};

use super::{Effect, Input, LEG_LINGER, ORPHAN_LINGER, Tracker};
use crate::ami::{Decoder, Message};
use crate::config::AsteriskConfig;

mod facts;
mod ivr;
mod parties;
mod resync;
mod told;

use told::{short, told};

const QUEUE: &str = include_str!("../../tests/ami/queue.txt");
const DIAL_HOLD: &str = include_str!("../../tests/ami/dial_hold.txt");
const BLIND: &str = include_str!("../../tests/ami/blind_transfer.txt");
const ATTENDED: &str = include_str!("../../tests/ami/attended_transfer.txt");
const QUEUE_LOCAL: &str = include_str!("../../tests/ami/queue_local.txt");
const RESYNC: &str = include_str!("../../tests/ami/resync_queue_local.txt");

fn messages(text: &str) -> Vec<Message> {
    let mut decoder = Decoder::new();
    decoder.feed(b"Asterisk Call Manager/11.0.0\r\n");
    decoder.feed(text.trim_end().replace('\n', "\r\n").as_bytes());
    decoder.feed(b"\r\n\r\n");
    std::iter::from_fn(|| decoder.poll().unwrap()).collect()
}

struct Bench {
    tracker: Tracker,
    now: Instant,
    start: Instant,
    story: Vec<String>,
    facts: Vec<Fact>,
    sent: Vec<String>,
}

impl Bench {
    fn new(config: &AsteriskConfig) -> Self {
        let start = Instant::now() + Duration::from_secs(100_000);
        Self {
            tracker: Tracker::new(config),
            now: start,
            start,
            story: Vec::new(),
            facts: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// Connected to a switch without calls.
    fn idle(config: &AsteriskConfig) -> Self {
        let mut bench = Self::new(config);
        bench.input(Input::Connected);
        for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
            bench.ami(&format!("Event: {list}Complete\nActionID: sync-{list}"));
        }
        bench.sent.clear();
        bench
    }

    fn input(&mut self, input: Input) {
        self.tracker.handle(self.now, input);
        self.drain();
        self.is_settled();
    }

    /// What was not looked at again need not be: to settle every call anew changes nothing.
    fn is_settled(&mut self) {
        if self.tracker.sync.is_live() {
            let due = self.tracker.deadline();
            self.tracker.wake(self.now);
            assert!(
                self.tracker.poll().is_none() && self.tracker.deadline() == due,
                "left unsettled"
            );
        }
    }

    fn ami(&mut self, text: &str) {
        for message in messages(text) {
            self.input(Input::Ami(message));
        }
    }

    /// Everything up to the first message that has this text.
    fn until<'a>(&mut self, text: &'a str, mark: &str) -> &'a str {
        let at = text.find(mark).unwrap();
        self.ami(&text[..at]);
        &text[at..]
    }

    fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.tracker.deadline().filter(|at| *at <= end) {
            self.now = at;
            self.tracker.wake(at);
            self.drain();
        }
        self.now = end;
    }

    fn drain(&mut self) {
        while let Some(effect) = self.tracker.poll() {
            match effect {
                Effect::Signal(signal) => {
                    let at = (self.now - self.start).as_millis();
                    let at = if at == 0 { String::new() } else { format!(" @{at}") };
                    self.story.push(format!("{}{at}", told(&signal.event)));
                }
                Effect::Attach { leg, .. } => self.story.push(format!("tap {}", short(&leg))),
                Effect::Detach { leg } => self.story.push(format!("untap {}", short(&leg))),
                Effect::Send { id, .. } => self.sent.push(id),
                Effect::Reconnect => self.story.push("reconnect".to_owned()),
                Effect::Fact(fact) => self.facts.push(fact),
                Effect::Synced { .. } => {}
            }
        }
    }

    fn story(&mut self) -> String {
        std::mem::take(&mut self.story).join("\n")
    }
}

fn lines(text: &str) -> String {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn tell(config: &AsteriskConfig, dialogue: &str) -> String {
    let mut bench = Bench::idle(config);
    bench.ami(dialogue);
    bench.pass(Duration::from_secs(10));
    bench.story()
}

fn with_pattern() -> AsteriskConfig {
    AsteriskConfig {
        agent_patterns: vec!["PJSIP/80??".to_owned()],
        ..AsteriskConfig::default()
    }
}

#[test]
fn a_queue_call() {
    assert_eq!(
        tell(&AsteriskConfig::default(), QUEUE),
        lines(
            "started 0s number=057100000001 called=12333 queue=12333
             joined 0 PJSIP/trunk caller
             tap 0
             joined 1 PJSIP/8001 agent 8001
             tap 1
             untap 0
             untap 1
             ended"
        )
        .replace("untap 0\nuntap 1\nended", &ending_of(QUEUE))
    );
}

/// manager.conf has `channelvars = sidetone_cti_id,language`: every event of a channel carries both.
#[test]
fn the_ctis_own_id_is_told_where_the_switch_tells_variables() {
    for (variable, told) in [
        ("sidetone_cti_id=crm=7", " cti=crm=7\n"),
        ("sidetone_cti_id=", " queue=12333\n"),
    ] {
        let dialogue = QUEUE.replace(
            "\nEvent: BridgeEnter\n",
            &format!("\nEvent: BridgeEnter\nChanVariable: language=zh\nChanVariable: {variable}\n"),
        );
        let story = tell(&AsteriskConfig::default(), &dialogue);
        assert!(story.contains(told), "{story}");
    }
}

/// Which side hangs up first is the dialogue's: the agent's channel may be reported gone first.
fn ending_of(dialogue: &str) -> String {
    let hangups: Vec<Message> = messages(dialogue)
        .into_iter()
        .filter(|message| message.event() == Some("Hangup"))
        .collect();
    let first = short(&LegId::new(hangups[0].get("Uniqueid").unwrap()));
    let caller = short(&LegId::new(hangups[0].get("Linkedid").unwrap()));
    if first == caller {
        "untap 0\nuntap 1\nended".to_owned()
    } else {
        format!("untap {first}\nleft {first}\nuntap {caller}\nended")
    }
}

#[test]
fn a_dialled_call_with_hold() {
    assert_eq!(
        tell(&with_pattern(), DIAL_HOLD),
        lines(
            "started 0s number=057100000001 called=8002 queue=-
             joined 2 PJSIP/trunk caller
             tap 2
             joined 3 PJSIP/8002 agent 8002
             tap 3
             held 3
             resumed 3
             untap 3
             left 3
             untap 2
             ended"
        )
    );
}

#[test]
fn whoever_is_dialled_is_the_agent_where_none_is_known() {
    let story = tell(&AsteriskConfig::default(), DIAL_HOLD);
    assert!(
        story.contains("joined 2 PJSIP/trunk caller") && story.contains("joined 3 PJSIP/8002 agent\n"),
        "{story}"
    );
}

#[test]
fn a_call_without_an_agent_is_none_of_ours() {
    let config = AsteriskConfig {
        agent_patterns: vec!["PJSIP/9*".to_owned()],
        ..AsteriskConfig::default()
    };
    assert_eq!(tell(&config, DIAL_HOLD), "");
}

#[test]
fn a_call_between_agents_is_none_of_ours() {
    let config = AsteriskConfig {
        agent_patterns: vec!["PJSIP/*".to_owned()],
        ..AsteriskConfig::default()
    };
    assert_eq!(tell(&config, DIAL_HOLD), "");
}

#[test]
fn a_blind_transfer_stays_one_call() {
    assert_eq!(
        tell(&with_pattern(), BLIND),
        lines(
            "started 0s number=057100000001 called=12333 queue=12333
             joined 4 PJSIP/trunk caller
             tap 4
             joined 5 PJSIP/8001 agent 8001
             tap 5
             untap 5
             left 5 (blind)
             joined 6 PJSIP/8003 agent 8003
             tap 6
             untap 6
             left 6
             untap 4
             ended"
        )
    );
}

#[test]
fn a_transferred_caller_may_ring_for_long() {
    let mut bench = Bench::idle(&with_pattern());
    let rest = bench.until(BLIND, "Event: Newchannel\nChannel: PJSIP/8003");
    bench.pass(Duration::from_secs(120));
    assert!(!bench.story().contains("ended"));
    bench.ami(rest);
    assert!(bench.story().contains("joined 6 PJSIP/8003 agent 8003"));
}

#[test]
fn an_attended_transfer_stays_one_call() {
    assert_eq!(
        tell(&with_pattern(), ATTENDED),
        lines(
            "started 0s number=057100000001 called=12333 queue=12333
             joined 7 PJSIP/trunk caller
             tap 7
             joined 8 PJSIP/8001 agent 8001
             tap 8
             held 8
             resumed 8
             joined 10 PJSIP/8003 agent 8003
             tap 10
             untap 8
             left 8 (attended)
             untap 7
             untap 10
             ended"
        )
    );
}

#[test]
fn the_consulted_colleague_is_known_by_transfer_alone() {
    let story = tell(&AsteriskConfig::default(), ATTENDED);
    assert!(story.contains("joined 10 PJSIP/8003 agent\n"), "{story}");
}

#[test]
fn local_channels_are_looked_through() {
    assert_eq!(
        tell(&AsteriskConfig::default(), QUEUE_LOCAL),
        lines(
            "started 0s number=057100000001 called=12334 queue=12334
             joined 11 PJSIP/trunk caller
             tap 11
             joined 14 PJSIP/8003 agent 8003
             tap 14
             untap 11
             untap 14
             ended"
        )
    );
}

#[test]
fn tap_reports_reach_the_call_until_the_leg_leaves() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    let rest = bench.until(QUEUE, "Event: BridgeLeave");
    bench.story();
    let call = bench.tracker.calls.ids().next().unwrap().clone();
    let leg = LegId::new(call.as_str());
    let up = || Input::TapUp {
        call: call.clone(),
        leg: leg.clone(),
        kind: TapKind::Snoop,
    };
    bench.input(up());
    assert_eq!(bench.story(), "hears 0 by snoop");
    bench.ami(rest);
    bench.story();
    bench.input(up());
    bench.input(Input::TapFailed {
        call: call.clone(),
        leg: leg.clone(),
        kind: TapKind::Snoop,
        reason: String::new(),
    });
    assert_eq!(bench.story(), "");
}

#[test]
fn a_leg_that_is_only_moved_does_not_leave() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.until(QUEUE, "Event: BridgeLeave");
    bench.story();
    let agent = bench
        .tracker
        .switch
        .channels
        .keys()
        .find(|id| id.ends_with(".1"))
        .unwrap()
        .clone();
    let bridge = bench.tracker.switch.channels[&agent].bridge.clone().unwrap();
    bench.ami(&format!(
        "Event: BridgeLeave\nBridgeUniqueid: {bridge}\nUniqueid: {agent}"
    ));
    bench.pass(LEG_LINGER / 2);
    bench.ami(&format!(
        "Event: BridgeEnter\nBridgeUniqueid: {bridge}\nChannel: PJSIP/8001-00000001\nUniqueid: {agent}"
    ));
    bench.pass(Duration::from_secs(5));
    assert_eq!(bench.story(), "");
    bench.ami(&format!(
        "Event: BridgeLeave\nBridgeUniqueid: {bridge}\nUniqueid: {agent}"
    ));
    bench.pass(Duration::from_secs(1));
    let left = bench.story();
    assert!(left.starts_with("untap 1\nleft 1 @"), "{left}");
}

#[test]
fn a_survey_after_the_agent_is_no_part_of_the_call_and_the_next_talk_is_another() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.until(QUEUE, "Event: BridgeLeave");
    bench.story();
    let ids: Vec<String> = bench.tracker.switch.channels.keys().cloned().collect();
    let (caller, agent) = if ids[0].ends_with(".0") {
        (&ids[0], &ids[1])
    } else {
        (&ids[1], &ids[0])
    };
    let bridge = bench.tracker.switch.channels[caller].bridge.clone().unwrap();
    bench.ami(&format!(
        "Event: BridgeDestroy\nBridgeUniqueid: {bridge}\n\nEvent: Hangup\nUniqueid: {agent}"
    ));
    assert_eq!(bench.story(), "untap 1\nleft 1");
    bench.pass(ORPHAN_LINGER);
    assert_eq!(bench.story(), "untap 0\nended @2000");
    bench.ami(&format!(
        "Event: BridgeEnter\nBridgeUniqueid: b2\nChannel: PJSIP/trunk-00000000\nUniqueid: {caller}\n\n\
         Event: BridgeEnter\nBridgeUniqueid: b2\nChannel: PJSIP/8001-00000009\nUniqueid: x.9\nLinkedid: {caller}"
    ));
    assert!(bench.story().starts_with("started 0s"));
    assert_eq!(
        bench.tracker.calls.ids().next().unwrap().as_str(),
        format!("{caller}-2")
    );
}

#[test]
fn a_node_name_comes_before_the_call_id() {
    let mut bench = Bench::idle(&AsteriskConfig {
        node: Some("east".to_owned()),
        ..AsteriskConfig::default()
    });
    bench.until(QUEUE, "Event: BridgeLeave");
    assert!(
        bench
            .tracker
            .calls
            .ids()
            .next()
            .unwrap()
            .as_str()
            .starts_with("east-pbx-")
    );
}

proptest::proptest! {
    /// Any cut of any dialogue, with a reconnect: nothing panics, and every call that started ends.
    #[test]
    fn every_call_ends_whatever_was_missed(which in 0usize..6, from in 0usize..60, to in 0usize..60, again in 0usize..6) {
        let all = [QUEUE, DIAL_HOLD, BLIND, ATTENDED, QUEUE_LOCAL, RESYNC];
        let mut bench = Bench::idle(&with_pattern());
        let part = messages(all[which]);
        let (from, to) = (from.min(part.len()), to.min(part.len()));
        for message in &part[from.min(to)..from.max(to)] {
            bench.input(Input::Ami(message.clone()));
        }
        bench.ami(all[again]);
        bench.input(Input::Disconnected);
        bench.input(Input::Connected);
        for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
            bench.ami(&format!("Event: {list}Complete\nActionID: sync-{list}"));
        }
        let story = bench.story();
        let count = |word: &str| story.lines().filter(|line| line.starts_with(word)).count();
        proptest::prop_assert_eq!(count("started"), count("ended") + count("lost sight"));
        proptest::prop_assert_eq!(count("tap "), count("untap "));
        proptest::prop_assert_eq!(bench.tracker.live_calls(), 0);
    }
}
