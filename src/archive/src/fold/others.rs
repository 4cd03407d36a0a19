//! Agents' states and tickets.

use serde_json::{Value as Json, json};
use sidetone_schema::Body;

use super::Told;

/// An agent is in a state until the next one is told.
pub(super) fn agent(agent: &str, told: &[&Told]) -> Vec<Json> {
    let states: Vec<_> = told
        .iter()
        .filter_map(|told| match told {
            Told::Event(event) => match &event.body {
                Body::AgentState(data) => Some((event.ts.instant().as_millisecond(), data)),
                _ => None,
            },
            Told::Feedback(..) => None,
        })
        .collect();
    let ends = states.iter().skip(1).map(|(at, _)| Some(*at)).chain([None]);
    states
        .iter()
        .zip(ends)
        .map(|((t0, data), t1)| {
            json!({"sym": "S", "agent": agent, "state": data.state, "reason": data.reason, "t0": t0, "t1": t1})
        })
        .collect()
}

/// A ticket as it stands.
pub(super) fn ticket(ticket: &str, told: &[&Told]) -> Vec<Json> {
    let mut fact =
        json!({"sym": "T", "ticket": ticket, "created_by": null, "due": null, "closed": null, "topic": null});
    for told in told {
        let Told::Event(event) = told else { continue };
        match &event.body {
            Body::TicketCreated(data) => {
                let due = data.due.as_deref().and_then(|due| due.parse::<jiff::Timestamp>().ok());
                fact["created_by"] = json!(data.contact);
                fact["due"] = json!(due.map(jiff::Timestamp::as_millisecond));
                fact["topic"] = json!(data.topic);
            }
            Body::TicketClosed(_) => fact["closed"] = json!(event.ts.instant().as_millisecond()),
            _ => {}
        }
    }
    vec![fact]
}
