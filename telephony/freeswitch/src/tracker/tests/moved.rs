//! Callers who wait, are parked or sit in a conference: one conversation is one call.

use super::*;
use crate::tracker::DialplanChannel;

const ASKED: &str = "\nuntap B\nB leaves @300";

/// The story up to the second bridge and a minute of waiting, and the rest of it.
fn waiting(session: &[u8], next: &str, count: usize) -> (String, String) {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let events = events(session);
    let rest = bench.until(&events, next, count);
    bench.pass(Duration::from_secs(60));
    let before = bench.story();
    bench.play(rest);
    bench.pass(Duration::from_secs(10));
    (before, bench.story())
}

#[test]
fn a_caller_waits_while_the_agent_asks_a_colleague_and_is_handed_over() {
    let (before, after) = waiting(golden!("att-xfer-transfer"), "CHANNEL_PARK", 1);
    assert_eq!(before, format!("{}{ASKED}", dialled("PCMU")));
    assert_eq!(
        after,
        "C joins as agent 8102 @60000\ntap C PCMU@8000h@20i\nuntap A\nuntap C\nended @60000"
    );
}

#[test]
fn a_caller_waits_while_the_agent_asks_a_colleague_and_gets_the_agent_back() {
    let (before, after) = waiting(golden!("att-xfer-return"), "CHANNEL_UNBRIDGE", 1);
    assert_eq!(before, format!("{}{ASKED}", dialled("PCMU")));
    assert!(
        after.starts_with("B joins as agent 8101 @60000\ntap B PCMU@8000h@20i\n"),
        "{after}"
    );
    assert_eq!(after.matches("ended").count(), 1, "{after}");
}

#[test]
fn a_parked_caller_waits_for_whoever_fetches_them() {
    let (before, after) = waiting(golden!("park-and-bridge"), "CHANNEL_ANSWER", 3);
    assert_eq!(before, format!("{}\nuntap B\nB leaves blind", dialled("PCMU")));
    assert!(
        after.starts_with("C joins as agent 8102 @60000\ntap C PCMU@8000h@20i\n"),
        "{after}"
    );
    assert_eq!(after.matches("ended").count(), 1, "{after}");
}

#[test]
fn members_of_a_conference_are_legs_of_one_call() {
    let story = story_of(golden!("conference"));
    let wanted = [
        &dialled("PCMU"),
        "C joins as agent 8103\ntap C PCMU@8000h@20i",
        "C leaves",
        "ended",
    ];
    let mut rest = story.as_str();
    for part in wanted {
        let (_, after) = rest
            .split_once(part)
            .unwrap_or_else(|| panic!("no {part:?} in {story}"));
        rest = after;
    }
    assert_eq!(story.matches("started").count(), 1, "{story}");
}

/// As a daemon finds them that was started in the middle.
#[test]
fn a_conference_that_runs_already_is_found() {
    let mut bench = Bench::new(&FreeswitchConfig::default());
    bench.input(Input::Connected);
    bench.answer(Ask::Channels, r#"{"row_count":2,"rows":[{"uuid":"a"},{"uuid":"b"}]}"#);
    let member = |uuid: &str, about: &str| {
        format!(
            "Unique-ID: {uuid}\nChannel-Name: sofia/internal/{uuid}\n{about}\nvariable_conference_uuid: room\n\
             variable_current_application: conference"
        )
    };
    bench.answer(Ask::Dump("a".into()), &member("a", "Call-Direction: inbound"));
    let agent = member("b", "Call-Direction: outbound\nvariable_sidetone_agent: 7");
    bench.answer(Ask::Dump("b".into()), &agent);
    let story = bench.story();
    assert!(
        story.contains("A joins as caller") && story.contains("B joins as agent 7"),
        "{story}"
    );
}

#[test]
fn the_next_caller_of_an_agent_who_stays_on_the_line_is_a_call_of_its_own() {
    let mut bench = bridged(&FreeswitchConfig::default(), "", "\nvariable_sidetone_agent: 7");
    // The first caller goes on into a survey; the agent's channel stays up for the next one.
    bench.input(event(UNBRIDGE));
    bench.pass(Duration::from_secs(5));
    bench.story();
    bench.input(event(&CALLER.replace("Unique-ID: a", "Unique-ID: d")));
    bench.input(event(&BRIDGE.replace("Unique-ID: a", "Unique-ID: d")));
    bench.pass(Duration::from_secs(5));
    let story = bench.story();
    assert!(
        story.contains("C joins as caller") && story.contains("B joins as agent 7"),
        "{story}"
    );
    assert!(story.contains("ended @7000"), "{story}");
}

#[test]
fn legs_that_the_dialplan_says_belong_together_are_one_call() {
    let (same, answered) = ("\nvariable_sidetone_call: 7-1", "\nAnswer-State: answered");
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.input(event(&format!("{CALLER}{same}{answered}")));
    bench.input(event(&format!("{PHONE}{same}\nvariable_sidetone_agent: 7")));
    assert_eq!(bench.story(), "");
    bench.input(event(&format!("{PHONE}{answered}")));
    let story = bench.story();
    assert!(
        story.contains("A joins as caller") && story.contains("B joins as agent 7"),
        "{story}"
    );
}

/// What the phone asked for, not the extension that the dialplan moved it to; also where nothing else was heard of it.
#[test]
fn a_call_is_named_by_what_was_dialled() {
    let dump = answers(golden!("transferred-in-the-dialplan")).swap_remove(0);
    let data = Headers::parse(&dump, true);
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let channel = DialplanChannel {
        data: data.clone(),
        ..DialplanChannel::named(data.get("Unique-ID").unwrap())
    };
    bench.input(Input::Dialplan {
        channel,
        wanted: crate::tracker::Wanted::Heard,
    });
    let story = bench.story();
    assert!(
        story.starts_with("started 0s number=057155550101 called=12360"),
        "{story}"
    );
}
