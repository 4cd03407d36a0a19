//! Connections that begin while calls run.

use super::*;

#[test]
fn a_running_call_is_found_with_its_age() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.input(Input::Connected);
    assert_eq!(
        bench.sent,
        ["sync-QueueStatus", "sync-CoreShowChannels", "sync-BridgeList"]
    );
    let rest = bench.until(RESYNC, "Event: BridgeLeave");
    assert_eq!(bench.sent[3..], ["sync-bridge-0", "sync-bridge-1"]);
    assert_eq!(
        bench.story(),
        lines(
            "started 2s number=057100000001 called=12334 queue=12334
             joined 8 PJSIP/trunk caller
             tap 8
             joined 11 PJSIP/8003 agent 8003
             tap 11"
        )
    );
    bench.ami(rest);
    assert!(bench.story().ends_with("ended"));
}

#[test]
fn a_known_call_goes_on_in_silence_after_a_reconnect() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.input(Input::Connected);
    bench.until(RESYNC, "Event: BridgeLeave");
    bench.story();
    bench.input(Input::Disconnected);
    bench.pass(Duration::from_secs(30));
    bench.input(Input::Connected);
    bench.until(RESYNC, "Event: BridgeLeave");
    assert_eq!(bench.story(), "");
}

#[test]
fn a_call_that_went_while_nobody_looked_is_lost_from_sight() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.input(Input::Connected);
    bench.until(RESYNC, "Event: BridgeLeave");
    bench.story();
    bench.input(Input::Disconnected);
    bench.input(Input::Connected);
    for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
        bench.ami(&format!("Event: {list}Complete\nActionID: sync-{list}"));
    }
    assert!(bench.story().ends_with("lost sight"));
    assert_eq!(bench.tracker.live_calls(), 0);
}

#[test]
fn a_refused_list_ends_no_call() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.input(Input::Connected);
    bench.until(RESYNC, "Event: BridgeLeave");
    bench.story();
    bench.input(Input::Connected);
    for list in ["QueueStatus", "CoreShowChannels", "BridgeList"] {
        bench.ami(&format!(
            "Response: Error\nActionID: sync-{list}\nMessage: Permission denied"
        ));
    }
    assert_eq!(bench.story(), "");
}

#[test]
fn a_switch_that_does_not_list_is_connected_to_anew() {
    let mut bench = Bench::new(&AsteriskConfig::default());
    bench.input(Input::Connected);
    bench.pass(super::super::SYNC_LIMIT);
    assert_eq!(bench.story(), "reconnect");
}
