//! Keys of facts: when they end, and where what is under them goes.

use sidetone_base::CallId;
use sidetone_schema::{AgentState, AgentStateChanged, Body, Timestamp};

use super::Folder;
use crate::wire::config::{OutboxConfig, RedisConfig};
use crate::wire::facts::Facts;
use crate::wire::project::{Delivery, project};
use crate::wire::publisher::Publisher;
use crate::wire::view::View;

fn state() -> Body {
    Body::AgentState(AgentStateChanged {
        agent_id: "8001".to_owned(),
        state: AgentState::Break,
        reason: None,
    })
}

fn publisher(dir: &std::path::Path) -> Publisher {
    Publisher::open(OutboxConfig {
        state_dir: dir.to_owned(),
        ..OutboxConfig::default()
    })
}

fn at(time: &str) -> Timestamp {
    Timestamp::new(time.parse().unwrap())
}

#[test]
fn an_hour_ends_with_the_first_fact_of_the_next_also_after_a_restart() {
    let dir = Folder::new();
    let (six, seven) = (CallId::new("facts.pbx.2026112906"), CallId::new("facts.pbx.2026112907"));
    Facts::new(publisher(&dir.0), "pbx").publish(state(), at("2026-11-29T06:59:59Z"));

    let publisher = publisher(&dir.0);
    let facts = Facts::new(publisher.clone(), "pbx");
    Facts::new(publisher.clone(), "other").publish(state(), at("2026-11-29T07:00:00Z"));
    assert!(!publisher.has_ended(&six), "another source ends nothing of this one");
    facts.publish(state(), at("2026-11-29T07:00:01Z"));
    // The clock was set back.
    facts.publish(state(), at("2026-11-29T06:30:00Z"));
    let told = |key| {
        publisher
            .history(key)
            .into_iter()
            .map(|event| (event.seq, event.body.type_name()))
    };
    assert_eq!(told(&six).collect::<Vec<_>>(), [(1, "agent.state"), (2, "facts.ended")]);
    assert_eq!(
        told(&seven).collect::<Vec<_>>(),
        [(1, "agent.state"), (2, "agent.state")]
    );
    assert!(publisher.open_calls().is_empty(), "no call is lost sight of");
}

#[test]
fn a_fact_goes_to_the_stream_of_facts_and_nowhere_else() {
    let dir = Folder::new();
    let publisher = publisher(&dir.0);
    Facts::new(publisher.clone(), "pbx").publish(state(), at("2026-11-29T06:00:00Z"));
    let event = publisher.history(&CallId::new("facts.pbx.2026112906")).remove(0);
    let delivery = Delivery {
        fresh: true,
        mirror: true,
    };
    let effects = project(&RedisConfig::default(), &mut View::default(), &event, "{}", delivery);
    assert!(effects.after.is_empty());
    let args: Vec<&str> = effects
        .before
        .iter()
        .flat_map(|command| &command.args)
        .map(String::as_str)
        .collect();
    let head = [
        "XADD",
        "sidetone:facts",
        "MAXLEN",
        "~",
        "200000",
        "*",
        "call_id",
        "facts.pbx.2026112906",
    ];
    assert_eq!(args[..8], head);
    assert_eq!(args[8..], ["seq", "1", "type", "agent.state", "event", "{}"]);
}
