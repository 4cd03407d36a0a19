//! Callers who are heard before anybody talks to them.

use std::time::Duration;

use super::super::{Effect, Input, Wanted};
use super::{Bench, QUEUE, lines};
use crate::config::AsteriskConfig;
use crate::fastagi::Caller;

const CALLER: &str = "pbx-1795383263.0";

impl Bench {
    fn dialplan(&mut self, uniqueid: &str, channel: &str, wanted: Wanted) {
        self.input(Input::Dialplan {
            channel: Caller {
                node: None,
                uniqueid: uniqueid.to_owned(),
                channel: channel.to_owned(),
                number: Some("057100000001".to_owned()),
                dialled: Some("12333".to_owned()),
                queue: Some("12333".to_owned()),
            },
            wanted,
        });
    }

    fn hear_caller(&mut self) {
        self.dialplan(CALLER, "PJSIP/trunk-00000000", Wanted::Heard);
    }
}

#[test]
fn the_call_of_an_ivr_goes_on_with_the_agent() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    let queue = bench.until(QUEUE, "Event: QueueCallerJoin");
    bench.hear_caller();
    let call = bench.tracker.call_of(CALLER).unwrap();
    assert_eq!(call.as_str(), CALLER);
    bench.hear_caller();
    bench.pass(Duration::from_secs(60));
    assert_eq!(
        bench.story(),
        lines(
            "started 0s number=057100000001 called=12333 queue=12333
             joined 0 PJSIP/trunk caller
             tap 0"
        ),
        "once, and an IVR may take its time"
    );
    bench.ami(queue);
    bench.pass(Duration::from_secs(10));
    let story = bench.story();
    assert!(
        story.starts_with("joined 1 PJSIP/8001 agent 8001 @60000\ntap 1"),
        "{story}"
    );
    assert_eq!(story.matches("ended").count(), 1, "{story}");
    assert!(!story.contains("started"), "{story}");
}

#[test]
fn a_caller_who_hangs_up_in_the_ivr_ends_the_call() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.hear_caller();
    bench.story();
    bench.ami(&format!(
        "Event: Hangup\nChannel: PJSIP/trunk-00000000\nUniqueid: {CALLER}"
    ));
    assert_eq!(bench.story(), "untap 0\nended");
    assert_eq!(bench.tracker.call_of(CALLER), None);
}

#[test]
fn stop_ends_the_call_and_the_next_one_has_another_id() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.hear_caller();
    for wanted in [Wanted::Paused, Wanted::Continued, Wanted::Ended, Wanted::Ended] {
        bench.dialplan(CALLER, "PJSIP/trunk-00000000", wanted);
    }
    assert!(bench.story().ends_with("tap 0\npaused\ncontinued\nuntap 0\nended"));
    bench.hear_caller();
    assert_eq!(bench.tracker.call_of(CALLER).unwrap().as_str(), format!("{CALLER}-2"));
}

#[test]
fn a_survey_after_the_agent_keeps_the_call() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.until(QUEUE, "Event: Hangup");
    bench.ami("Event: Hangup\nChannel: PJSIP/8001-00000001\nUniqueid: pbx-1795383263.1");
    bench.hear_caller();
    bench.pass(Duration::from_secs(60));
    assert!(!bench.story().contains("ended"), "the dialplan goes on asking");
}

#[test]
fn what_is_no_party_is_not_heard() {
    let mut bench = Bench::idle(&AsteriskConfig::default());
    bench.dialplan("pbx-1.9", "Local/s@ivr-00000001;2", Wanted::Heard);
    bench.dialplan("pbx-1.10", "Snoop/pbx-1.1-00000001", Wanted::Heard);
    assert_eq!((bench.story().as_str(), bench.tracker.call_of("pbx-1.9")), ("", None));
}

#[test]
fn a_restarted_daemon_does_not_end_the_call_of_a_caller_who_is_still_in_the_ivr() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    // A daemon that has just been started: the caller's channel is there, in no bridge.
    let listed = format!(
        "Event: CoreShowChannel\nActionID: sync-CoreShowChannels\nChannel: PJSIP/trunk-00000000\nUniqueid: {CALLER}\nLinkedid: {CALLER}"
    );
    let live = |bench: &mut Bench, text: Option<&str>| -> Vec<String> {
        match text {
            None => bench.tracker.handle(bench.now, Input::Connected),
            Some(text) => {
                for message in super::messages(text) {
                    bench.tracker.handle(bench.now, Input::Ami(message));
                }
            }
        }
        let effects = std::iter::from_fn(|| bench.tracker.poll());
        let live = effects.filter_map(|effect| match effect {
            Effect::Synced { live } => Some(live.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")),
            _ => None,
        });
        live.collect()
    };
    live(&mut bench, None);
    live(&mut bench, Some(&listed));
    let mut told = Vec::new();
    for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
        told.extend(live(
            &mut bench,
            Some(&format!("Event: {list}Complete\nActionID: sync-{list}")),
        ));
    }
    assert_eq!(told, [CALLER], "it may go on");
    let hangup = format!("Event: Hangup\nChannel: PJSIP/trunk-00000000\nUniqueid: {CALLER}");
    assert_eq!(live(&mut bench, Some(&hangup)), [""], "and now it does not");
    assert_eq!(live(&mut bench, Some(&hangup)), Vec::<String>::new());
}

#[test]
fn a_channel_that_the_switch_has_never_confirmed_is_forgotten() {
    // No connection: the switch cannot be asked.
    let mut bench = Bench::new(&AsteriskConfig::default());
    for channel in 0..600 {
        bench.dialplan(&format!("pbx-9.{channel}"), "PJSIP/trunk-00000000", Wanted::Heard);
    }
    assert_eq!(bench.tracker.live_calls(), 512, "so many are believed in");
    bench.pass(Duration::from_secs(59));
    assert_eq!(bench.tracker.live_calls(), 512);
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.tracker.live_calls(), 0);
    assert_eq!(bench.story().matches("lost sight").count(), 512);
    assert_eq!(bench.tracker.deadline(), None);
}

#[test]
fn what_a_dialplan_has_named_is_listed_or_gone_once_the_switch_is_there() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.hear_caller();
    bench.dialplan("pbx-9.9", "PJSIP/trunk-00000009", Wanted::Heard);
    bench.input(Input::Connected);
    bench.ami(&format!(
        "Event: CoreShowChannel\nActionID: sync-CoreShowChannels\nChannel: PJSIP/trunk-00000000\nUniqueid: {CALLER}\nLinkedid: {CALLER}"
    ));
    for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
        bench.ami(&format!("Event: {list}Complete\nActionID: sync-{list}"));
    }
    assert!(bench.story().ends_with("untap 9\nlost sight"));
    bench.pass(Duration::from_secs(600));
    assert_eq!(bench.story(), "", "the caller is real");
    assert!(bench.tracker.call_of(CALLER).is_some());
}
