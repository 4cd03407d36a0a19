//! Queues and agents of `mod_callcenter` as facts. Time passes as it did on the switch.

use sidetone_base::{AgentId, Fact};

use super::*;

const ABANDONED: &[u8] = golden!("queue-abandoned");
const REFUSED: &[u8] = golden!("queue-refused");
const STATUS: &[u8] = golden!("agent-status");
const BLIND: &[u8] = golden!("refer-blind");

impl Bench {
    /// As it was recorded, at its pace.
    fn play_at_pace(&mut self, events: &[Headers]) {
        let micros = |event: &Headers| event.get("Event-Date-Timestamp").unwrap().parse::<u64>().unwrap();
        let (first, begin) = (micros(&events[0]), self.now);
        for event in events {
            let at = begin + Duration::from_micros(micros(event).saturating_sub(first));
            self.pass(at.saturating_duration_since(self.now));
            self.input(Input::Event(event.clone()));
        }
    }

    fn facts(&mut self) -> Vec<String> {
        std::mem::take(&mut self.facts).iter().map(short_fact).collect()
    }
}

fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 2.0).round() / 2.0
}

fn short_fact(fact: &Fact) -> String {
    match fact {
        Fact::ContactEntered { direction, agent, .. } => format!("comes {direction:?} {agent:?}"),
        Fact::ContactLeft { end_by, lasted, .. } => format!("goes by {end_by:?} after {}", seconds(*lasted)),
        Fact::QueueEntered { queue, number, .. } => {
            format!(
                "enters {queue} from {}",
                number.as_ref().map_or("-", |number| number.expose().as_str())
            )
        }
        Fact::QueueLeft {
            left, waited, agent, ..
        } => format!("{left:?} after {} {agent:?}", seconds(*waited)),
        Fact::Offered { agent, queue, .. } => format!("rings at {agent} for {}", queue.as_deref().unwrap_or("-")),
        Fact::OfferEnded { agent, left, rang, .. } => format!("{agent} {left:?} after {}", seconds(*rang)),
        Fact::AgentState { agent, state, reason } => format!("{agent} is {state:?} {reason:?}"),
        Fact::AcwEnded { agent, worked, .. } => format!("{agent} worked {}", seconds(*worked)),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_caller_who_gives_up_while_it_rings() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.play_at_pace(&events(ABANDONED));
    assert_eq!(
        bench.facts(),
        [
            "comes In None",
            "enters 12335@default from 057155550101",
            "8005 is Ring None",
            "rings at 8005 for 12335@default",
            "8005 CallerGone after 2.5",
            "Abandoned after 2.5 None",
            "8005 is Ready None",
            "goes by Caller after 3",
        ]
    );
}

#[test]
fn a_refusal_a_telephone_that_is_away_and_a_time_that_is_over() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.play_at_pace(&events(REFUSED));
    let told = bench.facts();
    let without_states: Vec<&String> = told.iter().filter(|fact| !fact.contains(" is ")).collect();
    assert_eq!(
        without_states,
        [
            "comes In None",
            "enters 12335@default from 057155550101",
            "rings at 8005 for 12335@default",
            "8005 Rejected after 0.5",
            "rings at 8005 for 12335@default",
            "8005 NoAnswer after 0",
            "Timeout after 4.5 None",
            "goes by System after 5",
        ],
        "{told:#?}"
    );
}

#[test]
fn an_agents_call_after_call_work_break_and_sign_off() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.answer(Ask::Agents, &answers(STATUS)[0]);
    let listed = bench.facts();
    assert_eq!(listed.len(), 24, "{listed:?}");
    assert!(listed.iter().all(|fact| fact.ends_with(" is Ready None")), "{listed:?}");
    bench.play_at_pace(&events(STATUS));
    let told = bench.facts();
    let states: Vec<&String> = told.iter().filter(|fact| fact.starts_with("8005 is")).collect();
    assert_eq!(
        states,
        [
            "8005 is Ring None",
            "8005 is Talk None",
            "8005 is Acw None",
            "8005 is Break None",
            "8005 is Offline None",
            "8005 is Acw None",
        ]
    );
    bench.pass(Duration::from_secs(2));
    assert_eq!(bench.facts(), ["8005 is Ready None"]);
    assert!(
        told.contains(&"Answered after 0.5 Some(AgentId(8005))".to_owned()),
        "{told:#?}"
    );
    assert!(told.contains(&"8005 Answered after 0.5".to_owned()), "{told:#?}");
}

