//! Connections that begin while calls run.

use super::*;

/// A connection that begins while two talk: the recorded answers, and A's own words from its bridge.
pub(super) fn found(bench: &mut Bench) {
    let session = golden!("bridged-call");
    let answers = answers(session);
    bench.input(Input::Connected);
    assert_eq!(std::mem::take(&mut bench.asked), [Ask::Channels, Ask::Agents]);
    bench.answer(Ask::Channels, &answers[0]);
    let asked = std::mem::take(&mut bench.asked);
    assert_eq!(asked.len(), 2);
    let bridge = events(session)
        .into_iter()
        .find(|event| event.get("Event-Name") == Some("CHANNEL_BRIDGE"))
        .unwrap();
    let text = |name: &str| bridge.get(name).unwrap().to_owned();
    let a = format!(
        "Unique-ID: {}\nChannel-Name: {}\nCall-Direction: inbound\nAnswer-State: answered\n\
         Caller-Caller-ID-Number: 057155550101\nvariable_signal_bond: {}",
        text("Unique-ID"),
        text("Channel-Name"),
        text("Bridge-B-Unique-ID")
    );
    for ask in asked {
        let dump = if ask == Ask::Dump(text("Unique-ID")) {
            &a
        } else {
            &answers[1]
        };
        bench.answer(ask, dump);
    }
}

#[test]
fn a_running_call_is_found() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    found(&mut bench);
    assert_eq!(
        bench.story(),
        "started 0s number=057155550101 called=- queue=-\nA joins as caller\ntap A unknown\n\
         B joins as agent 8101\ntap B PCMU@8000h@20i\n1 live"
    );
    assert_eq!(bench.asked.len(), 1, "what A speaks was asked for");
}

#[test]
fn a_caller_in_an_ivr_may_have_been_heard_before_a_restart() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, r#"{"row_count":1,"rows":[{"uuid":"a-1"}]}"#);
    let dump = "Unique-ID: a-1\nChannel-Name: sofia/internal/x\nCall-Direction: inbound\nAnswer-State: answered";
    bench.answer(Ask::Dump("a-1".to_owned()), dump);
    assert_eq!(bench.story(), "1 live", "its call is not ended");
}

#[test]
fn a_call_that_went_on_is_not_told_of_again_and_one_that_is_gone_was_lost() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let events = events(golden!("bridged-call"));
    bench.until(&events, "CHANNEL_UNBRIDGE", 1);
    assert_eq!(bench.story(), dialled("PCMU"));
    bench.input(Input::Disconnected);
    bench.pass(Duration::from_secs(60));
    found(&mut bench);
    assert_eq!(bench.story(), "1 live");
    bench.input(Input::Disconnected);
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, r#"{"row_count":0}"#);
    assert_eq!(bench.story(), "untap A\nuntap B\nlost @60000");
}

#[test]
fn a_dump_that_comes_after_the_hangup_is_old() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, r#"{"row_count":1,"rows":[{"uuid":"x"}]}"#);
    bench.input(Input::Event(Headers::parse(
        "Event-Name: CHANNEL_HANGUP\nUnique-ID: x",
        false,
    )));
    bench.answer(Ask::Dump("x".into()), "Unique-ID: x\nChannel-Name: sofia/internal/1");
    assert!(bench.tracker.switch.channels.is_empty());
}

#[test]
fn a_list_that_does_not_come_means_a_new_connection() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    bench.input(Input::Connected);
    bench.pass(super::super::SYNC_LIMIT);
    assert_eq!(bench.story(), "reconnect");
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, "-ERR");
    assert_eq!(bench.story(), "reconnect");
}

#[test]
fn taps_of_an_earlier_daemon_are_named() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, r#"{"row_count":1,"rows":[{"uuid":"t"}]}"#);
    let dump = "Unique-ID: t\nvariable_sidetone_tap: true\nvariable_sidetone_tap_at: 127.0.0.1%3A5090";
    bench.answer(Ask::Dump("t".into()), dump);
    assert_eq!(bench.story(), "found a tap at 127.0.0.1:5090");
}
