//! Callers who are heard before anybody talks to them.

use super::resync::found;
use super::*;

const WANTED: fn(&str) -> Input = |uuid| Input::Dialplan {
    channel: super::super::DialplanChannel::named(uuid),
    wanted: super::super::Wanted::Heard,
};

#[test]
fn a_caller_is_heard_before_an_agent_is_there_and_the_call_goes_on() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.input(event(CALLER));
    bench.input(WANTED("a"));
    bench.pass(Duration::from_secs(60));
    assert_eq!(
        bench.story(),
        "started 0s number=- called=- queue=-\nA joins as caller\ntap A unknown"
    );
    bench.input(event(PHONE));
    bench.input(event(BRIDGE));
    assert_eq!(bench.story(), "B joins as agent @60000\ntap B PCMU@8000h@20i");
    bench.input(WANTED("a"));
    bench.input(event(UNBRIDGE));
    bench.input(event("Event-Name: CHANNEL_HANGUP\nUnique-ID: b"));
    bench.pass(Duration::from_secs(60));
    assert_eq!(bench.story(), "untap B\nB leaves @60000\nuntap A\nended @62000");
}

#[test]
fn what_a_module_says_before_the_lists_begins_no_call_of_its_own() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    let session = golden!("bridged-call");
    let bridge = events(session)
        .into_iter()
        .find(|event| event.get("Event-Name") == Some("CHANNEL_BRIDGE"))
        .unwrap();
    for name in ["Bridge-A-Unique-ID", "Bridge-B-Unique-ID"] {
        bench.input(WANTED(bridge.get(name).unwrap()));
    }
    bench.input(WANTED("gone"));
    assert_eq!(bench.story(), "");
    found(&mut bench);
    let story = bench.story();
    assert!(
        story.starts_with("started 0s") && story.ends_with("B joins as agent 8101\ntap B PCMU@8000h@20i\n1 live"),
        "{story}"
    );
}