/// After a restart the begin is not known: the switch's own times tell how long it took.
#[test]
fn a_wait_that_began_before_is_as_long_as_the_switch_says() {
    let all = events(REFUSED);
    let at = all
        .iter()
        .position(|event| event.get("CC-Action") == Some("member-queue-end"))
        .unwrap();
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    bench.play(&all[at..=at]);
    assert_eq!(bench.facts(), ["Timeout after 5 None"]);
}

#[test]
fn what_the_switch_does_not_list_after_a_loss_is_over() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let all = events(ABANDONED);
    let at = all
        .iter()
        .position(|event| event.get("CC-Action") == Some("agent-offering"))
        .unwrap();
    bench.play(&all[..=at]);
    bench.facts();
    bench.input(Input::Disconnected);
    bench.pass(Duration::from_secs(20));
    bench.input(Input::Connected);
    bench.answer(Ask::Agents, "-ERR callcenter_config Command not found!");
    bench.answer(Ask::Channels, r#"{"row_count":0}"#);
    assert_eq!(
        bench.facts(),
        [
            "8005 is Offline None",
            "8005 NoAnswer after 20",
            "Failed after 20 None",
            "goes by System after 20"
        ]
    );
}

#[test]
fn a_caller_who_is_sent_on_stays_one_contact() {
    let mut bench = Bench::idle(&FreeswitchConfig {
        agent_patterns: vec!["sofia/internal/80??".to_owned(), "sofia/internal/81??".to_owned()],
        ..FreeswitchConfig::default()
    });
    bench.play_at_pace(&events(BLIND));
    let told = bench.facts();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(
        told[0] == "comes In None" && told[1].starts_with("goes by System"),
        "{told:#?}"
    );
}

#[test]
fn an_agent_who_dials_is_a_contact_that_goes_out() {
    let mut bench = Bench::idle(&FreeswitchConfig {
        agent_patterns: vec!["sofia/internal/80??".to_owned()],
        ..FreeswitchConfig::default()
    });
    let text = "Event-Name: CHANNEL_CREATE\nUnique-ID: x\nChannel-Name: sofia/internal/8001@192.0.2.1\nCall-Direction: inbound\n\
                Caller-Destination-Number: 057155550101";
    bench.input(Input::Event(Headers::parse(text, true)));
    assert_eq!(bench.facts(), [format!("comes Out {:?}", Some(AgentId::new("8001")))]);
}

/// As the event socket of a busy switch does: most come late, and several at once.
#[test]
fn what_comes_late_lasted_as_long_as_it_did() {
    let mut bench = Bench::idle(&FreeswitchConfig::default());
    let all = events(REFUSED);
    let micros = |event: &Headers| event.get("Event-Date-Timestamp").unwrap().parse::<u64>().unwrap();
    let (first, begin) = (micros(&all[0]), bench.now);
    for (n, event) in all.iter().enumerate() {
        // The first is on time; the others wait for the next half second.
        let after = Duration::from_micros(micros(event).saturating_sub(first));
        let late = if n == 0 {
            after
        } else {
            Duration::from_millis((after.as_millis() as u64 / 500 + 1) * 500)
        };
        bench.pass((begin + late).saturating_duration_since(bench.now));
        bench.input(Input::Event(event.clone()));
    }
    let told = bench.facts();
    assert!(told.contains(&"8005 Rejected after 0.5".to_owned()), "{told:#?}");
    assert!(told.contains(&"Timeout after 4.5 None".to_owned()), "{told:#?}");
}
